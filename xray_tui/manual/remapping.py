"""The manual with the keys that the user chose."""

from __future__ import annotations

import re
from collections.abc import Mapping

from xray_tui.key_names import key_names
from xray_tui.keymap import MEANINGS

_IN_CELL = re.compile(r"\| (?P<codes>(?:`[^`]+` ?)+)\|")


def with_keys(text: str, keys: Mapping[str, str]) -> str:
    """The Markdown ``text`` with the ``keys`` that the user gave to meanings of the keymap.

    What stands between backquotes is replaced if it is a changed key: in the first cell of a table
    that has nothing but keys by all keys of the meaning, elsewhere by the first one.
    """
    if not keys:
        return text
    changed = {
        form: key_names(keys[name]).split("  ")
        for name in keys
        for shown in key_names(MEANINGS[name].keys).split("  ")
        for form in (shown, re.sub(r"\bf(?=\d)", "F", shown))  # sentences have F2, tables f2
    }

    def in_cell(match: re.Match[str]) -> str:
        codes = re.findall("`([^`]+)`", match["codes"])
        now = dict.fromkeys(key for code in codes for key in changed.get(code, [code]))
        return "| " + " ".join(f"`{key}`" for key in now) + " |"

    def in_prose(match: re.Match[str]) -> str:
        return f"`{changed[match[1]][0]}`" if match[1] in changed else match[0]

    def in_line(line: str) -> str:
        cell = _IN_CELL.match(line)
        start = in_cell(cell) if cell else ""
        return start + re.sub("`([^`]+)`", in_prose, line[cell.end() if cell else 0 :])

    return "\n".join(map(in_line, text.split("\n")))
