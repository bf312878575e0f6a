"""Finds the page of the manual about the focused widget."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from textual.app import App
from textual.dom import DOMNode

from xray_tui.manual.pages import TOPICS


def page_of_focus(app: App[Any]) -> tuple[str, str]:
    """Name of the page, and the anchor of its section (or nothing), for the focused widget.

    Panes and screens declare it as ``MANUAL_PAGE``, for example ``review#several-reviewers``. The
    innermost declaration counts. A dialog without one gets the page of the screen below it.
    """
    declared = (getattr(node, "MANUAL_PAGE", "") for node in _from_focus_outwards(app))
    name, _, section = next(filter(None, declared), TOPICS[0]).partition("#")
    return name, section


def _from_focus_outwards(app: App[Any]) -> Iterator[DOMNode]:
    for screen in reversed(app.screen_stack):
        yield from (screen.focused or screen).ancestors_with_self
