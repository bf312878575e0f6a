"""Turns the sampler's progress on one batch into events, and lets the user stop the batch."""

from __future__ import annotations

from collections.abc import Sequence

from xray_tui.generation.events import PreviewReady, StepDone
from xray_tui.generation.running.checkpoints import Checkpoints
from xray_tui.generation.running.job_context import JobContext
from xray_tui.generation.running.stall_watch import StallWatch
from xray_tui.generation.sampling.memory import used_memory
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.tasks import Task


class BatchWatcher:
    """The sampler's :class:`~xray_tui.generation.sampling.watcher.Watcher` for one batch of a job.

    ``place`` is the 1-based number of the batch in this run of the job, and the number of batches.
    Called by the thread that samples.
    """

    def __init__(
        self,
        context: JobContext,
        batch: Sequence[Task],
        place: tuple[int, int],
        device: str,
        stalls: StallWatch,
        checkpoints: Checkpoints,
    ) -> None:
        self._context = context
        self._batch = batch
        self._place = place
        self._device = device
        self._stalls = stalls
        self._checkpoints = checkpoints

    def checkpoint(self) -> None:
        """Wait while the queue is paused.

        Raises:
            Interrupted: the batch must stop here.
        """
        self._stalls.rest()
        self._checkpoints.between_steps()
        self._stalls.begin()

    def step(self, step: int, steps: int, seconds: float) -> None:
        """Emit that ``step`` of ``steps`` is done and took ``seconds``."""
        self._stalls.beat(seconds)
        number, count = self._place
        self._context.emit(
            StepDone(
                job_id=self._context.job_id,
                step=step,
                steps=steps,
                batch=number,
                batches=count,
                images=len(self._batch),
                seconds=seconds,
                memory_bytes=used_memory(self._device),
            )
        )

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        """Emit a preview of the batch's first image."""
        self._context.emit(
            PreviewReady(
                job_id=self._context.job_id,
                task=self._batch[0],
                step=step,
                steps=steps,
                width=picture.width,
                height=picture.height,
                pixels=picture.pixels,
            )
        )

    def warn(self, text: str) -> None:
        """Log a warning."""
        self._context.log("warning", text)
