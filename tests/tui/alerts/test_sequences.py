"""The sequences of notifications and progress, for each terminal that is known."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray_tui.tui.alerts.sequences import notification, progress

TERMINALS = ["kitty(0.36.4)", "foot(1.16.2)", "WezTerm 20240203-110809", "iTerm2 3.5.0", ""]


@pytest.mark.parametrize(
    ("terminal", "sequence"),
    [
        ("kitty(0.36.4)", "\x1b]99;i=xray-tui:d=0;a\x1b\\\x1b]99;i=xray-tui:p=body;b\x1b\\"),
        ("foot(1.16.2)", "\x1b]777;notify;a;b\x1b\\"),
        ("ghostty 1.1.3", "\x1b]777;notify;a;b\x1b\\"),
        ("WezTerm 20240203-110809-5046fc22", "\x1b]777;notify;a;b\x1b\\"),
        ("rxvt-unicode 9.31", "\x1b]777;notify;a;b\x1b\\"),
        ("iTerm2 3.5.0", "\x1b]9;a: b\x1b\\"),
        ("XTerm(379)", ""),
        ("VTE(7600)", ""),
        ("", ""),
    ],
)
def test_each_terminal_gets_the_notification_it_knows(terminal: str, sequence: str) -> None:
    assert notification("a", "b", terminal, in_tmux=False) == sequence


def test_in_tmux_the_sequence_is_passed_through() -> None:
    inside = notification("a", "b", "tmux 3.3a", in_tmux=True)
    assert inside == "\x1bPtmux;\x1b\x1b]9;a: b\x1b\x1b\\\x1b\\"
    assert progress(1, 2, "tmux 3.3a", in_tmux=True) == ""


@given(st.text(), st.text(), st.sampled_from(TERMINALS))
def test_no_text_ends_or_splits_a_sequence(title: str, text: str, terminal: str) -> None:
    sent = notification(title, text, terminal, in_tmux=False)
    plain = re.sub(r"\x1b\](99;[^;]*|777;notify|9);|\x1b\\", "", sent)
    assert not re.search(r"[\x00-\x1f\x7f-\x9f]", plain)
    assert plain.count(";") == (1 if sent.startswith("\x1b]777") else 0)


@pytest.mark.parametrize(
    ("terminal", "shows"),
    [
        ("ghostty 1.2.0", True),
        ("ghostty 1.1.3", False),
        ("WezTerm 20250701-120000", True),
        ("WezTerm 20240203-110809", False),
        ("VTE(7900)", True),
        ("VTE(8002)", True),
        ("VTE(7600)", False),
        ("mintty 3.7.0", True),
        ("Konsole 25.04.0", True),
        ("Konsole 24.12.3", False),
        ("kitty(0.42.0)", False),
        ("iTerm2 3.6.6", False),
    ],
)
def test_progress_is_only_sent_where_it_is_known_not_to_notify(terminal: str, shows: bool) -> None:
    assert progress(34, 200, terminal, in_tmux=False) == ("\x1b]9;4;1;17\x1b\\" if shows else "")
    assert progress(0, 0, terminal, in_tmux=False) == ("\x1b]9;4;0;0\x1b\\" if shows else "")
