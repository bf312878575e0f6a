"""``M`` in the review merges the reviews of another copy of the dataset."""

from __future__ import annotations

import asyncio
import shutil
from contextlib import closing
from pathlib import Path

from support.review_pilot import open_review

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.review.merging import MergeResult
from xray_tui.tui.review.judging import merged_text

IMAGES = 4


def test_other_labels_and_lines_that_are_no_reviews_are_reported(tmp_path: Path) -> None:
    first = MergeResult(tmp_path, 3, 2, 1, 1, 0)
    second = MergeResult(tmp_path, 0, 1, 0, 1, 1)
    assert merged_text([first, second]) == (
        "Merged 3 reviews, 3 already known. not in this dataset: 1 reviewed image. "
        "images with another label there: 2 reviews, merged without changing the label here. "
        "skipped because they are not reviews: 1 line. z does not undo this"
    )
    again = merged_text([MergeResult(tmp_path, 0, 4, 0, 0, 0)])
    assert again == "Merged 0 reviews, 4 already known"


def test_reviews_of_another_dataset_are_merged(root: Path, tmp_path: Path) -> None:
    other = Path(shutil.copytree(root, tmp_path / "other"))
    with closing(Dataset(other)) as dataset:
        dataset.desk("bob").set_decision([1, 2], "rejected")

    async def act() -> None:
        async with open_review(root) as review:
            await review.press("M")
            await review.press(str(tmp_path / "nowhere"), "enter")
            await review.shows("there is no such file")  # the dialog stays open
            await review.press("ctrl+u", str(other), "enter")
            toast = "Merged 2 reviews, 0 already known. z does not undo this"
            await review.until(lambda: toast in review.toasts)
            rows = review.desk.index.rows(review.ids)
            assert [row.verdict for row in rows][:2] == ["rejected", "rejected"]

    asyncio.run(act())
