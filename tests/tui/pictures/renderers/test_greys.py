"""The greys of terminals with few colours: their own, and pixels mixed of two of them."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image
from rich.color import Color, ColorSystem
from support.cell_pixels import seen

from xray_tui.tui.pictures.renderers.greys import ALL, IN_16, IN_256, ON_CONSOLE, Greys
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.terminal_query import NO_REPLY, CellSize

CELL = CellSize(10, 20)


@pytest.mark.parametrize("greys", [ALL, IN_256, IN_16, ON_CONSOLE])
def test_every_grey_is_nearest_to_itself(greys: Greys) -> None:
    places = greys.nearest[np.array(greys.values)]
    assert places.tolist() == list(range(len(greys.values)))
    assert list(greys.values) == sorted(set(greys.values))


def test_greys_of_256_colours_are_those_of_the_terminal() -> None:
    """And no terminal colour is replaced by another when it is sent."""
    for place, value in enumerate(IN_256.values):
        color = IN_256.style(place, 0).color
        assert color is not None and color.get_truecolor() == (value,) * 3
        assert color.downgrade(ColorSystem.EIGHT_BIT) == color


def test_by_value_the_nearest_of_256_colours_would_be_another() -> None:
    """Why the numbers are sent: Rich replaces 238, a grey of the 256, by 228."""
    sent = Color.from_rgb(238, 238, 238).downgrade(ColorSystem.EIGHT_BIT)
    assert sent.get_truecolor() != (238, 238, 238)


@pytest.mark.parametrize("name", ["quadrant", "sextant", "halfcell"])
@pytest.mark.parametrize("grey", [40, 100, 180, 240])
def test_with_16_colours_a_grey_is_mixed_of_two(name: str, grey: int) -> None:
    """It was one of four greys, so that a picture was a stencil."""
    renderer = renderer_named(name, NO_REPLY, "standard")
    strips = renderer.draw(Image.new("L", (64, 64), grey), 24, 12, CELL, 64).strips
    numbers = {
        color.number
        for strip in strips
        for _, style, _ in strip
        for color in (style.color, style.bgcolor)
    }
    assert len(numbers) == 2 and numbers <= {0, 7, 8, 15}
    value = {0: 0, 8: 127, 7: 229, 15: 255}
    mixed = _mean(strips, value)
    assert abs(mixed - grey) < 6


def _mean(strips: list, value: dict[int, int]) -> float:
    """The mean grey of what is painted, if colours have these values."""
    painted = seen(strips)
    shown = {Color.from_ansi(number).get_truecolor().red: grey for number, grey in value.items()}
    return float(np.mean([shown[int(one)] for one in painted.ravel()]))


def test_the_linux_console_gets_no_bright_background() -> None:
    """It would show dark ones in their place."""
    ramp = Image.fromarray(np.tile(np.arange(256, dtype=np.uint8), (64, 1)))
    strips = renderer_named("halfcell", NO_REPLY, "console").draw(ramp, 64, 8, CELL, 64).strips
    assert {style.bgcolor.number for strip in strips for _, style, _ in strip} <= {0, 7}
    assert {style.color.number for strip in strips for _, style, _ in strip} == {0, 7, 8, 15}
    assert {char for strip in strips for char in strip.text} == {*"▀▄█"}
