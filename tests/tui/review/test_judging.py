"""The review's keys when something goes wrong: messages say what was done and what was not."""

from __future__ import annotations

from pathlib import Path

from support.review_pilot import open_review

from xray_tui.dataset.repair.catalog_repair import CatalogRepair

IMAGES = 4
"""The first of label effusion, two normal, one pneumonia."""


async def test_a_decision_on_a_removed_image_shows_an_error(root: Path) -> None:
    async with open_review(root) as anna:
        (row,) = anna.desk.index.rows(anna.ids[:1])
        CatalogRepair(anna.dataset._database).remove([row.file])
        await anna.press("p", "x", "3")
        await anna.shows("the image is no longer in the")
        assert anna.toasts.count("press F5 to refresh") == 3
        await anna.press("z")
        await anna.shows("Nothing to undo")


async def test_undo_names_files_it_cannot_move_and_then_undoes_the_previous_step(
    root: Path,
) -> None:
    async with open_review(root) as anna:
        await anna.press("3", "R", "nodule", "enter")
        await anna.shows("Moved to chest/nodule")
        (row,) = anna.desk.index.rows(anna.ids[:1])
        (root / row.file).write_bytes(b"no image")
        await anna.press("z")
        assert "relabelled as nodule: 1 image – 0 moved, 1 not moved: chest/nodule/" in anna.toasts
        await anna.press("z")
        await anna.shows("Undone: rated 3: 1 image")
