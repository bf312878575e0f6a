"""How much is sent to the terminal for a key, when everything is at rest: users sit behind SSH."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.answering_terminal import AnsweringTerminal, frames, pictures, sixel_areas
from support.key_bytes import key_bytes
from textual.geometry import Region

IMAGES = 12
MODES = (
    "sixel",
    *(pytest.param(mode, marks=pytest.mark.slow) for mode in ("halfcell", "kitty", "iterm2")),
)
KEY, DIALOG = 8_000, 40_000
PICTURE = 60_000
"""One picture in Sixel, which is the largest of all."""
PAGE = 120_000
"""A page of thumbnails; as large in half cells."""
HIGH, NEIGHBOURS = 44, 8
"""Rows of a terminal with a filmstrip, and the images in it."""


class Meter:
    """Counts what arrives for each key, and which pictures arrive a second time."""

    def __init__(self, terminal: AnsweringTerminal, mode: str) -> None:
        self._terminal = terminal
        self.mode = mode
        self.pictures: list[bytes] = []

    def press(self, key: str, until: str = "", *, most: int) -> int:
        """Press a key and expect at most this number of bytes; returns the number of pictures."""
        sent = self._terminal.sent_for(key, until)
        found = pictures(sent)
        print(f"{key}: {len(sent)} bytes, {len(found)} pictures")
        assert 0 < len(sent) <= most, f"{key}: {len(sent)} bytes"
        self.pictures += found
        return len(found)

    def assert_no_picture_twice(self) -> None:
        assert len(set(self.pictures)) == len(self.pictures)


@pytest.fixture(params=MODES)
def terminal(
    request: pytest.FixtureRequest, root: Path
) -> Iterator[tuple[AnsweringTerminal, Meter]]:
    opened = AnsweringTerminal(["--dataset", "D", "--preview", request.param], root.parent)
    opened.wait_for("normal-adult")
    opened.wait_for("Preview 12/12")
    opened.rest(1.0)
    yield opened, Meter(opened, request.param)
    opened.close()


@pytest.mark.parametrize("terminal", ["halfcell", *MODES[:1], *MODES[2:]], indirect=True)
def test_a_key_sends_what_changes(terminal: tuple[AnsweringTerminal, Meter]) -> None:
    app, meter = terminal
    for key in ("down", "down", "tab", "tab", "tab", "shift+tab"):
        meter.press(key, most=KEY)
    meter.press("question_mark", "esc close", most=DIALOG)
    meter.press("escape", most=DIALOG)
    meter.press("t", most=DIALOG)  # the other theme
    assert meter.press("t", most=DIALOG) == 0
    if meter.mode == "halfcell":  # the emulated screen knows no pictures, which cover its text
        assert_screen_is_as_if_drawn_at_once(app)
        assert_redraw_restores_the_screen(app)
        assert_a_small_window_says_so_and_takes_no_key(app)


def assert_redraw_restores_the_screen(app: AnsweringTerminal) -> None:
    before = app.text
    app.feed(b"\x1b[2J")  # another program wipes the screen
    app.process.send(key_bytes("ctrl+p"))
    app.wait_for("earch for commands")  # its cursor blinks, so it is never silent
    app.process.send("redraw\r")
    app.settle()
    assert app.text == before


def assert_a_small_window_says_so_and_takes_no_key(app: AnsweringTerminal) -> None:
    footer, columns, rows = app.text.splitlines()[-1][:60], app.columns, app.rows
    app.resize(40, 10)
    app.settle("Enlarge")
    assert "This window has 40×10 characters;" in app.text
    app.process.send("gngx\r")
    time.sleep(0.5)  # otherwise the window may be large again before the keys are read
    app.resize(columns, rows)
    app.settle()
    assert app.text.splitlines()[-1][:60] == footer  # no dialog, the same pane
    assert "Queued" not in app.text
    app.process.send("wx")
    app.settle("Ad-hoc prompt")
    app.resize(40, 10)
    app.settle("This window")
    app.process.send("q")
    app.settle("not saved")
    app.resize(columns, rows)
    app.settle("Ad-hoc prompt")


def assert_screen_is_as_if_drawn_at_once(app: AnsweringTerminal) -> None:
    """Compare with the screen after another size and back, which draws all of it again."""
    before = app.text
    for rows in (app.rows - 1, app.rows):
        app.resize(app.columns, rows)
        app.settle()
    assert app.text == before


def test_the_gallery_sends_a_page_once(terminal: tuple[AnsweringTerminal, Meter]) -> None:
    _, meter = terminal
    graphic = meter.mode != "halfcell"
    assert meter.press("f2", "12 left", most=PAGE) == graphic * IMAGES
    for key in ("right", "down", "left", "up", "v", "v"):
        assert meter.press(key, most=KEY) == 0
    assert meter.press("+", most=PAGE) == graphic * IMAGES  # in another size
    meter.assert_no_picture_twice()
    if meter.mode == "kitty":
        assert meter.press("-", most=PAGE) == 0  # the terminal knows these


@pytest.mark.slow
def test_the_filmstrip_is_sent_once(terminal: tuple[AnsweringTerminal, Meter]) -> None:
    app, meter = terminal
    app.resize(120, HIGH)
    app.settle()
    app.sent_for("f2", "12 left")
    graphic = meter.mode != "halfcell"
    found = meter.press("enter", "esc Gallery", most=PAGE)
    assert found == graphic * (1 + NEIGHBOURS)
    for _ in range(3):
        assert meter.press("right", most=(PICTURE + 10_000) * HIGH // 36) == graphic
    meter.assert_no_picture_twice()


def test_a_picture_is_sent_when_it_changes(terminal: tuple[AnsweringTerminal, Meter]) -> None:
    app, meter = terminal
    app.sent_for("f2", "12 left")
    for _ in range(2):
        meter.press("right", most=KEY)
    meter.press("enter", "esc Gallery", most=PICTURE + 10_000)
    for _ in range(2):
        meter.press("right", most=PICTURE + 10_000)
    meter.press("a", most=KEY)
    meter.assert_no_picture_twice()


BEGINNINGS = {
    "halfcell": "▀".encode(),
    "sixel": b"\x1bP",
    "kitty": b"\x1b_G",
    "iterm2": b"\x1b]1337",
}


@pytest.mark.slow
def test_title_and_picture_of_the_next_image_appear_at_the_same_time(
    terminal: tuple[AnsweringTerminal, Meter],
) -> None:
    app, meter = terminal
    app.sent_for("f2", "12 left")
    app.sent_for("enter", "esc Gallery")
    for key in ("right", "p", "x", "right"):
        sent = frames(app.sent_for(key))
        assert BEGINNINGS[meter.mode] in sent[0], f"{key}: {[len(frame) for frame in sent]} bytes"
        if key == "right":
            assert len(sent) == 1 or BEGINNINGS[meter.mode] in sent[-1]  # with no other effect


def test_help_over_the_loupe_sends_no_more_of_the_picture_than_it_covered(
    terminal: tuple[AnsweringTerminal, Meter],
) -> None:
    app, meter = terminal
    sixel = meter.mode == "sixel"
    if sixel:  # in a smaller terminal, the help covers all of it
        app.resize(200, 60)
        app.settle()
    app.sent_for("f2", "12 left")
    sent = app.sent_for("enter", "esc Gallery")
    picture = Region.from_union(areas_of_picture(sent)) if sixel else Region()
    assert meter.press("question_mark", "esc close", most=DIALOG) == 0
    dialog = area_of_dialog(app.text)
    sent = app.sent_for("escape", "esc Gallery")
    sent_pictures = sum(map(len, pictures(sent)))
    assert len(sent) - sent_pictures <= DIALOG + (meter.mode == "halfcell") * PICTURE
    assert sent_pictures == 0 or meter.mode in ("sixel", "iterm2")
    if sixel:
        covered, again = picture.intersection(dialog), areas_of_picture(sent)
        assert Region.from_union(again) == covered != picture
        assert sum(area.area for area in again) == covered.area


def areas_of_picture(sent: bytes) -> list[Region]:
    """What was sent of the large picture; thumbnails of the filmstrip are narrow."""
    return [area for area in sixel_areas(sent) if area.width > 40]


def area_of_dialog(text: str) -> Region:
    """Where the frame with the title Keys is."""
    rows = text.splitlines()
    top = next(y for y, row in enumerate(rows) if "╭─ Keys" in row)
    left = rows[top].index("╭─ Keys")
    bottom = next(y for y in range(top, len(rows)) if rows[y][left] == "╰")
    return Region.from_corners(left, top, rows[top].index("╮", left) + 1, bottom + 1)
