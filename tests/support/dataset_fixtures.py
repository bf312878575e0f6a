"""Fixtures of a dataset in the test's own folder; a conftest imports them."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from xray_tui.dataset.dataset import Dataset


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return tmp_path / "xrays"


@pytest.fixture
def dataset(root: Path) -> Iterator[Dataset]:
    opened = Dataset(root)
    yield opened
    opened.close()
