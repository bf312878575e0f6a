"""Fixtures of the command's tests."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.dataset_fixtures import dataset, root
from support.generating import Generating, StartOne
from support.warm import Warm, warm

__all__ = ["dataset", "parent", "root", "start"]


@pytest.fixture(scope="session")
def parent() -> Iterator[Warm]:
    """Starts the command without six seconds of imports."""
    with warm() as process:
        yield process


@pytest.fixture
def start(parent: Warm) -> Iterator[StartOne]:
    started: list[Generating] = []

    def start_one(folder: Path, arguments: list[str], **circumstances: Any) -> Generating:
        started.append(Generating(parent, folder, arguments, **circumstances))
        return started[-1]

    yield start_one
    for one in started:
        one.process.kill(signal.SIGKILL)
        one.process.wait()
