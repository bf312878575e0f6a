"""Pictures made ready for the terminal: choosing how, scaling, half cells, Sixel, kitty."""

from __future__ import annotations

import base64
import io
import os
import re
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.preview_samples import gradient

from xray_tui.tui.pictures import maker as picture_maker
from xray_tui.tui.pictures import sixel
from xray_tui.tui.pictures import terminal as pictures
from xray_tui.tui.pictures.drawing import draw, fit, half_cells, shades
from xray_tui.tui.pictures.kitty import Placement
from xray_tui.tui.pictures.maker import PictureMaker, Request
from xray_tui.tui.pictures.sources import FilePicture, LivePicture
from xray_tui.tui.pictures.terminal import CellSize, PictureMode, prepare_pictures
from xray_tui.tui.pictures.terminal_query import Answer, ask
from xray_tui.tui.pictures.view import View

CELL = CellSize(10, 20)


def decoded(sequence: str) -> np.ndarray:
    """What a VT340 draws: a definition of a colour selects nothing, colours must be selected."""
    assert sequence.startswith("\x1bP0;1;0q") and sequence.endswith("\x1b\\")
    body = sequence[len("\x1bP0;1;0q") : -2]
    size = re.match(r'"1;1;(\d+);(\d+)', body)
    assert size is not None
    width, height = int(size[1]), int(size[2])
    canvas = np.full((height, width), -1)
    shares: dict[int, int] = {}
    colour, x, y = -1, 0, 0
    for token in re.finditer(r"#(\d+);2;(\d+);\2;\2|#(\d+)|!(\d+)(.)|([$-])|([?-~])", body):
        define, share, select, count, repeated, move, single = token.groups()
        if define:
            shares[int(define)] = int(share)
        elif select:
            colour = int(select)
        elif move:
            x, y = 0, y + (6 if move == "-" else 0)
        else:
            length = int(count or 1)
            bits = ord(repeated or single) - 63
            for row in range(6):
                if bits >> row & 1:
                    assert y + row < height and x + length <= width, "draws outside of the picture"
                    canvas[y + row, x : x + length] = shares[colour]
            x += length
    return canvas


@pytest.mark.parametrize("size", [(64, 60), (61, 59), (7, 13), (1, 1), (300, 5), (3, 301)])
@pytest.mark.parametrize("greys", [64, 16, 2])
def test_sixel_draws_every_pixel_in_its_grey(size: tuple[int, int], greys: int) -> None:
    picture = gradient(*size)
    expected = np.round(np.asarray(picture, dtype=float) * (greys - 1) / 255) * 100 / (greys - 1)
    drawn = decoded(sixel.encode(picture, greys))
    assert np.abs(drawn - expected).max() <= 0.5


def test_sixel_draws_noise_and_plain_areas() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (50, 70), dtype=np.uint8)
    drawn = decoded(sixel.encode(Image.fromarray(noise)))
    assert np.abs(drawn - noise / 2.55).max() < 1.4
    assert (decoded(sixel.encode(Image.new("L", (33, 17), 255))) == 100).all()


def test_sixel_defines_all_colours_before_it_draws() -> None:
    body = sixel.encode(gradient())
    drawing = re.search(r"#\d+(?!;|\d)", body)
    assert drawing is not None
    assert ";2;" not in body[drawing.start() :]
    assert not body.removesuffix("\x1b\\").endswith("-")  # a last line feed would scroll


def test_sixel_of_a_whole_pane_is_quick() -> None:
    picture = gradient(600, 600)
    sixel.encode(picture)
    start = time.thread_time()
    sixel.encode(picture)
    assert time.thread_time() - start < 0.5  # about 0.03 s on an idle machine


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


@pytest.mark.parametrize("mode", list(PictureMode))
def test_a_drawing_has_a_strip_for_each_row(mode: PictureMode) -> None:
    drawing = draw(gradient(100, 50), (30, 30), mode, CELL)
    assert (drawing.columns, drawing.rows) == (30, 8)
    assert [strip.cell_length for strip in drawing.strips] == [30] * 8
    assert bool(drawing.sixel) == (mode is PictureMode.SIXEL)
    assert bool(drawing.placement) == (mode is PictureMode.KITTY)


def test_half_cells_hold_two_pixels_each() -> None:
    picture = Image.new("L", (3, 4))
    picture.putdata([0, 0, 9, 255, 255, 9, 7, 7, 7, 7, 7, 7])
    first, second = half_cells(picture)
    assert [(s.text, s.style.color.triplet.red, s.style.bgcolor.triplet.red) for s in first] == [
        ("▀▀", 0, 255),
        ("▀", 9, 9),
    ]
    assert [segment.text for segment in second] == ["▀▀▀"]


