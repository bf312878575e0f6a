"""iTerm2's inline images."""

from __future__ import annotations

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from support.preview_samples import gradient
from support.radiographs import radiograph
from textual.geometry import Offset, Region

from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS
from xray_tui.tui.pictures.renderers.table import best_renderer, renderer_named
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply

CELL = CellSize(10, 20)
CORNER = Offset(3, 5)
SEQUENCE = re.compile(
    r"\x1b\[(\d+);(\d+)H\x1b\]1337;File=inline=1;size=(\d+);width=(\d+);height=(\d+)"
    r";preserveAspectRatio=0:([A-Za-z0-9+/=]+)\x07"
)


def drawn(picture: Image.Image, greys: int = MAX_GREYS) -> GraphicDrawing:
    drawing = renderer_named("iterm2").draw(picture, 9, 4, CELL, greys)
    assert isinstance(drawing, GraphicDrawing)
    return drawing


def sent(sequence: str) -> tuple[tuple[int, ...], Image.Image]:
    """Row, column, width and height in cells, and the picture."""
    match = SEQUENCE.fullmatch(sequence)
    assert match is not None
    *places, data = match.groups()
    file = base64.b64decode(data, validate=True)
    row, column, size, width, height = map(int, places)
    assert size == len(file)
    return (row, column, width, height), Image.open(io.BytesIO(file))


def difference(one: Image.Image, other: Image.Image) -> float:
    return float(np.abs(np.asarray(one, float) - np.asarray(other, float)).mean())


def test_a_picture_is_a_file_over_its_cells() -> None:
    drawing = drawn(gradient(90, 90))
    place, picture = sent(drawing.part(Region(0, 0, 9, 4), CORNER))
    assert place == (6, 4, 9, 4) and picture.size == (90, 80)
    assert difference(picture, drawing.pixels) < 2
    assert drawing.transmission == () and drawing.removal == "" and not drawing.comes_back


def test_a_part_has_the_pixels_of_its_cells() -> None:
    drawing = drawn(gradient(90, 90))
    place, picture = sent(drawing.part(Region(2, 1, 3, 2), CORNER))
    assert place == (7, 6, 3, 2) and picture.size == (30, 40)
    assert difference(picture, drawing.pixels.crop((20, 20, 50, 60))) < 2


def test_a_draft_is_small_and_covers_the_same_cells() -> None:
    drawing = renderer_named("iterm2").draw(radiograph(1), 51, 24, CELL, MAX_GREYS)
    assert isinstance(drawing, GraphicDrawing)
    draft = drawing.draft(CORNER)
    place, picture = sent(draft)
    assert place == (6, 4, 51, 24) and len(draft) < 5_000 < drawing.part_bytes
    assert difference(picture.resize(drawing.pixels.size), drawing.pixels) < 10


def test_it_takes_fewer_bytes_than_sixel_and_fewer_still_while_live() -> None:
    def size(name: str, greys: int = MAX_GREYS) -> int:
        drawing = renderer_named(name).draw(radiograph(1), 51, 24, CellSize(8, 17), greys)
        return drawing.transfer_bytes

    assert size("iterm2", 24) < size("iterm2") < 0.7 * size("sixel")


@pytest.mark.parametrize(
    ("name", "sixel", "best"),
    [
        ("WezTerm 20240203-110809-5046fc22", True, "iterm2"),
        ("iTerm2 3.5.0", True, "iterm2"),
        ("mintty 3.6.4", True, "iterm2"),
        ("xterm.js(6.1.0)", True, "iterm2"),
        ("xterm.js(6.1.0)", False, "quadrant"),  # VS Code with images switched off
        ("vscode", True, "iterm2"),  # from TERM_PROGRAM
        ("iTerm.app", True, "iterm2"),
        ("iTerm.app", False, "quadrant"),
        ("Apple_Terminal", False, "quadrant"),
        ("XTerm(379)", True, "sixel"),
        ("foot(1.13.1)", True, "sixel"),
        ("tmux 3.5a", True, "sixel"),
    ],
)
def test_only_terminals_known_to_show_them_get_them(name: str, sixel: bool, best: str) -> None:
    assert best_renderer(TerminalReply(sixel=sixel, name=name)).name == best
