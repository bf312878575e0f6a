"""The review's keys: how they change opinions, and what the screen shows afterwards."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from support.review_pilot import make_duplicates, open_review

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.opinions import Opinion
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.review import judging
from xray_tui.tui.review.compare import Compare
from xray_tui.tui.review.query.line import QueryLine

IMAGES = 9
"""Three of each label: 1 … 3 effusion, 4 … 6 normal, 7 … 9 pneumonia."""


async def test_decisions_ratings_undo_and_redo(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("p", "4", "x", "p")  # each decision moves to the next image
        decided = {1: Opinion("accepted"), 2: Opinion("rejected", 4), 3: Opinion("accepted")}
        assert anna.opinions() == decided
        await anna.shows("4/9", "✓ 2 · ✗ 1 · 6 left", "✗ ★4 effusion")
        await anna.press("z", "z")
        assert anna.opinions() == {1: Opinion("accepted"), 2: Opinion(rating=4)}
        await anna.shows("2/9", "Undone: rejected")
        await anna.press("Z", "Z", "Z")
        assert anna.opinions() == decided
        await anna.shows("Nothing to redo")
        await anna.press("left", "u", "0")  # clearing a decision does not move the cursor
        assert anna.opinions() == {1: Opinion("accepted"), 3: Opinion("accepted")}
        await anna.press("a", "p", "x")
        assert anna.opinions()[2] == Opinion("rejected")
        await anna.shows("2/9", "Auto-advance off")
        await anna.press("U")
        await anna.shows("4/9")


async def test_a_key_applies_to_all_marked_images(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("space", "right", "space")
        await anna.shows("2 marked")
        await anna.press("p", "3")
        accepted = Opinion("accepted", 3)
        assert anna.opinions() == {1: accepted, 3: accepted}
        await anna.press("z")
        assert anna.opinions() == {1: Opinion("accepted"), 3: Opinion("accepted")}
        await anna.press("escape", "ctrl+a", "5")
        assert anna.opinions()[9] == Opinion(rating=5) and len(anna.opinions()) == IMAGES
        await anna.press("V")
        assert "marked" not in anna.text


async def test_next_undecided_says_when_there_is_no_other(root: Path) -> None:
    async with open_review(root) as anna:
        anna.desk.set_decision([number for number in anna.ids if number != 2], "accepted")
        await anna.press("U")
        await anna.shows("2/9")
        await anna.press("U")
        assert anna.toasts == "No other undecided images here"
        await anna.press("x", "U")
        assert anna.toasts == "No undecided images here"


async def test_in_loupe_and_comparison_a_key_applies_to_the_current_image(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("v", "space", "left", "enter")
        await anna.shows("Applies to this image only (2 marked)")
        await anna.press("x", "escape")
        assert anna.opinions() == {2: Opinion("rejected")}
        await anna.press("c")
        await anna.shows("Applies to this image only (2 marked)")
        await anna.press("tab", "3", "escape")
        assert anna.opinions() == {2: Opinion("rejected", 3)}
        await anna.shows(" · 2 marked")


async def test_a_filter_shows_the_matching_images_and_an_invalid_filter_its_error(
    root: Path,
) -> None:
    async with open_review(root) as anna:
        await anna.press("right", "5", "p", "slash", "label:normal", "enter")
        await anna.until(lambda: list(anna.screen.images.ids) == anna.ids[3:6])
        await anna.shows("3/3", "label:normal", "· normal")
        assert "effusion" not in anna.text
        await anna.press("slash", " x:", "enter")
        await anna.shows("is not a field")
        assert list(anna.screen.images.ids) == anna.ids[3:6]  # the list stays
        line = anna.screen.query_one(QueryLine)
        await anna.press("escape")
        assert line.text == "label:normal"
        await anna.press("slash", "ctrl+u", "rating:5", "enter")
        await anna.until(lambda: list(anna.screen.images.ids) == [anna.ids[1]])
        await anna.press("0", "f5")
        await anna.shows("0/0", "No images match rating:5. Press esc to clear the filter")
        await anna.press("p", "enter", "c", "X", "T", "N", "R", "U", "space")  # without any image
        assert anna.opinions() == {2: Opinion("accepted")}


async def test_a_filter_is_saved_used_and_deleted(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("slash", "label:normal", "ctrl+s", "best", "enter")
        await anna.shows("Saved as @best")
        await anna.press("ctrl+u", "@best", "enter")
        await anna.until(lambda: list(anna.screen.images.ids) == anna.ids[3:6])
        await anna.press("slash", "ctrl+delete")
        await anna.shows("Deleted @best; its text is kept")
        line = anna.screen.query_one(QueryLine)
        assert line.text == anna.screen.images.filter_text == "label:normal"
        assert anna.screen.images.filters.read() == {}
        await anna.press("ctrl+delete")
        await anna.shows("Type the name of a saved")


async def test_dialogs_tag_note_and_relabel(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("T")
        await anna.shows("anatomy-wrong", "poor-contrast")
        await anna.press("grid", "down", "enter")
        await anna.press("T", "My tag", "enter")
        await anna.shows("a tag")
        assert isinstance(anna.app.screen, EntryScreen)
        await anna.press("escape", "N", "again", "enter")
        tagged = Opinion(tags=("grid-noise",), note="again")
        assert anna.opinions() == {1: tagged}
        await anna.shows("again")
        await anna.press("T", "grid", "down", "enter", "N", "escape")
        assert anna.opinions() == {1: Opinion(note="again")}  # and Escape changes nothing
        await anna.press("R", "nodule", "enter")
        await anna.shows("chest / nodule", "Moved to chest/nodule")
        moved = anna.desk.index.rows(anna.ids[:1])[0]
        assert moved.file.startswith("chest/nodule/") and (root / moved.file).exists()
        await anna.press("z")
        assert anna.desk.index.rows(anna.ids[:1])[0].label == "effusion"


async def test_replacing_a_saved_filter_shows_its_old_text(root: Path) -> None:
    async with open_review(root) as anna:
        anna.screen.images.filters.save("best", "rating>=3")
        await anna.press("slash", "label:normal", "ctrl+s", "best", "enter")
        await anna.shows("Saved as @best; it was rating>=3")


async def test_enter_alone_keeps_notes_that_differ(root: Path) -> None:
    async with open_review(root) as anna:
        anna.desk.set_note([1], "left apex")
        anna.desk.set_note([2, 3], "rotated")
        await anna.press("V", "N")
        await anna.shows("The notes differ")
        await anna.press("enter")
        await anna.shows("type a note for all images")
        await anna.press("escape")
        assert [opinion.note for opinion in anna.opinions().values()] == [
            "left apex", "rotated", "rotated"
        ]  # fmt: skip
        await anna.press("V", "right", "v", "v", "N", "ctrl+u", "enter")
        assert anna.opinions() == {1: Opinion(note="left apex")}  # the other two had the same note


@pytest.mark.parametrize("key", ["R", "T"])
async def test_enter_alone_in_a_dialog_chooses_nothing(root: Path, key: str) -> None:
    async with open_review(root) as anna:
        await anna.press("right", "right", "right", key, "enter")
        await anna.shows("Choose one with ↓, or type one")
        assert isinstance(anna.app.screen, EntryScreen)
        await anna.press("escape")
        assert not anna.opinions()
        assert [row.label for row in anna.desk.index.rows(anna.ids[3:4])] == ["normal"]
        await anna.press("R", "down", "enter")
        assert [row.label for row in anna.desk.index.rows(anna.ids[3:4])] == ["effusion"]


async def test_long_changes_run_behind_a_dialog_and_end_as_usual(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "MANY_OPINIONS", 2)
    monkeypatch.setattr(judging, "MANY_FILES", 2)
    async with open_review(root) as anna:
        await anna.press("space", "space", "v", "left", "x")
        await anna.until(lambda: anna.app.screen is anna.screen)
        rejected = dict.fromkeys((1, 2, 3), Opinion("rejected"))
        assert anna.opinions() == rejected
        await anna.press("R", "nodule", "enter")
        await anna.shows("Moved 3 images to chest/nodule", "chest / nodule")
        assert {row.label for row in anna.desk.index.rows(anna.ids[:3])} == {"nodule"}
        await anna.press("z")
        await anna.shows("Undone: relabelled 3 images as nodule")
        assert {row.label for row in anna.desk.index.rows(anna.ids[:3])} == {"effusion"}
        await anna.press("z")
        await anna.shows("Undone: rejected 3 images")
        await anna.press("Z")
        await anna.shows("Redone: rejected 3 images")
        assert anna.opinions() == rejected


async def test_errors_of_long_changes_are_shown_with_the_images_that_were_moved(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(judging, "MANY_FILES", 2)
    async with open_review(root) as anna:
        second = root / anna.desk.index.rows(anna.ids[1:2])[0].file
        second.write_bytes(b"no image")
        await anna.press("space", "space", "v", "R", "nodule", "enter")
        await anna.shows("2 moved, 1 not moved:")
        assert isinstance(anna.app.screen, EntryScreen)  # to be tried again
        await anna.press("escape")
        assert [row.label for row in anna.desk.index.rows(anna.ids[:2])] == ["nodule", "effusion"]
        await anna.press("z")
        await anna.shows("Undone: relabelled 2 images as nodule")


async def test_loupe_and_comparison_follow_the_keys(root: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("right", "enter")
        await anna.shows("64×64 pixels", "· undecided · chest/effusion · chest-005 · seed 5")
        await anna.press("3", "p")
        await anna.shows("seed 8", "3/9")
        await anna.press("left")
        await anna.shows("✓ accepted · ★★★ · chest/effusion")
        await anna.press("c")
        compare = anna.screen.query_one(Compare)
        assert [item.record_id for item in compare.items] == anna.ids[1:3]
        await anna.press("tab", "x")
        assert anna.opinions()[3] == Opinion("rejected")
        await anna.shows("✗ rejected", "seed 8")
        await anna.press("c")
        assert [item.record_id for item in compare.items] == anna.ids[1:5]
        await anna.press("escape")
        assert anna.screen.views.current == "gallery"


async def test_near_duplicates_are_reviewed_group_by_group(root: Path) -> None:
    make_duplicates(root, (1, 4, 7), (2, 8))
    async with open_review(root) as anna:
        await anna.press("X")
        await anna.shows("Press D to search for duplicates")
        await anna.press("D")
        await anna.shows("Duplicates 1/2", "1/3")
        await anna.press("right", "p", "X")  # 4 is the best of its group now
        await anna.shows("Duplicates 2/2", "Rejected 2 images, kept the best")
        rejected = Opinion("rejected")
        assert anna.opinions() == {1: rejected, 4: Opinion("accepted"), 7: rejected}
        await anna.press("tab", "shift+tab")
        await anna.shows("Duplicates 1/2")
        await anna.press("z")
        assert anna.opinions() == {4: Opinion("accepted")}  # one undo for the whole group
        await anna.press("escape")
        await anna.shows("/9")


@pytest.mark.parametrize(
    ("gone", "toast"),
    [
        ((1, 4, 7), "Nothing rejected: no image of this group is left in the dataset"),
        ((1, 7), "Nothing rejected: only one image of this group is left in the dataset"),
        ((7,), "Rejected 1 image, kept the best"),
    ],
)
async def test_keep_best_rejects_only_images_that_still_exist(
    root: Path, gone: tuple[int, ...], toast: str
) -> None:
    make_duplicates(root, (1, 4, 7), (2, 8))
    async with open_review(root) as anna:
        await anna.press("D")
        await anna.shows("Duplicates 1/2")
        with closing(sqlite3.connect(root / layout.CATALOG)) as other, other:
            other.execute("PRAGMA foreign_keys = ON")
            other.executemany("DELETE FROM records WHERE id = ?", [(number,) for number in gone])
        await anna.press("X")
        assert toast in anna.toasts and "Duplicates 2/2" in anna.text
        await anna.press("shift+tab")
        await anna.shows("Duplicates 1/2", "no longer")
        assert anna.opinions() == ({4: Opinion("rejected")} if gone == (7,) else {})


async def test_where_there_are_no_images_the_next_step_is_shown(root: Path, tmp_path: Path) -> None:
    async with open_review(root) as anna:
        await anna.press("slash", "label:nothing", "enter")
        await anna.shows("No images match label:nothing. Press esc to clear the filter")
        await anna.press("B")
        await anna.until(lambda: "No images match label:nothing" in anna.toasts)
        await anna.press("escape")
        await anna.until(lambda: len(anna.screen.images.ids) == IMAGES)
        assert anna.screen.query_one(QueryLine).text == ""
    Dataset(tmp_path / "empty").close()
    async with open_review(tmp_path / "empty") as anna:
        await anna.shows("No images yet. Generate some with xray-tui, then press F5 here.")


async def test_opinions_of_others_are_hidden_until_i_decided(root: Path) -> None:
    settings = Settings(hide_votes=True)
    async with open_review(root, settings=settings) as anna:
        anna.dataset.desk("bob").set_decision(anna.ids, "rejected")
        await anna.press("right", "left")
        await anna.shows("hidden for now")
        assert "bob" not in anna.text
        await anna.press("a", "p")
        await anna.shows("bob", "dataset")
        assert "hidden for now" not in anna.text
