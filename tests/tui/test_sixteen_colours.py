"""The themes on terminals with 16 colours. All screens are tried in ``test_every_screen.py``."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.segment import Segment
from rich.style import Style
from support.review_pilot import open_review
from support.textual_internals import screen_rows
from textual import constants
from textual.color import Color

from xray_tui.tui.pictures import terminal
from xray_tui.tui.pictures.renderers.table import best_renderer
from xray_tui.tui.pictures.terminal_query import NO_REPLY
from xray_tui.tui.sixteen_colours import SixteenColours
from xray_tui.tui.theme import DAYLIGHT, READING_ROOM

IMAGES = 6
BLACK, WHITE, GREY, PAPER = 0, 7, 8, 15


def drawn(dark: bool, text: str, back: str, **attributes: bool) -> tuple[int, int, bool, bool]:
    """Text, background, whether they are swapped, and whether the text is underlined."""
    theme = READING_ROOM if dark else DAYLIGHT
    style = Style(color=text, bgcolor=back, **attributes)
    (segment,) = SixteenColours(theme).apply([Segment("x", style)], Color(0, 0, 0))
    shown = segment.style
    assert shown is not None and shown.color is not None and shown.bgcolor is not None
    assert shown.color.number is not None and shown.bgcolor.number is not None
    return shown.color.number, shown.bgcolor.number, bool(shown.reverse), bool(shown.underline)


def test_text_is_drawn_in_a_colour_that_can_be_read() -> None:
    assert drawn(True, "#d8dde3", "#12161b") == (WHITE, BLACK, False, False)
    assert drawn(True, "#ff8f87", "#12161b") == (9, BLACK, False, False)
    assert drawn(False, "#14181d", "#ffffff") == (PAPER, BLACK, True, False)
    assert drawn(False, "#a1121f", "#ffffff", bold=True) == (PAPER, 1, True, False)
    assert drawn(True, "#4e5257", "#0d1014") == (GREY, BLACK, False, False)  # below a dialog
    assert drawn(True, "#d8dde3", "#12161b", dim=True) == (WHITE, BLACK, False, False)


def test_a_highlighted_row_is_reversed_and_a_marked_one_underlined() -> None:
    """F17: the selected row was light grey on white."""
    assert drawn(True, "#0b0d10", "#7fb4ca", bold=True) == (14, BLACK, True, False)
    assert drawn(False, "#ffffff", "#0b5a7a") == (PAPER, 4, False, False)
    assert drawn(True, "#d8dde3", "#333c44") == (WHITE, BLACK, False, True)
    assert drawn(False, "#14181d", "#dadfe4") == (PAPER, BLACK, True, True)
    assert drawn(True, "#7fb4ca", "#0b0d10", reverse=True) == (14, BLACK, True, False)


@pytest.mark.parametrize("text", ["▀▀▀", " ", ""])
def test_pictures_are_left_as_they_are(text: str) -> None:
    segments = [Segment(text, Style(color="bright_black", bgcolor="white"))]
    assert SixteenColours(READING_ROOM).apply(segments, Color(0, 0, 0)) == segments


async def test_all_that_is_painted_has_the_terminals_colours(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also the parts of the review that bypass Textual's styling."""
    monkeypatch.setattr(constants, "COLOR_SYSTEM", "standard")
    monkeypatch.setattr(terminal._terminal, "renderer", best_renderer(NO_REPLY, "standard"))
    async with open_review(root) as review:
        for keys in ((), ("x", "v"), ("enter",), ("question_mark",)):
            await review.press(*keys)
            for strip in screen_rows(review.app.screen):
                for segment in strip:
                    if segment.style and not segment.control and segment.text.strip():
                        assert segment.style.color is not None, segment
                        assert segment.style.color.number is not None, segment
