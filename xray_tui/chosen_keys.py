"""Checks the keys that the user chose for meanings of the keymap."""

from __future__ import annotations

from collections.abc import Mapping

from xray_tui.key_names import key_names, textual_name
from xray_tui.keymap import MEANINGS
from xray_tui.text import did_you_mean, quoted

_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace"}
"""Keys that terminals do not distinguish from others."""
_TEXTUALS = {"ctrl+c": "copying"}
"""Keys of Textual, and what they are for."""


class KeysError(ValueError):
    """Keys that cannot be given to actions: by the name of each action, a reason.

    The reasons continue after the name: `` = "p": p is the key of accept …``.
    """

    def __init__(self, reasons: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name}{reason}" for name, reason in reasons.items()))
        self.reasons = reasons


def checked_keys(changes: Mapping[str, str]) -> dict[str, str]:
    """The changed ``keys`` by name of a meaning, as Textual calls them.

    Raises:
        KeysError: names all changes that are not possible.
    """
    checked: dict[str, str] = {}
    wrong: dict[str, str] = {}
    for name, keys in changes.items():
        try:
            checked[name] = _checked(name, keys)
        except ValueError as error:
            wrong[name] = str(error)
    wrong |= _clashes(checked, changes)
    if wrong:
        raise KeysError(wrong)
    return checked


def _clashes(checked: Mapping[str, str], changes: Mapping[str, str]) -> dict[str, str]:
    """What is wrong with keys that another action has, too."""
    wrong: dict[str, str] = {}
    taken: dict[str, str] = {}
    for name, meaning in MEANINGS.items():
        for key in checked.get(name, meaning.keys).split(","):
            other = taken.setdefault(key, name)
            if other == name:
                continue
            chosen, has = (name, other) if name in checked else (other, name)
            wrong[chosen] = (
                f" = {quoted(changes[chosen])}: {key_names(key)} is the key of {has} "
                f"({MEANINGS[has].about}); give {has} another key, too"
            )
    return wrong


def _checked(name: str, keys: str) -> str:
    meaning = MEANINGS.get(name)
    if meaning is None:
        meant = did_you_mean(name, MEANINGS)
        raise ValueError(f": is not an action{meant}; xray-tui help keys lists their names")
    if meaning.fixed:
        usual = key_names(meaning.keys).replace("  ", " and ")
        raise ValueError(f": its keys, {usual}, cannot be changed")
    given = f" = {quoted(keys)}: "
    try:
        return ",".join(dict.fromkeys(_checked_key(key.strip()) for key in keys.split(",")))
    except ValueError as error:
        raise ValueError(f"{given}{error}") from None


def _checked_key(key: str) -> str:
    known = textual_name(key)
    if known is None:
        raise ValueError(
            f"{quoted(key)} is not a key; use g, G, ?, f5, ctrl+g, shift+up or similar"
        )
    if known in _SAME:
        raise ValueError(f"{key} is the same as {_SAME[known]} in a terminal; choose another key")
    if known in _TEXTUALS:
        raise ValueError(f"{key} is for {_TEXTUALS[known]}; choose another key")
    for name, meaning in MEANINGS.items():
        if meaning.fixed and known in meaning.keys.split(","):
            raise ValueError(
                f"{key} is the key of {name} ({meaning.about}) and cannot be changed; "
                "choose another key"
            )
    return known
