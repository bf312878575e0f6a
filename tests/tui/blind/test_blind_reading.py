"""Blind reading in the app: starting, answering by keys, continuing later, the report."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.blind_samples import (
    LABELS,
    a_root,
    a_session,
    answer_all,
    blind_items,
    make_session,
    real_folder,
    to_format_1,
)
from support.dataset_samples import NASTY
from support.preview_samples import gradient
from support.textual_internals import screen_text
from support.tui_samples import ThemedApp, assert_harmless, until
from textual.pilot import Pilot
from textual.screen import Screen
from textual.widgets import Input, OptionList, Static

from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.choosing import SessionRequest
from xray_tui.dataset.blind.images import BlindImages
from xray_tui.dataset.blind.session import (
    Session,
    SessionItem,
    folder_of,
    open_session,
    save_session,
    session_names,
)
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout
from xray_tui.tui.blind import start as blind_start
from xray_tui.tui.blind.label_choice import KEYS, LabelChoice
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.blind.start import BlindStartScreen
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.table import HALF_CELLS


class Host(ThemedApp):
    """Opens one screen."""

    def __init__(self, screen: Screen, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._first = screen

    def on_mount(self) -> None:
        self.push_screen(self._first)

    @property
    def text(self) -> str:
        return screen_text(self.screen)


@pytest.fixture
def root(tmp_path: Path) -> Path:
    return a_root(tmp_path)


@pytest.fixture
def session(root: Path) -> Session:
    """Four images: synthetic normal, synthetic effusion, real normal, real with unknown label."""
    session = a_session()
    save_session(root, session)
    for item in session.items:
        gradient().save(root / item.file)
    return session


@pytest.fixture
def images(root: Path) -> Iterator[BlindImages]:
    """The images of an empty catalog."""
    database = Database(root / layout.CATALOG)
    yield BlindImages(root, database)
    database.close()


def reading_screen(root: Path, session: Session, reviewer: str = "ann") -> BlindScreen:
    paths = [root / item.file for item in session.items]
    return BlindScreen(Reading(root, session, reviewer), paths, HALF_CELLS)


def answers(root: Path, session: Session, reviewer: str = "ann") -> list[BlindAnswer | None]:
    reading = Reading(root, session, reviewer)
    return [reading.answer(number) for number in range(len(session.items))]


# ---- reading -------------------------------------------------------------------------------------


async def test_keys_answer_and_going_back_changes_an_answer(root: Path, session: Session) -> None:
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        view = app.screen.query_one(PictureView)
        await pilot.press("question_mark")
        assert "Press r or s" in app.text and "swap black" in app.text
        await pilot.press("escape", "1", "enter", "left", "i", "[", "}")
        await until(pilot, lambda: "Decide real or synthetic first" in app.text)
        assert view.view.inverted and view.view.window < 256 and view.view.level > 128
        assert "1 of 4 · 0 answered" in app.text
        assert answers(root, session) == [None] * 4
        await pilot.press("s")
        assert "synthetic ✓" in app.text and "1 of 4" in app.text
        assert answers(root, session)[0] == BlindAnswer("synthetic")  # saved at once
        await pilot.press("2")
        assert "2 of 4 · 1 answered" in app.text and "✓" not in app.text
        await pilot.press("r", "0", "r", "down", "enter")
        assert answers(root, session) == [
            BlindAnswer("synthetic", "normal"),
            BlindAnswer("real", ""),
            BlindAnswer("real", "normal"),
            None,
        ]
        await pilot.press("left")
        assert "3 of 4" in app.text and "real ✓" in app.text and "normal ✓" in app.text
        await pilot.press("s")
        assert "synthetic ✓" in app.text and "normal ✓" in app.text
        await pilot.press("enter")
        assert "4 of 4" in app.text
        assert answers(root, session)[2] == BlindAnswer("synthetic", "normal")


async def test_reading_continues_at_the_first_image_without_an_answer(
    root: Path, session: Session
) -> None:
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.press("r", "1", "right", "r", "1", "r", "1")  # past the last image
        assert "2 of 4 · 3 answered" in app.text
        await until(pilot, lambda: "1 image left to answer" in app.text)
        await pilot.press("s", "escape")
        assert not isinstance(app.screen, BlindScreen)
    again = Host(reading_screen(root, session))
    async with again.run_test(size=(80, 24)) as pilot:
        assert "2 of 4 · 3 answered" in again.text and "synthetic ✓" in again.text
        await pilot.press("2", "right", "right")
        assert isinstance(again.screen, QuestionScreen)


async def test_nothing_on_the_screen_reveals_where_an_image_comes_from(
    root: Path, tmp_path: Path
) -> None:
    folder = real_folder(tmp_path / "real", each=1)
    session = make_session(root, SessionRequest("first", 4, folder), blind_items(root, 2))
    missing = [
        SessionItem(task_id="a7", file="chest/normal/chest-normal_7_0123abcd.png", label="normal"),
        SessionItem(task_id=None, file="/data/normal/real-8.jpg", label="normal"),
    ]
    session = session.model_copy(update={"items": [*session.items, *missing]})
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(80, 24)) as pilot:
        view = app.screen.query_one(PictureView)
        sizes = set()
        for number in range(6):
            await until(pilot, lambda: view.drawing or "can no longer be read" in app.text)
            if number < 4:
                assert view.drawing is not None
                sizes.add((view.drawing.columns, view.drawing.rows))
            for secret in ("chest", "png", "jpg", "real-8", "0123abcd", "data"):
                assert secret not in app.text
            await pilot.press("right")
        assert len(sizes) == 1


async def test_the_report_after_the_last_image_is_saved(root: Path, session: Session) -> None:
    answer_all(root, session, "bob", wrong=1)
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+r")
        assert "4 images left to answer" in app.text
        await pilot.press("escape", "s", "2", "s", "1", "r", "2", "r", "2")
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape")
        assert "4 of 4 · 4 answered" in app.text
        await pilot.press("ctrl+r")
        await pilot.pause()
        assert isinstance(app.screen, BlindReportScreen)
        assert "4 of 4" in app.text and "3 of 4" in app.text
        assert "Saved report.md, report.csv, answers.csv in" in app.text
        text = (folder_of(root, "first") / "report.md").read_text(encoding="utf-8")
        assert "ann, bob" in text
        await pilot.press("end", "j", "k")
        assert "kappa" in app.text
        await pilot.press("escape")
        assert not isinstance(app.screen, BlindReportScreen)


async def test_an_answer_that_cannot_be_saved_is_not_shown_as_given(
    root: Path, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    app = Host(reading_screen(root, session))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        with monkeypatch.context() as failing:
            failing.setattr("os.fsync", full)
            await pilot.press("r")
            await until(pilot, lambda: "the disk is full" in " ".join(app.text.split()))
            assert "✓" not in app.text
        await pilot.press("r")
        assert "real ✓" in app.text


async def test_with_a_single_label_one_key_is_enough(root: Path, session: Session) -> None:
    app = Host(reading_screen(root, session.model_copy(update={"labels": ["normal"]})))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "label" not in app.text
        await pilot.press("s", "1", "r")
        assert "3 of 4 · 2 answered" in app.text


async def test_labels_without_a_key_are_chosen_by_the_cursor(root: Path, session: Session) -> None:
    session = session.model_copy(update={"labels": [f"label-{n:02}" for n in range(40)]})
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(80, 24)) as pilot:
        assert not set(KEYS) & set("rshjkli0?")
        await pilot.press("r", "z", "r", "end", "up", "enter", "s", "0")
        assert app.screen.query_one(LabelChoice).size.height < 20
    labels = [answer.label for answer in answers(root, session) if answer]
    assert labels == [f"label-{len(KEYS) - 1:02}", "label-39", ""]


# ---- starting ------------------------------------------------------------------------------------


async def test_invalid_fields_are_explained_and_then_a_session_starts(
    root: Path, images: BlindImages, session: Session, tmp_path: Path
) -> None:
    app = Host(BlindStartScreen(images, "ann", blind_items(root, 6)))
    async with app.run_test(size=(80, 24)) as pilot:
        for field, text, problem in (
            ("name", "No slug", "cannot be a session name"),
            ("name", "first", "there is already a session named first"),
            ("name", "second", ""),
            ("count", "", "Enter a number, e.g. 40"),
            ("count", "½", "Enter a number, e.g. 40"),
            ("count", "9999999", "ask for at most 6"),
            ("count", "8", ""),
            ("folder", "/no/such/folder", "there is no such folder"),
            ("folder", "~nobody-of-that-name/x", "~nobody-of-that-name"),
            ("folder", str(real_folder(tmp_path / "real")), ""),
        ):
            editor = app.screen.query_one(f"#{field}", Input)
            editor.focus()
            editor.value = text
            await pilot.pause()
            if problem:
                line = app.screen.query_one("#problem", Static)
                assert not str(line.render())
                await pilot.press("ctrl+s")
                await until(pilot, lambda: line.has_class("-wrong"))  # noqa: B023
                assert problem in str(line.render())
                assert app.focused is editor
                assert session_names(root) == ["first"]
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, BlindScreen))
        await pilot.pause()
        assert "1 of 8" in app.text and "second" in app.text
        drawn = open_session(root, "second")
        assert drawn.count("real") == 4 and drawn.labels == list(LABELS)
        await pilot.press("escape")
        await pilot.pause()
        assert not isinstance(app.screen, BlindScreen | BlindStartScreen)


async def test_a_session_is_continued_although_another_one_is_damaged(
    root: Path, images: BlindImages, session: Session
) -> None:
    save_session(root, a_session("broken"))
    (folder_of(root, "broken") / "session.json").write_text("{")
    Reading(root, session, NASTY).say(0, BlindAnswer("real", "normal"))
    app = Host(BlindStartScreen(images, NASTY, []))
    async with app.run_test(size=(80, 24)) as pilot:
        assert_harmless(app)
        assert "broken  cannot be read" in app.text
        assert "first  4 images (2 real) · 1 answered" in app.text
        assert app.focused is app.screen.query_one(OptionList)
        await pilot.press("up", "enter")
        await until(pilot, lambda: "session.json" in app.text)
        await pilot.press("down", "down")
        assert app.focused is app.screen.query_one("#name")
        await pilot.press("up", "up", "up")
        assert app.focused is app.screen.query_one("#folder")
        await pilot.press("down", "down", "enter")
        await until(pilot, lambda: "2 of 4 · 1 answered" in app.text)
        assert_harmless(app)


async def test_a_session_with_all_answers_opens_its_report(
    root: Path, images: BlindImages, session: Session
) -> None:
    answer_all(root, session, "ann")
    app = Host(BlindStartScreen(images, "ann", []))
    async with app.run_test(size=(80, 24)) as pilot:
        assert "all answered: show report" in app.text
        assert app.focused is app.screen.query_one("#name")
        await pilot.press("up", "ctrl+s")
        await until(pilot, lambda: isinstance(app.screen, BlindReportScreen))


async def test_body_parts_that_may_reveal_the_real_images_cause_a_warning(
    root: Path, images: BlindImages, tmp_path: Path
) -> None:
    (real_folder(tmp_path / "real") / "chest").rename(tmp_path / "real" / "knee")
    app = Host(BlindStartScreen(images, "ann", blind_items(root, 4)))
    async with app.run_test(size=(80, 24)) as pilot:
        app.screen.query_one("#folder", Input).value = str(tmp_path / "real")
        for answer in ("escape", "b"):
            await pilot.press("ctrl+s")
            await until(pilot, lambda: isinstance(app.screen, QuestionScreen))
            assert "Synthetic images: 2 chest." in app.text
            assert "Real images in the folder: 6 knee." in app.text
            assert session_names(root) == []
            await pilot.press(answer)
            if answer == "escape":
                await until(pilot, lambda: app.focused is app.screen.query_one("#name"))
        await until(pilot, lambda: isinstance(app.screen, BlindScreen))
        assert open_session(root, "reading-1").count("real") == 2


async def test_an_old_session_whose_images_are_gone_does_not_start(
    root: Path, images: BlindImages
) -> None:
    to_format_1(root, make_session(root, SessionRequest("old", 4), blind_items(root, 4)))
    app = Host(BlindStartScreen(images, "ann", []))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        line = app.screen.query_one("#problem", Static)
        await until(pilot, lambda: line.has_class("-wrong"))
        assert "4 of its 4 synthetic images cannot be found" in str(line.render())
        assert line.size.height == line.virtual_size.height
        assert app.focused is app.screen.query_one(OptionList)


async def test_leaving_while_images_are_read_creates_no_session(
    root: Path, images: BlindImages, monkeypatch: pytest.MonkeyPatch
) -> None:
    def endless(*arguments: Any) -> None:
        while True:
            arguments[-1]("reading images", 1, 2)
            time.sleep(0.01)

    monkeypatch.setattr(blind_start, "draw_session", endless)
    app = Host(BlindStartScreen(images, "ann", blind_items(root, 2)))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter")
        await until(pilot, lambda: "Prepared 1 of 2 images" in app.text)
        await pilot.press("escape")
        await app.workers.wait_for_complete()
        assert not isinstance(app.screen, BlindStartScreen)


# ---- looks ---------------------------------------------------------------------------------------

LOOKS = [
    ((80, 24), "reading-room"),
    ((120, 36), "daylight"),
    pytest.param((200, 60), "reading-room", marks=pytest.mark.slow),
]


@pytest.mark.parametrize(("size", "theme"), LOOKS)
def test_reading_looks_right(
    snap_compare, root: Path, session: Session, size: tuple[int, int], theme: str
) -> None:
    async def answer(pilot: Pilot) -> None:
        await pilot.press("s", "2", "r")
        await until(pilot, lambda: "▀" in pilot.app.text)

    app = Host(reading_screen(root, session), theme)
    assert snap_compare(app, run_before=answer, terminal_size=size)


def test_the_dialog_looks_right(
    snap_compare, root: Path, images: BlindImages, session: Session
) -> None:
    answer_all(root, session, "ann")
    save_session(root, a_session("second"))
    app = Host(BlindStartScreen(images, "ann", blind_items(root, 4)))
    assert snap_compare(app, terminal_size=(80, 24))


def test_the_report_looks_right(
    snap_compare, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)  # the screen shows the path
    root = a_root(Path())
    session = a_session()
    save_session(root, session)
    answer_all(root, session, "ann", wrong=1)
    answer_all(root, session, "bob")
    app = Host(BlindReportScreen(root, session), "daylight")
    assert snap_compare(app, terminal_size=(120, 36))
