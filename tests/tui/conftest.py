"""Fixtures of the app's tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.review_fixtures import images, root
from support.workbench import Workbench

__all__ = ["images", "root", "workbench"]


@pytest.fixture
def workbench(tmp_path: Path) -> Any:
    """Creates apps on a dataset in ``tmp_path``, and ends their engines after the test."""
    created: list[Workbench] = []

    def create(**options: Any) -> Workbench:
        created.append(Workbench(tmp_path, **options))
        return created[-1]

    yield create
    for app in created:
        app.finish()
