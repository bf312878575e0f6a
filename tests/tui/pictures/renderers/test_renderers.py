"""The renderers: their common behaviour, and the output of each."""

from __future__ import annotations

import base64
import io
import re
from typing import get_args

import pytest
from PIL import Image
from support.preview_samples import gradient
from textual.geometry import Offset

from xray_tui.config import PreviewMode
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS, Renderer
from xray_tui.tui.pictures.renderers.table import RENDERERS, best_renderer, renderer_named
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply

CELL = CellSize(10, 20)
CORNER = Offset(3, 5)

every_renderer = pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)


def test_the_settings_name_every_renderer() -> None:
    assert {renderer.name for renderer in RENDERERS} == {*get_args(PreviewMode)} - {"auto"}
    assert all(renderer_named(renderer.name) is renderer for renderer in RENDERERS)


def test_a_terminal_that_cannot_do_more_gets_half_cells() -> None:
    assert best_renderer(TerminalReply()).name == "halfcell"


@every_renderer
def test_a_drawing_has_a_strip_for_each_row(renderer: Renderer) -> None:
    drawing = renderer.draw(gradient(100, 50), 30, 8, CELL, MAX_GREYS)
    assert (drawing.columns, drawing.rows) == (30, 8)
    assert [strip.cell_length for strip in drawing.strips] == [30] * 8
    assert [strip.cell_length for strip in drawing.graphics(CORNER)] == [30] * 8
    assert drawing.transfer_bytes > 0


@every_renderer
def test_only_graphics_differ_from_characters(renderer: Renderer) -> None:
    drawing = renderer.draw(gradient(100, 50), 30, 8, CELL, MAX_GREYS)
    graphical = renderer.name in ("sixel", "kitty")
    assert drawing.has_graphics == renderer.needs_reply == graphical
    assert (drawing.graphics(CORNER) is drawing.strips) == (not graphical)
    assert bool(drawing.transmission) == bool(drawing.removal) == (renderer.name == "kitty")
    assert bool(drawing.overwrite(CORNER)) == (renderer.name == "sixel")
    assert renderer.pixels_in(CELL) == (CELL if graphical else CellSize(1, 2))


@every_renderer
def test_characters_stand_in_for_graphics(renderer: Renderer) -> None:
    characters, picture = renderer.characters, gradient(100, 50)
    expected = characters.strips(characters.scaled(picture, 30, 8))
    assert renderer.draw(picture, 30, 8, CELL, MAX_GREYS).strips == expected
    assert characters.characters is characters


def test_half_cells_hold_two_pixels_each() -> None:
    picture = Image.new("L", (3, 4))
    picture.putdata([0, 0, 9, 255, 255, 9, 7, 7, 7, 7, 7, 7])
    first, second = renderer_named("halfcell").characters.strips(picture)
    assert [(s.text, s.style.color.triplet.red, s.style.bgcolor.triplet.red) for s in first] == [
        ("▀▀", 0, 255),
        ("▀", 9, 9),
    ]
    assert [segment.text for segment in second] == ["▀▀▀"]
    assert renderer_named("halfcell").characters.background(37) == 37


def test_shades_need_no_colour() -> None:
    picture = Image.new("L", (5, 1))
    picture.putdata([0, 60, 130, 190, 255])
    shades = renderer_named("unicode").characters
    assert [strip.text for strip in shades.strips(picture)] == [" ░▒▓█"]
    assert shades.background(37) == 0  # shades are always drawn on black


def test_a_sixel_is_sent_with_the_last_row_and_starts_at_the_corner() -> None:
    drawing = renderer_named("sixel").draw(gradient(90, 90), 9, 4, CELL, MAX_GREYS)
    *rows, last = drawing.graphics(CORNER)
    assert ["".join(segment.text for segment in row) for row in rows] == ["\x1b[9C"] * 3
    text = "".join(segment.text for segment in last)
    assert text == "\x1b[9C" + drawing.overwrite(CORNER)
    assert text.startswith("\x1b[9C\x1b[6;4H\x1bP") and text.endswith("\x1b\\\x1b[9;13H")


def test_kitty_receives_the_picture_and_draws_placeholders() -> None:
    drawing = renderer_named("kitty").draw(gradient(90, 90), 9, 4, CELL, MAX_GREYS)
    commands = re.findall(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", drawing.transmission)
    png = base64.b64decode("".join(payload for _, payload in commands))
    assert Image.open(io.BytesIO(png)).size == (90, 80)
    number = re.search(r"i=(\d+)", commands[0][0])
    assert number is not None and 0 < int(number[1]) < 2**32
    assert commands[-1][0] == f"a=p,i={number[1]},c=9,r=4,U=1,q=2"
    assert all("q=2" in keys for keys, _ in commands)  # a reply would look like key presses
    assert f"i={number[1]}" in drawing.removal
    placeholders = drawing.graphics(CORNER)
    assert [strip.cell_length for strip in placeholders] == [9] * 4
    assert placeholders[0].text.count("\U0010eeee") == 9
