"""Makes images again and compares them with their files."""

from __future__ import annotations

import time
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.dataset.progress import ReportProgress
from xray_tui.environment import user_path
from xray_tui.errors import GenerationError, ModelError, XrayTuiError
from xray_tui.generation.events import Event, LogLine
from xray_tui.generation.planning.plan import check_size
from xray_tui.generation.reproducing.batches import Batch, Choices, Setting
from xray_tui.generation.reproducing.comparing import differences, distance
from xray_tui.generation.reproducing.copies import Copies
from xray_tui.generation.reproducing.results import Failed, Reproduced, failed
from xray_tui.generation.reproducing.sources import Source
from xray_tui.generation.sampling.batch_fitter import BatchFitter, SampledTask
from xray_tui.generation.sampling.devices import threads, usable_device
from xray_tui.generation.sampling.provenance import provenance_of
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.models.catalogue import ModelInfo, resolve
from xray_tui.tasks import Task
from xray_tui.text import quoted

if TYPE_CHECKING:
    from collections.abc import Callable

    from xray_tui.generation.sampling.loading import LoadedModel


class Reproducer:
    """Makes batches again with one sampler, in one thread.

    ``copies`` saves each new image; without it none is saved. ``log`` is called with a sentence
    where memory is short.
    """

    def __init__(
        self,
        sampler: Sampler,
        choices: Choices,
        copies: Copies | None,
        log: Callable[[str], object],
    ) -> None:
        self._sampler = sampler
        self._choices = choices
        self._copies = copies
        self._log = log
        self._threads: int | None = None

    def make(self, batch: Batch, report: ReportProgress) -> list[Reproduced | Failed]:
        """Make the images of ``batch`` again; problems are in the results, not raised."""
        try:
            model = self._load(batch, report)
        except XrayTuiError as error:
            return [failed(source.path, error) for source in batch.places.values()]
        setting = batch.setting
        if setting.threads != self._threads:
            self._sampler.forget_texts()
            self._threads = setting.threads
        tasks = [_task_here(source.task, setting, model) for source in batch.filled]
        fitter = BatchFitter(self._sampler, 0, lambda _: None, self._note)
        with threads(setting.threads):
            started = time.monotonic()
            sampled = fitter.sample(tasks, _StepWatcher(report))
            seconds = (time.monotonic() - started) / len(tasks)
            return [
                self._compared(source, sampled[place], model, seconds)
                for place, source in batch.places.items()
            ]

    def _load(self, batch: Batch, report: ReportProgress) -> LoadedModel:
        """The model of ``batch``; on another device if this machine lacks the one recorded."""
        setting = batch.setting

        def progress(text: str, fraction: float | None) -> None:
            report(text, round(100 * (fraction or 0)), 100)

        source = next(iter(batch.places.values()))
        info = resolve(setting.model) if self._choices.model else _recorded_model(source)
        check_size(source.task.parameters, info)
        chosen = self._choices.device
        device = chosen if chosen is not None else usable_device(setting.device)
        return self._sampler.load(info, device, setting.dtype, progress)

    def _compared(
        self, source: Source, item: SampledTask, model: LoadedModel, seconds: float
    ) -> Reproduced | Failed:
        try:
            image = item.outcome.image
            if image is None:
                raise GenerationError(item.outcome.problem)
            here = provenance_of(item, model, seconds)
            apart = distance(read_greyscale(source.path), image)
            saved = None
            if self._copies is not None:
                saved = self._copies.save(source.path.name, image, item.task, here)
            return Reproduced(source.path, apart, differences(source.provenance, here), saved)
        except XrayTuiError as error:  # the file is gone by now, or the disk is full
            return failed(source.path, error)

    def _note(self, event: Event) -> None:
        if isinstance(event, LogLine):
            self._log(event.text)


class _StepWatcher:
    """Reports the steps of a batch."""

    def __init__(self, report: ReportProgress) -> None:
        self._report = report

    def checkpoint(self) -> None:
        """Nothing asks to stop."""

    def step(self, step: int, steps: int, seconds: float) -> None:
        del seconds
        self._report("making", step, steps)

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        """No preview is shown."""

    def warn(self, text: str) -> None:
        """The same was said when the image was generated."""


def _task_here(task: Task, setting: Setting, model: LoadedModel) -> Task:
    """``task`` with the model that is used, which may be another one, or have another path."""
    parameters = task.parameters.model_copy(update={"model": setting.model})
    return replace(task, parameters=parameters, model_fingerprint=model.fingerprint)


def _recorded_model(source: Source) -> ModelInfo:
    """The model that ``source`` names.

    Raises:
        ModelError: it is not on this machine; the message says what to download or to give.
    """
    ref = source.provenance.model
    is_of_hub = "@" in source.provenance.model_fingerprint
    try:
        return resolve(ref)
    except ModelError as error:
        if is_of_hub or _exists(ref):
            raise
        raise ModelError(
            f"model {quoted(ref, 200)}: this folder or file is not on this machine; to say where "
            "it is: --model PATH"
        ) from error


def _exists(ref: str) -> bool:
    try:
        return (user_path(ref) or Path(ref)).exists()
    except (OSError, ValueError):
        return False
