"""Block characters: which part of a cell each of them fills."""

from __future__ import annotations

import unicodedata
from itertools import combinations

import numpy as np
import pytest
from support.cell_pixels import filled
from support.glyphs import COMMON_GLYPHS

from xray_tui.tui.pictures.renderers.patterns import (
    QUADRANTS,
    SEXTANTS,
    WHOLE_QUADRANTS,
    WHOLE_SEXTANTS,
    Box,
    Patterns,
)

ALL = [QUADRANTS, SEXTANTS, WHOLE_QUADRANTS, WHOLE_SEXTANTS]


@pytest.mark.parametrize("patterns", ALL)
def test_each_character_fills_its_part_and_no_two_are_alike(patterns: Patterns) -> None:
    for char, boxes in patterns.boxes.items():
        painted = sum(_painted(box) for box in boxes)
        assert np.allclose(painted, filled(char), atol=0.51), char  # half a pixel at an eighth
    for one, other in combinations(patterns.boxes, 2):
        assert abs(filled(one) - filled(other)).max() > 0, (one, other)
        assert abs(filled(one) - (1 - filled(other))).max() > 0, (one, other)  # greys swapped


def _painted(box: Box) -> np.ndarray:
    cell = np.zeros_like(filled(" "))
    height, width = cell.shape
    rows = slice(round(box.top * height), round(box.bottom * height))
    cell[rows, int(box.left * width) : round(box.right * width + 0.01)] = 1
    return cell


def test_every_division_of_a_cell_has_a_character() -> None:
    """One of two: the other is the same with the greys swapped."""
    assert len(WHOLE_QUADRANTS.boxes) == 2**4 // 2 - 1
    assert len(WHOLE_SEXTANTS.boxes) == 2**6 // 2 - 1


def test_quadrants_and_eighths_are_in_the_fonts_of_terminals() -> None:
    assert set(QUADRANTS.boxes) <= COMMON_GLYPHS
    sextants = set(SEXTANTS.boxes) - COMMON_GLYPHS
    assert all(unicodedata.name(char).startswith("BLOCK SEXTANT") for char in sextants)


def test_sextants_have_their_codes() -> None:
    """U+1FB13 is BLOCK SEXTANT-35: the left ones of the second and third row."""
    assert SEXTANTS.boxes["\U0001fb13"] == (Box(0, 1 / 3, 0.5, 2 / 3), Box(0, 2 / 3, 0.5, 1))
