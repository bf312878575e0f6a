"""Asks the terminal what it can show, in one round trip.

textual-image asks too, three questions one after the other, and waits 0.1 s for each answer. Over a
slow line that is too short: it finds nothing, and the answers arrive later as key presses. Here the
last question is one that every terminal answers (its device attributes), so its answer ends the
wait, however slow the line is, and nothing comes after it.
"""

from __future__ import annotations

import os
import re
import select
import termios
import time
import tty
from dataclasses import dataclass

WAIT = 1.0
"""Seconds to wait for a terminal that answers nothing; others answer within their line's delay."""

_KITTY = "\x1b_Gi=31,s=1,v=1,a=q,t=d,f=24;AAAA\x1b\\"
_CELL = "\x1b[16t"
_ATTRIBUTES = "\x1b[c"

_KITTY_ANSWER = re.compile(rb"\x1b_G[^\x1b]*;OK\x1b\\")
_CELL_ANSWER = re.compile(rb"\x1b\[6;(\d{1,4});(\d{1,4})t")
_ATTRIBUTES_ANSWER = re.compile(rb"\x1b\[\?([\d;]*)c")
_SIXEL = b"4"


@dataclass(frozen=True)
class Answer:
    """What a terminal said."""

    kitty: bool = False
    sixel: bool = False
    cell: tuple[int, int] | None = None
    """Width and height of a character cell in pixels."""


def ask(stdin: int, stdout: int, wait: float = WAIT) -> Answer:
    """Ask the terminal behind these file descriptors. Only possible while nothing else reads."""
    try:
        before = termios.tcgetattr(stdin)
    except termios.error:
        return Answer()  # no terminal to hear an answer from
    try:
        tty.setcbreak(stdin, termios.TCSANOW)
        os.write(stdout, (_KITTY + _CELL + _ATTRIBUTES).encode())
        return understand(_read_answers(stdin, wait))
    except OSError:
        return Answer()
    finally:
        termios.tcsetattr(stdin, termios.TCSANOW, before)


def understand(answers: bytes) -> Answer:
    """What ``answers`` mean; anything else among them is ignored."""
    attributes = _ATTRIBUTES_ANSWER.search(answers)
    cell = _CELL_ANSWER.search(answers)
    size = (int(cell[2]), int(cell[1])) if cell else None
    return Answer(
        kitty=bool(_KITTY_ANSWER.search(answers)),
        sixel=attributes is not None and _SIXEL in attributes[1].split(b";")[1:],
        cell=size if size and all(size) else None,
    )


def _read_answers(stdin: int, wait: float) -> bytes:
    answers = b""
    end = time.monotonic() + wait
    while not _ATTRIBUTES_ANSWER.search(answers) and (left := end - time.monotonic()) > 0:
        if not select.select([stdin], [], [], left)[0]:
            break
        piece = os.read(stdin, 1024)
        if not piece:
            break
        answers += piece
    return answers
