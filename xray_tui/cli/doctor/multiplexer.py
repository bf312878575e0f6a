"""Checks of tmux and GNU screen, with the exact line to add to their settings."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xray_tui import environment
from xray_tui.cli.doctor.finding import Finding, advice, ok, problem
from xray_tui.cli.doctor.situation import Situation
from xray_tui.multiplexer import ask_tmux, filled_by_tmux, in_screen, in_tmux

_SLOW_ESCAPE = 50
"""Milliseconds that tmux may wait after the escape key."""


@dataclass(frozen=True)
class Option:
    """An option of tmux, and the value that it should have."""

    name: str
    scope: str
    """The flags of ``tmux show-options`` for it."""
    fits: Callable[[str], bool]
    line: str
    """The line for ~/.tmux.conf."""
    effect: str
    """What does not work with another value."""


OPTIONS = (
    Option(
        "allow-passthrough",
        "-Apv",
        lambda value: value in ("on", "all"),
        "set -g allow-passthrough on",
        "kitty pictures and notifications do not reach your terminal",
    ),
    Option(
        "set-clipboard",
        "-sv",
        lambda value: value == "on",
        "set -s set-clipboard on",
        "what you copy in the app does not reach the clipboard",
    ),
    Option(
        "default-terminal",
        "-gv",
        lambda value: value.endswith("256color") or value in ("alacritty", "foot"),
        'set -g default-terminal "tmux-256color"',
        "programs in tmux use few colours",
    ),
    Option(
        "focus-events",
        "-sv",
        lambda value: value == "on",
        "set -s focus-events on",
        "the app does not know whether you look at it",
    ),
    Option(
        "escape-time",
        "-sv",
        lambda value: value.isdecimal() and int(value) <= _SLOW_ESCAPE,
        "set -s escape-time 10",
        "the escape key acts late",
    ),
)


def multiplexer(_: Situation) -> Iterator[Finding]:
    """The settings of tmux or screen, if the app would run in one."""
    if in_tmux():
        yield from _tmux()
    elif in_screen():
        yield from _screen()
    else:
        yield ok("neither tmux nor GNU screen is between xray-tui and the terminal")


def _tmux() -> Iterator[Finding]:
    version = ask_tmux("-V")
    if not version:
        yield advice(
            "TMUX is set, but tmux does not answer, so its settings are not known",
            "run xray-tui doctor where tmux runs",
            "TMUX",
        )
        return
    yield ok(f"xray-tui runs in {version}", "TMUX")
    for option in OPTIONS:
        value = ask_tmux("show-options", option.scope, option.name).strip()
        if option.fits(value):
            yield ok(f"{option.name} is {value}", "tmux")
        else:
            shown = f"is {value}" if value else "is unknown to this tmux"
            yield advice(f"{option.name} {shown}: {option.effect}", _add(option.line), "tmux")
    yield from _true_colour()


def _true_colour() -> Iterator[Finding]:
    features = filled_by_tmux("#{client_termfeatures}")
    outer = filled_by_tmux("#{client_termname}") or "xterm-256color"
    if "RGB" in features.split(","):
        yield ok("tmux passes all colours on", "tmux")
        return
    yield advice(
        f"tmux does not know that your terminal ({outer}) has all colours, so it shows 256",
        _add(f'set -as terminal-features ",{outer}:RGB"') + "; then detach and attach again",
        "tmux",
    )


def _add(line: str) -> str:
    return f"add this line to ~/.tmux.conf, and run tmux source-file ~/.tmux.conf: {line}"


def _screen() -> Iterator[Finding]:
    yield ok("GNU screen shows no pictures in pixels, and 256 colours at most", "STY")
    name = environment.terminal_name()
    if environment.variable("COLORTERM"):
        yield problem(
            "COLORTERM is set, but GNU screen cannot show all colours, so the app's are wrong",
            "add this line to ~/.screenrc, and start a new screen: unsetenv COLORTERM",
            "COLORTERM",
        )
    if "256color" in name:
        yield ok(f"the terminal in screen is {name}", "TERM")
    else:
        yield advice(
            f"the terminal in screen is {name or 'not named'}, so the app uses 16 colours",
            "add this line to ~/.screenrc, and start a new screen: term screen-256color",
            "TERM",
        )
    yield advice(
        "unless altscreen is on, the app's last picture stays on the screen after it ends",
        "add this line to ~/.screenrc, if it is not there: altscreen on",
        "STY",
    )
