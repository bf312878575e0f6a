"""Terminals for end-to-end tests; each is closed at the end of its test."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from support.review_fixtures import images, root
from support.terminal import Terminal

__all__ = ["images", "open_terminal", "root"]


@pytest.fixture
def open_terminal() -> Iterator[Callable[..., Terminal]]:
    opened: list[Terminal] = []

    def start(*arguments: object, **options: object) -> Terminal:
        opened.append(Terminal(*arguments, **options))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
