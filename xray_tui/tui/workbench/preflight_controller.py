"""Keeps the line about the next ``g`` up to date, and estimates times for questions."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path

from xray_tui.dataset.records import Record
from xray_tui.errors import ParameterError, XrayTuiError
from xray_tui.generation.planning.plan import JobRequest
from xray_tui.generation.planning.preflight import Estimates, preflight, seconds_for
from xray_tui.generation.planning.repeats import Repeats, repeats_of, with_fixed_seeds
from xray_tui.models.catalogue import ModelInfo
from xray_tui.prompts.schema import PromptLibrary
from xray_tui.tasks import Task
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
        self._existing: Callable[[Iterable[Task]], set[str]] = lambda _: set()
        self._repeats = Repeats()
        self._repeated: JobRequest | None = None
        """The request that ``_repeats`` is about; None if no seed is fixed."""
        self._counting = False

    def learn(
        self,
        images: Iterable[tuple[Record, int]],
        models: Sequence[ModelInfo],
        existing: Callable[[Iterable[Task]], set[str]],
    ) -> None:
        """Learn from images of the dataset, oldest first, and their file sizes.

        ``existing`` returns the ids of the tasks that have an image.
        """
        self._existing = existing
        self._estimates.models = {model.ref: model for model in models}
        for record, file_size in images:
            self._estimates.add(record)
            self._estimates.add_file(record, file_size)
        self.refresh()

    def add(self, record: Record, path: Path) -> None:
        """Learn from an image that was just saved at ``path``."""
        self._estimates.add(record)
        self._repeats.add(record.task)
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
            self._count_repeats(request)
            line.show(preflight(request, self._estimates, self._repeats), prompts.hidden)
        except ParameterError as error:
            line.show_problem(str(error))

    def recount(self) -> None:
        """Find out again which images of the request exist: some may have been removed."""
        self._repeated = None
        self.refresh()

    def _count_repeats(self, request: JobRequest) -> None:
        """Find out, in a thread, which images of ``request`` exist, unless that is known."""
        wanted = with_fixed_seeds(request, self._estimates.models)
        if wanted == self._repeated:
            return
        self._repeats = Repeats()
        if self._counting:  # the one being counted is noted first
            return
        self._repeated = wanted
        if wanted is None:
            return
        self._counting = True

        def count() -> None:
            found = Repeats()
            with suppress(XrayTuiError):  # g says why
                found = repeats_of(wanted, self._existing)
            self._stage.from_thread(note, found)

        def note(found: Repeats) -> None:
            self._counting = False
            if wanted is self._repeated:
                self._repeats = found
            self.refresh()

        self._stage.in_thread(count, "repeats")

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
