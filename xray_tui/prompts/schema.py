"""The content of a prompts.toml file: strict, frozen models that refuse unknown keys."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Self

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationError,
    ValidationInfo,
    field_validator,
)
from pydantic_core import InitErrorDetails, PydanticCustomError

from xray_tui.errors import ParameterError, PromptLibraryError
from xray_tui.names import name_problem
from xray_tui.parameters import check_overrides
from xray_tui.prompts.messages import problems_in, unknown_id
from xray_tui.prompts.slots import SLOT_NAME, slot_names

MAX_TEXT = 2000
"""Characters in a text, a negative prompt or notes."""
MAX_SLOTS = 50
MAX_VALUES = 200
"""Values of one slot."""
MAX_VALUE = 300
"""Characters in one value."""


def _file_name(value: str) -> str:
    if problem := name_problem(value):
        raise ValueError(problem)
    return value


def _not_empty(value: str) -> str:
    if not value.strip():
        raise ValueError("is empty; enter a text")
    return value


def _prompt_text(value: str) -> str:
    slot_names(value)
    return _not_empty(value)


def _slot_name(value: str) -> str:
    if not SLOT_NAME.fullmatch(value):
        raise ValueError(
            "is not a slot name; use 1 to 32 characters: a-z, 0-9 and _, starting with a letter"
        )
    return value


def _slot_value(value: str) -> str:
    if "{" in value or "}" in value:
        raise ValueError("contains a brace; a slot's value cannot contain slots")
    return _not_empty(value)


def _parameters(values: dict[str, Any]) -> dict[str, Any]:
    given = {name: value for name, value in values.items() if value is not None}
    _raise_all("parameter", {name: _problem(name, value) for name, value in given.items()})
    return given


def _problem(name: str, value: object) -> str:
    try:
        check_overrides({name: value})
    except ParameterError as error:
        return str(error)
    return ""


def _raise_all(kind: str, reasons: Mapping[str, str]) -> None:
    """Raise one ValidationError with a problem for each key that has a reason."""
    problems = [
        InitErrorDetails(
            type=PydanticCustomError("xray", "{reason}", {"reason": reason, "of": kind}),
            loc=(key,),
            input=None,
        )
        for key, reason in reasons.items()
        if reason
    ]
    if problems:
        raise ValidationError.from_exception_data(kind, problems)


Slug = Annotated[str, AfterValidator(_file_name)]
ShortText = Annotated[str, StringConstraints(max_length=100), AfterValidator(_not_empty)]
LongText = Annotated[str, StringConstraints(max_length=MAX_TEXT)]
PromptText = Annotated[LongText, AfterValidator(_prompt_text)]
SlotName = Annotated[str, AfterValidator(_slot_name)]
SlotValue = Annotated[str, StringConstraints(max_length=MAX_VALUE), AfterValidator(_slot_value)]
SlotValues = Annotated[tuple[SlotValue, ...], Field(min_length=1, max_length=MAX_VALUES)]
Parameters = Annotated[dict[str, Any], AfterValidator(_parameters)]


def with_tuples(value: Any) -> Any:
    """``value`` with every list in it, at any depth, as a tuple, which the strict models need."""
    if isinstance(value, Mapping):
        return {key: with_tuples(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return tuple(with_tuples(item) for item in value)
    return value


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, validate_default=True)


class Prompt(_Strict):
    """One kind of image. ``slots`` has exactly the names that are used in the text.

    ``id``, ``region`` and ``label`` are safe as file and folder names. All other text is free and
    may contain control characters: pass it through :func:`xray_tui.text.clean` to show it.
    ``parameters`` holds only the generation parameters that this prompt sets itself.
    """

    id: Slug
    region: Slug
    label: Slug
    view: ShortText
    findings: Annotated[tuple[ShortText, ...], Field(max_length=50)]
    text: PromptText
    slots: Annotated[dict[SlotName, SlotValues], Field(max_length=MAX_SLOTS)] = {}
    negative: LongText | None = None
    notes: LongText = ""
    bundled: bool = False
    parameters: Parameters = {}

    @field_validator("slots")
    @classmethod
    def _slots_match_the_text(
        cls, slots: dict[str, tuple[str, ...]], info: ValidationInfo
    ) -> dict[str, tuple[str, ...]]:
        if "text" not in info.data:  # the text itself is wrong, which is reported
            return slots
        used = slot_names(info.data["text"])
        unlisted = {name: f"the text uses {{{name}}}; list its values" for name in used}
        unused = {name: f"the text does not use {{{name}}}; use it or remove it" for name in slots}
        reasons = {name: why for name, why in unlisted.items() if name not in slots}
        reasons |= {name: why for name, why in unused.items() if name not in used}
        _raise_all("slot", reasons)
        return slots

    @classmethod
    def build(cls, values: Mapping[str, Any]) -> Self:
        """A prompt with the ``values`` of a form or a parsed file; lists become tuples.

        Raises:
            PromptLibraryError: a value is not allowed; the message has one line per problem.
        """
        try:
            return cls.model_validate(with_tuples(values))
        except ValidationError as error:
            problems = problems_in(error, cls.model_fields)
            raise PromptLibraryError("\n".join(map(str, problems))) from None


class Defaults(_Strict):
    """The values for every prompt that does not set its own."""

    negative: LongText = ""
    parameters: Parameters = {}


class PromptLibrary(_Strict):
    """A whole prompts.toml file: at least one prompt, unique ids, in the order of the file."""

    defaults: Defaults
    prompts: Annotated[tuple[Prompt, ...], Field(min_length=1)]
    source: Path

    @field_validator("prompts")
    @classmethod
    def _each_id_once(cls, prompts: tuple[Prompt, ...]) -> tuple[Prompt, ...]:
        if len({prompt.id for prompt in prompts}) < len(prompts):
            raise ValueError("two prompts have the same id")
        return prompts

    def get(self, prompt_id: str) -> Prompt:
        """The prompt with this id.

        Raises:
            PromptLibraryError: there is none; the message names similar ids.
        """
        for prompt in self.prompts:
            if prompt.id == prompt_id:
                return prompt
        raise PromptLibraryError(unknown_id(prompt_id, [prompt.id for prompt in self.prompts]))

    def bundled(self) -> tuple[Prompt, ...]:
        """The prompts for which the bundled checkpoint was trained."""
        return tuple(prompt for prompt in self.prompts if prompt.bundled)

    def negative_of(self, prompt: Prompt) -> str:
        """The negative prompt for ``prompt``: its own, or the library's if it has none."""
        return self.defaults.negative if prompt.negative is None else prompt.negative
