"""Prompts, requests, watchers and engines for the tests of planning, sampling and running."""

from __future__ import annotations

import os
import queue
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import psutil
from PIL import Image

from xray_tui.dataset import lock_holder
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import HOLDER
from xray_tui.dataset.lock_holder import Holder
from xray_tui.environment import host_name
from xray_tui.generation.events import Event, JobFinished, LogLine
from xray_tui.generation.planning.plan import JobRequest, plan
from xray_tui.generation.running.engine import Engine
from xray_tui.generation.sampling.sampler import Outcome, Sampler
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.prompts.schema import Defaults, Prompt, PromptLibrary
from xray_tui.tasks import Job, Task

TIMEOUT = 120.0
"""Seconds to wait for something that takes one second on an idle machine."""
SMALL = {"width": 64, "height": 64, "steps": 2, "seed": 7, "device": "cpu"}
"""Parameters of the cheapest images of the bundled checkpoint."""

AnyEvent = TypeVar("AnyEvent", bound=Event)


def a_prompt(prompt_id: str = "chest-normal", **changes: Any) -> Prompt:
    values: dict[str, Any] = {
        "id": prompt_id,
        "region": "chest",
        "label": "normal",
        "view": "PA",
        "findings": ["No Finding"],
        "text": "PA chest radiograph of an adult. Clear lungs.",
    }
    return Prompt.build(values | changes)


def a_request(
    *prompts: Prompt,
    negative: str = "",
    defaults: Mapping[str, Any] | None = None,
    settings: Mapping[str, Any] | None = None,
    **overrides: Any,
) -> JobRequest:
    """A request for ``prompts`` (by default one) with only these ``overrides``."""
    prompts = prompts or (a_prompt(),)
    library = PromptLibrary(
        defaults=Defaults(negative=negative, parameters=dict(defaults or {})),
        prompts=tuple({prompt.id: prompt for prompt in prompts}.values()),
        source=Path("prompts.toml"),
    )
    return JobRequest(prompts, library, overrides, settings or {})


def a_job(*prompts: Prompt, **changes: Any) -> Job:
    """A job of small images: one of 64×64 pixels in two steps, seed 7, unless changed."""
    return plan(a_request(*prompts, **SMALL | changes))


def a_batch(**changes: Any) -> tuple[Task, ...]:
    """The first batch of the job that :func:`a_job` plans with these ``changes``."""
    return a_job(**changes).batches[0]


def long_job(**changes: Any) -> Job:
    """A job with more steps than any test waits for."""
    return a_job(**{"steps": 200, "count": 2, "batch_size": 1} | changes)


def once(
    kind: type[AnyEvent],
    action: Callable[[], object],
    fits: Callable[[AnyEvent], bool] = lambda _: True,
) -> Callable[[Event], None]:
    """A reaction that calls ``action`` once, at the first event of this kind that ``fits`` accepts.

    ``action`` runs in the thread that emits the event.
    """
    done: list[Event] = []

    def react(event: Event) -> None:
        if isinstance(event, kind) and not done and fits(event):
            done.append(event)
            action()

    return react


def levels(outcome: Outcome | Image.Image) -> np.ndarray:
    """An image's grey levels, in a type that can hold differences."""
    image = outcome.image if isinstance(outcome, Outcome) else outcome
    assert image is not None
    return np.asarray(image).astype(np.int16)


def name_parent_as_holder(
    root: Path, since: str = "2026-01-01T00:00:00+00:00", *, leaves_jobs: bool = False
) -> psutil.Process:
    """Say in the dataset ``root`` that this process's parent, which lives, generates into it."""
    parent = psutil.Process(os.getppid())
    created = parent.create_time()
    holder = Holder(host_name(), parent.pid, since, created, leaves_jobs=leaves_jobs)
    lock_holder.write(root / HOLDER, holder)
    return parent


class Watcher:
    """Records the sampler's progress; ``at_step`` is called at the checkpoint after each step."""

    def __init__(self, at_step: Callable[[int], None] | None = None) -> None:
        self._at_step = at_step
        self.steps: list[int] = []
        self.seconds: list[float] = []
        self.previews: list[Picture] = []
        self.warnings: list[str] = []

    def checkpoint(self) -> None:
        if self._at_step is not None and self.steps:
            self._at_step(self.steps[-1])

    def step(self, step: int, steps: int, seconds: float) -> None:
        assert 1 <= step <= steps
        self.steps.append(step)
        self.seconds.append(seconds)

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        assert 1 <= step <= steps
        self.previews.append(picture)

    def warn(self, text: str) -> None:
        self.warnings.append(text)


