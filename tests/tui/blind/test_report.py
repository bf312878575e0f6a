"""The report at the end of a blind reading."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.blind_samples import (
    a_root,
    a_session,
    answer_all,
)
from support.blind_screens import Host, answers, reading_screen

from xray_tui.dataset.blind.answers import BlindAnswer
from xray_tui.dataset.blind.session import (
    Session,
    folder_of,
    save_session,
)
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.dialogs.question import QuestionScreen


async def test_the_report_after_the_last_image_is_saved(root: Path, session: Session) -> None:
    answer_all(root, session, "bob", wrong=1)
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("ctrl+s")
        assert "4 images left to answer" in app.text
        await pilot.press("escape", "s", "2", "s", "1", "r", "2", "r", "2")
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("escape")
        assert "4 of 4 · 4 answered" in app.text
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, BlindReportScreen)
        assert "4 of 4" in app.text and "3 of 4" in app.text
        assert "●━" in app.text and "| ann" not in app.text
        wide = max(map(len, app.text.splitlines()))
        await pilot.resize_terminal(140, 40)
        await pilot.pause()
        bars = [line for line in app.text.splitlines() if "sensitivity" in line]
        assert wide == 100 and all(
            line.rstrip("│ ").count("·") + line.count("━") > 30 for line in bars
        )
        assert "Saved report.md, report.csv, answers.csv in" in app.text
        text = (folder_of(root, "first") / "report.md").read_text(encoding="utf-8")
        assert "ann, bob" in text
        await pilot.press("end", "j", "k")
        assert "kappa" in app.text
        await pilot.press("escape")
        assert not isinstance(app.screen, BlindReportScreen)


async def test_a_report_of_the_answers_so_far_leads_back_to_the_reading(
    root: Path, session: Session
) -> None:
    app = Host(reading_screen(root, session))
    async with app.run_test(size=(100, 40)) as pilot:
        await pilot.press("s", "2", "r", "1", "ctrl+s", "r")
        assert isinstance(app.screen, BlindReportScreen)
        await pilot.press("escape")
        assert isinstance(app.screen, BlindScreen)
        assert "3 of 4 · 2 answered" in app.text
        await pilot.press("s", "2")
        assert "4 of 4 · 3 answered" in app.text
        await pilot.press("ctrl+s", "r", "q", "r", "2")
        assert answers(root, session)[3] == BlindAnswer("real", "normal")
        await pilot.press("r")  # all images are answered
        assert isinstance(app.screen, BlindReportScreen)
        await pilot.press("escape")
        assert not isinstance(app.screen, BlindReportScreen | BlindScreen)


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
