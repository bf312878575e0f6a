"""The renderers: their common behaviour, and the output of each."""

from __future__ import annotations

import base64
import io
import os
import re
from typing import get_args

import pytest
from PIL import Image
from rich.cells import cell_len
from support.preview_samples import gradient
from textual.geometry import Offset, Region

from xray_tui.config import PreviewMode
from xray_tui.tui.output.placements import is_mark
from xray_tui.tui.pictures.renderers.graphics import GraphicDrawing
from xray_tui.tui.pictures.renderers.greys import Colours
from xray_tui.tui.pictures.renderers.renderer import MAX_GREYS, Renderer
from xray_tui.tui.pictures.renderers.sixel import SixelDrawing
from xray_tui.tui.pictures.renderers.table import best_renderer, renderer_named, renderers_for
from xray_tui.tui.pictures.terminal_query import NO_REPLY, CellSize, TerminalReply

RENDERERS = renderers_for(NO_REPLY, "truecolor")
COLOURS = get_args(Colours)
CELL = CellSize(10, 20)
CORNER = Offset(3, 5)

every_renderer = pytest.mark.parametrize("renderer", RENDERERS, ids=lambda renderer: renderer.name)


def test_the_settings_name_every_renderer() -> None:
    assert {renderer.name for renderer in RENDERERS} == {*get_args(PreviewMode)} - {"auto"}
    assert all(renderer_named(renderer.name) is renderer for renderer in RENDERERS)


def test_a_terminal_gets_the_best_it_shows() -> None:
    assert best_renderer(NO_REPLY).name == "quadrant"
    assert best_renderer(TerminalReply(quadrants=False)).name == "halfcell"
    assert best_renderer(TerminalReply(name="foot(1.16.2)")).name == "sextant"
    assert best_renderer(TerminalReply(kitty=True, name="kitty(0.41.1)")).name == "kitty"


@pytest.mark.parametrize("name", ["sextant", "quadrant", "halfcell", "unicode"])
@pytest.mark.parametrize("colours", COLOURS)
def test_characters_are_as_wide_as_they_should_be(name: str, colours: Colours) -> None:
    """At all widths that a pane may have; no character is cut."""
    renderer = renderer_named(name, NO_REPLY, colours)
    picture = gradient(64, 64)
    for width in range(1, 201):
        strips = renderer.strips(renderer.scaled(picture, width, 2))
        assert [strip.cell_length for strip in strips] == [width] * 2
        assert [cell_len(strip.text) for strip in strips] == [width] * 2
        assert "".join(strip.text for strip in strips).isprintable()


@every_renderer
def test_a_drawing_has_a_strip_for_each_row(renderer: Renderer) -> None:
    drawing = renderer.draw(gradient(100, 50), 30, 8, CELL, MAX_GREYS)
    assert (drawing.columns, drawing.rows) == (30, 8)
    assert [strip.cell_length for strip in drawing.at(CORNER)] == [30] * 8
    assert drawing.transfer_bytes > 0


@every_renderer
def test_only_graphics_are_drawn_as_marks(renderer: Renderer) -> None:
    drawing = renderer.draw(gradient(100, 50), 30, 8, CELL, MAX_GREYS)
    graphical = renderer.name in ("iterm2", "sixel", "kitty")
    assert renderer.needs_reply == graphical
    marks = {character for strip in drawing.at(CORNER) for character in strip.text}
    assert all(map(is_mark, marks)) == graphical
    assert renderer.pixels_in(CELL) == (CELL if graphical else CellSize(1, 2))


@every_renderer
def test_a_reduced_picture_is_drawn_as_the_picture(renderer: Renderer) -> None:
    picture = gradient(700, 350)
    reduced = renderer.reduced(picture, 30, 8, CELL)
    assert reduced.width < picture.width
    drawings = [renderer.draw(one, 30, 8, CELL, MAX_GREYS) for one in (picture, reduced)]
    texts = [[strip.text for strip in drawing.at(CORNER)] for drawing in drawings]
    assert texts[0] == texts[1]  # graphics: the same mark, so the same pixels


def test_half_cells_hold_two_pixels_each() -> None:
    picture = Image.new("L", (3, 4))
    picture.putdata([0, 0, 9, 255, 255, 9, 7, 7, 7, 7, 7, 7])
    first, second = renderer_named("halfcell").strips(picture)
    assert [(s.text, s.style.color.triplet.red, s.style.bgcolor.triplet.red) for s in first] == [
        ("▀▀", 0, 255),
        ("▀", 9, 9),
    ]
    assert [segment.text for segment in second] == ["▀▀▀"]
    assert renderer_named("halfcell").background(37) == 37


def test_shades_need_no_colour() -> None:
    picture = Image.new("L", (5, 1))
    picture.putdata([0, 60, 130, 190, 255])
    shades = renderer_named("unicode")
    assert [strip.text for strip in shades.strips(picture)] == [" ░▒▓█"]
    assert shades.background(37) == 0  # shades are always drawn on black


def drawn(name: str, picture: Image.Image) -> GraphicDrawing:
    drawing = renderer_named(name).draw(picture, 9, 4, CELL, MAX_GREYS)
    assert isinstance(drawing, GraphicDrawing)
    return drawing


@pytest.mark.parametrize("name", ["iterm2", "sixel", "kitty"])
def test_equal_pictures_have_equal_keys(name: str) -> None:
    one, same, other = (drawn(name, gradient(90, side)) for side in (90, 90, 50))
    assert one.key == same.key != other.key
    assert one.at(CORNER)[0].text == same.at(CORNER)[0].text != same.at(Offset(0, 0))[0].text
    assert one.transmission == same.transmission


