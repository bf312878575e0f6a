"""The names of keys: as people read and write them, and as Textual calls them.

``?`` is ``question_mark`` there, ``shift+g`` is ``G``, and the arrow key ``↑`` is ``up``.
"""

from __future__ import annotations

import string
import unicodedata

_TEXTUALS = {
    "solidus": "slash",
    "reverse_solidus": "backslash",
    "commercial_at": "at",
    "hyphen_minus": "minus",
    "plus_sign": "plus",
    "low_line": "underscore",
}
"""Textual's own names instead of those of Unicode."""


def _name_of(sign: str) -> str:
    name = unicodedata.name(sign).lower().replace("-", "_").replace(" ", "_")
    return _TEXTUALS.get(name, name)


_SIGNS = {_name_of(sign): sign for sign in string.punctuation}
_SHOWN = {**_SIGNS, "left": "←", "right": "→", "up": "↑", "down": "↓", "escape": "esc"}
_NAMES = {shown: name for name, shown in _SHOWN.items()} | {"del": "delete"}
_NAMED = {
    *("enter", "escape", "tab", "space", "backspace", "delete", "insert"),
    *("up", "down", "left", "right", "home", "end", "pageup", "pagedown"),
    *(f"f{number}" for number in range(1, 25)),
}
_MODIFIERS = ("alt", "ctrl", "shift")


def key_names(keys: str) -> str:
    """The ``keys`` of a binding as users read them: ``left,ctrl+down`` gives ``←  ctrl+↓``."""
    return "  ".join(
        "+".join(_SHOWN.get(part, part) for part in key.split("+")) for key in keys.split(",")
    )


def textual_name(key: str) -> str | None:
    """What Textual calls the key that users write as ``key``; None if terminals send no such key.

    ``?`` gives ``question_mark``, ``shift+g`` and ``G`` give ``G``, ``ctrl+G`` gives ``ctrl+g``,
    ``alt+G`` gives ``alt+shift+g``.
    """
    *modifiers, base = ["+"] if key == "+" else key.split("+")
    if len(set(modifiers)) < len(modifiers) or not set(modifiers) <= set(_MODIFIERS):
        return None
    base = _NAMES.get(base, base)
    letter = len(base) == 1 and base in string.ascii_letters
    if letter and "ctrl" in modifiers:
        base = base.lower()
    elif letter and "alt" in modifiers:
        modifiers = [*{*modifiers, *(["shift"] if base.isupper() else [])}]
        base = base.lower()
    elif letter and "shift" in modifiers:
        modifiers.remove("shift")
        base = base.upper()
    elif base in _SIGNS or (len(base) == 1 and base.isdigit()):
        return None if modifiers else base
    elif not letter and base not in _NAMED:
        return None
    return "+".join([*sorted(modifiers, key=_MODIFIERS.index), base])
