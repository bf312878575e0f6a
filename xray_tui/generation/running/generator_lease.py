"""The right to generate: taken for a job, and kept while jobs of this process wait."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetLockedError
from xray_tui.generation.events import Event, LogLine


class GeneratorLease:
    """The generator lock of ``dataset``, as the engine's thread takes it."""

    def __init__(self, dataset: Dataset, emit: Callable[[Event], None]) -> None:
        self._dataset = dataset
        self._emit = emit
        self._kept: ExitStack | None = None
        self.waits_for = ""
        """Who else generates, as told last."""

    @property
    def kept(self) -> bool:
        """Whether it is kept between jobs."""
        return self._kept is not None

    @contextmanager
    def taken(self, *, keep: bool) -> Iterator[bool]:
        """Hold the lock; gives whether it could be had. With ``keep`` it is held afterwards, too.

        Raises:
            DatasetError: the folder is not writable.
        """
        with ExitStack() as held:
            try:
                if self.kept and self._dataset.lock_holder() is not None:
                    self.give_up()  # it was stolen
                held.enter_context(self._dataset.generator_lock())
            except DatasetLockedError as error:
                self._wait_for(str(error))
                yield False
                return
            self.waits_for = ""
            if keep and self._kept is None:
                self._kept = ExitStack()
                self._kept.enter_context(self._dataset.generator_lock())
            yield True

    def give_up(self) -> None:
        """Keep it no longer."""
        if self._kept is not None:
            self._kept.close()
            self._kept = None

    def _wait_for(self, who: str) -> None:
        if who != self.waits_for:
            self.waits_for = who
            self._emit(LogLine("info", f"the job waits: {who}"))
