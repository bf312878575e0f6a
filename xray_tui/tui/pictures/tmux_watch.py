"""Sends pictures again when tmux shows the window again, perhaps in another terminal.

tmux keeps the texts of a window, but passes pictures on only while the window is visible, and says
nothing when another terminal is attached, which has none of them. So it is asked once a second, for
about 2 ms. A terminal that shows other graphics gets these.
"""

from __future__ import annotations

from threading import Thread
from time import sleep
from typing import Any

from textual.app import App

from xray_tui.multiplexer import filled_by_tmux
from xray_tui.tui.output.screen_output import output_of
from xray_tui.tui.pictures.choice import draw_with
from xray_tui.tui.pictures.terminal import attach, default_renderer, is_in_tmux

_SECONDS = 1.0
_SHOWN_BY = (
    "#{?session_attached,#{?window_active,#{?window_zoomed_flag,#{?pane_active,#{client_pid},},"
    "#{client_pid}},},}"
)


def watch_tmux(app: App[Any]) -> None:
    """From now on, see to it that the terminal that tmux uses has the pictures of ``app``."""
    if is_in_tmux():
        Thread(target=_watch, args=(app,), daemon=True).start()


def _watch(app: App[Any]) -> None:
    known = shown_by()
    while True:
        sleep(_SECONDS)
        known = look(app, known)


def look(app: App[Any], known: str) -> str:
    """Let ``app`` send its pictures if another process shows this pane than ``known``.

    Returns that process, empty if none does.
    """
    client = shown_by()
    if client and client != known:
        attach()
        app.call_later(_show_again, app)
    return client


def shown_by() -> str:
    """The process that shows this pane in a terminal now; empty if none does."""
    return filled_by_tmux(_SHOWN_BY)


def _show_again(app: App[Any]) -> None:
    draw_with(app, default_renderer())
    output = output_of(app)
    if output is not None:
        output.frame.forget_pictures()
        output.send()
