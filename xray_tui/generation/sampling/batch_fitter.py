"""Samples batches that may not fit into memory: in smaller parts, then with less speed."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from xray_tui.generation.events import Event, LogLine
from xray_tui.generation.sampling.loading import reason
from xray_tui.generation.sampling.memory import is_out_of_memory, release_memory
from xray_tui.generation.sampling.sampler import Outcome, Sampler
from xray_tui.generation.sampling.watcher import Interrupted, Watcher
from xray_tui.tasks import Task
from xray_tui.text import counted


@dataclass(frozen=True)
class SampledTask:
    """A task and its outcome, at ``position`` (from 0) in a batch of ``batch_size`` images."""

    task: Task
    outcome: Outcome
    batch_size: int
    position: int


class BatchFitter:
    """Samples the batches of one job.

    ``limit`` is the largest number of images to sample at once, 0 for no limit. ``remember`` is
    called with each new limit.
    """

    def __init__(
        self,
        sampler: Sampler,
        limit: int,
        remember: Callable[[int], None],
        emit: Callable[[Event], None],
    ) -> None:
        self._sampler = sampler
        self._limit = limit
        self._remember = remember
        self._emit = emit

    def sample(self, batch: Sequence[Task], watcher: Watcher) -> list[SampledTask]:
        """Sample ``batch``, in parts if memory is short. A failed task's outcome says why.

        Raises:
            Interrupted: the watcher asked to stop.
        """
        sampled: list[SampledTask] = []
        waiting = deque([batch])
        while waiting:
            part, *rest = self._parts(waiting.popleft())
            waiting.extendleft(reversed(rest))
            outcomes = self._try(part, watcher)
            if outcomes is None and len(part) > 1:
                self._halve(len(part))
                waiting.appendleft(part)
            elif outcomes is None and self._save_memory():
                waiting.appendleft(part)
            else:
                outcomes = outcomes or [Outcome(None, _too_large(part[0]))]
                sampled.extend(
                    SampledTask(task, outcome, len(part), position)
                    for position, (task, outcome) in enumerate(zip(part, outcomes, strict=True))
                )
        return sampled

    def _try(self, part: Sequence[Task], watcher: Watcher) -> list[Outcome] | None:
        """The outcomes, or None if memory ran out."""
        try:
            return self._sampler.sample(part, watcher)
        except Interrupted:
            raise
        except Exception as error:  # a pipeline may raise anything; the next batch may work
            problem = None if is_out_of_memory(error) else reason(error)
        release_memory()  # outside the except block: inside it the tensors would stay alive
        return None if problem is None else [Outcome(None, problem)] * len(part)

    def _parts(self, batch: Sequence[Task]) -> list[Sequence[Task]]:
        size = self._limit or len(batch)
        return [batch[start : start + size] for start in range(0, len(batch), size)]

    def _halve(self, tried: int) -> None:
        self._limit = tried // 2
        self._remember(self._limit)
        self._emit(
            LogLine(
                "warning",
                f"Not enough memory for {counted(tried, 'image')} at once; this job continues with "
                f"{self._limit}",
            )
        )

    def _save_memory(self) -> bool:
        measure = self._sampler.save_memory()
        if measure is None:
            return False
        self._emit(LogLine("warning", f"Not enough memory for one image; trying {measure}"))
        return True


def _too_large(task: Task) -> str:
    parameters = task.parameters
    return (
        f"not enough memory for one image of {parameters.width}×{parameters.height}; "
        "reduce the size, or use a smaller model or another device"
    )
