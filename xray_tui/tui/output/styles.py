"""The shortest sequences from one style to the next."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import NamedTuple

_TRUE_COLOUR = re.compile(r"([34]8);2;(\d+);(\d+);(\d+)")
_GREYS, _FIRST_GREY, _STEP = 24, 232, 2
"""The greys of terminals with 256 colours; a coarse picture has one of two."""

_CODE = re.compile(r"[34]8;2;\d+;\d+;\d+|[34]8;5;\d+|\d+")
"""A colour, as ``38;2;r;g;b`` or ``38;5;n``, or another number."""


class _Parts(NamedTuple):
    attributes: frozenset[str]
    text: str
    back: str


def change(before: str, after: str) -> str:
    """The sequence that changes the style ``before`` to ``after``.

    Both are numbers of SGR sequences as in ``1;38;2;255;0;0``; no number is the plain style.
    """
    if before == after:
        return ""
    if not after:
        return "\x1b[m"
    old, new = _parts(before), _parts(after)
    text = "" if new.text == old.text else new.text or "39"
    back = "" if new.back == old.back else new.back or "49"
    if text and back and old.attributes == new.attributes:  # the usual change in a picture
        return f"\x1b[{text};{back}m"
    if old.attributes - new.attributes:
        return f"\x1b[0;{after}m"
    added = sorted(new.attributes - old.attributes) if new.attributes else ()
    codes = ";".join(code for code in (*added, text, back) if code)
    return f"\x1b[{codes}m" if codes else ""


@lru_cache(1 << 14)
def coarse(codes: str) -> str:
    """The style with greys in place of its colours, and few of them: this has fewer bytes."""

    def grey(match: re.Match[str]) -> str:
        ground, *colour = match.groups()
        level = sum(map(int, colour)) * (_GREYS // _STEP) // (3 * 256)
        return f"{ground};5;{_FIRST_GREY + level * _STEP}"

    return _TRUE_COLOUR.sub(grey, codes)


@lru_cache(1 << 14)
def _parts(codes: str) -> _Parts:
    attributes, text, back = set(), "", ""
    for code in _CODE.findall(codes):
        number = int(code[:3].partition(";")[0])
        if 30 <= number <= 39 or 90 <= number <= 97:
            text = code
        elif 40 <= number <= 49 or 100 <= number <= 107:
            back = code
        else:
            attributes.add(code)
    return _Parts(frozenset(attributes), text, back)
