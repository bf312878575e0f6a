"""Checks of the terminal: its name, size, colours, and the characters of the locale."""

from __future__ import annotations

import locale
import shutil
from collections.abc import Iterator

from xray_tui import environment
from xray_tui.cli.doctor.finding import Finding, advice, ok, problem
from xray_tui.cli.doctor.situation import Situation

_TRUE_COLOUR = ("truecolor", "24bit")
_USUAL = (80, 24)
_SET_TERM = "set TERM to the name of yours, such as: export TERM=xterm-256color"


def terminal(situation: Situation) -> Iterator[Finding]:
    """The name and the size of the terminal."""
    name = environment.terminal_name()
    if name == "dumb":
        yield problem(
            "TERM is dumb, so the app does not start; commands work",
            f"use another terminal, or {_SET_TERM}",
            "TERM",
        )
    elif not name:
        yield advice("TERM is not set, so nothing is known about the terminal", _SET_TERM, "TERM")
    elif not _is_described(name):
        yield advice(
            f"this machine does not know the terminal {name}; xray-tui does, but tmux, less and "
            "editors may not",
            "copy its description here from the machine on which the terminal runs: "
            "infocmp -x | ssh HOST tic -x -",
            "TERM",
        )
    else:
        yield ok(f"the terminal is called {name}", "TERM")
    if situation.can_ask:
        columns, rows = shutil.get_terminal_size()
        if columns < _USUAL[0] or rows < _USUAL[1]:
            yield advice(
                f"the window has {columns}×{rows} characters",
                f"make the window larger, or its font smaller: {_USUAL[0]}×{_USUAL[1]} show all "
                "panes",
            )
        else:
            yield ok(f"the window has {columns}×{rows} characters")


def _is_described(name: str) -> bool:
    """Whether terminfo knows the terminal ``name``; only the first call of a process asks."""
    try:
        import curses

        curses.setupterm(name, 1)
    except ImportError:  # a Python without it cannot say
        return True
    except (OSError, ValueError, RuntimeError, curses.error):
        return False
    return True


def colours(_: Situation) -> Iterator[Finding]:
    """How many colours the app will use."""
    name, announced = environment.terminal_name(), environment.variable("COLORTERM")
    if environment.variable("NO_COLOR"):
        yield advice("NO_COLOR is set, so the app is grey", "unset NO_COLOR", "NO_COLOR")
    if name == "dumb":
        return
    if announced.lower() in _TRUE_COLOUR:
        yield ok("the app uses all colours, and pictures have all greys", "COLORTERM")
        return
    has_256 = "256" in name or name.startswith(("tmux", "xterm-kitty", "xterm-ghostty"))
    from xray_tui.tui.pictures.renderers.greys import IN_256

    greys = f"pictures have {len(IN_256.values)} greys"
    shown = f"256 colours: {greys}" if has_256 else "16 colours, too few for pictures"
    shown = f"{shown}, unless the terminal reports that it has all"
    set_it = "if your terminal has all colours, add to ~/.profile: export COLORTERM=truecolor"
    if environment.variable("SSH_CONNECTION"):
        yield advice(
            f"SSH did not pass COLORTERM on; the app uses {shown}",
            f"{set_it}; or connect with ssh -o SendEnv=COLORTERM, if the server has AcceptEnv "
            "COLORTERM",
            "COLORTERM",
        )
    else:
        yield advice(f"COLORTERM is not set; the app uses {shown}", set_it, "COLORTERM")


def characters(_: Situation) -> Iterator[Finding]:
    """Whether the locale has the characters that are printed."""
    variable, name = environment.locale_name()
    choose = "choose a UTF-8 locale: export LC_ALL=C.UTF-8"
    if not name:
        yield advice("no locale is set, so commands may replace characters", choose, "LANG")
    elif not _is_installed(name):
        yield advice(f"the locale {name} is not installed on this machine", choose, variable)
    elif "utf8" not in name.lower().replace("-", ""):
        yield advice(
            f"the locale {name} is not UTF-8, so commands may replace characters; the app draws "
            "all of them",
            choose,
            variable,
        )
    else:
        yield ok(f"the locale is {name}", variable)


def _is_installed(name: str) -> bool:
    before = locale.setlocale(locale.LC_CTYPE)
    try:
        locale.setlocale(locale.LC_CTYPE, name)
    except (locale.Error, ValueError, UnicodeError):
        return False
    locale.setlocale(locale.LC_CTYPE, before)
    return True
