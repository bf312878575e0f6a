"""The review's keys where something is in the way: what was done, and what was not, is told."""

from __future__ import annotations

from pathlib import Path

from support.review_pilot import sitting

from xray_tui.dataset.repair.catalog_repair import CatalogRepair

IMAGES = 4
"""The first of label effusion, two normal, one pneumonia."""


async def test_a_decision_on_an_image_that_is_gone_says_so(root: Path) -> None:
    async with sitting(root) as anna:
        (row,) = anna.desk.index.rows(anna.ids[:1])
        CatalogRepair(anna.dataset._database).remove([row.file])
        await anna.press("p", "x", "3")
        await anna.shows("the image is no longer in the")
        assert anna.said.count("F5 in the review reads the list again") == 3
        await anna.press("z")
        await anna.shows("there is nothing to undo")


async def test_files_that_cannot_be_moved_are_told_and_the_step_before_is_next(root: Path) -> None:
    async with sitting(root) as anna:
        await anna.press("3", "R", "nodule", "enter")
        await anna.shows("moved to chest/nodule")
        (row,) = anna.desk.index.rows(anna.ids[:1])
        (root / row.file).write_bytes(b"no image")
        await anna.press("z")
        assert "relabelled as nodule: 1 image – 0 moved, 1 not: chest/nodule/" in anna.said
        await anna.press("z")
        await anna.shows("undone: rated 3: 1 image")
