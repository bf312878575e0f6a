"""``delete`` in the review: rejected images go to the trash, and ``z`` restores them."""

from __future__ import annotations

import asyncio
from pathlib import Path

from support.review_pilot import open_review

IMAGES = 9


def test_rejected_images_are_purged_after_a_question_and_restored(root: Path) -> None:
    async def act() -> None:
        async with open_review(root) as review:
            await review.press("delete")
            await review.until(lambda: "No rejected images" in review.toasts)

            await review.press("x", "right", "x")
            await review.press("delete")
            await review.shows("Move 2 rejected images", "Keep them here")
            await review.press("enter")  # the safe answer comes first
            assert len(list(root.glob("*/*/*.png"))) == IMAGES

            await review.press("backspace")
            await review.shows("Move 2 rejected images")
            await review.press("m")
            await review.until(lambda: len(review.screen.images.ids) == IMAGES - 2)
            assert "Press z to restore them" in review.toasts
            assert len(list(root.glob("*/*/*.png"))) == IMAGES - 2

            await review.press("z")
            await review.until(lambda: len(review.screen.images.ids) == IMAGES)
            assert review.screen.views.gallery.cursor_id == review.ids[0]
            assert len(review.opinions()) == 2

            await review.press("Z")
            await review.until(lambda: len(review.screen.images.ids) == IMAGES - 2)

    asyncio.run(act())


def test_all_images_are_purged_from_the_loupe(root: Path) -> None:
    async def act() -> None:
        async with open_review(root) as review:
            review.desk.set_decision(review.ids, "rejected")
            await review.press("enter", "delete")
            await review.shows("Move 9 rejected images")
            await review.press("m")
            await review.until(lambda: len(review.screen.images.ids) == 0)
            await review.press("z")
            await review.until(lambda: len(review.screen.images.ids) == IMAGES)

    asyncio.run(act())
