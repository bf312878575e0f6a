"""Notices when the line to the terminal is slow."""

from __future__ import annotations

from typing import Any

from textual.app import App

from xray_tui.tui.textual_internals import unsent_writes


def line_is_busy(app: App[Any]) -> bool:
    """Whether the terminal lags behind, so that more pictures would delay the response to keys.

    Textual's writer queues up to 30 writes; then the app blocks until one is sent.
    """
    return unsent_writes(app) > 1
