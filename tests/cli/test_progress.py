"""What ``xray-tui generate`` prints: at once, while it loads and generates, and at the end.

The advice it gives is followed.
"""

from __future__ import annotations

import re
import shlex
import signal
from collections.abc import Iterator
from pathlib import Path

import pyte
import pytest
from support.generate_process import StartGenerate
from support.preview_samples import a_run, a_saved_image, a_step, an_end
from support.terminal import Terminal

from xray_tui.cli import progress
from xray_tui.cli.jobs.left import LeftJob
from xray_tui.cli.progress import Bars, Lines, display_for
from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import (
    Event,
    JobForgotten,
    JobQueued,
    JobStarted,
    JobStateChanged,
    LogLine,
    ModelLoading,
    QueuePaused,
)

STAMP = re.compile(r"^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d ")


class Clock:
    """A clock that a test sets."""

    now = 0.0

    def monotonic(self) -> float:
        return self.now

    def strftime(self, _: str) -> str:
        return "2026-01-01 12:00:00"


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setattr(progress, "time", clock)
    return clock


def printed(capsys: pytest.CaptureFixture[str]) -> list[str]:
    lines = capsys.readouterr().out.splitlines()
    assert all(STAMP.match(line) for line in lines)
    return [STAMP.sub("", line) for line in lines]


