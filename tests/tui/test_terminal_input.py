"""Only keys, mouse events and pastes come through from a terminal (cases 03 and 04)."""

from __future__ import annotations

import random
from collections.abc import Sequence
from typing import Any

import pytest
from textual import events
from textual.message import Message

from xray_tui.tui.terminal_input import (
    PASTE_SECONDS,
    UNFINISHED_SECONDS,
    TerminalInput,
)
from xray_tui.tui.textual_internals import TokenParser

ANSWERS = {
    "cell size": b"\x1b[6;18;9t",
    "window size": b"\x1b[4;648;1080t",
    "device attributes": b"\x1b[?62;4c",
    "secondary attributes": b"\x1b[>41;379;0c",
    "tertiary attributes": b"\x1bP!|00000000\x1b\\",
    "kitty graphics": b"\x1b_Gi=31;OK\x1b\\",
    "kitty graphics error": b"\x1b_Gi=31;ENOTSUP:no 123\x1b\\",
    "kitty keyboard": b"\x1b[?31u",
    "version": b"\x1bP>|XTerm(379)\x1b\\",
    "DECRQSS": b"\x1bP1$r48:2:1:2:3m\x1b\\",
    "XTGETTCAP": b"\x1bP1+r5463=38\x1b\\",
    "background": b"\x1b]11;rgb:1111/2222/3333\x1b\\",
    "background with BEL": b"\x1b]11;rgb:1111/2222/3333\x07",
    "cursor": b"\x1b[12;40R",
    "mode": b"\x1b[?1016;1$y",
    "status": b"\x1b[0n",
    "8-bit attributes": b"\x9b?62;4c",
    "8-bit version": b"\x90>|XTerm(379)\x9c",
}


def messages(
    *pieces: bytes, gap: float = 0.05, silence: float = 0.0, alt_keys: Sequence[str] = ()
) -> list[Message]:
    """The messages from ``pieces`` that arrive ``gap`` seconds apart, with idle ticks between."""
    guard, parser, now = TerminalInput(alt_keys=alt_keys), TokenParser(), 0.0
    tokens: list[str] = []
    for piece in pieces:
        now += gap
        tokens += [*guard.idle(now), *guard.feed(piece, now)]
    tokens += guard.idle(now + silence)
    return [message for token in tokens for message in parser.parse(token)]


def keys(*pieces: bytes, **conditions: Any) -> list[str]:
    return [
        message.key if isinstance(message, events.Key) else type(message).__name__
        for message in messages(*pieces, **conditions)
    ]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_is_never_a_key(answer: bytes) -> None:
    assert keys(answer) == []
    assert keys(b"p" + answer + b"x") == ["p", "x"]


@pytest.mark.parametrize("answer", ANSWERS.values(), ids=ANSWERS)
def test_an_answer_in_pieces_is_never_a_key(answer: bytes) -> None:
    assert keys(*(bytes([byte]) for byte in answer)) == []
    # after the escape character, which is a key if nothing follows, long gaps do no harm
    for cut in range(2, len(answer)):
        assert keys(answer[:cut], answer[cut:], b"p", gap=1.5) == ["p"]


def test_answers_come_one_after_the_other_and_between_keys() -> None:
    assert keys(b"".join(ANSWERS.values())) == []
    assert keys(b"1" + b"2".join(ANSWERS.values())) == ["1", *["2"] * (len(ANSWERS) - 1)]


