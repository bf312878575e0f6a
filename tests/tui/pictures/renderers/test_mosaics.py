"""Mosaics: each cell has the character and the greys that are nearest to the picture."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pytest
from PIL import Image
from support.cell_pixels import filled, original, seen, similarity
from support.radiographs import radiograph

from xray_tui.tui.pictures.renderers.greys import Colours
from xray_tui.tui.pictures.renderers.mosaics import _fitted
from xray_tui.tui.pictures.renderers.patterns import (
    QUADRANTS,
    SEXTANTS,
    WHOLE_QUADRANTS,
    WHOLE_SEXTANTS,
    Patterns,
)
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.terminal_query import NO_REPLY, CellSize

CELL = CellSize(10, 20)


def shown(name: str, picture: Image.Image, columns: int, rows: int, colours: Colours) -> np.ndarray:
    renderer = renderer_named(name, NO_REPLY, colours)
    return seen(renderer.draw(picture, columns, rows, CELL, 64).strips)


@pytest.mark.parametrize("name", ["quadrant", "sextant"])
@pytest.mark.parametrize(("columns", "rows"), [(36, 18), (13, 6)])
def test_pictures_are_more_like_the_image_than_with_half_cells(
    name: str, columns: int, rows: int
) -> None:
    """``tests/benchmarks/test_character_pictures.py`` measures it with real radiographs."""
    for number in range(4):
        picture = radiograph(number)
        wanted = original(picture, columns, rows)
        ours, half = (
            similarity(wanted, shown(kind, picture, columns, rows, "truecolor"))
            for kind in (name, "halfcell")
        )
        assert ours > 1.1 * half
        few = similarity(wanted, shown(name, picture, columns, rows, "256"))
        assert few > similarity(wanted, shown("halfcell", picture, columns, rows, "256"))


@pytest.mark.parametrize("name", ["quadrant", "sextant"])
def test_the_character_is_the_one_with_the_least_squared_error(name: str) -> None:
    """Compared with all characters and the means of their parts, at the size of samples."""
    renderer = renderer_named(name)
    random = np.random.default_rng(3)
    coarse = random.integers(0, 256, (24, 40), dtype=np.uint8)  # 2 × 4 different greys in a cell
    pixels = Image.fromarray(coarse).resize((160, 48), Image.Resampling.NEAREST)
    pixels = renderer.scaled(pixels, 20, 6)
    strips = renderer.strips(pixels)
    chars = renderer_named("quadrant")._patterns.boxes  # type: ignore[attr-defined]
    samples = np.asarray(pixels, dtype=float)
    for row, column in product(range(6), range(20)):
        cell = samples[row * 8 : row * 8 + 8, column * 8 : column * 8 + 8]
        strip = strips[row].crop(column, column + 1)
        drawn = np.abs(_sampled(seen([strip])) - cell)
        least = min(_error(cell, _sampled(filled(char))) for char in chars)
        assert (drawn**2).sum() <= least * 1.02 + 64, (row, column)


def _sampled(pixels: np.ndarray) -> np.ndarray:
    """The mean of each of 8 × 8 samples of a cell of 24 × 12 pixels."""
    wide = np.repeat(pixels, 2, axis=1)
    return wide.reshape(8, 3, 8, 3).mean(axis=(1, 3))


def _error(cell: np.ndarray, part: np.ndarray) -> float:
    """The squared error of the best two greys in the two parts of a cell."""
    inside = (cell * part).sum() / part.sum()
    outside = (cell * (1 - part)).sum() / (1 - part).sum()
    return float(((inside * part + outside * (1 - part) - cell) ** 2).sum())


@pytest.mark.parametrize("name", ["quadrant", "sextant"])
def test_an_edge_along_a_part_of_the_cell_is_exact(name: str) -> None:
    for char in "▀▌▂▅▆▎▊▚▝":
        part = Image.fromarray((filled(char) * 180 + 20).astype(np.uint8))
        picture = Image.new("L", (24, 24))
        picture.paste(part, (0, 0))
        picture.paste(part, (12, 0))
        strips = renderer_named(name).strips(picture.resize((16, 8), Image.Resampling.BOX))
        ((text, style, _),) = strips[0]
        assert text == 2 * char
        assert {style.color.triplet.red, style.bgcolor.triplet.red} == {20, 200}


@pytest.mark.parametrize("name", ["quadrant", "sextant"])
def test_a_zoomed_picture_shows_its_own_pixels(name: str) -> None:
    pixels = np.random.default_rng(5).integers(0, 256, (12, 9), dtype=np.uint8)
    zoomed = seen(renderer_named(name).draw(Image.fromarray(pixels), 9, 6, CELL, 64).strips)
    assert (zoomed[6::12, 6::12] == pixels).all()


@pytest.mark.parametrize("name", ["quadrant", "sextant"])
def test_an_edge_has_no_fringes_where_a_small_picture_is_enlarged(name: str) -> None:
    picture = Image.new("L", (16, 16), 60)
    picture.paste(200, (4, 4, 12, 12))
    enlarged = seen(renderer_named(name).draw(picture, 36, 18, CELL, 64).strips)
    assert enlarged.min() == 60 and enlarged.max() == 200


def test_cells_in_one_grey_are_one_run() -> None:
    for name in ("quadrant", "sextant"):
        (strip,) = renderer_named(name).draw(Image.new("L", (64, 64), 99), 9, 1, CELL, 64).strips
        ((text, style, _),) = strip
        assert text == "▀" * 9
        assert style.color == style.bgcolor and style.color.triplet.red == 99


@pytest.mark.parametrize("patterns", [QUADRANTS, SEXTANTS, WHOLE_QUADRANTS, WHOLE_SEXTANTS])
def test_the_order_in_which_a_cpu_adds_decides_nothing(patterns: Patterns) -> None:
    """Pictures of few greys have many ties: characters equally good, and means at a half."""
    random = np.random.default_rng(7)
    greys = random.integers(0, 256, (4000, 2))
    samples = greys[np.arange(4000)[:, None], random.integers(0, 2, (4000, patterns.samples))]
    order = random.permutation(patterns.samples)
    usual = _fitted(samples.astype(np.float32), patterns)
    for other in (
        _fitted(samples.astype(np.float64), patterns),
        _fitted(samples[:, order].astype(np.float32), _reordered(patterns, order)),
    ):
        for ours, theirs in zip(usual, other, strict=True):
            np.testing.assert_array_equal(ours, theirs)


def _reordered(patterns: Patterns, order: np.ndarray) -> Patterns:
    other = replace(patterns)
    vars(other)["weights"] = np.ascontiguousarray(patterns.weights[order])
    return other
