"""In what the parameters of several images differ."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

_LONG = 24
"""Characters of a value, from which on only the words that differ are worth their room."""

_NONE = "–"
_LEFT_OUT = "…"


def differences(details: Sequence[Mapping[str, str]]) -> list[str]:
    """The names whose values are not the same in all, in their order; a missing one differs."""
    names = dict.fromkeys(name for one in details for name in one)
    return [name for name in names if len({one.get(name) for one in details}) > 1]


def differing_values(details: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """For each of ``details`` what it has where they differ; of long texts the words around it."""
    values: list[dict[str, str]] = [{} for _ in details]
    for name in differences(details):
        texts = [one.get(name) or _NONE for one in details]
        if max(map(len, texts)) >= _LONG:
            texts = list(_without_the_same(texts))
        for one, text in zip(values, texts, strict=True):
            one[name] = text
    return values


def _without_the_same(texts: Sequence[str]) -> Iterator[str]:
    """Each text without the words all begin and end with, but for one on each side."""
    words = [text.split() for text in texts]
    start = max(0, _same(words) - 1)
    end = max(0, _same([one[start:][::-1] for one in words]) - 1)
    for one in words:
        part = one[start : len(one) - end]
        yield " ".join([*[_LEFT_OUT] * (start > 0), *part, *[_LEFT_OUT] * (end > 0)])


def _same(lists: Sequence[Sequence[str]]) -> int:
    """How many words all begin with."""
    return len(list(takewhile(lambda words: len(set(words)) == 1, zip(*lists, strict=False))))
