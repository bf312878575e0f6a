"""What a request would make, said before it is queued: images, time, and space on the disk."""

from __future__ import annotations

import math
from collections import defaultdict, deque
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xray_tui.dataset.records import Record
from xray_tui.generation.planning.plan import JobRequest, check_size, parameters_of
from xray_tui.generation.planning.repeats import NONE as NOTHING_REPEATED
from xray_tui.generation.planning.repeats import Repeats
from xray_tui.generation.planning.training_check import model_may_know
from xray_tui.models.catalogue import ModelInfo
from xray_tui.parameters import GenerationParameters
from xray_tui.prompts.schema import Prompt

_LATEST = 20
"""The time of an image is the average of this many latest images of its kind."""

Size = tuple[int, int]
_Kind = tuple[str, Size, str, bool]
"""Model, size, scheduler, and whether it is guided: they decide how long a step takes."""
_Pace = tuple[int, int]
"""Images of a batch, and steps."""


class Estimates:
    """Time and file size of images to come, from the dataset's latest ones of the same kind."""

    def __init__(self) -> None:
        self._seconds: dict[_Kind, dict[_Pace, deque[float]]] = defaultdict(dict)
        self._bytes: dict[Size, deque[int]] = defaultdict(lambda: deque(maxlen=_LATEST))
        self.models: Mapping[str, ModelInfo] = {}
        """The models known so far, by the name that parameters have for them."""

    def add(self, record: Record) -> None:
        """Learn how long an image took; older ones of its kind are forgotten."""
        used, made = record.task.parameters, record.provenance
        of_kind = self._seconds[_kind(used, (record.width, record.height))]
        pace = (made.batch_size, used.steps)
        of_kind.setdefault(pace, deque(maxlen=_LATEST)).append(made.seconds)

    def add_file(self, record: Record, file_size: int) -> None:
        """Learn how many bytes the file of an image has; 0 if that is not known."""
        if file_size:
            self._bytes[record.width, record.height].append(file_size)

    def knows_file_of(self, record: Record) -> bool:
        """Whether the file size of an image of this size is known."""
        return (record.width, record.height) in self._bytes

    def seconds(self, parameters: GenerationParameters, images: int) -> float | None:
        """Seconds that each of ``images`` with ``parameters`` takes.

        Calculated from images in batches of about the same size, and from their time for each step
        if they had more or fewer steps. None if none was made by the same model in the same size.
        """
        size = self._size(parameters)
        found = {} if size is None else self._seconds.get(_kind(parameters, size), {})
        if not found:
            return None
        batch, steps = min(parameters.batch_size, max(images, 1)), parameters.steps

        def distance(pace: _Pace) -> tuple[float, float]:
            return abs(math.log(pace[0] / batch)), abs(math.log(pace[1] / steps))

        nearest = min(found, key=distance)
        average = _average(found[nearest])
        return None if average is None else average * steps / nearest[1]

    def file_size(self, parameters: GenerationParameters) -> float | None:
        """Bytes of an image with ``parameters``; None if there is none of its size."""
        size = self._size(parameters)
        return None if size is None else _average(self._bytes.get(size, ()))

    def _size(self, parameters: GenerationParameters) -> Size | None:
        model = self.models.get(parameters.model)
        native = (0, 0) if model is None else model.native_size
        size = (parameters.width or native[0], parameters.height or native[1])
        return size if all(size) else None


def _kind(parameters: GenerationParameters, size: Size) -> _Kind:
    guided = parameters.guidance_scale > 1
    return parameters.model, size, parameters.scheduler, guided


@dataclass(frozen=True)
class Preflight:
    """What a request would make."""

    prompts: tuple[Prompt, ...]
    images: int
    each: int | None
    """Images of each prompt; None if the prompts differ."""
    seconds: float | None
    """None if it is not known for every image."""
    file_sizes: float | None
    """Bytes of all images; None if it is not known for every image."""
    untrained: tuple[Prompt, ...]
    """Prompts that the bundled model draws, but was not trained on."""
    existing: int = 0
    """Images that exist already, so that they are not generated."""


def preflight(
    request: JobRequest, estimates: Estimates, repeats: Repeats = NOTHING_REPEATED
) -> Preflight:
    """What ``request`` would make. Fast: prompts with the same parameters are looked at once.

    ``repeats`` are the images of its prompts with a fixed seed, which may exist.

    Raises:
        ParameterError: the parameters are not valid, or a model that is known cannot draw the size.
    """
    groups: dict[tuple[object, ...], list[Prompt]] = defaultdict(list)
    for prompt in request.prompts:
        groups[tuple(prompt.parameters.items())].append(prompt)
    images, existing, counts = 0, 0, set()
    seconds: list[float | None] = []
    sizes: list[float | None] = []
    untrained = set()
    for prompts in groups.values():
        used = parameters_of(prompts[0], request.library, request.settings, request.overrides)
        different = [repeats.images.get(prompt.id, used.count) for prompt in prompts]
        there = sum(repeats.existing(prompt.id) for prompt in prompts)
        if (model := estimates.models.get(used.model)) is not None:
            check_size(used, model)
        images += sum(different)
        existing += there
        counts |= {*different}
        number = sum(different) - there
        seconds.append(_times(estimates.seconds(used, number), number))
        sizes.append(_times(estimates.file_size(used), number))
        untrained |= {prompt.id for prompt in prompts if not model_may_know(prompt, used.model)}
    return Preflight(
        prompts=request.prompts,
        images=images,
        each=counts.pop() if len(counts) == 1 else None,
        seconds=_sum(seconds),
        file_sizes=_sum(sizes),
        untrained=tuple(prompt for prompt in request.prompts if prompt.id in untrained),
        existing=existing,
    )


def seconds_for(requests: Iterable[JobRequest], estimates: Estimates) -> float | None:
    """Seconds that all ``requests`` together take; None if it is not known for every image.

    Raises:
        ParameterError: the parameters are not valid.
    """
    return _sum([preflight(request, estimates).seconds for request in requests])


def _times(value: float | None, number: int) -> float | None:
    if not number:
        return 0.0
    return None if value is None else value * number


def _sum(values: Iterable[float | None]) -> float | None:
    known = list(values)
    return None if None in known else sum(value for value in known if value is not None)


def _average(values: Iterable[float]) -> float | None:
    known = list(values)
    return sum(known) / len(known) if known else None
