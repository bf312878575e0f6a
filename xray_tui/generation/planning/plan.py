"""Turns a request (prompts × parameters × images each) into a job of fixed tasks and batches."""

from __future__ import annotations

import random
import secrets
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xray_tui.errors import ParameterError
from xray_tui.models.catalogue import ModelInfo, fingerprint, resolve
from xray_tui.parameter_fields import multiple_needed
from xray_tui.parameters import (
    ETA_SCHEDULERS,
    MAX_SEED,
    PIXEL_FIELDS,
    GenerationParameters,
)
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.prompts.scratch import is_ad_hoc
from xray_tui.prompts.slots import render
from xray_tui.prompts.wording import choose
from xray_tui.tasks import Job, Task, job_title
from xray_tui.text import clean, counted

MAX_TASKS = 200_000
"""Most tasks in one job: more would take minutes to queue and gigabytes of memory."""


@dataclass(frozen=True)
class JobRequest:
    """A user's request for images of ``prompts``.

    ``overrides`` (flags or the form) win over ``settings`` (the user's generation parameters), and
    these win over the parameters that ``library`` has for each prompt.
    """

    prompts: tuple[Prompt, ...]
    library: PromptLibrary
    overrides: Mapping[str, Any]
    settings: Mapping[str, Any]
    own_prompts: bool = False
    """Whether the prompts are not those that a library has under their ids."""

    def as_json(self) -> dict[str, Any]:
        """Prompt ids and overrides, stored with the job so that it can be requested again.

        Prompts that are not those of the library are stored whole.
        """
        whole = (prompt for prompt in self.prompts if self.own_prompts or is_ad_hoc(prompt))
        ad_hoc = [prompt.model_dump(mode="json") for prompt in whole]
        return {
            "prompts": [prompt.id for prompt in self.prompts],
            "overrides": dict(self.overrides),
            **({"ad_hoc": ad_hoc} if ad_hoc else {}),
        }


def parameters_of(
    prompt: Prompt | None,
    library: PromptLibrary | None,
    settings: Mapping[str, Any],
    overrides: Mapping[str, Any] | None = None,
) -> GenerationParameters:
    """The parameters for ``prompt``.

    The library's defaults come first; the prompt's own values, ``settings`` and ``overrides``
    each replace the values before them.

    Raises:
        ParameterError: the resulting parameters are not valid.
    """
    return GenerationParameters.build(
        library.defaults.parameters if library is not None else {},
        prompt.parameters if prompt is not None else {},
        settings,
        overrides or {},
    )


def image_count(request: JobRequest) -> int:
    """The number of images that ``request`` asks for; a job may have fewer, as none is double.

    Raises:
        ParameterError: the parameters are not valid.
    """
    layers = (request.library, request.settings, request.overrides)
    return sum(parameters_of(prompt, *layers).count for prompt in request.prompts)


def plan(request: JobRequest) -> Job:
    """Expand ``request`` into a job; duplicate tasks are merged.

    The first time a model is used, its weights are read to compute their fingerprint.

    Raises:
        ParameterError: parameters are not valid, or the model cannot draw the requested size.
        ModelError: a model cannot be found or is not usable.
    """
    layers = (request.settings, request.overrides)
    wanted = [
        (prompt, without_idle_eta(parameters_of(prompt, request.library, *layers)))
        for prompt in request.prompts
    ]
    check_count(sum(parameters.count for _, parameters in wanted))
    models = {
        ref: resolve(ref) for ref in dict.fromkeys(parameters.model for _, parameters in wanted)
    }
    fingerprints = {ref: fingerprint(info) for ref, info in models.items()}
    random_seed = secrets.randbelow(MAX_SEED + 1)
    tasks = {
        task.id: task
        for prompt, parameters in wanted
        for task in _tasks(
            prompt,
            request.library.negative_of(prompt),
            sized(parameters, models[parameters.model]),
            fingerprints[parameters.model],
            random_seed,
        )
    }
    return new_job(tasks.values())


def new_job(tasks: Collection[Task]) -> Job:
    """A job of ``tasks``, all different, cut into batches."""
    now = datetime.now(UTC)
    return Job(
        id=f"{now:%Y%m%d-%H%M%S}-{secrets.token_hex(2)}",
        created=now.isoformat("T", "seconds"),
        title=job_title(tasks),
        batches=tuple(_batches(tasks)),
    )