def test_shades_need_no_colour() -> None:
    picture = Image.new("L", (5, 1))
    picture.putdata([0, 60, 130, 190, 255])
    assert [strip.text for strip in shades(picture)] == [" ░▒▓█"]


def test_a_kitty_placement_sends_the_picture_and_draws_placeholders() -> None:
    placement = Placement(gradient(90, 90), 9, 4)
    commands = re.findall(r"\x1b_G([^;\x1b]*);?([^\x1b]*)\x1b\\", placement.transmission)
    png = base64.b64decode("".join(payload for _, payload in commands))
    assert Image.open(io.BytesIO(png)).size == (90, 90)
    number = re.search(r"i=(\d+)", commands[0][0])
    assert number is not None and 0 < int(number[1]) < 2**32
    assert commands[-1][0] == f"a=p,i={number[1]},c=9,r=4,U=1,q=2"
    assert all("q=2" in keys for keys, _ in commands)  # an answer would look like key presses
    assert f"i={number[1]}" in placement.removal
    assert [strip.cell_length for strip in placement.strips] == [9] * 4
    assert placement.strips[0].text.count("\U0010eeee") == 9


# -- choosing --------------------------------------------------------------------------------------


@pytest.mark.parametrize("setting", ["auto", "kitty", "sixel", "halfcell", "unicode"])
def test_without_a_terminal_half_cells_are_used(setting: pictures.PreviewMode) -> None:
    assert prepare_pictures(setting) is PictureMode.HALFCELL
    assert pictures.picture_mode() is PictureMode.HALFCELL
    assert pictures.cell_size() == pictures.USUAL_CELL


class Stream(io.StringIO):
    """A standard stream that is a terminal."""

    def isatty(self) -> bool:
        return True


@pytest.fixture
def in_terminal(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stream]:
    stdout = Stream()
    with monkeypatch.context() as patch:
        patch.setattr(sys, "__stdout__", stdout)
        patch.setattr(sys, "__stdin__", Stream())
        patch.setenv("TERM", "xterm-256color")
        yield stdout
    prepare_pictures("auto")


@pytest.mark.parametrize("setting", ["halfcell", "unicode"])
def test_a_terminal_is_asked_nothing_where_the_answer_is_not_needed(
    in_terminal: Stream, setting: pictures.PreviewMode
) -> None:
    assert prepare_pictures(setting) is PictureMode(setting)
    assert in_terminal.getvalue() == ""
    assert pictures.cell_size() == pictures.USUAL_CELL  # a StringIO has no size either


@pytest.mark.parametrize(
    ("setting", "answer", "mode"),
    [
        ("auto", Answer(sixel=True, kitty=True, cell=(8, 17)), "sixel"),
        ("auto", Answer(kitty=True), "kitty"),
        ("auto", Answer(), "halfcell"),
        ("kitty", Answer(sixel=True), "kitty"),
        ("sixel", Answer(), "sixel"),
    ],
)
def test_the_answer_or_the_setting_decides(
    in_terminal: Stream,
    monkeypatch: pytest.MonkeyPatch,
    setting: pictures.PreviewMode,
    answer: Answer,
    mode: str,
) -> None:
    monkeypatch.setattr(pictures, "_ask", lambda: answer)
    assert prepare_pictures(setting) is PictureMode(mode)
    assert pictures.cell_size() == (CellSize(8, 17) if answer.cell else pictures.USUAL_CELL)
    assert in_terminal.getvalue() == ""  # textual-image was imported and asked nothing
    assert sys.__stdout__ is in_terminal


def test_a_plain_console_is_not_asked(in_terminal: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "linux")
    assert prepare_pictures("auto") is PictureMode.HALFCELL


def ask_terminal(*answers: bytes, delay: float = 0.0, wait: float = 5) -> tuple[Answer, bytes]:
    """Ask a pseudo-terminal that gives ``answers`` piece by piece; also what was asked."""
    terminal, program = os.openpty()
    asked = b""

    def behave() -> None:
        nonlocal asked
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(terminal, 1024)
        for answer in answers:
            time.sleep(delay)
            os.write(terminal, answer)

    thread = threading.Thread(target=behave)
    thread.start()
    try:
        before = termios.tcgetattr(program)
        answer = ask(program, program, wait)
        assert termios.tcgetattr(program) == before
    finally:
        thread.join(10)
        os.close(terminal)
        os.close(program)
    return answer, asked


