"""The painted screen, without the parts below a dialog."""

from __future__ import annotations

from typing import Any

from support.textual_internals import ToastRack, screen_rows, visible_widgets
from textual.screen import ModalScreen, Screen
from textual.strip import Strip


def painted(screen: Screen[Any]) -> list[Strip]:
    """The rows of ``screen``; of a dialog, only its own: what is below is dimmed on purpose."""
    rows = screen_rows(screen)
    if not isinstance(screen, ModalScreen):
        return rows
    regions = {
        region.intersection(clip)
        for widget, (region, clip) in visible_widgets(screen).items()
        if widget is not screen and not isinstance(widget, ToastRack)
    }
    return [
        row.crop(region.x, region.right)
        for region in regions
        if not any(region in other for other in regions - {region})
        for row in rows[region.y : region.bottom]
    ]
