"""tmux and GNU screen: whether one of them draws what this process shows, and what tmux says."""

from __future__ import annotations

import subprocess

from xray_tui.environment import set_variable, terminal_name, variable

_SECONDS = 5.0
"""How long tmux may take to answer."""


def in_tmux() -> bool:
    """Whether tmux draws what this process shows."""
    return bool(variable("TMUX"))


def in_screen() -> bool:
    """Whether GNU screen draws what this process shows."""
    return bool(variable("STY"))


def in_multiplexer() -> bool:
    """Whether tmux or screen draws what this process shows."""
    return in_tmux() or in_screen()


def ask_tmux(*words: str) -> str:
    """What tmux answers; empty if it does not, or does not know the option."""
    try:
        done = subprocess.run(
            ["tmux", *words],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=_SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip("\n") if done.returncode == 0 else ""


def filled_by_tmux(text: str) -> str:
    """``text`` with the variables of tmux in it filled in, for the pane of this process.

    Without its name, tmux describes the pane that is active by now.
    """
    pane = variable("TMUX_PANE")
    return ask_tmux("display-message", *(("-t", pane) if pane else ()), "-p", text)


def through_tmux(sequence: str) -> str:
    """``sequence`` for the terminal in which tmux runs."""
    return f"\x1bPtmux;{sequence.replace(chr(27), chr(27) * 2)}\x1b\\"


def correct_colours() -> None:
    """Let the environment say which colours GNU screen shows, where another terminal's are set.

    Screen has 256 colours at most, and draws others wrongly. A terminal that announces all colours
    has 256; only screen's plain name does not say so.
    """
    if in_screen() and variable("COLORTERM"):
        set_variable("COLORTERM", "")
        if terminal_name() == "screen":
            set_variable("TERM", "screen-256color")
