"""Text from outside reaches no terminal as anything but text."""

from __future__ import annotations

import unicodedata
from pathlib import Path

from hypothesis import given
from hypothesis import strategies as st

from xray_tui.text import clean, clipped, counted, quoted


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


@given(st.text(), st.integers(1, 20))
def test_clipped_text_is_clean_and_short(text: str, limit: int) -> None:
    short = clipped(text, limit)
    assert len(short) <= limit
    assert clean(short) == short
    assert short == clean(text) or short.endswith("…")


def test_quoted_text_is_cut_inside_its_quotation_marks() -> None:
    assert quoted("a\x1b") == '"a␛"'
    assert quoted("abcdef", 4) == '"abc…"'
    assert quoted(Path("a/b")) == '"a/b"'


def test_numbers_take_the_singular_or_the_plural() -> None:
    assert [counted(number, "image") for number in (0, 1, 2000)] == [
        "0 images",
        "1 image",
        "2,000 images",
    ]
    assert counted(1, "job was", "jobs were") == "1 job was"
    assert counted(2, "job was", "jobs were") == "2 jobs were"
