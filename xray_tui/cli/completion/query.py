"""Completes the last term of a filter: its field, or a value of the field."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping

from xray_tui.cli.completion.asked import Word

Values = Callable[[str], Iterable[Word]]
"""Finds the values of a field in the dataset."""

_PLAIN = re.compile(r"[\w+./@*-]+")
"""Values that need no quotes, in a filter and in a shell."""


def terms(
    given: str, fields: Mapping[str, tuple[str, list[str]]], values: Values
) -> Iterator[Word]:
    """The whole filter, for each way to complete the last term of ``given``.

    ``fields`` are all fields with their meanings and choices; for a field without choices,
    ``values`` is asked.
    """
    before, space, term = given.rpartition(" ")
    start = before + space + "-" * term.startswith("-")
    name, colon, value = term.removeprefix("-").partition(":")
    if not colon:
        for field, (meaning, _) in fields.items():
            yield f"{start}{field}:", meaning
    elif name in fields:
        earlier, comma, _ = value.rpartition(",")
        choices = [(choice, "") for choice in fields[name][1]]
        for found, meaning in choices or values(name):
            if _PLAIN.fullmatch(found):
                yield f"{start}{name}:{earlier}{comma}{found}", meaning
