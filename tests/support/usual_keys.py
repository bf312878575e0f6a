"""Finds the usual keys that a text names, and gives every meaning another one."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from xray_tui.chosen_keys import checked_keys
from xray_tui.key_names import key_names
from xray_tui.keymap import MEANINGS

_CHANGEABLE = [
    key
    for meaning in MEANINGS.values()
    if not meaning.fixed
    for key in key_names(meaning.keys).split("  ")
]
_ENGLISH = {"space", "delete", "backspace", "a", "I"}
"""Keys that are words, too."""
_AFTER = r"\b[Pp]ress(?:es|ed)? "
_SIGNS = [key for key in _CHANGEABLE if len(key) == 1 and not key.isalnum()]
_NAMES = [key for key in _CHANGEABLE if len(key) > 1 and key not in _ENGLISH]
_LETTERS = "".join(key for key in _CHANGEABLE if len(key) == 1 and key.isalpha())


def _any_of(keys: list[str]) -> str:
    return "(?:" + "|".join(map(re.escape, keys)) + ")"


_NAMED = (
    _AFTER + _any_of(_CHANGEABLE) + r"(?!\w)",
    rf"(?<![\w+])(?i:{_any_of(_NAMES)})(?![\w+])",
    r"\b(?:with|by) space\b|\bspace (?:marks|in the|to)\b",
    rf"(?<![\w'’.+/<-])(?<!\d )[{_LETTERS.replace('a', '').replace('I', '')}](?![\w'’+=/>:.-])",
    rf"(?:^|· |\()[{re.escape(''.join(_SIGNS))}](?= [a-z]|\))",
)
_USUAL = re.compile("|".join(_NAMED))


def usual_keys_in(text: str) -> list[str]:
    """What names, or seems to name, a key in ``text`` that users may have changed."""
    return [match[0] for match in _USUAL.finditer(text)]


def other_keys() -> dict[str, str]:
    """A key for each meaning that may be changed, none of which is its usual one."""
    names = [name for name, meaning in MEANINGS.items() if not meaning.fixed]
    free = [f"{modifier}f{n}" for modifier in ("alt+", "ctrl+", "ctrl+alt+") for n in range(1, 25)]
    return checked_keys(dict(zip(names, free, strict=False)))


def pressed(keys: Iterable[str], chosen: Mapping[str, str]) -> list[str]:
    """The usual ``keys``, as Textual calls them, replaced by those that are ``chosen``."""
    now = {
        usual: chosen[name]
        for name, meaning in MEANINGS.items()
        if name in chosen
        for usual in meaning.keys.split(",")
    }
    return [now.get(key, key) for key in keys]
