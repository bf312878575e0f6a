"""Which parameters differ between several images."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import takewhile

_LONG = 24
"""Values longer than this are shortened to the words that differ."""

_NONE = "–"
_ELLIPSIS = "…"


def differences(details: Sequence[Mapping[str, str]]) -> list[str]:
    """The names whose values differ, in their order; a missing value counts as different."""
    names = dict.fromkeys(name for one in details for name in one)
    return [name for name in names if len({one.get(name) for one in details}) > 1]


def differing_values(details: Sequence[Mapping[str, str]]) -> list[dict[str, str]]:
    """For each of ``details`` the values that differ; long ones are cut to the differing words."""
    values: list[dict[str, str]] = [{} for _ in details]
    for name in differences(details):
        texts = [one.get(name) or _NONE for one in details]
        if max(map(len, texts)) >= _LONG:
            texts = list(_without_common_ends(texts))
        for one, text in zip(values, texts, strict=True):
            one[name] = text
    return values


def _without_common_ends(texts: Sequence[str]) -> Iterator[str]:
    """Each text without the words all texts begin and end with, except one on each side."""
    words = [text.split() for text in texts]
    start = max(0, _common_start(words) - 1)
    end = max(0, _common_start([one[start:][::-1] for one in words]) - 1)
    for one in words:
        part = one[start : len(one) - end]
        yield " ".join([*[_ELLIPSIS] * (start > 0), *part, *[_ELLIPSIS] * (end > 0)])


def _common_start(lists: Sequence[Sequence[str]]) -> int:
    """How many words all lists have in common at the start."""
    return len(list(takewhile(lambda words: len(set(words)) == 1, zip(*lists, strict=False))))
