"""Generation parameters: every field, its range, default and help text, declared once.

Values from the command line, the parameter form, prompts.toml and the settings file are all
validated here. This is the lowest layer of the package: nothing here imports torch or textual.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
)
from pydantic_core import ErrorDetails

from xray_tui.errors import ParameterError
from xray_tui.text import clipped, did_you_mean, quoted

SchedulerName = Literal[
    "dpm++-2m",
    "dpm++-2m-karras",
    "dpm++-2m-sde",
    "dpm++-2m-sde-karras",
    "dpm++-single",
    "dpm++-single-karras",
    "ddim",
    "ddpm",
    "pndm",
    "euler",
    "euler-karras",
    "euler-a",
    "heun",
    "heun-karras",
    "dpm2",
    "dpm2-karras",
    "dpm2-a",
    "dpm2-a-karras",
    "lms",
    "lms-karras",
    "deis",
    "deis-karras",
    "unipc",
    "unipc-karras",
    "sa-solver",
    "lcm",
    "tcd",
]
ETA_SCHEDULERS: frozenset[SchedulerName] = frozenset({"ddim", "tcd"})
"""The schedulers that use eta; the others ignore it."""
SeedMode = Literal["increment", "fixed", "random"]
DtypeName = Literal["auto", "float32", "float16", "bfloat16"]

MAX_SEED = 2**32 - 1
"""The largest seed; PyTorch's CPU generator gives the same noise for seeds equal modulo 2^32."""
MAX_STEPS = 200


MIN_SIDE, MAX_SIDE = 64, 2048
"""The least and the most pixels of an image's side."""
_COMMON_FACTOR = 64
"""Every usual model can draw sides that are multiples of this; which model, is not known here."""


