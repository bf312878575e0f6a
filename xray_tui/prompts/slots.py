"""Slots: ``{name}`` in a prompt's text is replaced by one of the values listed for that name.

``{{`` and ``}}`` are literal braces. Names are lower-case, so that typing errors are found early.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from xray_tui.errors import PromptLibraryError
from xray_tui.text import quoted

SLOT_NAME = re.compile(r"[a-z][a-z0-9_]{0,31}")
_PIECE = re.compile(r"(\{\{|\}\})|\{(" + SLOT_NAME.pattern + r")\}|[{}]|[^{}]+")


_CHOICE = re.compile(r"\{[^{}|]*\|[^{}]*\}")
"""A choice such as ``{left|right}``, which only ad-hoc prompts have."""


class SlotError(PromptLibraryError, ValueError):
    """A text with a brace that is not part of a slot, or a slot without a value."""


def slot_names(text: str) -> tuple[str, ...]:
    """The names of the slots in ``text``, each once, in the order of first use.

    Raises:
        SlotError: a brace is neither part of a slot nor doubled.
    """
    return tuple(dict.fromkeys(name for _, name in _pieces(text) if name))


def render(text: str, values: Mapping[str, str]) -> str:
    """``text`` with each slot replaced by its value, and doubled braces by single ones.

    Raises:
        SlotError: a brace is neither part of a slot nor doubled, or a slot has no value.
    """
    return "".join(_value(name, values) if name else literal for literal, name in _pieces(text))


def literal(text: str) -> str:
    """The text with doubled braces that :func:`render` turns into ``text``."""
    return text.replace("{", "{{").replace("}", "}}")


def _value(name: str, values: Mapping[str, str]) -> str:
    if name not in values:
        raise SlotError(f"the slot {{{name}}} has no value")
    return values[name]


def _pieces(text: str) -> list[tuple[str, str]]:
    """``text`` split into (literal, "") and ("", slot name)."""
    pieces = []
    for match in _PIECE.finditer(text):
        braces, name = match.groups()
        if name:
            pieces.append(("", name))
        elif braces:
            pieces.append((braces[0], ""))
        elif match[0] in "{}":
            raise SlotError(_stray_brace(text, match.start()))
        else:
            pieces.append((match[0], ""))
    return pieces


def _stray_brace(text: str, position: int) -> str:
    near = quoted(text[position : position + 20])
    if choice := _CHOICE.match(text, position):
        return (
            f"{quoted(choice[0])}: only an ad-hoc prompt has its choices in the text; here, "
            "write a slot such as {side}, and list its values under slots"
        )
    return (
        f"the brace at character {position + 1} ({near}) is not part of a slot; write a slot as "
        "{name} (a-z, 0-9 and _, starting with a letter), a literal brace as {{ or }}"
    )
