"""Finds words in all pages of the manual, where they stand on the rendered lines."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate

from rich.cells import cell_len

from xray_tui.manual.rendering import RenderedPage


@dataclass(frozen=True)
class Span:
    """Part of one line, from column ``start`` up to ``end``."""

    line: int
    start: int
    end: int


@dataclass(frozen=True)
class Hit:
    """One place where the words stand: the page's name, and a span for each line they cover."""

    page: str
    spans: tuple[Span, ...]


def find_words(words: str, pages: Mapping[str, RenderedPage]) -> list[Hit]:
    """Every place in ``pages`` with ``words`` one after the other; line breaks count as blanks.

    Upper and lower case are the same. No words, no hits.
    """
    parts = [re.escape(word) for word in words.split()]
    if not parts:
        return []
    pattern = re.compile(r"\s+".join(parts), re.IGNORECASE)
    return [
        Hit(name, spans) for name, page in pages.items() for spans in _spans(pattern, page.texts)
    ]


def _spans(pattern: re.Pattern[str], texts: Sequence[str]) -> list[tuple[Span, ...]]:
    starts = [0, *accumulate(len(text) + 1 for text in texts)]
    found = []
    for match in pattern.finditer("\n".join(texts)):
        first = bisect_right(starts, match.start()) - 1
        last = bisect_right(starts, match.end() - 1) - 1
        spans = []
        for line in range(first, last + 1):
            text = texts[line]
            blank = len(text) - len(text.lstrip())
            begin = match.start() - starts[line] if line == first else blank
            end = match.end() - starts[line] if line == last else len(text)
            if begin < end:
                spans.append(Span(line, cell_len(text[:begin]), cell_len(text[:end])))
        found.append(tuple(spans))
    return found
