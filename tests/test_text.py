"""Text from outside reaches no terminal as anything but text."""

from __future__ import annotations

import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from xray_tui.text import clean


@given(st.text())
def test_nothing_a_terminal_acts_on_is_left(text: str) -> None:
    for char in clean(text):
        assert unicodedata.category(char) not in {"Cc", "Cs"}
        assert unicodedata.bidirectional(char) not in {
            "LRE",
            "RLE",
            "LRO",
            "RLO",
            "PDF",
            "LRI",
            "RLI",
            "FSI",
            "PDI",
        }


@given(st.text(st.characters(categories=["L", "N", "P", "S", "Zs"])))
def test_plain_text_stays(text: str) -> None:
    assert clean(text) == text


def test_characters_are_made_visible() -> None:
    assert clean("a\x1b[31m\x7f\x9b\u202e\ud800") == "a␛[31m␡‹U+009B›‹U+202E›\ufffd"


def test_newlines_stay_only_where_asked() -> None:
    assert clean("a\nb\t") == "a␊b␉"
    assert clean("a\nb\t", keep_newlines=True) == "a\nb␉"
