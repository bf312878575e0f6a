"""The summary next to the labels fits into any room."""

from __future__ import annotations

import pytest
from support.progress_samples import NO_SUMMARY, SUMMARY

from xray_tui.tui.review.statistics.summary import summary_lines


@pytest.mark.parametrize(("width", "height"), [(60, 40), (60, 12), (33, 7), (40, 3), (20, 1)])
def test_lines_fit_and_say_how_many_are_missing(width: int, height: int) -> None:
    lines = summary_lines(SUMMARY, width, height)
    assert len(lines) <= height
    assert all(line.cell_length <= width for line in lines)
    text = "\n".join(line.plain for line in lines)
    assert ("… and" in text) == (height in (12, 7, 3))
    assert ("disagree" in text) == (height == 40)


def test_an_empty_summary_has_no_lines() -> None:
    assert summary_lines(NO_SUMMARY, 60, 40) == []
