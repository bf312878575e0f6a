"""Turns what the sampler tells while it makes a batch into events, and lets it be stopped."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence

from xray_tui.generation.events import Event, LogLine, PreviewReady, StepDone
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.running.stall_watch import StallWatch
from xray_tui.generation.sampling.memory import used_memory
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.tasks import Task


class BatchWatcher:
    """The sampler's :class:`~xray_tui.generation.sampling.watcher.Watcher` for one batch of a job.

    ``place`` is the 1-based number of the batch in this run of the job, and how many there are.
    """

    def __init__(
        self,
        job_id: str,
        batch: Sequence[Task],
        place: tuple[int, int],
        device: str,
        control: RunControl,
        stalls: StallWatch,
        emit: Callable[[Event], None],
    ) -> None:
        self._job_id = job_id
        self._batch = batch
        self._place = place
        self._device = device
        self._control = control
        self._stalls = stalls
        self._emit = emit
        self.waited = 0.0
        """Seconds spent paused."""

    def checkpoint(self) -> None:
        """Wait while paused; raises Interrupted to stop."""
        started = time.perf_counter()
        self._stalls.rest()
        self._control.between_steps(self._job_id)
        self._stalls.begin()
        self.waited += time.perf_counter() - started

    def step(self, step: int, steps: int, seconds: float) -> None:
        """A step is done."""
        self._stalls.beat(seconds)
        number, count = self._place
        self._emit(
            StepDone(
                self._job_id,
                step,
                steps,
                number,
                count,
                len(self._batch),
                seconds,
                used_memory(self._device),
            )
        )

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        """The batch's first image as it is now."""
        self._emit(
            PreviewReady(
                self._job_id,
                self._batch[0],
                step,
                steps,
                picture.width,
                picture.height,
                picture.pixels,
            )
        )

    def warn(self, text: str) -> None:
        """Something the user should know."""
        self._emit(LogLine("warning", text))
