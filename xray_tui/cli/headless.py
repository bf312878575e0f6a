"""Runs jobs without the app: with bars or lines of progress, or one JSON event per line."""

from __future__ import annotations

import errno
import json
import queue
import signal
import sys
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType
from typing import Protocol

import typer
from pydantic_core import to_jsonable_python

from xray_tui.cli.jobs.left import LeftJob, left_jobs
from xray_tui.cli.jobs.own_events import OwnEvents
from xray_tui.cli.output import note
from xray_tui.cli.progress import display_for
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.states import JobState
from xray_tui.generation.events import Event, JobFinished, JobForgotten, LogLine, PreviewReady
from xray_tui.generation.running.engine import Engine
from xray_tui.generation.running.job_end_hook import job_end_hook
from xray_tui.generation.running.shutdown import end

POLL_SECONDS = 0.2
GRACE_SECONDS = 3.5
"""How long the current step may take to end after a signal."""

INTERRUPTED = 130
EXIT_CODES: dict[JobState, int] = {
    "done": 0,
    "failed": 1,
    "cancelled": INTERRUPTED,
    "interrupted": INTERRUPTED,
}


class Display(Protocol):
    """Shows events as they arrive; used as a context manager."""

    def __enter__(self) -> Display: ...
    def __exit__(self, *exception: object) -> None: ...
    def show(self, event: Event, *, foreign: bool = False) -> None:
        """Show one event; ``foreign`` if it is of a job that only another process asked for."""

    def tick(self) -> None:
        """Called several times a second while there is no event."""

    def leave(self, jobs: Iterable[LeftJob]) -> None:
        """Called at the end with the jobs that this process was asked for and did not finish."""


class JsonDisplay:
    """Prints one JSON object per event: its name under ``event``, and its fields."""

    def __enter__(self) -> JsonDisplay:
        return self

    def __exit__(self, *exception: object) -> None:
        return

    def show(self, event: Event, *, foreign: bool = False) -> None:
        del foreign  # each event has the id of its job
        if isinstance(event, PreviewReady):
            return  # pixels are of no use to a program that reads events
        fields = to_jsonable_python(event)
        typer.echo(json.dumps({"event": type(event).__name__, **fields}))

    def tick(self) -> None:
        return

    def leave(self, jobs: Iterable[LeftJob]) -> None:
        return


def run_jobs(
    dataset: Dataset,
    submit: Callable[[Engine], Collection[str]],
    *,
    on_job_end: str | None,
    as_json: bool,
) -> int:
    """Run the jobs that ``submit`` queues; it returns their ids. Returns the exit code.

    Jobs that other processes queue in the meantime run as well, unless another process runs them;
    then nothing is shown of them. The first Ctrl-C (or SIGTERM,
    SIGHUP) stops the run after the current step; finished images are kept. If another process
    already generates into ``dataset``, that process runs the jobs, and this one shows its progress.
    ``on_job_end`` is the setting.
    """
    display: Display = JsonDisplay() if as_json else display_for(dataset.root)
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    for line in dataset.mended.lines if dataset.mended is not None else ():
        events.put(LogLine("info", line))
    engine = Engine(dataset, events.put, own_only=True)
    with _reporting_hook(on_job_end, dataset), _stopping(engine) as signalled:
        try:
            with display:
                following = _events(engine, events, signalled)
                return _follow(engine, submit(engine), following, display, dataset)
        except OSError as error:
            if error.errno != errno.EIO:
                raise
            return INTERRUPTED  # the terminal was closed, and SIGHUP may arrive later
        finally:
            waited = time.monotonic() - signalled[0] if signalled else 0.0
            end(engine, max(GRACE_SECONDS - waited, POLL_SECONDS), INTERRUPTED)


@contextmanager
def _reporting_hook(on_job_end: str | None, dataset: Dataset) -> Iterator[None]:
    """Run the hook in this block; report its failures after it, when no bars are drawn any more."""
    problems: list[str] = []
    with job_end_hook(on_job_end, dataset, problems.append):
        yield
    for problem in problems:
        note(problem)


def exit_code(event: JobFinished) -> int:
    """0 if all images are done, 1 if images or the job failed, 130 if cancelled or interrupted."""
    return 1 if event.state == "done" and event.failed else EXIT_CODES[event.state]


def _follow(
    engine: Engine,
    job_ids: Collection[str],
    events: Iterator[Event | None],
    display: Display,
    dataset: Dataset,
) -> int:
    """Show events until this process has nothing left to generate; returns the exit code."""
    codes = dict.fromkeys(job_ids, INTERRUPTED)
    waiting = set(codes)
    own = OwnEvents(engine.concerns)
    for event in events:
        if event is None:
            display.tick()
        else:
            for shown in own.of(event):
                display.show(shown, foreign=getattr(shown, "job_id", None) not in {None, *codes})
        if isinstance(event, JobFinished | JobForgotten):
            waiting.discard(event.job_id)
        if isinstance(event, JobFinished) and event.job_id in codes:
            codes[event.job_id] = exit_code(event)
        if not waiting and not engine.busy:
            engine.stop(finish_current=False)
    if waiting:
        display.leave(left_jobs(dataset, waiting))
    return max(codes.values(), default=0)


def _events(
    engine: Engine, events: queue.SimpleQueue[Event], signalled: list[float]
) -> Iterator[Event | None]:
    """Yield events until the engine's threads have ended, or the grace after a signal is over.

    Yields None several times a second while there is no event.
    """
    ended = False
    while not ended:
        ended = engine.join(0)
        try:
            yield events.get(timeout=0 if ended else POLL_SECONDS)
            ended = False
        except queue.Empty:
            yield None
        if signalled and time.monotonic() - signalled[0] > GRACE_SECONDS:
            return


@contextmanager
def _stopping(engine: Engine) -> Iterator[list[float]]:
    """Let signals stop the engine instead of killing the process while it writes a file.

    Yields a list that receives the time of each signal. Ignored signals (``nohup``) stay ignored.
    """
    signalled: list[float] = []

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        signalled.append(time.monotonic())
        first = " The current step is finished first." if engine.in_step else ""
        engine.stop(finish_current=False)
        with suppress(OSError):  # the terminal may be closed
            print(f"Stopping.{first}", file=sys.stderr)  # noqa: T201

    handled = [
        number
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
        if signal.getsignal(number) != signal.SIG_IGN
    ]
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield signalled
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
