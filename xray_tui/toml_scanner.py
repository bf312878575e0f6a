"""The line of each key in a TOML text, and whether the text is simple enough to parse quickly.

tomllib reports lines only for syntax errors, takes seconds for very long dotted keys and recurses
for each bracket. One pass over the tokens collects the lines and refuses such texts beforehand.
"""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass, field
from typing import Literal

from xray_tui.text import counted
from xray_tui.toml_positions import KeyPath, Positions, Section

MAX_DEPTH = 5
"""Levels of nested brackets."""
MAX_KEY_PARTS = 4
MAX_WORD = 200
"""Characters of a key, a number or a date."""
MAX_ITEMS = 5000
"""Items of one list."""
MAX_KEYS = 50_000
"""Keys and headers in the whole text."""

_TOKEN = re.compile(
    r'''
      (?P<block>"""(?:[^"\\]++|\\.|"{1,2}(?!"))*+"{0,5}|\'\'\'(?:[^']++|'{1,2}(?!'))*+'{0,5})
    | (?P<string>"(?:[^"\\\n]++|\\[^\n])*+"?|'[^'\n]*+'?)
    | (?P<skip>[^\S\n]++|\#[^\n]*+)
    | (?P<newline>\n(?:[^\S\n]*+(?:\#[^\n]*+)?\n)*+)  # with the empty lines after it
    | (?P<mark>[\[\]{}=,.])
    | (?P<word>[^\s"'\#\[\]{}=,.]++)
    ''',
    re.VERBOSE | re.DOTALL,
)


def scan(text: str) -> Positions:
    """The positions of all keys, tables and list items of ``text``.

    Never fails: for a text that is not TOML, it gives the positions before the first mistake.
    """
    scanner = _Scanner()
    scanner.run(text)
    return scanner.found


@dataclass
class _Frame:
    """The construct being scanned: the file's statements, a header, a list or a table."""

    kind: Literal["file", "header", "list", "table"]
    path: KeyPath
    key: list[str] = field(default_factory=list)
    value: KeyPath | None = None
    """The key whose value is being scanned; None while a key is being scanned."""
    index: int = 0


class _BrokenError(Exception):
    """Not TOML from this token on; tomllib will report it."""


