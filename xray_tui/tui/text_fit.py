"""Fits text to a width in terminal cells: cut, padded, wrapped, or with fewer facts."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, chop_cells, set_cell_size


def fitting(facts: Sequence[str], width: int) -> list[str]:
    """The first of ``facts`` that fit into ``width`` cells when joined with " · ".

    The first fact is always returned, cut if it is too long; the others are left out whole.
    """
    for count in range(len(facts), 1, -1):
        if cell_len(" · ".join(facts[:count])) <= width:
            return list(facts[:count])
    return [cut(fact, width) for fact in facts[:1]]


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, with an ellipsis where it is cut."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"


def pad(text: str, width: int) -> str:
    """``text`` in exactly ``width`` cells."""
    return set_cell_size(cut(text, width), width)


def wrap(text: str, width: int) -> list[str]:
    """``text``, a single line, in pieces of at most ``width`` cells.

    It is broken at spaces where there are any. An empty text gives one empty piece. ``width`` must
    be at least 2, the width of the widest characters.
    """
    pieces = []
    while cell_len(text) > width:
        first = text[:width] if text.isascii() else chop_cells(text, width)[0]
        at = first.rfind(" ", 1) if text[len(first)] != " " else len(first)
        piece = first[:at] if at > 0 else first
        pieces.append(piece)
        text = text[len(piece) :].removeprefix(" ")
    return [*pieces, text]
