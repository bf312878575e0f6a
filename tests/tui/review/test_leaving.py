"""``esc`` leaves one thing at a time, ``tab`` goes to the details, and what is shown says why."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.advice import advised
from support.review_pilot import open_review
from textual.widgets import Input

from xray_tui.config import Settings
from xray_tui.dataset.review import history, pace
from xray_tui.tui.review.gallery.gallery import Gallery
from xray_tui.tui.review.panel.record_panel import RecordPanel
from xray_tui.tui.review.query.line import QueryLine

IMAGES = 9


async def test_esc_leaves_line_view_marks_and_filter_one_after_the_other(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("slash", "label:normal", "enter", "v", "slash", "escape")
        assert isinstance(anna.app.focused, Gallery)
        assert anna.screen.images.filter_text == "label:normal"
        await anna.press("enter", "escape")
        assert anna.screen.views.current == "gallery" and anna.screen.views.gallery.marked
        await anna.press("escape")
        assert not anna.screen.views.gallery.marked
        assert anna.screen.images.filter_text == "label:normal"
        current = anna.screen.views.gallery.cursor_id
        await anna.shows("esc Clear filter")
        await anna.press("escape")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES)
        assert anna.screen.query_one(QueryLine).text == ""
        assert anna.screen.views.gallery.cursor_id == current
        assert "the filter was label:normal" in anna.toasts
        await anna.press("escape")
        assert anna.app.screen is anna.screen and "esc Clear filter" not in anna.text


async def test_tab_goes_between_images_and_details_and_never_to_the_filter(root: Path) -> None:
    async with open_review(root) as anna:
        for key in ("tab", "shift+tab"):
            await anna.press(key)
            assert isinstance(anna.app.focused, RecordPanel)
            await anna.press(key)
            assert isinstance(anna.app.focused, Gallery)
        await anna.press("I")
        await anna.until(lambda: not anna.screen.query_one(RecordPanel).display)
        await anna.press("tab")
        assert isinstance(anna.app.focused, Gallery)
        assert "No details to go to; I shows them" in anna.toasts
        await anna.press("slash", "shift+tab")
        assert not isinstance(anna.app.focused, Input)


async def test_the_loupe_says_that_the_filter_leaves_the_image_out(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("slash", "is:undecided label:normal", "enter")
        await anna.until(lambda: len(anna.screen.images.ids) == 3)
        await anna.press("V", "p", "escape", "enter", "f5")
        await anna.shows("No images match the filter")
        advised("Press / to change it, or esc for the gallery.", anna.text)
        assert "no longer in the dataset" not in anna.text
        await anna.press("escape", "escape")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES)


async def test_a_toast_is_shown_once_while_a_dialog_is_open(root: Path) -> None:
    async with open_review(root, (80, 24)) as anna:
        anna.app.notify("Something was done", timeout=60)
        await anna.until(lambda: anna.screen.query("Toast"))
        assert all(toast.visible for toast in anna.screen.query("Toast"))
        await anna.press("N")
        await anna.until(lambda: anna.app.screen.query("Toast"))
        assert not any(toast.visible for toast in anna.screen.query("Toast"))


async def test_the_pace_goes_when_everything_is_undone(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pace, "FEWEST_SECONDS", 0)
    async with open_review(root) as anna:
        await anna.press("p", "p", "x", "p", "p", "p")
        await anna.shows("/min")
        await anna.press("z", "z", "z", "z", "z", "z")
        await anna.until(lambda: "/min" not in anna.text and "9 left" in anna.text)


async def test_f5_shows_what_others_decided_on_the_current_image(root: Path) -> None:
    async with open_review(root, size=(160, 48)) as anna:
        await anna.until(lambda: anna.screen.query_one(RecordPanel).display)
        anna.dataset.desk("zoe").set_rating(anna.ids[:1], 3)
        assert "zoe" not in anna.text
        await anna.press("f5")
        await anna.shows("zoe")


async def test_an_undo_that_changes_nothing_says_only_that(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("p")
        anna.dataset.desk("anna").set_decision(anna.ids[:1], "rejected")
        number, _ = history.next_to_undo(anna.dataset._database, "anna") or (0, None)
        with anna.dataset._database.transaction() as connection:
            history.mark(connection, number, undone=True)  # as if it were another machine's
        await anna.press("slash", "rating:5", "enter")
        await anna.until(lambda: not anna.screen.images.ids)
        await anna.press("z")
        expected = "Nothing to undo for it: accepted 1 image (modified or removed in the meantime)"
        await anna.until(lambda: anna.toasts == expected)


async def test_disputed_images_have_a_sign_unless_votes_are_hidden(root: Path) -> None:
    async def disputed(*, hide_votes: bool) -> bool:
        async with open_review(root, settings=Settings(hide_votes=hide_votes)) as anna:
            for name, decision in (("bob", "accepted"), ("carl", "rejected")):
                anna.dataset.desk(name).set_decision(anna.ids[:1], decision)  # type: ignore[arg-type]
            await anna.press("f5", "enter")
            await anna.shows("chest/effusion")
            in_title = "± disputed" in anna.text
            await anna.press("escape")
            assert ("· ± effusion" in anna.text) == in_title
            return in_title

    assert await disputed(hide_votes=False)
    assert not await disputed(hide_votes=True)
