"""Starting or continuing a blind reading."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest
from support.blind_samples import (
    LABELS,
    a_session,
    answer_all,
    blind_items,
    make_session,
    real_folder,
    to_format_1,
)
from support.blind_screens import Host
from support.dataset_samples import NASTY
from support.tui_samples import assert_harmless, until
from textual.widgets import Input, OptionList, Static

from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.choosing import SessionRequest
from xray_tui.dataset.blind.images import BlindImages
from xray_tui.dataset.blind.session import (
    Session,
    folder_of,
    open_session,
    save_session,
    session_names,
)
from xray_tui.tui.blind import start as blind_start
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.blind.start import BlindStartScreen
from xray_tui.tui.dialogs.question import QuestionScreen


async def test_invalid_fields_are_explained_and_then_a_session_starts(
    root: Path, images: BlindImages, session: Session, tmp_path: Path
) -> None:
    app = Host(BlindStartScreen(images, "ann", blind_items(root, 6)))
    async with app.run_test(size=(80, 24)) as pilot:
        assert isinstance(app.screen, BlindStartScreen) and app.screen.at_stake() == ""
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


async def test_a_session_is_continued_although_another_session_is_damaged(
    root: Path, images: BlindImages, session: Session
) -> None:
    save_session(root, a_session("broken"))
    (folder_of(root, "broken") / "session.json").write_text("{")
    Reading(root, session, NASTY).store(0, BlindAnswer("real", "normal"))
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


def test_the_dialog_looks_right(
    snap_compare, root: Path, images: BlindImages, session: Session
) -> None:
    answer_all(root, session, "ann")
    save_session(root, a_session("second"))
    app = Host(BlindStartScreen(images, "ann", blind_items(root, 4)))
    assert snap_compare(app, terminal_size=(80, 24))
