"""Notices when the line to the terminal is slow."""

from __future__ import annotations

from typing import Any

from textual.app import App

from xray_tui.tui.output.screen_output import output_of


def line_is_busy(app: App[Any]) -> bool:
    """Whether the terminal lags behind, so that more output would delay the response to keys."""
    output = output_of(app)
    return output is not None and output.line.room <= 0


def picture_is_under_way(app: App[Any]) -> bool:
    """Whether a picture on the screen has not been sent as a whole."""
    output = output_of(app)
    return output is not None and output.frame.has_unsent
