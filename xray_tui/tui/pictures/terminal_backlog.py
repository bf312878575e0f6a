"""The line to the terminal, which may be slow."""

from __future__ import annotations

from typing import Any

from textual.app import App


def line_is_busy(app: App[Any]) -> bool:
    """Whether the terminal is behind. More pictures would hold up what keys bring about.

    Textual's writer takes up to 30 pieces, then the app stands still until one is written.
    """
    writer = getattr(app._driver, "_writer_thread", None)
    return writer is not None and writer._queue.qsize() > 1
