"""The terminal in which tmux shows this window, as tmux describes it.

tmux answers the questions that a program asks its terminal itself, and not all of them truly: since
3.4 it claims Sixel whatever the terminal can show.
"""

from __future__ import annotations

from dataclasses import dataclass

from xray_tui.multiplexer import filled_by_tmux

_FIELDS = ("allow-passthrough", "client_termtype", "client_termfeatures")
_PASSING = ("1", "2", "on", "all")


@dataclass(frozen=True)
class TmuxClient:
    """A terminal that is attached to tmux."""

    passed_on: bool
    """Whether tmux passes sequences on to it, if they are marked so."""
    name: str
    """The name and version that it reported to tmux, such as ``kitty(0.41.1)``; may be empty."""
    features: frozenset[str]
    """What tmux knows that it can do, such as ``RGB`` and ``sixel``."""


def tmux_client() -> TmuxClient | None:
    """The terminal that shows this window, or showed it last; None if tmux does not answer."""
    answer = filled_by_tmux("\t".join(f"#{{{field}}}" for field in _FIELDS))
    passing, tab, rest = answer.partition("\t")
    name, _, features = rest.partition("\t")
    if not tab:
        return None
    return TmuxClient(passing in _PASSING, name, frozenset(features.split(",")))