class Calls:
    """Wraps a function and counts its calls.

    ``before`` is called with the number of each call; ``after`` turns each result into another.
    """

    def __init__(
        self,
        real: Callable[..., Any],
        before: Callable[[int], None] | None = None,
        after: Callable[[Any], Any] | None = None,
    ) -> None:
        self._real = real
        self._before = before
        self._after = after
        self.count = 0
        self.arguments: list[tuple[Any, ...]] = []

    def __call__(self, *arguments: Any, **options: Any) -> Any:
        self.count += 1
        self.arguments.append(arguments)
        if self._before is not None:
            self._before(self.count)
        result = self._real(*arguments, **options)
        return result if self._after is None else self._after(result)


class EngineSetup:
    """A real engine with a real dataset, and all events it emitted.

    ``reactions`` are called with each event, in the thread that emits it, before it is recorded.
    """

    def __init__(self, root: Path, sampler: Sampler | None) -> None:
        self.root = root
        self.dataset = Dataset(root)
        self.events: list[Event] = []
        self.reactions: list[Callable[[Event], None]] = []
        self._queue: queue.SimpleQueue[Event] = queue.SimpleQueue()
        self.engine = Engine(self.dataset, self._listen, sampler=sampler)

    def close(self) -> None:
        """Stop the engine; its threads must end."""
        self.engine.stop(finish_current=False)
        assert self.engine.join(TIMEOUT)
        self.dataset.close()

    def run(self, *jobs: Job) -> list[JobFinished]:
        """Submit ``jobs`` and wait for all of them."""
        for job in jobs:
            self.engine.submit(job)
        return [self.finish(job) for job in jobs]

    def finish(self, job: Job) -> JobFinished:
        """Wait for the end of ``job``."""
        return self.wait_for(JobFinished, lambda event: event.job_id == job.id)

    def wait_for(
        self, kind: type[AnyEvent], fits: Callable[[AnyEvent], bool] = lambda _: True
    ) -> AnyEvent:
        """The first event of this kind that ``fits`` accepts; waits until it has been emitted."""
        end = time.monotonic() + TIMEOUT
        while True:
            for event in self.seen(kind):
                if fits(event):
                    return event
            try:
                self.events.append(self._queue.get(timeout=max(0.0, end - time.monotonic())))
            except queue.Empty:
                seen = [type(event).__name__ for event in self.events]
                raise AssertionError(f"no such {kind.__name__}; seen: {seen}") from None

    def seen(self, kind: type[AnyEvent], job: Job | None = None) -> list[AnyEvent]:
        """All events of this kind so far, of ``job`` or of all jobs."""
        while not self._queue.empty():
            self.events.append(self._queue.get())
        return [
            event
            for event in self.events
            if isinstance(event, kind) and (job is None or event.job_id == job.id)
        ]

    def log(self, *levels: str) -> list[str]:
        """The log lines so far: those of the given levels, or all."""
        return [line.text for line in self.seen(LogLine) if not levels or line.level in levels]

    def files(self) -> list[str]:
        """The images in the dataset."""
        return sorted(
            path.relative_to(self.root).as_posix() for path in self.root.glob("*/*/*.png")
        )

    def leftovers(self) -> list[Path]:
        """Temporary files."""
        return list(self.root.rglob("*.tmp"))

    def job_states(self) -> dict[str, str]:
        """The state of each job in the catalog on disk."""
        return dict(self._query("SELECT id, state FROM jobs"))

    def task_states(self, job: Job) -> list[str]:
        """The state of each task in the catalog on disk, in the order they are generated."""
        rows = self._query(
            "SELECT state FROM tasks WHERE job_id = ? ORDER BY batch, position", job.id
        )
        return [state for (state,) in rows]

    def _query(self, statement: str, *values: object) -> Sequence[tuple[Any, ...]]:
        connection = sqlite3.connect(self.root / ".xray-tui" / "catalog.sqlite")
        try:
            return connection.execute(statement, values).fetchall()
        finally:
            connection.close()

    def _listen(self, event: Event) -> None:
        try:
            for reaction in self.reactions:
                reaction(event)
        finally:
            self._queue.put(event)
