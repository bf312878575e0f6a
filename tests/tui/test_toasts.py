"""Toasts lie where nothing is read: never on a picture or on the keys (R8)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.review_datasets import save_images
from support.review_pilot import open_review
from support.textual_internals import Toast
from textual.app import App
from textual.widget import Widget
from textual.widgets import Footer

from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.review.gallery.grid import GalleryGrid
from xray_tui.tui.widgets.key_footer import KeyFooter

IMAGES = 6
SHORT = "Undone: rejected 1 image as grid-noise"
LONG = (
    "chest/normal/chest-normal-adult_1758599968_38566331.png cannot be read: it is damaged. "
    + SHORT
)
SIZES = [(80, 24), (120, 36), (200, 60)]


async def covered_by_toasts(app: App[Any], pilot: Any, *kinds: type[Widget]) -> list[str]:
    """The visible widgets of these kinds that a toast with a short or a long text covers."""
    found = []
    for text in (SHORT, LONG):
        app.notify(text, severity="error")
        await pilot.pause()
        await pilot.pause()
        (toast,) = app.screen.query(Toast)
        assert toast.region.area and app.screen.region.contains_region(toast.region)
        found += [
            f"{kind.__name__} at {app.size}: {toast.region} on {widget.region}"
            for kind in (*kinds, KeyFooter, Footer)
            for widget in app.screen.query(kind)
            if widget.is_on_screen and widget.region.overlaps(toast.region)
        ]
        app.clear_notifications()
        await pilot.pause()
    return found


@pytest.mark.slow
async def test_toasts_cover_no_picture_in_the_review(root: Path) -> None:
    found = []
    async with open_review(root) as review:
        for keys in ((), ("enter",), ("c",)):
            await review.press(*keys)
            for size in SIZES:
                await review.resize(*size)
                await review.press()
                # In a narrow gallery a long text needs a row of it.
                kinds = [PictureView] if keys or size[0] < 100 else [GalleryGrid]
                found += await covered_by_toasts(review.app, review._pilot, *kinds)
    assert not found, "\n".join(found)


async def test_toasts_cover_no_picture_in_the_workbench(workbench: Any, tmp_path: Path) -> None:
    save_images(tmp_path / "dataset", 1)
    app = workbench()
    found = []
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        for size in SIZES:
            await pilot.resize_terminal(*size)
            await pilot.pause()
            found += await covered_by_toasts(app, pilot, PictureView)
    assert not found, "\n".join(found)
