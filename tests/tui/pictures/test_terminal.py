"""Asking the terminal what it can show, and choosing a renderer."""

from __future__ import annotations

import io
import os
import sys
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import get_args

import pytest

from xray_tui.config import PreviewMode
from xray_tui.tui.pictures import terminal
from xray_tui.tui.pictures.renderers.greys import Colours
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.terminal import (
    USUAL_CELL,
    cell_size,
    change_pictures,
    default_renderer,
    doubt_about,
    prepare_pictures,
)
from xray_tui.tui.pictures.terminal_query import CellSize, TerminalReply, ask, parse_reply


@pytest.mark.parametrize("setting", get_args(PreviewMode))
def test_without_a_terminal_quadrants_are_used(setting: PreviewMode) -> None:
    assert prepare_pictures(setting).name == "quadrant"
    assert default_renderer().name == "quadrant"
    assert cell_size() == USUAL_CELL
    assert not any(doubt_about(renderer_named(name)) for name in ("kitty", "sixel", "sextant"))


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
        patch.setenv("COLORTERM", "truecolor")
        yield stdout
    prepare_pictures("auto")


@pytest.mark.parametrize("setting", ["sextant", "quadrant", "halfcell", "unicode"])
def test_a_terminal_is_not_asked_if_no_reply_is_needed(
    in_terminal: Stream, setting: PreviewMode
) -> None:
    assert prepare_pictures(setting) is renderer_named(setting)
    assert in_terminal.getvalue() == ""
    assert cell_size() == USUAL_CELL  # a StringIO has no size either


@pytest.mark.parametrize(
    ("setting", "reply", "name"),
    [
        ("auto", TerminalReply(sixel=True, kitty=True, cell=CellSize(8, 17)), "sixel"),
        ("auto", TerminalReply(kitty=True), "kitty"),
        ("auto", TerminalReply(name="foot(1.13.1)"), "sextant"),
        ("auto", TerminalReply(), "quadrant"),
        ("auto", TerminalReply(quadrants=False), "halfcell"),
        ("kitty", TerminalReply(sixel=True), "kitty"),
        ("sixel", TerminalReply(), "sixel"),
    ],
)
def test_the_reply_or_the_setting_decides(
    in_terminal: Stream,
    monkeypatch: pytest.MonkeyPatch,
    setting: PreviewMode,
    reply: TerminalReply,
    name: str,
) -> None:
    monkeypatch.setattr(terminal, "_ask", lambda: reply)
    renderer = prepare_pictures(setting)
    assert renderer is renderer_named(name, reply) is default_renderer()
    assert bool(doubt_about(renderer)) == (not renderer.supported_by(reply))
    assert cell_size() == (reply.cell or USUAL_CELL)
    assert in_terminal.getvalue() == ""  # textual-image was imported, and sent nothing
    assert sys.__stdout__ is in_terminal


