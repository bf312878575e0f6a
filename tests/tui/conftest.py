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
    made: list[Workbench] = []

    def make(**options: Any) -> Workbench:
        made.append(Workbench(tmp_path, **options))
        return made[-1]

    yield make
    for app in made:
        app.finish()
