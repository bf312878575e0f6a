"""Asks the terminal for its graphics protocols and its cell size, in one round trip.

textual-image asks three questions one after the other, and waits 0.1 s for each reply. Over a slow
line this wait is too short: textual-image finds nothing, and the replies arrive later as key
presses. Here the last question is for the device attributes, which every terminal reports, so that
reply ends the wait. Replies that arrive later are dropped by :mod:`xray_tui.tui.terminal_input`,
which also gets everything that was read here: keys may be among it.
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from dataclasses import dataclass

from xray_tui.tui.terminal_input import keep_early

WAIT = 1.0
"""Seconds to wait for a terminal that never replies; others reply within their line's delay."""

_KITTY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\\x1b[>q"
_COLOUR = "\x1b[48:2:1:2:3m\x1bP$qm\x1b\\\x1b[m"
"""Sets a colour, asks which one is set (DECRQSS), and resets it."""
_CELL = "\x1b[16t"
_ATTRIBUTES = "\x1b[c"

_KITTY_REPLY = re.compile(rb"\x1b_G[^\x1b]*;OK\x1b\\")
_NAME_REPLY = re.compile(rb"\x1bP>\|([ -~]{1,99})\x1b\\")
_PLACEHOLDERS = re.compile(r"kitty\((?!0\.(?:\d|1\d|2[0-7])\D)\d|ghostty\b", re.IGNORECASE)
_SEXTANTS = re.compile(
    r"kitty\(|ghostty\b|foot\((?!1\.[0-8]\D|0)|WezTerm (?!20(?:1\d|20|210[1-7]))\d"
    r"|VTE\((?:6[89]|[7-9]\d|\d{3})\d\d\)",
    re.IGNORECASE,
)
"""Names of terminals that draw sextants themselves, whatever the font: every kitty that has a name,
Ghostty, foot since 1.9, WezTerm since 2021-08, VTE since 0.68."""
_COLOUR_REPLY = re.compile(rb"\x1bP1\$r[\d:;]*48[:;]2[:;]{1,2}1[:;]2[:;]3m\x1b\\")
_INLINE_IMAGES = re.compile(
    r"(?:WezTerm|iTerm2|mintty) |(?:WezTerm|iTerm\.app|mintty|vscode)$|xterm\.js\(", re.IGNORECASE
)
"""Names, with versions or from TERM_PROGRAM, of terminals with iTerm2's images. In VS Code, which
uses xterm.js, they may be switched off, and so may Sixel: who has one of both has the other."""
_CELL_REPLY = re.compile(rb"\x1b\[6;(\d{1,4});(\d{1,4})t")
_ATTRIBUTES_REPLY = re.compile(rb"\x1b\[\?([\d;]*)c")
_SIXEL = b"4"


@dataclass(frozen=True)
class CellSize:
    """The size of a character cell in pixels."""

    width: int
    height: int


@dataclass(frozen=True)
class TerminalReply:
    """The abilities that a terminal reports."""

    kitty: bool = False
    """Whether the terminal supports kitty's graphics protocol, placeholders included.

    No reply says anything about placeholders, so the terminal's name decides: kitty since 0.28, and
    Ghostty. Others would show a field of boxes.
    """
    sixel: bool = False
    """Whether the terminal supports Sixel graphics."""
    cell: CellSize | None = None
    """The size of a character cell, if the terminal reports it."""
    name: str = ""
    """The name and version that the terminal reports (XTVERSION), such as ``kitty(0.36.4)``.

    If it reports none, its name in the environment (TERM_PROGRAM), such as ``vscode``.
    """
    quadrants: bool = True
    """Whether its font has quadrants: all but that of the Linux console do."""
    all_colours: bool = False
    """Whether it reported a colour as it was set, so that it has all of them."""
    in_tmux: bool = False
    """Whether tmux is in between, so that kitty's protocol has to pass through it."""
    passed_on: bool = True
    """False if tmux is set to pass nothing on to the terminal."""

    @property
    def sextants(self) -> bool:
        """Whether the terminal is known to draw sextants itself; few fonts have them."""
        return _SEXTANTS.match(self.name) is not None

    @property
    def inline_images(self) -> bool:
        """Whether the terminal is known to show iTerm2's inline images."""
        return self.sixel and _INLINE_IMAGES.match(self.name) is not None


NO_REPLY = TerminalReply()


def has_placeholders(name: str) -> bool:
    """Whether a terminal with this name and version knows kitty's protocol with placeholders."""
    return _PLACEHOLDERS.match(name) is not None


def ask(
    stdin: int, stdout: int, wait: float = WAIT, *, kitty: bool = True, colour: bool = False
) -> TerminalReply:
    """Ask the terminal at these file descriptors. Only possible while nothing else reads ``stdin``.

    Without ``kitty`` the questions about kitty's protocol and the terminal's name are left out,
    without ``colour`` that about all colours. The result is empty if ``stdin`` is not a terminal,
    or if no reply comes within ``wait`` seconds.
    """
    try:
        before = termios.tcgetattr(stdin)
    except termios.error:
        return NO_REPLY  # not a terminal
    try:
        tty.setcbreak(stdin, termios.TCSANOW)
        questions = (_KITTY if kitty else "") + (_COLOUR if colour else "") + _CELL + _ATTRIBUTES
        os.write(stdout, questions.encode())
        return parse_reply(_read_reply(stdin, wait))
    except OSError:
        return NO_REPLY
    finally:
        termios.tcsetattr(stdin, termios.TCSANOW, before)


def parse_reply(reply: bytes) -> TerminalReply:
    """The abilities that ``reply`` reports; other bytes in it are ignored."""
    attributes = _ATTRIBUTES_REPLY.search(reply)
    cell = _CELL_REPLY.search(reply)
    named = _NAME_REPLY.search(reply)
    name = named[1].decode("ascii") if named else ""
    size = (int(cell[2]), int(cell[1])) if cell else (0, 0)
    return TerminalReply(
        kitty=_KITTY_REPLY.search(reply) is not None and has_placeholders(name),
        sixel=attributes is not None and _SIXEL in attributes[1].split(b";")[1:],
        cell=CellSize(*size) if all(size) else None,
        name=name,
        all_colours=_COLOUR_REPLY.search(reply) is not None,
    )


def _read_reply(stdin: int, wait: float) -> bytes:
    reply = b""
    end = time.monotonic() + wait
    while not _ATTRIBUTES_REPLY.search(reply) and (left := end - time.monotonic()) > 0:
        if not select.select([stdin], [], [], left)[0]:
            break
        piece = os.read(stdin, 1024)
        if not piece:
            break
        reply += piece
    keep_early(reply)
    return reply
