"""Runs one job without the app: a Rich progress display, or one JSON event per line."""

from __future__ import annotations

import json
import queue
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

import typer
from pydantic_core import to_jsonable_python

from xray_tui.cli.progress import ProgressDisplay
from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.engine import Engine
from xray_tui.generation.events import Event, JobFinished, JobState, PreviewReady
from xray_tui.tasks import Job

EXIT_CODES: dict[JobState, int] = {"done": 0, "failed": 1, "cancelled": 130, "interrupted": 130}


class Display(Protocol):
    """Shows events as they come; used as a context manager."""

    def __enter__(self) -> Display: ...
    def __exit__(self, *exception: object) -> None: ...
    def show(self, event: Event) -> None:
        """Show one event."""


class JsonDisplay:
    """One JSON object per line: the event's name under ``event``, and its fields."""

    def __enter__(self) -> JsonDisplay:
        return self

    def __exit__(self, *exception: object) -> None:
        return

    def show(self, event: Event) -> None:
        if isinstance(event, PreviewReady):
            return  # pixels are for screens
        fields = to_jsonable_python(event)
        typer.echo(json.dumps({"event": type(event).__name__, **fields}))


def run_job(job: Job, dataset: Dataset, *, as_json: bool) -> int:
    """Make ``job``'s images into ``dataset`` and return the exit code.

    The first Ctrl-C (or SIGTERM, SIGHUP) stops after the current step; what is made is kept.
    """
    display: Display = JsonDisplay() if as_json else ProgressDisplay()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine = Engine(dataset, events.put)
    with display, _stopping(engine):
        engine.submit(job)
        finished = _watch(events, display)
        engine.stop(finish_current=False)
        engine.join()
    if finished.state == "done" and finished.failed:
        return 1
    return EXIT_CODES[finished.state]


def _watch(events: queue.SimpleQueue[Event], display: Display) -> JobFinished:
    while True:
        event = events.get()
        display.show(event)
        if isinstance(event, JobFinished):
            return event


@contextmanager
def _stopping(engine: Engine) -> Iterator[None]:
    """Signals stop the engine instead of killing the process in the middle of something."""

    def stop(number: int, frame: FrameType | None) -> None:
        del frame
        engine.stop(finish_current=False)
        print(f"stopping after this step ({signal.Signals(number).name})", file=sys.stderr)  # noqa: T201

    handled = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
    before = {number: signal.signal(number, stop) for number in handled}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
