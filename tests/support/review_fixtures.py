"""Fixtures for tests that review images; a conftest.py imports them."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.review_datasets import save_images


@pytest.fixture(scope="module")
def images(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with as many images as IMAGES in the test module; ``root`` is a copy of it."""
    folder = tmp_path_factory.mktemp("images") / "D"
    save_images(folder, request.module.IMAGES)
    return folder


@pytest.fixture
def root(images: Path, tmp_path: Path) -> Path:
    """A dataset to review, for one test only."""
    return Path(shutil.copytree(images, tmp_path / "D"))
