"""The log pane: lines, levels, the text filter, and following the newest line."""

from __future__ import annotations

import time
from threading import Thread
from typing import Any

import pytest
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless
from textual.app import ComposeResult

from xray_tui.generation.events import LogLine
from xray_tui.tui.textual_internals import notifications
from xray_tui.tui.widgets.clean_input import CleanInput
from xray_tui.tui.workbench.log_lines import LogLines
from xray_tui.tui.workbench.log_view import KEPT, LogView

NOON = time.mktime((2026, 1, 2, 12, 0, 0, 0, 0, -1))


class Host(ThemedApp):
    """A log of a given size."""

    def __init__(self, width: int = 60, height: int = 9, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._pane = (width, height)

    def compose(self) -> ComposeResult:
        log = LogView()
        log.styles.width, log.styles.height = self._pane
        yield log

    @property
    def log_view(self) -> LogView:
        return self.query_one(LogView)

    @property
    def lines(self) -> LogLines:
        return self.query_one(LogLines)

    @property
    def text(self) -> str:
        return screen_text(self.screen)

    def add_sample(self) -> None:
        for level, text in (
            ("info", "Dataset: /data/xrays · ? for help"),
            ("debug", "weights hashed"),
            ("warning", "chest-normal: the text has 81 tokens of 77: 'no effusion' is cut off"),
            ("error", "knee-severe seed 5: the image is black\nfloat16 overflows here"),
            ("info", "Saved chest/normal/a.png"),
        ):
            self.log_view.add(LogLine(level, text, NOON))


async def test_lines_show_time_level_and_text() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.add_sample()
        await pilot.pause()
        assert "12:00:00 I Dataset: /data/xrays" in app.text
        assert "12:00:00 E knee-severe seed 5" in app.text
        assert "           float16 overflows here" in app.text
        assert "weights hashed" not in app.text


async def test_one_row_shows_the_beginning_of_the_newest_line() -> None:
    app = Host(height=3)
    async with app.run_test() as pilot:
        app.log_view.add(LogLine("error", "knee-severe: the image is black\n" + "x" * 60, NOON))
        await pilot.pause()
        assert "12:00:00 E knee-severe: the image is black · xxx" in app.text and "x…" in app.text
        app.log_view.styles.height = 9
        await pilot.pause()
        assert "x" * 40 in app.text and "…" not in app.text


async def test_plus_and_minus_show_more_and_fewer_levels() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.add_sample()
        app.log_view.focus()
        await pilot.press("minus")
        assert "Saved" not in app.text and "81 tokens" in app.text and "warnings" in app.text
        await pilot.press("minus", "minus")  # there is nothing less than errors
        assert "81 tokens" not in app.text and "is black" in app.text
        await pilot.press("plus", "plus")
        assert "weights hashed" not in app.text and "Saved" in app.text
        await pilot.press("plus")
        assert "weights hashed" in app.text


async def test_slash_filters_by_text_and_escape_shows_all_lines_again() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.add_sample()
        app.log_view.focus()
        await pilot.press("slash", *"SAVED", "enter")
        await pilot.pause()
        assert app.focused is app.lines
        assert "a.png" in app.text and "Dataset" not in app.text and "“SAVED”" in app.text
        app.log_view.add(LogLine("info", "another thing", NOON))
        app.log_view.add(LogLine("info", "Saved b.png", NOON))
        await pilot.pause()
        assert "another thing" not in app.text and "Saved b.png" in app.text
        await pilot.press("escape")
        await pilot.pause()
        assert "another thing" in app.text and not app.query_one(CleanInput).display


async def test_a_log_without_a_matching_line_says_so() -> None:
    app = Host()
    async with app.run_test() as pilot:
        assert "no line matches" not in app.text  # there is no line at all
        app.log_view.add(LogLine("info", "Saved a.png", NOON))
        app.log_view.focus()
        await pilot.press("minus")
        assert "no line matches" in app.text and "a.png" not in app.text
        app.log_view.add(LogLine("error", "it broke", NOON))
        await pilot.pause()
        assert "no line matches" not in app.text and "it broke" in app.text
        await pilot.press("slash", *"zzz", "enter")
        await pilot.pause()
        assert "no line matches" in app.text
        app.log_view.styles.width = 15  # narrower than the words
        await pilot.pause()
        assert "no line" in app.text


async def test_the_log_follows_new_lines_unless_scrolled_up() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for number in range(50):
            app.log_view.add(LogLine("info", f"line {number};", NOON))
        await pilot.pause()
        assert "line 49;" in app.text
        app.log_view.focus()
        await pilot.press("up", "up")
        await pilot.pause(0.3)  # scrolling is animated
        app.log_view.add(LogLine("info", "line 50;", NOON))
        await pilot.pause()
        assert "line 50;" not in app.text and not app.lines.following
        await pilot.press("end")
        await pilot.pause(0.3)
        app.log_view.add(LogLine("info", "line 51;", NOON))
        await pilot.pause()
        assert "line 51;" in app.text and app.lines.following


async def test_the_log_keeps_the_last_lines_and_stays_fast() -> None:
    app = Host()
    async with app.run_test() as pilot:
        for number in range(KEPT + 700):
            app.log_view.add(LogLine("info", f"line {number}; " + "word " * 12, NOON))
        assert KEPT <= len(app.log_view._lines) < KEPT + 500
        start = time.perf_counter()
        app.log_view.focus()
        await pilot.press("slash", "9")
        assert time.perf_counter() - start < 2
        await pilot.pause()
        assert f"line {KEPT + 699};" in app.text


async def test_hostile_lines_are_shown_harmlessly() -> None:
    app = Host(40, 12)
    async with app.run_test() as pilot:
        for level in ("info", "warning", "error"):
            app.log_view.add(LogLine(level, HOSTILE + "\n" + HOSTILE, NOON))
        app.log_view.focus()
        await pilot.press("slash", *"[/red]", "enter")
        await pilot.pause()
        assert "[/red] y" in app.text and "“[/red]”" in app.text
        assert_harmless(app)


async def test_the_log_can_be_resized_and_hidden() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.log_view.styles.height = 0
        app.add_sample()
        await pilot.pause()
        for width, height in ((3, 3), (100, 20), (60, 9)):
            app.log_view.styles.width, app.log_view.styles.height = width, height
            await pilot.pause()
        assert "Saved chest/normal/a.png" in app.text


@pytest.mark.parametrize(
    ("size", "theme"),
    [((60, 9), "reading-room"), ((48, 8), "daylight"), ((80, 14), "reading-room")],
)
def test_the_log_looks_right(snap_compare, size: tuple[int, int], theme: str) -> None:
    async def fill(pilot) -> None:
        pilot.app.add_sample()
        await pilot.pause()

    assert snap_compare(Host(*size, theme), run_before=fill, terminal_size=size)


async def test_while_the_filter_is_typed_the_footer_shows_how_to_leave_it() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.add_sample()
        app.log_view.focus()
        await pilot.press("slash", *"Saved")
        await pilot.pause()
        shown = {
            active.binding.key: active.binding.description
            for active in app.screen.active_bindings.values()
            if active.binding.show
        }
        assert shown["enter"] == "Show the lines" and shown["escape"] == "Clear filter"
        assert "f" not in shown and "slash" not in shown
        await pilot.press("enter", "slash", "escape")
        await pilot.pause()
        assert app.focused is app.lines and "weights" not in app.text and "Dataset" in app.text


async def test_a_problem_reported_before_the_app_runs_is_logged_and_shown(workbench: Any) -> None:
    app = workbench()
    app.report_problem("on_job_end failed [for] a job")
    async with app.run_test(size=(120, 36), notifications=True):
        await app.logs("on_job_end failed [for] a job")
        Thread(target=app.report_problem, args=("another problem",)).start()
        await app.logs("another problem")
        for problem in ("on_job_end failed [for] a job", "another problem"):
            assert problem in [toast.message for toast in notifications(app)]