def nearest_side(value: int, factor: int) -> int:
    """The allowed multiple of ``factor`` nearest to ``value``."""
    low, high = -(-MIN_SIDE // factor), MAX_SIDE // factor
    return factor * min(max(round(value / factor), low), high)


def _multiple_of_eight(value: int) -> int:
    if value % 8:
        example = nearest_side(value, _COMMON_FACTOR)
        raise ValueError(f"must be a multiple of 8, for example {example}")
    return value


def _known_device(value: str) -> str:
    if not re.fullmatch(r"auto|cpu|mps|cuda(:[0-9]{1,2})?", value):
        raise ValueError("must be auto, cpu, mps, cuda or cuda:N (for example cuda:1)")
    return value


Side = Annotated[int, Field(ge=MIN_SIDE, le=MAX_SIDE), AfterValidator(_multiple_of_eight)]


class GenerationParameters(BaseModel):
    """How images are generated. Frozen; refuses unknown names, wrong types and values out of range.

    Build it with :meth:`build`, which turns pydantic's errors into one readable
    :class:`~xray_tui.errors.ParameterError`.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    model: Annotated[str, StringConstraints(min_length=1, max_length=4096)] = Field(
        "bundled",
        title="Model",
        description="bundled, a hub id (owner/name), a diffusers folder or a .safetensors file",
    )
    scheduler: SchedulerName = Field(
        "dpm++-2m",
        title="Scheduler",
        description="sampling method: how noise is removed step by step",
    )
    steps: int = Field(
        20,
        ge=1,
        le=MAX_STEPS,
        title="Steps",
        description="denoising steps per image; 15-30 is usual",
    )
    guidance_scale: float = Field(
        2.0,
        ge=0,
        le=30,
        title="Guidance scale",
        description="how closely the image follows the text; about 2 for bundled, 5-8 for others",
    )
    width: Side | None = Field(
        None,
        title="Width",
        description="pixels, a multiple of 8; empty for the model's native size",
    )
    height: Side | None = Field(
        None,
        title="Height",
        description="pixels, a multiple of 8; empty for the model's native size",
    )
    count: int = Field(
        1, ge=1, le=100_000, title="Images", description="images to generate per prompt"
    )
    seed: int | None = Field(
        None,
        ge=0,
        le=MAX_SEED,
        title="Seed",
        description="0 to 4294967295; without one, chosen at random when the job is queued",
    )
    seed_mode: SeedMode = Field(
        "increment",
        title="Seed mode",
        description="increment: seed, seed+1, …; fixed: the same for all; random: new for each",
    )
    batch_size: int = Field(
        4,
        ge=1,
        le=64,
        title="Batch size",
        description="images generated at once; larger batches need more memory",
    )
    eta: float = Field(
        0.0,
        ge=0,
        le=1,
        title="Eta",
        description="noise added back at each step; only for ddim and tcd",
    )
    negative_prompt: Annotated[str, StringConstraints(max_length=2000)] | None = Field(
        None,
        title="Negative prompt",
        description="what images must not show; without one, each prompt's own",
    )
    dtype: DtypeName = Field(
        "auto", title="Dtype", description="number format; auto: float16 on a GPU, float32 on a CPU"
    )
    device: Annotated[str, AfterValidator(_known_device)] = Field(
        "auto", title="Device", description="auto, cpu, cuda, cuda:1 … or mps"
    )

    @classmethod
    def build(cls, *layers: Mapping[str, Any]) -> Self:
        """Merge ``layers`` (later ones win) over the defaults.

        Raises:
            ParameterError: names each wrong parameter, its value and the allowed values.
        """
        merged = {name: value for layer in layers for name, value in layer.items()}
        try:
            return cls.model_validate(merged)
        except ValidationError as error:
            raise ParameterError("; ".join(describe_errors(error))) from error


PIXEL_FIELDS = (
    "scheduler",
    "steps",
    "guidance_scale",
    "width",
    "height",
    "eta",
    "dtype",
    "device",
)
"""The parameters that, with model, text, negative prompt and seed, decide an image's pixels."""


def describe_errors(error: ValidationError) -> list[str]:
    """One sentence for each problem in ``error``: the parameter, its value, the allowed values.

    The sentences are safe to show in a terminal.
    """
    sentences = []
    for problem in error.errors(include_url=False):
        name = clipped(str(problem["loc"][0])) if problem["loc"] else "parameters"
        if problem["type"] in ("extra_forbidden", "invalid_key"):
            allowed = ", ".join(GenerationParameters.model_fields)
            meant = did_you_mean(name, GenerationParameters.model_fields)
            sentences.append(f"{name}: is not a parameter{meant}; known parameters are {allowed}")
        else:
            value = _value_text(problem["input"])
            sentences.append(f"{name} = {value}: {_reason(problem)}")
    return sentences


def _reason(problem: ErrorDetails) -> str:
    if problem["type"] == "literal_error" and isinstance(problem["input"], str):
        choices = re.findall(r"'([^']+)'", problem["ctx"]["expected"])
        if meant := did_you_mean(problem["input"], choices):
            return f"is not one of the {len(choices)} choices{meant}"
    template = _REASONS.get(problem["type"])
    if template is not None:
        return template.format(**problem.get("ctx", {}))
    message = problem["msg"].removeprefix("Value error, ")
    return message[0].lower() + message[1:]


_REASONS = {
    "int_type": "must be a whole number",
    "int_parsing": "must be a whole number",
    "int_from_float": "must be a whole number",
    "int_parsing_size": "is too large",
    "float_type": "must be a number",
    "float_parsing": "must be a number",
    "finite_number": "must be a number that is not infinite",
    "string_type": "must be text in quotes",
    "string_unicode": "is not valid Unicode; use another name",
    "string_too_short": "is empty; write a value, or leave it out",
    "string_too_long": "is too long; at most {max_length} characters are allowed",
    "greater_than_equal": "must be at least {ge}",
    "less_than_equal": "must be at most {le}",
    "literal_error": "must be {expected}",
}
"""Wordings of common mistakes, by pydantic's error type."""


def _value_text(value: object) -> str:
    try:
        written = str(value).lower() if isinstance(value, bool) else str(value)  # as in TOML
        return quoted(value) if isinstance(value, str) else clipped(written)
    except (ValueError, RecursionError):  # Python refuses to print integers of over 4300 digits
        return "a value too large to show"


def check_overrides(values: Mapping[str, Any]) -> dict[str, Any]:
    """Validate some of the parameters, as they are set in prompts.toml or the settings file.

    Returns the same values as a new dict.

    Raises:
        ParameterError: as :meth:`GenerationParameters.build`.
    """
    GenerationParameters.build(values)
    return dict(values)


def parse_parameter(name: str, text: str) -> Any:
    """The value of the parameter ``name`` that a person typed as ``text``; None for an empty text.

    Raises:
        ParameterError: the text is not allowed; the message names the allowed values.
        KeyError: ``name`` is not a parameter.
    """
    if name not in GenerationParameters.model_fields:
        raise KeyError(name)
    text = text.strip()
    candidates = [*_numbers(text), text] if text else [None]
    first_error: ParameterError | None = None
    for candidate in candidates:
        try:
            return check_overrides({name: candidate})[name]
        except ParameterError as error:
            first_error = first_error or error
    assert first_error is not None
    raise first_error


def _numbers(text: str) -> list[int | float]:
    numbers: list[int | float] = []
    for kind in (int, float):
        with contextlib.suppress(ValueError):
            numbers.append(kind(text))
    return numbers
