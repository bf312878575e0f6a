"""tmux and GNU screen, as the rest of the program sees them."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from xray_tui.multiplexer import ask_tmux, correct_colours, in_multiplexer, through_tmux

NAMES = ("TMUX", "STY", "TERM", "COLORTERM")


@pytest.fixture
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in NAMES:
        monkeypatch.setenv(name, "")  # so that each is restored
        monkeypatch.delenv(name)
    return monkeypatch


def test_every_escape_is_doubled_for_tmux() -> None:
    assert through_tmux("\x1b]x\x1b\\") == "\x1bPtmux;\x1b\x1b]x\x1b\x1b\\\x1b\\"


def test_a_tmux_that_is_missing_or_fails_answers_nothing(
    environment: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    environment.setenv("PATH", str(tmp_path))
    assert ask_tmux("-V") == ""
    failing = tmp_path / "tmux"
    failing.write_text("#!/bin/sh\necho wrong\nexit 1\n")
    failing.chmod(0o755)
    assert ask_tmux("-V") == ""


@pytest.mark.parametrize(
    ("variables", "term", "announced"),
    [
        ({"STY": "1.x", "TERM": "screen", "COLORTERM": "truecolor"}, "screen-256color", None),
        ({"STY": "1.x", "TERM": "screen.xterm", "COLORTERM": "truecolor"}, "screen.xterm", None),
        ({"STY": "1.x", "TERM": "screen"}, "screen", None),  # perhaps 16 colours are all
        ({"TMUX": "x,1,0", "TERM": "screen", "COLORTERM": "truecolor"}, "screen", "truecolor"),
        ({"TERM": "xterm", "COLORTERM": "truecolor"}, "xterm", "truecolor"),
    ],
)
def test_gnu_screen_has_256_colours_where_another_terminal_has_all(
    environment: pytest.MonkeyPatch, variables: dict[str, str], term: str, announced: str | None
) -> None:
    for name, value in variables.items():
        environment.setenv(name, value)
    assert in_multiplexer() == ("STY" in variables or "TMUX" in variables)
    correct_colours()
    assert (os.environ["TERM"], os.environ.get("COLORTERM")) == (term, announced)
