"""Fixtures of a reviewed dataset, and of a place for its export; a conftest imports them."""

from pathlib import Path

import pytest
from support.exports import reviewed_dataset


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A dataset of 30 images, of which ann accepted 20 and rejected one."""
    folder = tmp_path / "xrays"
    reviewed_dataset(folder)
    return folder


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Where the export is to be; nothing is there yet."""
    return tmp_path / "release"
