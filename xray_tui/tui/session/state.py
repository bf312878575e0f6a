"""The state that is remembered. Reading a file gives valid values, whatever it contains.

A dataset remembers what belongs to its images: form, marks and filters. The look of the app is
remembered for the user, as it depends on the terminal and the eyes in front of it.
"""

from __future__ import annotations

import json
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from xray_tui.config import ThemeName

MAX_BYTES = 1_000_000
_MANY = 20_000
ANY_REVIEWER = ""
"""In the filters by reviewer: all who have none of their own. Earlier versions had only this."""

Line = Annotated[str, Field(max_length=4096)]
Lines = Annotated[tuple[Line, ...], Field(max_length=_MANY)]


class State(BaseModel):
    """The content of one file. ``version`` changes when a file of before cannot be read."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    version: Literal[1] = 1


class PromptPane(State):
    """The prompt pane. Prompts and branches that no longer exist are harmless."""

    marks: Annotated[frozenset[Line], Field(max_length=_MANY)] = frozenset()
    cursor: Lines = ()
    """The line under the cursor: region, label and id of a prompt, or less for a branch."""
    collapsed: Annotated[frozenset[Lines], Field(max_length=_MANY)] = frozenset()
    """The collapsed regions ``(region,)`` and labels ``(region, label)``."""
    filter: Line = ""


class Session(State):
    """What a dataset remembers."""

    prompts: PromptPane = PromptPane()
    overrides: dict[str, Any] = {}
    """The generation parameters that were changed in the form."""
    settings: dict[str, Any] = {}
    """The user's settings of these parameters at that time."""
    filters: dict[str, Line] = {}
    """The filter of the review, with its order, by reviewer."""
    hints: bool = False
    """Whether the hints began here, as there were no images yet."""

    @model_validator(mode="before")
    @classmethod
    def _read_single_filter(cls, data: Any) -> Any:
        if isinstance(data, dict) and data.get("filter") and "filters" not in data:
            return {**data, "filters": {ANY_REVIEWER: data["filter"]}}
        return data


class UserState(State):
    """The state that is remembered for the user, in all datasets. None means the default."""

    theme: ThemeName | None = None
    advanced: bool = False
    """Whether the form shows the parameters that are rarely changed."""
    zoom: Annotated[int, Field(ge=-200, le=200)] = 0
    """The size of the thumbnails: steps larger than usual."""
    auto_advance: bool = True
    details: bool = False
    """Whether the review shows the information about an image."""
    hints_done: bool = False
    """Whether the user followed the hints up to the first accepted image."""
    lines: Annotated[Lines, Field(max_length=1000)] = ()
    """The ad-hoc prompts, the latest first."""


S = TypeVar("S", bound=State)


def read_state(kind: type[S], content: bytes) -> S:
    """The state in ``content``.

    Raises:
        ValueError: the content is not that of such a file; the message says why.
    """
    if len(content) > MAX_BYTES:
        raise ValueError(f"it is larger than {MAX_BYTES:,} bytes")
    try:
        data = json.loads(content)
    except (ValueError, RecursionError) as error:
        raise ValueError("it is damaged") from error
    version = data.get("version") if isinstance(data, dict) else None
    if version != 1:
        raise ValueError("another version wrote it" if version is not None else "it is damaged")
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        names = {str(problem["loc"][0]) for problem in error.errors() if problem["loc"]}
        raise ValueError(f"{', '.join(sorted(names)) or 'a value'} cannot be read") from error


def state_bytes(state: State) -> bytes:
    """The content of the file for ``state``."""
    return json.dumps(state.model_dump(mode="json"), indent=1, allow_nan=False).encode() + b"\n"
