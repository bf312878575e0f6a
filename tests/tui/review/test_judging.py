"""The review's keys when something goes wrong: messages say what was done and what was not."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest
from support.advice import advised
from support.review_pilot import ReviewPilot, open_review
from textual.widgets import Input

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.query.saved_filters import SavedFilters
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.dataset.review import history
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.errors import DatasetError
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.review import judging

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
        assert "relabelled 1 image as nodule – 0 moved, 1 not moved: chest/nodule/" in anna.toasts
        await anna.press("z")
        await anna.shows("Undone: gave 3 stars to 1 image")


@contextmanager
def another_window(
    review: ReviewPilot, root: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[ReviewDesk]:
    """The desk of the same reviewer in another window."""
    with monkeypatch.context() as other, closing(Dataset(root)) as dataset:
        other.setattr(history, "PROCESS", "another")
        yield dataset.desk(review.desk.reviewer)


async def test_a_step_of_another_window_is_named_before_it_is_undone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_review(root) as anna:
        await anna.press("p")
        with another_window(anna, root, monkeypatch) as desk:
            desk.set_decision(anna.ids[2:3], "rejected")
        await anna.press("z")
        await anna.shows("Made in another window: rejected 1 image.")
        advised("Press z again to undo it.", anna.toasts)
        decided = [row.opinion.decision for row in anna.desk.index.rows(anna.ids[:3])]
        assert decided == ["accepted", "undecided", "rejected"]
        await anna.press("z")
        await anna.shows("Undone: rejected 1 image")
        await anna.press("z")  # its own: without a question
        await anna.shows("Undone: accepted 1 image")
        await anna.press("Z")
        await anna.shows("Redone: accepted 1 image")


async def test_a_step_that_another_window_undid_is_named_before_it_is_redone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with open_review(root) as anna:
        await anna.press("p")
        with another_window(anna, root, monkeypatch) as desk:
            desk.undo()
        await anna.press("Z")
        await anna.shows("Undone in another window: accepted 1 image.")
        advised("Press Z again to redo it.", anna.toasts)
        assert anna.desk.index.rows(anna.ids[:1])[0].opinion.decision == "undecided"
        await anna.press("Z")
        await anna.shows("Redone: accepted 1 image")


@pytest.mark.parametrize(
    ("key", "method", "typed"),
    [("N", "set_note", "rotated"), ("T", "add_tag", "mine"), ("R", "relabel", "nodule")],
)
@pytest.mark.parametrize("many", [False, pytest.param(True, marks=pytest.mark.slow)])
async def test_a_dialog_whose_text_cannot_be_saved_keeps_it(
    root: Path, monkeypatch: pytest.MonkeyPatch, key: str, method: str, typed: str, many: bool
) -> None:
    def refuse(*_: object) -> None:
        raise DatasetError("the disk is full")

    if many:
        monkeypatch.setattr(judging, "MANY_OPINIONS", 0)
        monkeypatch.setattr(judging, "MANY_FILES", 0)
    async with open_review(root) as anna:
        with monkeypatch.context() as failing:
            failing.setattr(ReviewDesk, method, refuse)
            await anna.press(key, typed, "enter")
            await anna.shows("the disk is full")
        assert isinstance(anna.app.screen, EntryScreen)
        assert anna.app.screen.query_one(Input).value == typed
        await anna.press("enter")
        await anna.until(lambda: anna.app.screen is anna.screen)
        opinion = anna.opinions().get(1)
        label = anna.desk.index.rows(anna.ids[:1])[0].label
        assert typed in (opinion and opinion.note, *(opinion.tags if opinion else ()), label)


async def test_a_filter_that_cannot_be_saved_keeps_its_name(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise DatasetError("the disk is full")

    async with open_review(root) as anna:
        with monkeypatch.context() as failing:
            failing.setattr(SavedFilters, "save", refuse)
            await anna.press("slash", "label:normal", "ctrl+s", "best", "enter")
            await anna.shows("the disk is full")
        await anna.press("enter")
        await anna.shows("Saved as @best")
