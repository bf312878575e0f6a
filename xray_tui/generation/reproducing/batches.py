"""Puts images into batches in which each has the size and the place of the batch that it records.

Size and place can change a pixel by a grey level; which images are in the other places cannot. So
images of different batches are made together, and a place that is left empty gets a copy.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from xray_tui.generation.reproducing.sources import Source
from xray_tui.parameters import PIXEL_FIELDS

_OF_THE_SETTING = {"device", "dtype"}


@dataclass(frozen=True)
class Choices:
    """What is to be different from what an image records; None: as it records."""

    model: str | None = None
    device: str | None = None
    dtype: str | None = None
    batch_size: int | None = None
    threads: int | None = None


@dataclass(frozen=True, order=True)
class Setting:
    """How a batch is made, beyond the parameters of its tasks."""

    model: str
    device: str
    dtype: str
    threads: int
    """CPU threads of torch."""
    batch_size: int


@dataclass(frozen=True)
class Batch:
    """Images that are made together."""

    setting: Setting
    places: Mapping[int, Source]
    """The images by their position in the batch, from 0; the other positions are free."""

    @property
    def filled(self) -> list[Source]:
        """A source for each position of the batch, with a copy where it is free."""
        anyone = next(iter(self.places.values()))
        return [self.places.get(place, anyone) for place in range(self.setting.batch_size)]


def batches(sources: Iterable[Source], choices: Choices) -> Sequence[Batch]:
    """As few batches as possible, those of one model one after the other."""
    placed: dict[tuple[object, ...], dict[int, Source]] = defaultdict(dict)
    settings: dict[tuple[object, ...], Setting] = {}
    taken: Counter[tuple[object, ...]] = Counter()
    for source in sources:
        setting = _setting(source, choices)
        parameters = source.task.parameters
        shared = (getattr(parameters, name) for name in PIXEL_FIELDS if name not in _OF_THE_SETTING)
        group = (setting, *shared)
        place = source.provenance.batch_position % setting.batch_size
        batch = (*group, taken[*group, place])
        taken[*group, place] += 1
        settings[batch] = setting
        placed[batch][place] = source
    order = sorted(placed, key=settings.__getitem__)
    return [Batch(settings[batch], placed[batch]) for batch in order]


def _setting(source: Source, choices: Choices) -> Setting:
    recorded = source.provenance
    return Setting(
        choices.model or recorded.model,
        choices.device or recorded.device,
        choices.dtype or recorded.dtype,
        choices.threads or recorded.threads,
        choices.batch_size or recorded.batch_size,
    )