def test_terminals_are_understood() -> None:
    xterm, asked = ask_terminal(b"\x1b[6;17;8t\x1b[?63;1;4;6c")
    assert xterm == Answer(sixel=True, cell=(8, 17))
    assert asked.count(b"\x1b[c") == 1 and b"a=q" in asked
    kitty, _ = ask_terminal(b"\x1b_Gi=31;OK\x1b\\\x1b[6;20;10t\x1b[?62;c")
    assert kitty == Answer(kitty=True, cell=(10, 20))
    plain, _ = ask_terminal(b"\x1b[?4;2c")  # level 4, without Sixel
    assert plain == Answer()
    broken, _ = ask_terminal(b"x\x1b[6;0;0t\x1b_Gi=31;ENOENT:no\x1b\\\x1b[?1;2c")
    assert broken == Answer()


def test_a_slow_line_is_waited_for() -> None:
    answer, _ = ask_terminal(b"\x1b[6;1", b"7;8t", b"\x1b[?63;", b"4c", delay=0.15)
    assert answer == Answer(sixel=True, cell=(8, 17))


def test_a_silent_terminal_is_given_up() -> None:
    start = time.monotonic()
    answer, _ = ask_terminal(wait=0.2)
    assert answer == Answer() and time.monotonic() - start < 3


def test_what_is_no_terminal_is_not_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+b") as file:
        assert ask(file.fileno(), file.fileno()) == Answer()
    assert (tmp_path / "file").read_bytes() == b""


# -- the maker -------------------------------------------------------------------------------------


class Maker(PictureMaker):
    """Runs in threads of its own and notes what it delivers."""

    def __init__(self) -> None:
        self.results: list[tuple[Request, object]] = []
        self.threads: list[threading.Thread] = []
        super().__init__(self._begin, lambda *result: self.results.append(result))

    def _begin(self) -> None:
        self.threads.append(threading.Thread(target=self.work))
        self.threads[-1].start()

    def finish(self) -> None:
        for thread in self.threads:
            thread.join(10)


def a_request(source: FilePicture | LivePicture, columns: int = 20) -> Request:
    return Request(source, columns, 10, View(), PictureMode.HALFCELL, CELL)


def a_frame(level: int) -> LivePicture:
    return LivePicture(2, 2, bytes([level] * 4))


def test_frames_in_between_are_skipped_but_the_last_one_is_drawn() -> None:
    maker = Maker()
    for level in range(200):
        maker.request(a_request(a_frame(level)))
    maker.finish()
    assert 1 <= len(maker.results) <= 200
    last = maker.results[-1][0].source
    assert isinstance(last, LivePicture) and last.pixels[0] == 199


def test_drawings_of_files_are_kept_and_neighbours_made_ahead(tmp_path: Path) -> None:
    for name in "ab":
        gradient().save(tmp_path / f"{name}.png")
    one, two = (a_request(FilePicture(tmp_path / f"{name}.png")) for name in "ab")
    maker = Maker()
    maker.request(one)
    maker.prepare(two)
    maker.finish()
    (tmp_path / "b.png").unlink()
    maker.request(two)
    maker.finish()
    maker.request(one)
    maker.finish()
    assert [request for request, _ in maker.results] == [one, two, one]
    assert maker.results[0][1] is maker.results[2][1]
    assert not isinstance(maker.results[1][1], str)


def test_what_cannot_be_drawn_becomes_a_sentence(tmp_path: Path) -> None:
    maker = Maker()
    maker.request(a_request(FilePicture(tmp_path / "none.png")))
    maker.finish()
    maker.request(a_request(LivePicture(9, 9, b"short")))
    maker.finish()
    assert "gone" in str(maker.results[0][1])
    assert "cannot be shown" in str(maker.results[1][1])


def test_live_pictures_spare_the_line_but_never_hold_up_the_user(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(picture_maker, "BYTES_PER_SECOND", 10)  # a frame takes minutes
    gradient().save(tmp_path / "a.png")
    wanted = a_request(FilePicture(tmp_path / "a.png"))
    maker = Maker()
    frame = Request(a_frame(1), 20, 10, View(), PictureMode.SIXEL, CELL)
    maker.request(frame)
    while not maker.results:
        time.sleep(0.01)
    maker.request(Request(a_frame(2), 20, 10, View(), PictureMode.SIXEL, CELL))
    time.sleep(0.1)
    assert [request for request, _ in maker.results] == [frame]
    maker.request(wanted)
    maker.finish()
    assert [request for request, _ in maker.results] == [frame, wanted]
