"""The first frames of screens and dialogs: nothing wrong, nothing blank, no jump."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from support.first_frames import FirstFrames
from support.review_datasets import save_images
from support.workbench import Workbench

from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.review.statistics.screen import StatisticsScreen
from xray_tui.tui.workbench.opening import OpeningScreen
from xray_tui.tui.workbench.screen import WorkbenchScreen

SIZES = [(80, 24), (120, 36), (200, 60)]


@pytest.fixture
def recorder(monkeypatch: pytest.MonkeyPatch) -> FirstFrames:
    return FirstFrames(monkeypatch)


def skeleton(frame: str) -> str:
    """The corners of the frames: where panes and dialogs are."""
    corners = [
        (row, match.start())
        for row, line in enumerate(frame.splitlines())
        for match in re.finditer("[╭╮╰╯]", line)
    ]
    return f"{corners}"


@pytest.mark.parametrize("size", SIZES)
async def test_the_workbench_is_right_from_its_first_frame(
    workbench: Callable[..., Workbench],
    recorder: FirstFrames,
    tmp_path: Path,
    size: tuple[int, int],
) -> None:
    save_images(tmp_path / "dataset", 3)
    app = workbench()
    async with app.run_test(size=size) as pilot:
        await app.shows("Preview 3/3")
        if size == (80, 24):
            await pilot.press("tab")
            await pilot.pause()
    opening, frames = recorder.of(OpeningScreen), recorder.of(WorkbenchScreen)
    assert len({skeleton(frame) for frame in [*opening[:1], *frames[:1]]}) == 1
    assert "Keys typed now act" in opening[0]
    for frame in frames:
        lines = frame.splitlines()
        assert "No images yet" not in frame
        assert "Generate" in lines[-1] or "Edit" in lines[-1]  # the footer has its keys
        assert "g · chest-normal-adult · 1 image" in frame
        for label, value in (("Images", "1"), ("Steps", "2")):
            shown = re.findall(rf"{label} +(\S+)", "\n".join(lines[:-2]))
            assert shown[:1] in ([value], []), frame  # at 80×24 the pane may be closed
        if size != (80, 24):
            assert re.search(r"Scheduler +dpm\+\+-2m-sde-karras ", frame)


async def test_review_and_statistics_are_right_from_their_first_frame(
    workbench: Callable[..., Workbench], recorder: FirstFrames, tmp_path: Path
) -> None:
    save_images(tmp_path / "dataset", 12)
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("f2")
        await app.shows("12 left")
        review = recorder.of(ReviewScreen)
        await pilot.press("S")
        await app.shows("missing")
        await pilot.pause()
    for frame in review:
        assert "p Accept" in frame.splitlines()[-1]
        assert not re.search(r"\b0 left", frame)
    for frame in recorder.of(StatisticsScreen):
        assert "esc Close" in frame.splitlines()[-1]


@pytest.mark.parametrize(
    "size", [SIZES[0], *(pytest.param(size, marks=pytest.mark.slow) for size in SIZES[1:])]
)
async def test_dialogs_do_not_jump(
    workbench: Callable[..., Workbench], recorder: FirstFrames, size: tuple[int, int]
) -> None:
    app = workbench(count=500)
    async with app.run_test(size=size) as pilot:
        await pilot.press("n")
        await app.until(lambda: isinstance(app.screen, PromptEditScreen))
        await pilot.pause(0.2)
        await pilot.press("escape")
        await app.until(lambda: isinstance(app.screen, WorkbenchScreen))
        await pilot.press("g")
        await app.until(lambda: isinstance(app.screen, QuestionScreen))
        await pilot.pause(0.2)
    for screen in (PromptEditScreen, QuestionScreen):
        frames = recorder.of(screen)
        assert frames and len({skeleton(frame) for frame in frames}) == 1
        rows = [[bool(line.strip("│ ")) for line in frame.splitlines()] for frame in frames]
        assert all(row == rows[0] for row in rows)
