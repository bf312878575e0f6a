"""Snapshots of the review: gallery, loupe, comparison, and a dialog over the gallery."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from PIL import Image
from support.review_datasets import save_images
from textual.pilot import Pilot

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.review.status.line import ReviewStatus
from xray_tui.tui.review_app import ReviewApp

IMAGES = 24


@pytest.fixture(scope="module")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dataset]:
    """Plain images, so that snapshots are small; two reviewers have judged some of them."""
    root = tmp_path_factory.mktemp("images") / "D"
    save_images(root, IMAGES)
    for number, path in enumerate(sorted(root.glob("*/*/*.png"))):
        picture = Image.new("L", (64, 64), 40 + 6 * number)
        picture.paste(200, (16, 12, 28, 52))
        picture.paste(200, (36, 12, 48, 52))
        picture.save(path)
    opened = Dataset(root)
    anna, bob = opened.desk("anna"), opened.desk("bob")
    anna.set_decision([1, 3, 6, 10], "accepted")
    anna.set_decision([4, 9], "rejected")
    anna.set_rating([3, 6], 4)
    anna.add_tag([2, 4], "grid-noise")
    anna.set_note([2], "Look at the left costophrenic angle again.")
    bob.set_decision([2], "rejected")
    with opened._database.transaction() as connection:  # five seconds from image to image
        connection.execute(
            "UPDATE reviews SET earlier = printf('2026-11-29T10:00:%02d.000+00:00', 5 * record_id)"
        )
    yield opened
    opened.close()


async def settle(pilot: Pilot[None]) -> None:
    """Wait until other threads have loaded and counted everything."""
    for _ in range(400):
        await pilot.pause(0.01)
        screen = pilot.app.screen_stack[1]
        pictures = [view for view in screen.query(PictureView) if view.display and view.size]
        if (
            all(view.drawing for view in pictures)
            and "18 left" in str(status := screen.query_one(ReviewStatus).render())
            and ("/min" in str(status) or "marked" in str(status))
            and not any(worker.is_running for worker in pilot.app.workers)
        ):
            break
    await pilot.pause()


SMALL, USUAL, HIGH = (80, 24), (120, 36), (120, 44)
LOOKS = [
    *((view, SMALL, "reading-room") for view in ("grid", "loupe", "compare", "dialog")),
    *((view, USUAL, "daylight") for view in ("grid", "loupe", "compare", "dialog")),
    ("loupe", HIGH, "reading-room"),  # with a filmstrip
]


@pytest.mark.parametrize(
    ("view", "size", "theme"),
    LOOKS,
    ids=[f"{view}-{columns}x{rows}" for view, (columns, rows), _ in LOOKS],
)
def test_the_review_looks_right(
    snap_compare: Any, dataset: Dataset, view: str, size: tuple[int, int], theme: Any
) -> None:
    keys = {
        "grid": ["v", "right", "right", "right", "v", "left"],
        "loupe": ["right", "enter"],
        "compare": ["right", "c", "c"],
        "dialog": ["right", "T"],
    }

    async def open_view(pilot: Pilot[None]) -> None:
        await settle(pilot)
        await pilot.press(*keys[view])
        await settle(pilot)

    app = ReviewApp(Settings(theme=theme), dataset.desk("anna"))
    assert snap_compare(app, run_before=open_view, terminal_size=size)
