"""Text is cut, padded and wrapped by the cells it takes in the terminal, not by its characters."""

from __future__ import annotations

import pytest
from rich.cells import cell_len

from xray_tui.tui.text_fit import cut, fitting, pad, wrap


@pytest.mark.parametrize(
    ("text", "width", "pieces"),
    [
        ("", 8, [""]),
        ("one two three", 8, ["one two", "three"]),
        ("one two", 3, ["one", "two"]),
        ("abcdefghij", 4, ["abcd", "efgh", "ij"]),
        ("胸部の画像です", 4, ["胸部", "の画", "像で", "す"]),
    ],
)
def test_text_is_wrapped_at_spaces(text: str, width: int, pieces: list[str]) -> None:
    assert wrap(text, width) == pieces


@pytest.mark.parametrize(
    ("width", "shown"),
    [(30, ["one", "two", "three"]), (9, ["one", "two"]), (4, ["one"]), (2, ["o…"])],
)
def test_facts_that_do_not_fit_are_left_out_from_the_end(width: int, shown: list[str]) -> None:
    assert fitting(["one", "two", "three"], width) == shown


@pytest.mark.parametrize("text", ["", "short", "a text that is too long", "胸部の画像です"])
def test_cut_and_padded_texts_keep_to_the_width(text: str) -> None:
    assert cell_len(cut(text, 8)) <= 8
    assert cell_len(pad(text, 8)) == 8
