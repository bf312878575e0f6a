"""The private parts of Textual that only the tests use. Read from 8.2.8.

``tests/tui/test_textual_internals.py`` fails when a new version changes them.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from textual.events import MouseEvent
from textual.geometry import Region
from textual.pilot import Pilot
from textual.screen import Screen
from textual.strip import Strip
from textual.widget import Widget
from textual.widgets import Tree
from textual.widgets._toast import Toast, ToastRack
from textual.widgets.tree import TreeNode

__all__ = [
    "Toast",
    "ToastRack",
    "post_mouse_event",
    "screen_rows",
    "screen_text",
    "tree_row",
    "updates_of",
    "visible_widgets",
]


def screen_rows(screen: Screen[Any]) -> list[Strip]:
    """The rows of ``screen`` as they are painted, control sequences included."""
    return screen._compositor.render_strips()


def screen_text(screen: Screen[Any]) -> str:
    """The text on ``screen``, one line for each row."""
    return "\n".join(strip.text for strip in screen_rows(screen))


def visible_widgets(screen: Screen[Any]) -> Mapping[Widget, tuple[Region, Region]]:
    """The region and the clip region of each widget that is on the screen, the foremost first."""
    return screen._compositor.visible_widgets


def tree_row(tree: Tree[Any], row: int, width: int = 99) -> Strip:
    """The first ``width`` cells of a row of ``tree``."""
    return tree._render_line(row, 0, width, tree.rich_style)


def updates_of(node: TreeNode[Any]) -> int:
    """A number that grows each time ``node`` is drawn again."""
    return node._updates


async def post_mouse_event(
    pilot: Pilot[Any], event: type[MouseEvent], widget: type[Widget], offset: tuple[int, int]
) -> None:
    """Send one mouse event to ``widget``; for events that Pilot has no method for."""
    await pilot._post_mouse_events([event], widget, offset=offset, button=0)
