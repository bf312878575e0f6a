"""Splits a query line into words without quotes, with the position of each character."""

from __future__ import annotations

import re
from dataclasses import dataclass

QUOTE = '"'
_FIELD = re.compile(r"-?([A-Za-z]+)(!=|>=|<=|[:=<>])")


@dataclass(frozen=True)
class Part:
    """A part of a word, such as a value between commas."""

    text: str
    start: int
    """Position in the line; quotes are included."""
    end: int


@dataclass(frozen=True)
class Word:
    """The text between two spaces; a space in quotes belongs to the word."""

    text: str
    """Without the quotes."""
    shape: str
    """``text`` with a quotation mark for each quoted character, which has no special meaning."""
    places: tuple[int, ...]
    """The position in the line of each character of ``text``."""
    start: int
    end: int

    @property
    def negated(self) -> bool:
        """Whether the word starts with ``-``."""
        return self.shape.startswith("-")

    @property
    def field(self) -> str:
        """The name before the operator, in lower case; empty if there is none."""
        match = _FIELD.match(self.shape)
        return match[1].lower() if match else ""

    @property
    def operator(self) -> str:
        """``:``, ``=``, ``>`` and so on; empty if there is none."""
        match = _FIELD.match(self.shape)
        return match[2] if match else ""

    @property
    def value(self) -> Part:
        """The text after the operator; without an operator, all but the leading ``-``."""
        return self._part(self._value_at, len(self.text))

    @property
    def values(self) -> list[Part]:
        """The value split at its commas; at least one part."""
        ends = [*(at for at in range(self._value_at, len(self.text)) if self.shape[at] == ",")]
        starts = [self._value_at, *(at + 1 for at in ends)]
        return [self._part(*span) for span in zip(starts, [*ends, len(self.text)], strict=True)]

    @property
    def _value_at(self) -> int:
        match = _FIELD.match(self.shape)
        return match.end() if match else int(self.negated)

    def _part(self, first: int, after: int) -> Part:
        start = self.places[first - 1] + 1 if first else self.start
        end = self.places[after] if after < len(self.text) else self.end
        return Part(self.text[first:after], start, end)


def split(line: str) -> list[Word]:
    """The words of ``line``. An open quote extends to the end, as while a user types."""
    words = []
    at = 0
    while at < len(line):
        if line[at].isspace():
            at += 1
        else:
            words.append(_word(line, at))
            at = words[-1].end
    return words


def quote(text: str) -> str:
    """``text`` in quotes, so that :func:`split` returns it as one word."""
    escaped = text.replace("\\", "\\\\").replace(QUOTE, f"\\{QUOTE}")
    return f"{QUOTE}{escaped}{QUOTE}"


def _word(line: str, start: int) -> Word:
    text, shape = [], []
    places = []
    quoted = False
    at = start
    while at < len(line) and (quoted or not line[at].isspace()):
        if line[at] == QUOTE:
            quoted = not quoted
        else:
            if quoted and line[at] == "\\" and line[at + 1 : at + 2] in (QUOTE, "\\"):
                at += 1
            text.append(line[at])
            shape.append(QUOTE if quoted else line[at])
            places.append(at)
        at += 1
    return Word("".join(text), "".join(shape), tuple(places), start, at)
