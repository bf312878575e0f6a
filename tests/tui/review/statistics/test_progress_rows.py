"""Bars and numbers of labels, fitted to a width."""

from __future__ import annotations

import pytest
from support.progress_samples import PROGRESS

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.tui.review.statistics.progress_rows import (
    bar_line,
    fit_columns,
    head_line,
    label_row,
    stacked_bar,
    sum_row,
)


@pytest.mark.parametrize(
    ("counts", "wanted", "bar"),
    [
        ((10, 5, 2), None, "█████▒▒░░░"),
        ((10, 5, 2), 8, "█████▒▒┃░░"),
        ((10, 5, 2), 10, "█████▒▒░░┃"),
        ((10, 5, 2), 20, "███▒░····┃"),
        ((10, 8, 1), 4, "███┃████▒░"),
        ((1000, 1, 1), None, "█▒░░░░░░░░"),
        ((1000, 999, 1), None, "█████████▒"),
        ((1000, 1, 999), None, "█▒▒▒▒▒▒▒▒▒"),
        ((1000, 0, 0), 1, "┃░░░░░░░░░"),
        ((0, 0, 0), None, ""),
        ((0, 0, 0), 5, "·········┃"),
    ],
)
def test_a_bar_shows_each_part(counts: tuple[int, int, int], wanted: int | None, bar: str) -> None:
    images, accepted, rejected = counts
    progress = LabelProgress("chest", "normal", images, accepted, rejected, 0)
    assert stacked_bar(progress, wanted, 10).plain == bar


@pytest.mark.parametrize("width", [20, 40, 59, 75, 99, 114, 194])
def test_lines_are_as_wide_as_the_screen(width: int) -> None:
    large = LabelProgress("chest", "a-very-long-name-of-a-finding" * 2, 99_999, 40_000, 30_000, 0)
    idle = label_row("elbow / fracture", LabelProgress("elbow", "fracture", 0, 0, 0, 0), None)
    rows = [idle, *(label_row(shown.label, shown, 250) for shown in (*PROGRESS, large))]
    widths = fit_columns(rows, width)
    lines = [head_line(widths), *(bar_line(row, widths) for row in (*rows, sum_row(rows)))]
    assert len({line.cell_length for line in lines}) == 1
    if width >= 59:
        assert lines[0].cell_length == width
        assert widths.bar >= 6 and "cardiom" in lines[2].plain
    assert lines[-1].plain.rstrip().endswith(" 1,080")  # the sum of missing images


def test_names_of_usual_length_are_not_cut_in_a_small_terminal() -> None:
    rows = [
        label_row(name, LabelProgress("chest", name, 40, 10, 10, 0), None)
        for name in ("consolidation", "a-longer-name-than-others")
    ]
    widths = fit_columns(rows, 75)
    assert bar_line(rows[0], widths).plain.split()[0] == "consolidation"
    assert " dataset " in head_line(widths).plain