def test_a_log_file_names_job_and_dataset_at_once_and_says_at_the_end_how_to_review(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with display_for(Path("my xrays")) as display:
        assert isinstance(display, Lines)
        display.show(JobQueued("job-1", "effusion +4 · 10 images", 10, 0))
        assert printed(capsys) == ["Job job-1: effusion +4 · 10 images → my xrays"]
        display.show(an_end("job-1", 9, failed=1))
    assert printed(capsys) == [
        "Done: 9 generated, 0 already existed, 1 failed, 9.0 s",
        "Review the images: xray-tui review --dataset 'my xrays'",
    ]


def test_a_log_file_gets_a_line_every_few_seconds_also_while_the_model_loads(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    display = Lines(Path("D"))
    display.show(JobQueued("job", "normal · 8 images", 8, 0))
    display.show(ModelLoading("job", "bundled", "loading PyTorch", None))
    printed(capsys)
    for second in range(1, 11):
        clock.now = second
        display.tick()
    assert printed(capsys) == ["loading PyTorch"] * 2
    for event in (*a_run(total=8)[1:], a_step(3), a_saved_image(), LogLine("debug", "no")):
        display.show(event)
    assert printed(capsys) == []
    clock.now = 16
    display.tick()
    assert printed(capsys) == [
        "1 of 8 images generated · step 3 of 10, batch 1 of 2 · 1.0 s per image, 6.8 s left"
    ]
    display.show(QueuePaused(True))
    clock.now = 50
    display.tick()
    display.show(QueuePaused(False))
    assert len(printed(capsys)) == 1  # nothing while the queue is paused
    for second in range(51, 151):
        clock.now = second
        display.tick()
    assert 3 <= len(printed(capsys)) <= 5  # fewer after the first minute


def test_a_job_with_nothing_to_show_gives_no_advice(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lines(Path("D")) as display:
        for event in (*a_run(total=8), an_end("job", 0, "failed", message="no such model")):
            display.show(event)
    assert printed(capsys)[-1] == (
        "Failed (no such model): 0 generated, 0 already existed, 0 failed, 9.0 s"
    )


RESUME = "xray-tui generate --resume job --dataset D"


def lines_of(*events: Event, leave: LeftJob | None = None) -> None:
    """Show the events of a run in the dataset ``D``, and its end."""
    with Lines(Path("D")) as display:
        for event in events:
            display.show(event)
        if leave is not None:
            display.leave([leave])


def test_a_job_paused_from_outside_says_so_and_how_to_resume_it(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    lines_of(
        *a_run(),
        JobStateChanged("job", "paused"),
        JobStateChanged("job", "queued"),
        JobStarted("job", 8),
        JobStateChanged("job", "paused", "waiting until the disk can be written"),
        JobStateChanged("job", "running"),
    )
    assert printed(capsys)[1:] == [
        "Job job paused. To resume it: xray-tui jobs resume job --dataset D",
        "Job job resumed",
    ]  # that it waits for the disk is a line of the log


def test_no_progress_is_printed_while_the_job_is_paused(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    display = Lines(Path("D"))
    for event in (*a_run(), a_step(3), JobStateChanged("job", "paused")):
        display.show(event)
    printed(capsys)
    for second in range(1, 60):
        clock.now = second
        display.tick()
    assert printed(capsys) == []


@pytest.mark.parametrize("paused", [False, True])
def test_a_job_left_unfinished_says_how_far_it_is_and_how_to_go_on(
    clock: Clock, capsys: pytest.CaptureFixture[str], paused: bool
) -> None:
    pause = QueuePaused(True) if paused else JobStateChanged("job", "paused")
    lines_of(*a_run(), a_saved_image(), pause, leave=LeftJob("job", "Job job stays queued", "An …"))
    first = ["The queue is still paused. First run: xray-tui jobs resume --dataset D"]
    assert printed(capsys)[1 if paused else 2 :] == [
        "Job job stays queued: 1 generated, 0 already existed, 0 failed. An …",
        *(first if paused else ()),
        f"Resume: {RESUME}",
        "Review the images: xray-tui review --dataset D",
    ]


def test_a_job_that_another_process_continues_is_not_called_interrupted(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    lines_of(*a_run(), leave=LeftJob("job", "Job job continues in process 42", "…", surely=True))
    assert printed(capsys)[1:] == ["Job job continues in process 42. …"]


def test_a_cancelled_job_says_how_to_resume_it_unless_it_was_removed(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    cancelled = (*a_run(), an_end("job", 0, "cancelled"))
    lines_of(*cancelled)
    assert printed(capsys)[-1] == f"Resume: {RESUME}"
    lines_of(*cancelled, JobForgotten("job"))
    assert printed(capsys)[-1].startswith("Cancelled: 0 generated")
    lines_of(*a_run(), JobForgotten("job"))
    assert printed(capsys)[-1] == "Job job was removed from the queue"


@pytest.mark.parametrize(
    "last",
    [
        [an_end("job", 8)],
        [an_end("job", 0, "cancelled")],
        [QueuePaused(True)],
        [JobStateChanged("job", "paused")],
        [JobForgotten("job")],
    ],
)
def test_nothing_moves_in_a_terminal_once_the_job_is_over_or_paused(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], last: list[Event]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    screen = pyte.Screen(120, 30)
    screen.set_mode(pyte.modes.LNM)
    stream = pyte.Stream(screen)
    loading = [*a_run()[:1], ModelLoading("job", "bundled", "loading PyTorch", None)]
    for events in (loading, [*a_run(), a_step(3), a_saved_image()]):
        display = Bars(Path("D"))
        with display:
            for event in events:
                display.show(event)
            display._progress.refresh()
            stream.feed(capsys.readouterr().out)
            assert re.search(r"(images|model) .*━", "\n".join(screen.display))
            for event in last:
                display.show(event)
            display.tick()
            display._progress.refresh()
            stream.feed(capsys.readouterr().out)
            assert not re.search(r"(images|model|steps) .*━", "\n".join(screen.display))


@pytest.mark.slow
def test_a_terminal_shows_motion_and_seconds_while_the_model_loads_and_the_advice_to_resume_works(
    tmp_path: Path, start: StartGenerate
) -> None:
    small = ["--count", "1", "--steps", "2", "--size", "64x64", "--dataset", "D"]
    terminal = Terminal(["generate", "knee-healthy", *small], tmp_path, 200)
    try:
        terminal.wait_for(lambda text: re.search(r"Job \S+: healthy · 1 image → \S*D\b", text))
        terminal.wait_for(lambda text: re.search(r"model .* [1-9][.0-9]* s\b", text))
        first = terminal.text
        terminal.wait_for(lambda text: text != first)
        terminal.process.kill(signal.SIGINT)
        assert terminal.wait_for_end() == 130
    finally:
        terminal.close()
    advice = re.search(r"Resume: xray-tui (.*)", terminal.text)
    assert advice, terminal.text
    again = start(tmp_path, shlex.split(advice[1]))
    assert again.end() == 0
    assert "Review the images: xray-tui review" in again.lines[-1]
    dataset = Dataset(tmp_path / "D")
    assert dataset.catalog.record_count() == 1
    dataset.close()


def test_the_end_of_a_job_of_another_process_is_named_and_not_to_be_resumed(
    clock: Clock, capsys: pytest.CaptureFixture[str]
) -> None:
    with Lines(Path("D")) as display:
        display.show(JobQueued("own", "normal · 8 images", 8, 0))
        display.show(JobQueued("other", "effusion · 2 images", 2, 0), foreign=True)
        display.show(an_end("other", 0, "cancelled"), foreign=True)
        display.show(an_end("own", 8))
    assert printed(capsys)[2:] == [
        "Job other cancelled: 0 generated, 0 already existed, 0 failed, 9.0 s",
        "Job own done: 8 generated, 0 already existed, 0 failed, 9.0 s",
        "Review the images: xray-tui review --dataset D",
    ]
