"""Reads TOML that a person wrote: the line of a mistake, and a hint that says what to write."""

from __future__ import annotations

import codecs
import re
import tomllib
from typing import Any

from xray_tui.text import clean

_MARK_IS_THERE = "starts with a byte order mark; save it as UTF-8 without one"
_HINTS = {
    "Cannot overwrite a value": "this key appears twice",
    "Cannot mutate immutable namespace": "this key or table appears twice",
    "Cannot declare": "this table appears twice",
    "Invalid value": 'write text in quotes: key = "value"',
    "Unclosed array": "end the list with ]",
    "Illegal character '\\n'": "close the quotes on the same line",
    "Unterminated string": "end the text with the same quotes that start it",
    "Expected '='": 'write key = "value"',
    "Unescaped '\\'": "write a backslash as \\\\",
    "Invalid hex value": "write a backslash as \\\\",
}
_LONG_NUMBER = re.compile(r"[0-9][0-9_]{3999}")
"""Python does not read numbers of more than 4300 digits."""


class TomlTextError(ValueError):
    """A mistake in the line with the number ``line``; ``str(error)`` says what is wrong."""

    def __init__(self, line: int, reason: str) -> None:
        super().__init__(reason)
        self.line = line


def decode(content: bytes) -> str:
    """The text of a TOML file.

    Raises:
        TomlTextError: the content is not UTF-8, or it starts with a byte order mark.
    """
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise TomlTextError(1, "is UTF-16 text; save the file as UTF-8")
    try:
        text = content.decode()
    except UnicodeDecodeError as error:
        line = content.count(b"\n", 0, error.start) + 1
        reason = f"not UTF-8 text (byte 0x{content[error.start]:02x}); save the file as UTF-8"
        raise TomlTextError(line, reason) from None
    refuse_mark(text)
    return text


def refuse_mark(text: str) -> None:
    """Check that ``text`` does not start with a byte order mark.

    Raises:
        TomlTextError: ``text`` starts with a byte order mark.
    """
    if text.startswith("\ufeff"):
        raise TomlTextError(1, _MARK_IS_THERE)


def parse(text: str) -> dict[str, Any]:
    """The tables in ``text``.

    Raises:
        TomlTextError: ``text`` is not valid TOML.
    """
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _syntax_error(str(error), text) from None
    except RecursionError:
        raise TomlTextError(1, "not valid TOML: lists or tables are nested too deep") from None
    except ValueError as error:  # tomllib does not rule these out
        number = _LONG_NUMBER.search(text)
        line = text.count("\n", 0, number.start()) + 1 if number else 1
        reason = "a number has too many digits" if number else clean(str(error))
        raise TomlTextError(line, f"not valid TOML: {reason}") from None


def _syntax_error(message: str, text: str) -> TomlTextError:
    match = re.search(r" \(at (?:line (\d+), column (\d+)|end of document)\)$", message)
    reason = message[: match.start()] if match else message
    line = int(match[1]) if match and match[1] else text.rstrip("\n").count("\n") + 1
    column = f" (column {match[2]})" if match and match[2] else ""
    hint = next((f"; {hint}" for start, hint in _HINTS.items() if reason.startswith(start)), "")
    return TomlTextError(line, f"not valid TOML: {clean(reason)}{column}{hint}")
