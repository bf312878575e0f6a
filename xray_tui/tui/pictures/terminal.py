"""How this terminal shows pictures. Ask once, with ``prepare_pictures``, before the app runs."""

from __future__ import annotations

import fcntl
import importlib
import os
import struct
import sys
import termios
from dataclasses import dataclass
from enum import Enum

from xray_tui.config import PreviewMode
from xray_tui.tui.pictures.terminal_query import Answer, ask


class PictureMode(Enum):
    """A way to put a picture on a terminal."""

    KITTY = "kitty"
    """Kitty's graphics protocol with placeholder characters: kitty, Ghostty."""
    SIXEL = "sixel"
    """Sixel graphics: xterm, foot, WezTerm, Windows Terminal and others."""
    HALFCELL = "halfcell"
    """Two grey pixels a character cell: every terminal with colours."""
    UNICODE = "unicode"
    """Five shades by block characters, without colours."""


@dataclass(frozen=True)
class CellSize:
    """Pixels of a character cell."""

    width: int
    height: int


USUAL_CELL = CellSize(10, 20)


@dataclass
class _Answers:
    """What ``prepare_pictures`` found out."""

    mode: PictureMode = PictureMode.HALFCELL
    cell: CellSize = USUAL_CELL


_answers = _Answers()


def prepare_pictures(setting: PreviewMode) -> PictureMode:
    """Decide how pictures are shown, for :func:`picture_mode`.

    The terminal may be asked, which is only possible before ``App.run()`` and from the main thread.
    Where stdin or stdout is no terminal, pictures are drawn with half cells.
    """
    _answers.mode, _answers.cell = PictureMode.HALFCELL, USUAL_CELL
    if not _in_terminal():
        return _answers.mode
    if setting in ("halfcell", "unicode"):
        _answers.mode = PictureMode(setting)  # asks nothing, so it also helps where asking hurts
        return _answers.mode
    answer = _ask()
    if answer.cell:
        _answers.cell = CellSize(*answer.cell)
    if setting != "auto":
        _answers.mode = PictureMode(setting)
    elif answer.sixel:  # first: Konsole and WezTerm know kitty's protocol, but no placeholders
        _answers.mode = PictureMode.SIXEL
    elif answer.kitty:
        _answers.mode = PictureMode.KITTY
    if _answers.mode is PictureMode.KITTY:
        _import_textual_image()
    return _answers.mode


def _in_terminal() -> bool:
    streams = (sys.__stdin__, sys.__stdout__)
    return all(stream is not None and stream.isatty() for stream in streams)


def _ask() -> Answer:
    if os.environ.get("TERM", "dumb") in ("dumb", "linux"):  # they would print the question
        return Answer()
    assert sys.__stdin__ is not None and sys.__stdout__ is not None
    sys.__stdout__.flush()
    return ask(sys.__stdin__.fileno(), sys.__stdout__.fileno())


def _import_textual_image() -> None:
    """Import it while stdout is out of its sight: it would ask the terminal again, and badly."""
    stdout = sys.__stdout__
    try:
        sys.__stdout__ = None  # type: ignore[misc]
        importlib.import_module("textual_image.renderable.tgp")
    finally:
        sys.__stdout__ = stdout  # type: ignore[misc]


def picture_mode() -> PictureMode:
    """How pictures are shown: the answer of the last :func:`prepare_pictures`."""
    return _answers.mode


def cell_size() -> CellSize:
    """Pixels of a cell as they are now: they change with the font."""
    stream = sys.__stdout__
    try:
        assert stream is not None
        if stream.isatty():
            answer = fcntl.ioctl(stream.fileno(), termios.TIOCGWINSZ, bytes(8))
            rows, columns, width, height = struct.unpack("HHHH", answer)
            if rows and columns and width >= columns and height >= rows:
                return CellSize(width // columns, height // rows)
    except (OSError, ValueError, AssertionError):
        pass
    return _answers.cell
