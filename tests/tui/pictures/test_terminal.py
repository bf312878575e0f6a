"""Asking the terminal what it can show, and choosing a renderer."""

from __future__ import annotations

import io
import os
import sys
import termios
import threading
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import get_args

import pytest
from support.advice import advised

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
from xray_tui.tui.pictures.tmux_client import TmuxClient


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
        for name in ("TMUX", "STY"):
            patch.delenv(name, raising=False)
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
        ("auto", TerminalReply(sixel=True, name="WezTerm 20240203-1"), "iterm2"),
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


KITTY_IN_TMUX = TmuxClient(True, "kitty(0.41.1)", frozenset({"title"}))


@pytest.mark.parametrize(
    ("client", "asked", "reply"),
    [
        (KITTY_IN_TMUX, TerminalReply(sixel=True), TerminalReply(kitty=True, in_tmux=True)),
        (
            TmuxClient(False, "kitty(0.41.1)", frozenset({"RGB"})),
            TerminalReply(),
            TerminalReply(in_tmux=True, passed_on=False, all_colours=True),
        ),
        (
            TmuxClient(True, "kitty(0.26.5)", frozenset()),
            TerminalReply(),
            TerminalReply(in_tmux=True),
        ),
        (
            TmuxClient(False, "XTerm(379)", frozenset({"sixel"})),
            TerminalReply(sixel=True, cell=CellSize(8, 17)),
            TerminalReply(sixel=True, cell=CellSize(8, 17), in_tmux=True, passed_on=False),
        ),
        (
            TmuxClient(True, "XTerm(379)", frozenset({"sixel"})),
            TerminalReply(),  # a tmux without Sixel
            TerminalReply(in_tmux=True),
        ),
        (None, TerminalReply(sixel=True), TerminalReply(sixel=True)),
    ],
)
def test_in_tmux_the_terminal_behind_it_decides(
    in_terminal: Stream,
    monkeypatch: pytest.MonkeyPatch,
    client: TmuxClient | None,
    asked: TerminalReply,
    reply: TerminalReply,
) -> None:
    questions: list[dict[str, bool]] = []

    def answer(*files: int, **options: bool) -> TerminalReply:
        questions.append(options)
        return asked

    monkeypatch.setenv("TMUX", "socket,1,0")
    monkeypatch.setattr(terminal, "ask", answer)
    monkeypatch.setattr(terminal, "tmux_client", lambda: client)
    monkeypatch.setattr(Stream, "fileno", lambda stream: 0)
    chosen = prepare_pictures("auto")
    assert terminal._terminal.reply == reply
    assert chosen.supported_by(reply)
    assert questions == [{"kitty": False, "colour": False}]


def test_a_way_that_tmux_keeps_back_comes_with_the_line_that_helps(
    in_terminal: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    behind = KITTY_IN_TMUX
    monkeypatch.setenv("TMUX", "socket,1,0")
    monkeypatch.setattr(terminal, "ask", lambda *files, **options: TerminalReply())
    monkeypatch.setattr(Stream, "fileno", lambda stream: 0)
    monkeypatch.setattr(terminal, "tmux_client", lambda: replace(behind, passed_on=False))
    doubt = doubt_about(prepare_pictures("kitty"))
    advised("For kitty graphics in tmux, add this line to ~/.tmux.conf, run", doubt)
    assert "set -g allow-passthrough on" in doubt
    assert "tmux" not in doubt_about(prepare_pictures("sixel"))
    monkeypatch.setattr(terminal, "tmux_client", lambda: behind)
    assert doubt_about(prepare_pictures("kitty")) == ""


@pytest.mark.parametrize(
    ("term", "announced", "variable", "asked"),
    [
        ("xterm-256color", "", "", True),  # as SSH leaves it
        ("xterm", "", "", True),
        ("xterm-256color", "truecolor", "", False),
        ("screen", "", "", False),  # perhaps on another host
        ("screen.xterm-256color", "", "STY", False),
        ("xterm-256color", "", "STY", False),
        ("tmux-256color", "", "TMUX", False),
    ],
)
def test_all_colours_are_asked_for_if_they_are_not_announced(
    in_terminal: Stream,
    monkeypatch: pytest.MonkeyPatch,
    term: str,
    announced: str,
    variable: str,
    asked: bool,
) -> None:
    """GNU screen would print the question."""
    monkeypatch.setenv("TERM", term)
    monkeypatch.setenv("COLORTERM", announced)
    monkeypatch.delenv("TMUX", raising=False)
    if variable:
        monkeypatch.setenv(variable, "x")
    monkeypatch.setattr(Stream, "fileno", lambda stream: 0)
    monkeypatch.setattr(terminal, "tmux_client", lambda: None)
    monkeypatch.setattr(
        terminal, "ask", lambda *files, kitty, colour: TerminalReply(all_colours=colour)
    )
    prepare_pictures("auto")
    assert (os.environ["COLORTERM"] == "truecolor") == (asked or bool(announced))
    assert (terminal._terminal.colours == "truecolor") == (asked or bool(announced))


def test_a_terminal_without_a_name_has_that_of_the_environment(
    in_terminal: Stream, monkeypatch: pytest.MonkeyPatch
) -> None:
    """VS Code's has none. tmux and screen inherit the name of where they were started."""
    reply = TerminalReply(sixel=True)
    monkeypatch.setattr(terminal, "ask", lambda *files, **options: reply)
    monkeypatch.setattr(Stream, "fileno", lambda stream: 0)
    monkeypatch.setenv("TERM_PROGRAM", "vscode")
    assert prepare_pictures("auto").name == "iterm2"
    assert terminal.reported_name() == "vscode"
    monkeypatch.setenv("STY", "1.screen")
    assert prepare_pictures("auto").name == "sixel"
    monkeypatch.delenv("STY")
    reply = replace(reply, name="XTerm(379)")  # started there
    assert prepare_pictures("auto").name == "sixel"


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
        reply = ask(program, program, wait, colour=True)
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
    ("reply", "all_colours"),
    [
        (b"\x1bP1$r0;48:2::1:2:3m\x1b\\", True),  # xterm
        (b"\x1bP1$r0;48:2:1:2:3m\x1b\\", True),  # foot
        (b"\x1bP1$r48:2:1:2:3m\x1b\\", True),  # kitty
        (b"\x1bP1$r48;2;1;2;3m\x1b\\", True),
        (b"\x1bP1$r0;48;5;16m\x1b\\", False),  # mlterm
        (b"\x1bP1$r0m\x1b\\", False),
        (b"\x1bP0$r\x1b\\", False),
        (b"\x1bP1$r0;48:2::1:2:33m\x1b\\", False),
        (b"", False),
    ],
)
def test_a_terminal_that_gives_a_colour_back_has_all(reply: bytes, all_colours: bool) -> None:
    found, asked = ask_terminal(reply + b"\x1b[?62;c")
    assert found == TerminalReply(all_colours=all_colours)
    assert asked.count(b"\x1b[48:2:1:2:3m\x1bP$qm\x1b\\\x1b[m") == 1


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
