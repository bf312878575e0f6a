"""Pictures fitted into a box of cells."""

from __future__ import annotations

import pytest

from xray_tui.tui.pictures.scaling import fit
from xray_tui.tui.pictures.terminal_query import CellSize

CELL = CellSize(10, 20)


@pytest.mark.parametrize(
    ("size", "box", "cells"),
    [
        ((256, 256), (40, 20), (40, 20)),
        ((256, 256), (80, 20), (40, 20)),
        ((256, 256), (30, 20), (30, 15)),
        ((512, 256), (40, 20), (40, 10)),
        ((10, 4000), (40, 20), (1, 20)),
        ((4000, 10), (40, 20), (40, 1)),
        ((1, 1), (1, 1), (1, 1)),
    ],
)
def test_a_picture_is_as_large_as_fits_and_keeps_its_proportions(
    size: tuple[int, int], box: tuple[int, int], cells: tuple[int, int]
) -> None:
    assert fit(size, box, CELL) == cells
