"""Fixtures of the command's tests."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.warm import Warm, warm


@pytest.fixture(scope="session")
def parent() -> Iterator[Warm]:
    """Starts the command without six seconds of imports."""
    with warm() as process:
        yield process
