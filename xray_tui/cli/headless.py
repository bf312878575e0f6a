"""Runs one job without the app: a Rich progress display, or one JSON event per line."""

from __future__ import annotations

import json
import queue
import signal
import sys
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Protocol

import typer
from pydantic_core import to_jsonable_python

from xray_tui.cli.progress import ProgressDisplay
from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.engine import Engine
from xray_tui.generation.events import Event, JobFinished, PreviewReady
from xray_tui.tasks import JobState

POLL_SECONDS = 0.2

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


def run_jobs(
    dataset: Dataset, queue_them: Callable[[Engine], Collection[str]], *, as_json: bool
) -> int:
    """Make the images of the jobs that ``queue_them`` queues and names; returns the exit code.

    Jobs that others queue meanwhile are made too. The first Ctrl-C (or SIGTERM, SIGHUP) stops after
    the current step; what is made is kept. Where another process generates into ``dataset``, that
    one makes the images and this one shows its progress.
    """
    display: Display = JsonDisplay() if as_json else ProgressDisplay()
    events: queue.SimpleQueue[Event] = queue.SimpleQueue()
    engine = Engine(dataset, events.put, own_only=True)
    with display, _stopping(engine):
        codes = dict.fromkeys(queue_them(engine), 130)
        waiting = set(codes)
        for event in _until_ended(engine, events):
            display.show(event)
            if isinstance(event, JobFinished):
                waiting.discard(event.job_id)
                if event.job_id in codes:
                    codes[event.job_id] = exit_code(event)
            if not waiting and not engine.busy:
                engine.stop(finish_current=False)
    return max(codes.values(), default=0)


def exit_code(event: JobFinished) -> int:
    """0 all done, 1 some failed, 130 interrupted."""
    return 1 if event.state == "done" and event.failed else EXIT_CODES[event.state]


def _until_ended(engine: Engine, events: queue.SimpleQueue[Event]) -> Iterator[Event]:
    """The events until the engine's thread has ended."""
    ended = False
    while not ended:
        ended = engine.join(0)
        try:
            yield events.get(timeout=0 if ended else POLL_SECONDS)
            ended = False
        except queue.Empty:
            continue


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
