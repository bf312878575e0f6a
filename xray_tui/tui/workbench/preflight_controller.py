"""Keeps the line about the next ``g`` up to date, and estimates times for questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from xray_tui.dataset.records import Record
from xray_tui.errors import ParameterError
from xray_tui.generation.planning.plan import JobRequest
from xray_tui.generation.planning.preflight import Estimates, preflight, seconds_for
from xray_tui.models.catalogue import ModelInfo
from xray_tui.prompts.schema import PromptLibrary
from xray_tui.tui.parameters.preflight_line import PreflightLine
from xray_tui.tui.workbench.stage import Stage


class PreflightController:
    """Fills ``line`` from marks, fields and the dataset's own images.

    ``library`` returns the current prompt library, or None while none could be read.
    """

    def __init__(
        self,
        stage: Stage,
        line: Callable[[], PreflightLine],
        library: Callable[[], PromptLibrary | None],
    ) -> None:
        self._stage = stage
        self._line = line
        self._library = library
        self._estimates = Estimates()
        self._waiting = False

    def learn(self, images: Iterable[tuple[Record, int]], models: Sequence[ModelInfo]) -> None:
        """Learn from existing images, oldest first, and their file sizes."""
        self._estimates.models = {model.ref: model for model in models}
        for record, file_size in images:
            self._estimates.add(record)
            self._estimates.add_file(record, file_size)
        self.refresh()

    def add(self, record: Record, path: Path) -> None:
        """Learn from an image that was just saved at ``path``."""
        self._estimates.add(record)
        if not self._estimates.knows_file_of(record):
            self._stage.in_thread(lambda: self._measure(record, path), "preflight")
        self.refresh()

    def _measure(self, record: Record, path: Path) -> None:
        self._stage.from_thread(self._estimates.add_file, record, file_size(path))
        self._stage.from_thread(self.refresh)

    def refresh(self) -> None:
        """Update the line soon: after the response to a key, and once for several changes."""
        if not self._waiting:
            self._waiting = True
            self._stage.after_refresh(self.show)

    def show(self) -> None:
        """Update the line now."""
        self._waiting = False
        line, prompts, library = self._line(), self._stage.prompts, self._library()
        if library is None or not prompts.selected:
            line.show_nothing()
            return
        settings = self._stage.settings.generation
        try:
            overrides = self._stage.form.overrides
            request = JobRequest(prompts.selected, library, overrides, settings)
            line.show(preflight(request, self._estimates), prompts.hidden)
        except ParameterError as error:
            line.show_problem(str(error))

    def seconds_for(self, requests: Iterable[JobRequest]) -> float | None:
        """Seconds that all ``requests`` together take; None if that is not known.

        Raises:
            ParameterError: the parameters are not valid.
        """
        return seconds_for(requests, self._estimates)


def file_size(path: Path) -> int:
    """The size of an image's file in bytes; 0 if it cannot be read now."""
    try:
        return path.stat().st_size
    except OSError:
        return 0
