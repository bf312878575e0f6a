"""Input from the terminal is guarded: cases 03, 04 and 11, and F5."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.losable_terminal import LosableTerminal
from support.terminal import Terminal

from xray_tui.dataset.files import layout

IMAGES = 6
QUESTION_OF_KITTY = b"\x1b_Gi=31"
ANSWERS = [
    b"\x1b[6;18;9t\x1b[?62;4c",
    b"\x1b[6;20;10t\x1b[?62;22c",
    b"\x1b_Gi=31;OK\x1b\\\x1bP>|kitty(0.26.5)\x1b\\\x1b[6;18;9t\x1b[?62;4c",
    b"\x1bP>|XTerm(379)\x1b\\\x1bP1$r48:2:1:2:3m\x1b\\\x1b]11;rgb:1/2/3\x1b\\",
]

OpenTerminal = Callable[..., Terminal]


@pytest.fixture
def silent(root: Path, tmp_path: Path) -> Iterator[LosableTerminal]:
    """A review in a terminal that answers only what a test types."""
    terminal = LosableTerminal(["review", str(root)], tmp_path)
    yield terminal
    terminal.kill()


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(answer, marks=[pytest.mark.slow] * (n in (1, 2)))
        for n, answer in enumerate(ANSWERS)
    ],
    ids=range(len(ANSWERS)),
)
def test_a_late_answer_rates_no_image(answer: bytes, silent: LosableTerminal, root: Path) -> None:
    """Case 03: the review took the digits of the answer for ratings."""
    silent.wait_for(b"\x1b[c")
    silent.read(1.5)
    silent.type(answer)
    silent.wait_for(b"undecided")
    silent.type(answer[:5])
    silent.read(0.5)
    silent.type(answer[5:])
    silent.read(1)
    assert b"Keys" not in silent.seen.rpartition(b"undecided")[2]
    silent.type(b"q")
    assert silent.seconds_to_end(10) < 10 and silent.process.returncode == 0
    reviews = root / layout.REVIEWS
    assert not reviews.exists() or not reviews.read_text()


@pytest.mark.parametrize("command", ["app", pytest.param("review", marks=pytest.mark.slow)])
def test_bytes_that_are_no_text_end_nothing(
    command: str, root: Path, open_terminal: OpenTerminal
) -> None:
    """Case 04: one byte that was no UTF-8 ended the app, with exit status 0."""
    arguments = ["review", str(root)] if command == "review" else ["--dataset", str(root)]
    terminal = open_terminal(arguments, root.parent)
    terminal.wait_for("undecided" if command == "review" else "normal-adult")
    for data in (b"\xe9", b"\x80", b"\x1b[M \xf0\xe9", b"\xff" * 50):
        terminal.process.send(data)
        terminal.press("?")
        terminal.wait_for("Keys")
        terminal.press("escape")
        terminal.wait_for(lambda text: "Keys" not in text)
    terminal.press("q")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize(
    "gap",
    [0.05, pytest.param(0.0, marks=pytest.mark.slow), pytest.param(0.1, marks=pytest.mark.slow)],
)
def test_page_down_before_the_palette_is_laid_out_ends_nothing(
    gap: float, root: Path, open_terminal: OpenTerminal
) -> None:
    """Case 11: KeyError in OptionList."""
    terminal = open_terminal(["review", str(root)], root.parent)
    terminal.wait_for("undecided")
    terminal.press("\x10")
    terminal.read(gap)
    terminal.press("\x1b[6~", "\x1b[5~")
    for _ in range(10):
        terminal.read(0.1)
    terminal.press("escape")
    terminal.wait_for("1/6")
    terminal.press("right")
    terminal.wait_for("2/6")
    terminal.press("q")
    assert terminal.wait_for_end() == 0


@pytest.mark.parametrize(
    ("environment", "asked"),
    [
        ({"TERM": "xterm-256color"}, True),
        ({"TMUX": "/tmp/tmux-0/default,1,0"}, False),
        ({"STY": "1.pts-0.host"}, False),
        ({"TERM": "screen.xterm-256color"}, False),
        ({"TERM": "tmux-256color"}, False),
    ],
)
def test_kitty_is_not_asked_about_inside_a_multiplexer(
    environment: dict[str, str], asked: bool, root: Path, tmp_path: Path
) -> None:
    """F5: tmux and screen take the question for the title of the window."""
    terminal = LosableTerminal(["review", str(root)], tmp_path, **environment)
    try:
        terminal.wait_for(b"\x1b[c")
        assert (QUESTION_OF_KITTY in terminal.seen) is asked
    finally:
        terminal.kill()


@pytest.mark.parametrize("when", ["before the question", "with the answer", "no answer"])
def test_keys_typed_before_the_first_paint_act(
    when: str, silent: LosableTerminal, root: Path
) -> None:
    """They were read together with the answer to the question, and dropped."""
    if when == "before the question":
        silent.type(b"p")
    silent.wait_for(b"\x1b[c")
    if when == "no answer":
        silent.type(b"p")
    else:
        silent.type(ANSWERS[2] if when == "before the question" else b"p" + ANSWERS[2])
    reviews, end = root / layout.REVIEWS, time.monotonic() + 30
    while not (reviews.exists() and reviews.stat().st_size) and time.monotonic() < end:
        silent.read(0.1)
    silent.type(b"q")
    assert silent.seconds_to_end(10) < 10 and silent.process.returncode == 0
    assert reviews.read_text().count("\n") == 1
