"""One cell of the gallery: its frame is around the picture, whatever the picture's shape."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PIL import Image
from rich.style import Style
from support.gallery_samples import a_row
from textual.geometry import Region, Size

from xray_tui.tui.pictures.renderers.half_cells import HalfCells
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.review.gallery.cells import CellLook, CellState, draw_cell
from xray_tui.tui.review.gallery.pictures import Thumbnail

STYLE = Style(color="#aaaaaa", bgcolor="#000000")
LOOK = CellLook(*[STYLE] * 10)
SIZE = Size(20, 10)


@pytest.mark.parametrize("shape", [(18, 8), (17, 8), (16, 8), (11, 8), (18, 5), (1, 1)])
@pytest.mark.parametrize(("marked", "sides"), [(False, "██"), (True, "││")])
def test_the_frame_has_no_gap_to_the_picture(
    shape: tuple[int, int], marked: bool, sides: str
) -> None:
    """F21: with an odd number of columns there was one at the right."""
    renderer = HalfCells()
    thumbnail = Thumbnail(Image.new("L", (64, 64), 99), *shape, renderer, CellSize(10, 20))
    state = CellState(a_row(1), thumbnail, cursor=not marked, marked=marked)
    strips = draw_cell(state, Region(0, 0, *SIZE), LOOK)
    assert [strip.cell_length for strip in strips] == [SIZE.width] * SIZE.height
    lines = [strip.text for strip in strips[:-1]]
    picture = next(line for line in lines if "▀" in line).strip()
    assert picture == sides[0] + "▀" * shape[0] + sides[1]
    left = (SIZE.width - len(picture)) // 2
    assert len(lines[0].strip()) == len(picture)
    assert all(line[left] == sides[0] for line in lines[1:])
    assert all(line[left + len(picture) - 1] == sides[1] for line in lines[1:])


@pytest.mark.parametrize(("shape", "columns"), [((18, 8), 20), ((17, 8), 19), ((11, 8), 20)])
def test_the_bar_of_the_caption_ends_with_the_frame(shape: tuple[int, int], columns: int) -> None:
    thumbnail = Thumbnail(Image.new("L", (64, 64), 99), *shape, HalfCells(), CellSize(10, 20))
    look = replace(LOOK, cursor=Style(color="#000000", bgcolor="#55aacc"))
    strips = draw_cell(
        CellState(a_row(1), thumbnail, cursor=True, marked=False), Region(0, 0, *SIZE), look
    )
    coloured = [cell for cell, style, _ in strips[-1] if style.bgcolor == look.cursor.bgcolor]
    assert sum(map(len, coloured)) == columns
