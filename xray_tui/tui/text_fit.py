"""Texts in the room there is: cut, padded, or with fewer facts."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len, set_cell_size


def fitting(notes: Sequence[str], width: int) -> list[str]:
    """The first of ``notes`` that fit into ``width``; the first is cut if it has to be."""
    for count in range(len(notes), 1, -1):
        if cell_len(" · ".join(notes[:count])) <= width:
            return list(notes[:count])
    return [cut(note, width) for note in notes[:1]]


def cut(text: str, width: int) -> str:
    """``text`` in at most ``width`` cells, with an ellipsis where it is cut."""
    return text if cell_len(text) <= width else f"{set_cell_size(text, max(width - 1, 0))}…"


def pad(text: str, width: int) -> str:
    """``text`` in exactly ``width`` cells."""
    return set_cell_size(cut(text, width), width)