def idle_eta(request: JobRequest, job: Job) -> str:
    """A notice if an eta was requested that changes nothing in ``job``; otherwise empty."""
    if not request.overrides.get("eta") or any(task.parameters.eta for task in job.tasks):
        return ""
    return f"eta is ignored: only {' and '.join(sorted(ETA_SCHEDULERS))} use it"


def without_idle_eta(parameters: GenerationParameters) -> GenerationParameters:
    """Set eta to 0 where the scheduler ignores it, so that equal images are equal tasks."""
    uses_it = parameters.scheduler in ETA_SCHEDULERS
    return parameters if uses_it else parameters.model_copy(update={"eta": 0.0})


def sized(parameters: GenerationParameters, model: ModelInfo) -> GenerationParameters:
    """``parameters`` with width and height set; by default they are the model's native size.

    Raises:
        ParameterError: the model cannot draw the size.
    """
    check_size(parameters, model)
    return GenerationParameters.build(parameters.model_dump(), _sides(parameters, model))


def check_size(parameters: GenerationParameters, model: ModelInfo) -> None:
    """Check that ``model`` can draw the requested size.

    Raises:
        ParameterError: it cannot; the message names a size that it can draw.
    """
    problems = size_problems(parameters, model)
    if problems:
        raise ParameterError("; ".join(sentence for _, sentence in problems))


def size_problems(parameters: GenerationParameters, model: ModelInfo) -> list[tuple[str, str]]:
    """The reasons why ``model`` cannot draw the requested size: a parameter name and a sentence."""
    factor = model.checkpoint.latent_factor
    sides = _sides(parameters, model)
    problems = [
        (
            name,
            f"{name} = {side}: {multiple_needed(side, factor, model.ref)}",
        )
        for name, side in sides.items()
        if side % factor
    ]
    if problems:
        return problems
    try:
        GenerationParameters.build(parameters.model_dump(), sides)
    except ParameterError as error:  # requested sizes were checked before, so it is the native one
        remedy = "its native size is out of range; set width and height"
        return [("model", f"model {clean(model.ref)}: {remedy} ({error})")]
    return []


def _sides(parameters: GenerationParameters, model: ModelInfo) -> dict[str, int]:
    width, height = model.native_size
    return {"width": parameters.width or width, "height": parameters.height or height}


def check_count(count: int) -> None:
    """Check that a job may have ``count`` images.

    Raises:
        ParameterError: these are too many.
    """
    if count > MAX_TASKS:
        raise ParameterError(
            f"{counted(count, 'image')} in one job, but at most {MAX_TASKS:,} can be queued at "
            "once; lower count or choose fewer prompts"
        )


def _tasks(
    prompt: Prompt,
    negative: str,
    parameters: GenerationParameters,
    model_fingerprint: str,
    random_seed: int,
) -> Iterator[Task]:
    given = parameters.negative_prompt
    first_seed = random_seed if parameters.seed is None else parameters.seed
    for index, seed in enumerate(seeds(prompt.id, parameters, first_seed)):
        slots = choose(prompt, first_seed, index)
        yield Task(
            prompt_id=prompt.id,
            region=prompt.region,
            label=prompt.label,
            view=slots.get("view", prompt.view),  # the view of this image
            findings=prompt.findings,
            text=render(prompt.text, slots),
            negative_prompt=negative if given is None else given,
            slots=slots,
            seed=seed,
            parameters=parameters,
            model_fingerprint=model_fingerprint,
        )


def seeds(prompt_id: str, parameters: GenerationParameters, first: int) -> Iterator[int]:
    """``parameters.count`` seeds; the same arguments always give the same seeds."""
    draw = random.Random(f"{prompt_id}:{first}:seeds")
    for index in range(parameters.count):
        match parameters.seed_mode:
            case "increment":
                yield (first + index) % (MAX_SEED + 1)
            case "fixed":
                yield first
            case "random":
                yield draw.randint(0, MAX_SEED)


def _batches(tasks: Iterable[Task]) -> Iterator[tuple[Task, ...]]:
    """``tasks`` grouped by the parameters that a batch must share, in batches of ``batch_size``."""
    groups: dict[tuple[object, ...], list[Task]] = defaultdict(list)
    for task in tasks:
        shared = (getattr(task.parameters, name) for name in (*PIXEL_FIELDS, "batch_size"))
        groups[task.parameters.model, task.model_fingerprint, *shared].append(task)
    for group in groups.values():
        size = group[0].parameters.batch_size
        for start in range(0, len(group), size):
            yield tuple(group[start : start + size])
