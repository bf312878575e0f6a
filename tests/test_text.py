"""Text from outside reaches the terminal as plain text only; quoting, clipping, counts, sizes."""

from __future__ import annotations

import unicodedata
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from xray_tui.text import clean, clipped, counted, duration, quoted, size_text


@given(st.text())
def test_no_control_or_direction_character_is_left(text: str) -> None:
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


DISPUTED = "".join(map(chr, [*range(0x1F3FB, 0x1F400), *range(0x1F1E6, 0x1F200)]))


@given(
    st.text(
        st.characters(categories=["L", "N", "P", "S", "Zs"], exclude_characters=DISPUTED),
    )
)
def test_printable_text_is_unchanged(text: str) -> None:
    assert clean(text) == text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("⚕\ufe0f doctor ⚠\ufe0f", "⚕ doctor ⚠"),
        ("1\ufe0f\u20e3 ☎\ufe0e", "1\u20e3 ☎"),
        ("👍🏽", "👍"),
        ("🇩🇪 🇫🇷", "DE FR"),
        ("胸部 é e\u0301 ｱ 👍", "胸部 é e\u0301 ｱ 👍"),
    ],
)
def test_text_has_one_width_in_every_terminal(text: str, shown: str) -> None:
    """Case 23: a border stood one column too far to the right where a text had ⚕ and U+FE0F."""
    assert clean(text) == shown
    one_by_one = sum(  # as the simplest terminals count
        0 if unicodedata.category(char) in ("Mn", "Me")
        else 1 + (unicodedata.east_asian_width(char) in "WF")
        for char in shown
    )  # fmt: skip
    assert cell_len(shown) == one_by_one


def test_control_characters_become_visible() -> None:
    assert clean("a\x1b[31m\x7f\x9b\u202e\ud800") == "a␛[31m␡‹U+009B›‹U+202E›\ufffd"


def test_newlines_stay_only_on_request() -> None:
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


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 B"),
        (999, "999 B"),
        (1000, "1 kB"),
        (307_200, "307 kB"),
        (999_999, "1 MB"),
        (48_000_000, "48 MB"),
        (2_140_000_000, "2.1 GB"),
        (5_000_000_000_000, "5000.0 GB"),
    ],
)
def test_sizes_are_given_in_the_unit_that_fits(count: int, text: str) -> None:
    assert size_text(count) == text


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.04, "0.0 s"),
        (9.94, "9.9 s"),
        (9.96, "10 s"),
        (59.4, "59 s"),
        (59.6, "1:00"),
        (185, "3:05"),
        (7385, "2:03:05"),
        (273_600, "3 d 4 h"),
    ],
)
def test_durations_are_short(seconds: float, text: str) -> None:
    assert duration(seconds) == text