@pytest.mark.parametrize(
    "data",
    [b"\xe9", b"\x80", b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xc0\x80", b"\x1b[M \xf0\xe9"],
    ids=repr,
)
def test_bytes_that_are_no_text_are_dropped(data: bytes) -> None:
    assert keys(data + b"p") == ["p"]
    assert keys(data, b"p", gap=9) == ["p"]


@pytest.mark.parametrize(
    "data",
    [
        b"\x1b[99~",
        b"\x1b[120S",
        b"\x1b[55296u",
        b"\x1b[99999999u",
        b"\x1b[97;1;1114112u",
        b"\x1b[48;0;0;0;0t",
        b"\x1b[1;2;3;4;5x",
        b"\x1bO?",
        b"\x1b^private\x1b\\",
    ],
    ids=repr,
)
def test_unknown_sequences_are_dropped(data: bytes) -> None:
    assert keys(data + b"p") == ["p"]


@pytest.mark.parametrize(
    ("data", "pressed"),
    [
        (b"\x1b[A", ["up"]),
        (b"\x1bOA", ["up"]),
        (b"\x1bOP", ["f1"]),
        (b"\x1b[[A", ["f1"]),
        (b"\x1b[5~", ["pageup"]),
        (b"\x1b[1;5A", ["ctrl+up"]),
        (b"\x1b[Z", ["shift+tab"]),
        (b"\x1b[97u", ["a"]),
        (b"\x1b[5;5~", ["ctrl+pageup"]),
        (b"\x1b\x1b[A", ["escape", "up"]),
        (b"\x1bx", ["escape", "x"]),
        (b"\x1bXp", ["escape", "X", "p"]),
        (b"\x1bPp", ["escape", "P", "p"]),
        (b"\x1b5\x1b x", ["escape", "5", "escape", "space", "x"]),
        (b"\x1b\r\x1b/\xc3\xa9", ["escape", "enter", "escape", "slash", "é"]),
        (b"\x1b\xc3\xa9", ["escape", "é"]),
        (b"\x1b\x7f\x1b\t\x1bb", ["ctrl+w", "shift+tab", "ctrl+left"]),
        (b"\x1b[5\rp", ["enter", "p"]),
        (b"a\xc3\xa9\xe5\x9b\x9bb", ["a", "é", "四", "b"]),
        (b"\x10\x1b[6~", ["ctrl+p", "pagedown"]),
        (b"\x1b[<0;5;5M\x1b[<0;5;5m", ["MouseDown", "MouseUp"]),
        (b"\x1b[I\x1b[O", ["AppFocus", "AppBlur"]),
        (b"\x1b[?2026;2$y", ["TerminalSupportsSynchronizedOutput"]),
        (b"\x1b[48;36;120;720;1080t", ["Resize"]),
    ],
    ids=repr,
)
def test_keys_and_mouse_come_through(data: bytes, pressed: list[str]) -> None:
    assert keys(data) == pressed


def test_only_keys_with_alt_that_the_user_chose_are_such_keys() -> None:
    chosen = ["alt+x", "alt+shift+p"]
    assert keys(b"\x1bx\x1bPq", alt_keys=chosen) == ["alt+x", "alt+shift+p", "q"]
    assert keys(b"\x1bX\x1bp", alt_keys=chosen) == ["escape", "X", "escape", "p"]


def test_the_escape_key_is_one_after_a_short_silence() -> None:
    assert keys(b"\x1b", silence=0.05) == []
    assert keys(b"\x1b", silence=0.15) == ["escape"]
    assert keys(b"\x1b", b"p", gap=0.2) == ["escape", "p"]


def test_a_letter_cut_in_two_is_whole() -> None:
    assert keys(b"\xc3", b"\xa9") == ["é"]
    assert keys(b"\xe5\x9b", b"\x9b") == ["四"]


def pasted(*pieces: bytes, silence: float = 0.0) -> str:
    (paste,) = messages(*pieces, silence=silence)
    assert isinstance(paste, events.Paste)
    return paste.text


def test_a_paste_is_text_without_sequences() -> None:
    assert pasted(b"\x1b[200~chest\r\xc3\xa9 3\x1b[31m\xe9 \x1b_x", b"p\x1b[201~") == "chest\ré 3 "
    assert pasted(b"\x1b[200~12345", b"678\x1b[201~") == "12345678"


def test_a_paste_without_an_end_does_not_swallow_keys_for_ever() -> None:
    assert pasted(b"\x1b[200~12345", silence=PASTE_SECONDS + 1) == "12345"
    assert keys(b"\x1b[200~", b"p", b"q", gap=PASTE_SECONDS + 1)[-1] == "q"


def test_an_unfinished_sequence_does_not_swallow_keys_for_ever() -> None:
    for start in (b"\x1b[6;1", b"\x1bP1$r", b"\x1b]11;", b"\x1b_G", b"\x1b[M", b"\x1b["):
        assert keys(start, b"p", gap=UNFINISHED_SECONDS + 1) == ["p"]


def test_any_bytes_are_survived() -> None:
    choose = random.Random(16)
    parts = [*ANSWERS.values(), b"\x1b[200~", b"\x1b[201~", b"\x1b[", b"\x1b[<0;9;9M", b";1", b"p"]
    for _ in range(2000):
        data = b"".join(choose.choice([*parts, choose.randbytes(3)]) for _ in range(8))
        cut = choose.randrange(len(data))
        messages(data[:cut], data[cut:], silence=9)