class _Scanner:
    """Scans one text once; the result is in ``found``."""

    def __init__(self) -> None:
        self.found = Positions()
        self._line = 1
        self._array_sizes: dict[KeyPath, int] = {}
        self._frames = [_Frame("file", ())]

    def run(self, text: str) -> None:
        try:
            for token in _TOKEN.finditer(text):
                if token.lastgroup != "skip":
                    self._scan_token(str(token.lastgroup), token[0])
                if self.found.excess:
                    return
        except _BrokenError:
            return

    def _scan_token(self, kind: str, token: str) -> None:
        if kind == "newline":
            self._end_line()
            self._line += token.count("\n")
        elif kind == "mark":
            self._scan_mark(token)
        else:
            self._scan_word(kind, token)
        if kind == "block":
            self._line += token.count("\n")
        if kind != "newline" and self.found.sections and self._frames[-1].kind != "header":
            self.found.sections[-1].last = self._line

    def _end_line(self) -> None:
        if self._frames[-1].kind == "header":
            self._frames.pop()
        frame = self._frames[-1]
        if frame.kind == "file":
            frame.key, frame.value = [], None

    def _scan_word(self, kind: str, token: str) -> None:
        frame = self._frames[-1]
        reading_key = frame.kind != "list" and frame.value is None
        if len(token) > MAX_WORD and (kind == "word" or reading_key):
            what = "key" if reading_key else "number or date"
            self._refuse(f"a {what} of {len(token)} characters; at most {MAX_WORD} are allowed")
        elif reading_key:
            frame.key.append(_key_part(token))
            if len(frame.key) > MAX_KEY_PARTS:
                self._refuse(f"a key of more than {MAX_KEY_PARTS} parts joined by dots")
        elif frame.kind == "list":
            self._record_item(frame)

    def _scan_mark(self, mark: str) -> None:
        frame = self._frames[-1]
        in_value = frame.kind == "list" or frame.value is not None
        if mark in "[{" and in_value:
            self._open_value(frame, mark)
        elif mark == "[":
            self._header_bracket(frame)
        elif mark == "]" and frame.kind == "header":
            self._end_header(frame)
        elif mark == "=" and not in_value:
            self._end_key(frame)
        elif mark == "," and frame.kind == "list":
            self._next_item(frame)
        elif mark == "," and frame.kind == "table":
            frame.key, frame.value = [], None
        elif mark in "]}":
            self._close_value(frame, mark)
        elif mark == "=" and frame.kind == "list":
            raise _BrokenError

    def _open_value(self, frame: _Frame, mark: str) -> None:
        path = frame.value if frame.value is not None else (*frame.path, frame.index)
        if frame.kind == "list":
            self._record_item(frame)
        self._frames.append(_Frame("list" if mark == "[" else "table", path))
        if len(self._frames) > MAX_DEPTH + 1:
            self._refuse(f"more than {MAX_DEPTH} levels of nested brackets")

    def _close_value(self, frame: _Frame, mark: str) -> None:
        if frame.kind != ("list" if mark == "]" else "table"):
            raise _BrokenError
        self._frames.pop()

    def _header_bracket(self, frame: _Frame) -> None:
        if frame.kind == "file" and not frame.key:
            self._frames.append(_Frame("header", ()))
        elif frame.kind == "header" and not frame.key and not frame.index:
            frame.index = 1  # the second bracket of [[
        else:
            raise _BrokenError

    def _end_header(self, frame: _Frame) -> None:
        if frame.value is not None:  # the second bracket of ]]
            return
        if not frame.key:
            raise _BrokenError
        for depth in range(1, len(frame.key)):
            self._record(self._resolved(frame.key[:depth]))
        path = (*self._resolved(frame.key[:-1]), frame.key[-1])
        self._record(path)
        if frame.index:
            self._array_sizes[path] = self._array_sizes.get(path, 0) + 1
        path = self._resolved(frame.key)
        self._record(path)
        self.found.keys.append((self._line, path))
        frame.value = self._frames[0].path = path
        self.found.sections.append(Section(path, self._line, self._line))

    def _resolved(self, key: list[str]) -> KeyPath:
        """``key`` with the number of the latest entry after each name of an array of tables."""
        path: KeyPath = ()
        for part in key:
            path = (*path, part)
            if path in self._array_sizes:
                path = (*path, self._array_sizes[path] - 1)
        return path

    def _end_key(self, frame: _Frame) -> None:
        if frame.kind == "header" or not frame.key:
            raise _BrokenError
        path = frame.path
        for part in frame.key:
            path = (*path, part)
            self._record(path)
        frame.value = path
        self.found.keys.append((self._line, path))

    def _next_item(self, frame: _Frame) -> None:
        frame.index += 1
        if frame.index >= MAX_ITEMS:
            self._refuse(f"a list of more than {MAX_ITEMS:,} items")

    def _record_item(self, frame: _Frame) -> None:
        if self._line != self.found.line_of(frame.path):  # otherwise the list's line is enough
            self._record((*frame.path, frame.index))

    def _record(self, path: KeyPath) -> None:
        self.found.lines.setdefault(path, self._line)
        if len(self.found.lines) > MAX_KEYS:
            self._refuse(f"more than {counted(MAX_KEYS, 'key')}; split the library")

    def _refuse(self, reason: str) -> None:
        self.found.excess = (self._line, reason)


def _key_part(token: str) -> str:
    if token[0] not in "\"'":
        return token
    if "\\" not in token or token[0] == "'":
        return token[1:-1]
    try:
        return str(tomllib.loads(f"key = {token}")["key"])
    except tomllib.TOMLDecodeError:
        return token
