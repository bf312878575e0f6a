"""Blind reading: answering by keys, going back, continuing later, and hiding the origin."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.advice import advised
from support.blind_samples import (
    blind_items,
    make_session,
    real_folder,
)
from support.blind_screens import Host, answers, reading_screen
from support.tui_samples import until
from textual.pilot import Pilot

from xray_tui.dataset.blind.answers import BlindAnswer
from xray_tui.dataset.blind.choosing import SessionRequest
from xray_tui.dataset.blind.session import (
    Session,
    SessionItem,
)
from xray_tui.errors import DatasetError
from xray_tui.tui.blind.label_choice import KEYS, LabelChoice
from xray_tui.tui.blind.picture import BlindPicture
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.pictures.picture_view import PictureView


async def test_keys_answer_and_going_back_changes_an_answer(root: Path, session: Session) -> None:
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        view = app.screen.query_one(PictureView)
        await pilot.press("question_mark")
        assert "swap black" in app.text
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
            assert f"{(number + 1) % 6 + 1} of 6" in app.text
        assert len(sizes) == 1
    with pytest.raises(DatasetError) as caught:
        BlindPicture(tmp_path / "gone.png", (64, 64)).load()
    advised("This image can no longer be read. Press → to continue.", str(caught.value))


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
            await until(pilot, lambda: "the disk is full" in app.toasts)
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
