"""Ad-hoc prompts: one line of text, generated at once, without an entry in the library.

The images of all ad-hoc prompts are in one folder, ``scratch/scratch``, so that filters and
training code can leave them out by region or label. The id is made from the text: the same line
always has the same id.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from typing import Any

from xray_tui.errors import PromptLibraryError
from xray_tui.names import SCRATCH
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.prompts.slots import SLOT_NAME, SlotError, literal, slot_names
from xray_tui.text import one_line

_ID = re.compile(rf"{SCRATCH}-[0-9a-f]{{8}}")
UNKNOWN_VIEW = "unspecified"
_BRACES = re.compile(r"\{\{|\}\}|\{([^{}]*\|[^{}]*)\}")
"""Literal braces, which are skipped, or a choice such as ``{left|right}``."""
_SLOT = re.compile(r"\{\{|\}\}|\{(" + SLOT_NAME.pattern + r")\}")
_BREAK_SIGNS = {0x240A: "\n", 0x240D: "\n"}
"""The signs of LF and CR: earlier versions kept them in the lines to recall, from pasted texts."""
_BAR = re.compile(r"(?<!\\)\|")


def scratch_prompt(line: str, library: PromptLibrary | None = None, label: str = SCRATCH) -> Prompt:
    """The ad-hoc prompt for ``line``, as a user types it.

    ``{left|right}`` is a slot with these values. ``{sex}`` takes its values from the first prompt
    of ``library`` that has a slot of this name. Literal braces are doubled: see :func:`as_line`.
    Line breaks become spaces.

    Raises:
        PromptLibraryError: the text is empty or too long, a brace is not part of a slot, a slot has
            no values, or ``label`` is not safe as the name of a folder. The message says which.
    """
    text, choices = _with_named_slots(one_line(line.translate(_BREAK_SIGNS)).strip())
    try:
        names = slot_names(text)
    except SlotError as error:
        raise PromptLibraryError(f"{error}, a choice as {{left|right}}") from error
    slots = {name: choices.get(name) or _values_of(name, library) for name in names}
    found = json.dumps([text, slots], sort_keys=True)
    return Prompt.build(
        {
            "id": f"{SCRATCH}-{hashlib.sha256(found.encode()).hexdigest()[:8]}",
            "region": SCRATCH,
            "label": label,
            "view": UNKNOWN_VIEW,
            "findings": (),
            "text": text,
            "slots": slots,
            # The label claims nothing about the image, so there is nothing to warn of.
            "bundled": True,
        }
    )


def is_ad_hoc(prompt: Prompt) -> bool:
    """Whether ``prompt`` was made by :func:`scratch_prompt`."""
    return prompt.region == SCRATCH and _ID.fullmatch(prompt.id) is not None


def restored(request: Mapping[str, Any]) -> Iterator[Prompt]:
    """The ad-hoc prompts of a stored request; entries that cannot be read are left out."""
    entries = request.get("ad_hoc")
    for entry in entries if isinstance(entries, list) else ():
        with suppress(PromptLibraryError):
            yield Prompt.build(entry)


def as_line(text: str) -> str:
    """The line to type for this text without slots, for example that of an image."""
    return " ".join(literal(text).split())


def line_of(prompt: Prompt) -> str:
    """The line to type for the text of ``prompt``, with each slot as a choice of its values."""

    def choice(match: re.Match[str]) -> str:
        return match[0] if match[1] is None else _choice(prompt.slots[match[1]])

    return " ".join(_SLOT.sub(choice, prompt.text).split())


def _with_named_slots(line: str) -> tuple[str, dict[str, tuple[str, ...]]]:
    """``line`` with a slot's name in place of each choice, and the values of these slots."""
    names = _free_names(line)
    slots: dict[str, tuple[str, ...]] = {}

    def name_choice(match: re.Match[str]) -> str:
        if match[1] is None:
            return match[0]
        values = tuple(value.strip().replace("\\|", "|") for value in _BAR.split(match[1]))
        if not all(values):
            raise PromptLibraryError(f"{match[0]} has an empty value; write {{left|right}}")
        name = next(names)
        slots[name] = values
        return f"{{{name}}}"

    return _BRACES.sub(name_choice, line), slots


def _choice(values: tuple[str, ...]) -> str:
    shown = [value.replace("|", "\\|") for value in values]
    return shown[0] if len(shown) == 1 else f"{{{'|'.join(shown)}}}"


def _free_names(line: str) -> Iterator[str]:
    """Names for choices: ``choice_1``, ``choice_2`` and so on, without those used in ``line``."""
    number = 0
    while True:
        number += 1
        if f"{{choice_{number}}}" not in line:
            yield f"choice_{number}"


def _values_of(name: str, library: PromptLibrary | None) -> tuple[str, ...]:
    for prompt in library.prompts if library is not None else ():
        if name in prompt.slots:
            return prompt.slots[name]
    raise PromptLibraryError(
        f"no prompt has a slot {{{name}}}; write its values into the line: {{left|right}}"
    )