def test_a_plain_console_is_not_asked(in_terminal: Stream, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its font has no quadrants; its 16 colours are others as backgrounds."""
    monkeypatch.setenv("TERM", "linux")
    monkeypatch.delenv("COLORTERM")
    reply = TerminalReply(quadrants=False)
    assert prepare_pictures("auto") is renderer_named("halfcell", reply, "console")
    assert doubt_about(change_pictures("quadrant"))
    assert change_pictures("auto").name == "halfcell"


@pytest.mark.parametrize(
    ("name", "value", "colours"),
    [
        ("COLORTERM", "truecolor", "truecolor"),
        ("TERM", "xterm-256color", "256"),
        ("TERM", "xterm", "standard"),
    ],
)
def test_pictures_have_the_colours_of_the_terminal(
    in_terminal: Stream, monkeypatch: pytest.MonkeyPatch, name: str, value: str, colours: Colours
) -> None:
    monkeypatch.delenv("COLORTERM")
    monkeypatch.setenv(name, value)
    assert prepare_pictures("quadrant") is renderer_named("quadrant", TerminalReply(), colours)


def ask_terminal(
    *replies: bytes, delay: float = 0.0, wait: float = 5
) -> tuple[TerminalReply, bytes]:
    """Ask a pseudo-terminal that sends ``replies`` one by one; also returns the questions."""
    terminal, program = os.openpty()
    asked = b""

    def answer() -> None:
        nonlocal asked
        while not asked.endswith(b"\x1b[c"):
            asked += os.read(terminal, 1024)
        for piece in replies:
            time.sleep(delay)
            os.write(terminal, piece)

    thread = threading.Thread(target=answer)
    thread.start()
    try:
        before = termios.tcgetattr(program)
        reply = ask(program, program, wait)
        assert termios.tcgetattr(program) == before
    finally:
        thread.join(10)
        os.close(terminal)
        os.close(program)
    return reply, asked


def test_the_replies_of_known_terminals_are_parsed() -> None:
    xterm, asked = ask_terminal(b"\x1b[6;17;8t\x1b[?63;1;4;6c")
    assert xterm == TerminalReply(sixel=True, cell=CellSize(8, 17))
    assert asked.count(b"\x1b[c") == 1 and b"a=q" in asked and b"\x1b[>q" in asked
    plain, _ = ask_terminal(b"\x1b[?4;2c")  # level 4, without Sixel
    assert plain == TerminalReply()
    broken, _ = ask_terminal(b"x\x1b[6;0;0t\x1b_Gi=31;ENOENT:no\x1b\\\x1b[?1;2c")
    assert broken == TerminalReply()


@pytest.mark.parametrize(
    ("name", "placeholders"),
    [
        (b"kitty(0.26.5)", False),  # F4: what Debian 12 ships shows a field of boxes
        (b"kitty(0.9.0)", False),
        (b"kitty(0.27.1)", False),
        (b"kitty(0.28.0)", True),
        (b"kitty(0.41.1)", True),
        (b"kitty(1.2.0)", True),
        (b"ghostty 1.1.3", True),
        (b"Konsole 24.12.0", False),
        (b"WezTerm 20240203-110809-5046fc22", False),
        (b"", False),
    ],
)
def test_only_terminals_that_know_placeholders_get_kitty_graphics(
    name: bytes, placeholders: bool
) -> None:
    version = b"\x1bP>|" + name + b"\x1b\\" if name else b""
    reply = parse_reply(b"\x1b_Gi=31;OK\x1b\\" + version + b"\x1b[6;20;9t\x1b[?62;c")
    assert (reply.kitty, reply.sixel, reply.cell) == (placeholders, False, CellSize(9, 20))
    assert not parse_reply(version + b"\x1b[6;20;9t\x1b[?62;c").kitty


@pytest.mark.parametrize(
    ("name", "sextants"),
    [
        (b"kitty(0.26.5)", True),
        (b"ghostty 1.1.3", True),
        (b"foot(1.13.1)", True),
        (b"foot(1.8.2)", False),
        (b"foot(2.0.0)", True),
        (b"WezTerm 20240203-110809-5046fc22", True),
        (b"WezTerm 20210502-154244-3f7122cb", False),
        (b"VTE(7003)", True),
        (b"VTE(6800)", True),
        (b"VTE(6200)", False),
        (b"VTE(12000)", True),
        (b"XTerm(379)", False),
        (b"tmux 3.3a", False),
        (b"Konsole 24.12.0", False),
    ],
)
def test_only_terminals_known_to_draw_sextants_get_them(name: bytes, sextants: bool) -> None:
    reply = parse_reply(b"\x1bP>|" + name + b"\x1b\\\x1b[?62;c")
    assert reply == TerminalReply(name=name.decode()) and reply.sextants == sextants


def test_replies_over_a_slow_line_are_awaited() -> None:
    reply, _ = ask_terminal(b"\x1b[6;1", b"7;8t", b"\x1b[?63;", b"4c", delay=0.15)
    assert reply == TerminalReply(sixel=True, cell=CellSize(8, 17))


def test_asking_a_terminal_that_never_replies_times_out() -> None:
    start = time.monotonic()
    reply, _ = ask_terminal(wait=0.2)
    assert reply == TerminalReply() and time.monotonic() - start < 3


def test_a_file_is_not_asked(tmp_path: Path) -> None:
    with (tmp_path / "file").open("w+b") as file:
        assert ask(file.fileno(), file.fileno()) == TerminalReply()
    assert (tmp_path / "file").read_bytes() == b""
