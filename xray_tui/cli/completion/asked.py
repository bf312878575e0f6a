"""Understands a line: which command it is, and what kind of word can stand at the cursor."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, NamedTuple

Word = tuple[str, str]
"""A word that can be typed, and its meaning; the meaning may be empty."""

TABLE = Path(__file__).with_name("commands.json")
"""All commands with their options, generated from their declarations: ``tests/manual``."""
FOLDER, FILE = "folder", "file"
"""Kinds of values that the shell completes itself."""


class Asked(NamedTuple):
    """What is known about the line."""

    command: tuple[str, ...]
    """The names of the command and the group it is in."""
    options: dict[str, str]
    """The options that were typed with their values; the last value counts."""
    arguments: tuple[str, ...]
    kind: object
    """The kind of the value at the cursor: a list of all values, or a name; empty if none."""
    words: tuple[Word, ...]
    """Commands and options that can stand at the cursor."""
    given: str
    """The beginning of the value at the cursor."""
    prefix: str
    """What stands before the value in the same word: ``--theme=``, or nothing."""
    fields: dict[str, tuple[str, list[str]]]
    """The fields of filters, with their meanings and choices."""


def understand(table: dict[str, Any], before: Sequence[str], typed: str) -> Asked:
    """What ``before`` and ``typed`` mean, by the commands in ``table``."""
    line = _Line(table)
    for word in before:
        line.read(word)
    return line.asked(typed)


class _Line:
    """The words of a line that were read so far."""

    def __init__(self, table: dict[str, Any]) -> None:
        self._node = table
        self._fields = table["fields"]
        self._command: list[str] = []
        self._options: dict[str, str] = {}
        self._arguments: list[str] = []
        self._waiting = ""
        """The option whose value comes next."""
        self._only_arguments = False

    def read(self, word: str) -> None:
        """Read a word that is complete."""
        if self._waiting:
            self._options[self._waiting], self._waiting = word, ""
        elif word == "--" and not self._only_arguments:
            self._only_arguments = True
        elif word.startswith("-") and not self._only_arguments:
            name, equals, value = word.partition("=")
            self._options[name] = value
            if not equals and self._kind(name):
                self._waiting = name
        elif word in self._node.get("commands", {}):
            self._node, self._options = self._node["commands"][word], {}
            self._command.append(word)
        else:
            self._arguments.append(word)

    def asked(self, typed: str) -> Asked:
        """What can stand in the place of ``typed``."""
        if self._waiting:
            return self._asked(self._kind(self._waiting), (), typed)
        if typed.startswith("-") and not self._only_arguments:
            name, equals, value = typed.partition("=")
            if equals:
                return self._asked(self._kind(name), (), value, f"{name}=")
            options = self._node["options"].items()
            new = [(one, meaning) for one, (_, meaning) in options if one not in self._options]
            return self._asked("", new, typed)
        if commands := self._node.get("commands"):
            words = [(name, command["help"]) for name, command in commands.items()]
            return self._asked("", words, typed)
        return self._asked(self._argument_kind(), (), typed)

    def _asked(self, kind: object, words: Iterable[Word], given: str, prefix: str = "") -> Asked:
        command, arguments = tuple(self._command), tuple(self._arguments)
        return Asked(
            command, self._options, arguments, kind, tuple(words), given, prefix, self._fields
        )

    def _kind(self, option: str) -> object:
        return self._node["options"].get(option, [""])[0]

    def _argument_kind(self) -> object:
        kinds = self._node["arguments"]
        place = len(self._arguments)
        if place < len(kinds):
            return kinds[place][0]
        return kinds[-1][0] if kinds and kinds[-1][1] else ""
