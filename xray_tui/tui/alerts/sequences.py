"""The control sequences for notifications and progress, and which terminal understands which.

Terminals that do not know such a sequence mostly ignore it, but some print it, and some show the
progress of others as a notification. So only terminals that are known by name get any.

Sources: OSC 9 of iTerm2 (iterm2.com/documentation-escape-codes.html), OSC 99 of kitty
(sw.kovidgoyal.net/kitty/desktop-notifications), OSC 777 of rxvt-unicode's notify extension, and
OSC 9;4 of ConEmu (conemu.github.io/en/AnsiEscapeCodes.html).
"""

from __future__ import annotations

import re
from typing import Literal

from xray_tui.multiplexer import through_tmux
from xray_tui.text import clean

Notifier = Literal["iterm", "kitty", "rxvt"]

BELL = "\x07"
_END = "\x1b\\"
_KITTY = "\x1b]99;i=xray-tui"
_NOTIFIERS: tuple[tuple[str, Notifier], ...] = (
    (r"kitty\b", "kitty"),
    (r"(foot|wezterm|ghostty|rxvt|urxvt)\b", "rxvt"),
    (r"iterm2?\b", "iterm"),
)
_SHOWS_PROGRESS = re.compile(
    r"ghostty 1\.([2-9]|\d\d)|wezterm 20(2[5-9]|[3-9]\d)|mintty 3|konsole (2[5-9]|[3-9]\d)"
    r"|VTE\((79|[89]\d|\d{3})\d\d\)",
    re.IGNORECASE,
)
"""Older ones of these, and iTerm2 and kitty, show each step as a notification of its own."""
_LONGEST = 200


def notification(title: str, text: str, terminal: str, *, in_tmux: bool) -> str:
    """What makes ``terminal`` show a notification; empty if none is known for it.

    ``terminal`` is the name that it reports (XTVERSION). tmux passes the sequence on where its
    ``allow-passthrough`` is on; it hides the terminal's name, and most terminals know OSC 9.
    """
    notifier = "iterm" if in_tmux else _notifier(terminal)
    # A semicolon ends a field, and no text may end the sequence.
    fields = [clean(part).replace(";", ",")[:_LONGEST] for part in (title, text)]
    if notifier == "kitty":
        sequence = f"{_KITTY}:d=0;{fields[0]}{_END}{_KITTY}:p=body;{fields[1]}{_END}"
    elif notifier == "rxvt":
        sequence = f"\x1b]777;notify;{fields[0]};{fields[1]}{_END}"
    elif notifier == "iterm":
        sequence = f"\x1b]9;{fields[0]}: {fields[1]}{_END}"
    else:
        return ""
    return through_tmux(sequence) if in_tmux else sequence


def progress(done: int, total: int, terminal: str, *, in_tmux: bool) -> str:
    """What makes ``terminal`` show that ``done`` of ``total`` is done; a total of 0 ends it.

    Empty for terminals that are not known to show progress, and in tmux, which hides the name.
    """
    if in_tmux or not _SHOWS_PROGRESS.match(terminal):
        return ""
    if not total:
        return f"\x1b]9;4;0;0{_END}"
    return f"\x1b]9;4;1;{round(100 * min(done, total) / total)}{_END}"


def _notifier(terminal: str) -> Notifier | None:
    for pattern, notifier in _NOTIFIERS:
        if re.match(pattern, terminal, re.IGNORECASE):
            return notifier
    return None
