"""Decides what can stand at the cursor: a command, an option, or a value of some kind."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence

from xray_tui.cli.completion.asked import FILE, FOLDER, TABLE, Word, understand


def offered(before: Sequence[str], typed: str) -> tuple[str, list[Word]]:
    """What can follow the words ``before`` and the beginning ``typed`` of the next.

    Returns ``words``, ``parts`` (beginnings of words), ``files`` or ``folders``, and the words.
    """
    asked = understand(json.loads(TABLE.read_text(encoding="utf-8")), before, typed)
    if asked.kind in (FOLDER, FILE) and not asked.words:
        return f"{asked.kind}s", []
    values: Iterable[Word] = ()
    if isinstance(asked.kind, list):
        values = [(value, "") for value in asked.kind]
    elif asked.kind:
        from xray_tui.cli.completion.values import values_of

        values = values_of(str(asked.kind), asked)
    found = [
        (asked.prefix + word, _one_line(meaning))
        for word, meaning in (*asked.words, *values)
        if word.startswith(asked.given) and word.isprintable()
    ]
    unfinished = any(word.endswith(":") for word, _ in found)
    return "parts" if unfinished else "words", found


def _one_line(text: str) -> str:
    return "".join(char if char.isprintable() else " " for char in text)