def test_a_part_of_a_sixel_has_the_pixels_of_its_cells() -> None:
    drawing = drawn("sixel", gradient(90, 90))
    whole = drawing.part(Region(0, 0, 9, 4), CORNER)
    assert whole.startswith('\x1b[6;4H\x1bP0;1;0q"1;1;90;80#') and whole.endswith("\x1b\\")
    part = drawing.part(Region(2, 1, 3, 2), CORNER)
    assert part.startswith('\x1b[7;6H\x1bP0;1;0q"1;1;30;40#') and len(part) < len(whole)
    assert drawing.transmission == () and drawing.removal == ""


def test_a_sixel_in_tmux_has_whole_bands() -> None:
    """tmux would fill one row of cells more with black."""
    sixel = renderer_named("sixel", TerminalReply(in_tmux=True))
    drawing = sixel.draw(gradient(90, 90), 9, 4, CellSize(10, 17), MAX_GREYS)
    assert isinstance(drawing, GraphicDrawing) and drawing.comes_back
    assert not drawn("sixel", gradient(90, 90)).comes_back
    assert drawing.pixels.size == (90, 68)
    assert '"1;1;90;66#' in drawing.part(Region(0, 0, 9, 4), CORNER)
    assert '"1;1;90;66#' in drawing.draft(CORNER)
    assert '"1;1;30;30#' in drawing.part(Region(2, 1, 3, 2), CORNER)
    assert '"1;1;30;12#' in drawing.part(Region(2, 1, 3, 1), CORNER)


def test_a_grainy_sixel_has_fewer_greys() -> None:
    grain = Image.effect_noise((900, 800), 30)
    drawing = renderer_named("sixel").draw(grain, 90, 40, CELL, MAX_GREYS)
    assert isinstance(drawing, SixelDrawing)
    plain = renderer_named("sixel").draw(Image.new("L", (900, 800)), 90, 40, CELL, MAX_GREYS)
    assert isinstance(plain, SixelDrawing)
    assert drawing.greys < plain.greys == MAX_GREYS


def test_kitty_receives_the_picture_and_draws_placeholders() -> None:
    drawing = drawn("kitty", gradient(90, 90))
    commands = re.findall(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", "".join(drawing.transmission))
    png = base64.b64decode("".join(payload for _, payload in commands))
    assert Image.open(io.BytesIO(png)).size == (90, 80)  # the cells have 90×80 pixels
    small = drawn("kitty", gradient(30, 20))  # the terminal enlarges it
    assert small.transfer_bytes < drawing.transfer_bytes
    number = re.search(r"i=(\d+)", commands[0][0])
    assert number is not None and 0 < int(number[1]) < 2**24
    assert commands[-1][0] == f"a=p,i={number[1]},c=9,r=4,U=1,q=2"
    assert all("q=2" in keys for keys, _ in commands)  # a reply would look like key presses
    assert f"i={number[1]}" in drawing.removal
    red, green, blue = int(number[1]).to_bytes(3)
    part = drawing.part(Region(2, 1, 3, 2), CORNER)
    assert part.startswith(f"\x1b[38;2;{red};{green};{blue}m\x1b[7;6H\U0010eeee")
    assert part.count("\U0010eeee") == 6 and "\x1b[8;6H" in part and part.endswith("\x1b[m")


def test_kitty_graphics_pass_through_tmux() -> None:
    """The picture as a whole is passed on; its number needs no more than 256 colours."""
    kitty = renderer_named("kitty", TerminalReply(in_tmux=True))
    drawing = kitty.draw(gradient(90, 90), 9, 4, CELL, MAX_GREYS)
    assert isinstance(drawing, GraphicDrawing)
    outside = drawn("kitty", gradient(90, 90))
    for sequence in (*drawing.transmission, drawing.abortion, drawing.removal):
        assert re.fullmatch(r"\x1bPtmux;\x1b\x1b_G[^\x1b]*\x1b\x1b\\\x1b\\", sequence)
    assert len(drawing.transmission) == len(outside.transmission)
    number = re.search(r"i=(\d+)", drawing.removal)
    assert number is not None
    high, first, second, low = int(number[1]).to_bytes(4)
    assert (first, second) == (0, 0) and low >= 16
    part = drawing.part(Region(2, 1, 1, 1), CORNER)
    assert re.fullmatch(rf"\x1b\[38;5;{low}m\x1b\[7;6H\U0010eeee...?\x1b\[m", part)
    marks = outside.part(Region(high, 1, 1, 1), CORNER).partition("\U0010eeee")[2]
    assert not high or part[-4] == marks[1]  # the mark that numbers this column
    assert drawing.key == outside.key


@pytest.mark.parametrize("in_tmux", [True, False])
def test_no_two_pictures_have_the_same_number(in_tmux: bool) -> None:
    """One of them would be shown in both places; in tmux there are 61,440 numbers."""
    kitty = renderer_named("kitty", TerminalReply(in_tmux=in_tmux))
    pictures = [Image.frombytes("L", (2, 1), n.to_bytes(2)) for n in range(0, 65536, 32)]
    removals = [kitty.draw(picture, 1, 1, CELL, 256).removal for picture in pictures]
    assert len(set(removals)) == len(pictures)


def test_numbers_of_pictures_in_tmux_differ_between_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def number(process: int, *, in_tmux: bool) -> str:
        monkeypatch.setattr(os, "getpid", lambda: process)
        kitty = renderer_named("kitty", TerminalReply(in_tmux=in_tmux))
        drawing = kitty.draw(gradient(90, 90), 9, 4, CELL, MAX_GREYS)
        assert isinstance(drawing, GraphicDrawing)
        return drawing.removal

    assert number(1, in_tmux=True) == number(1, in_tmux=True) != number(2, in_tmux=True)
    assert number(1, in_tmux=False) == number(2, in_tmux=False)
