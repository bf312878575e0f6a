"""Statistics in a terminal: every line fits, and bars and numbers say the same."""

from __future__ import annotations

from io import StringIO

import pytest
from rich.cells import cell_len
from rich.console import Console

from xray_tui.dataset.blind.statistics import Agreement, Share
from xray_tui.dataset.review.summary import PairAgreement, ReviewerCounts, ReviewSummary, TagCount
from xray_tui.dataset.review.tallies import Tally
from xray_tui.dataset.statistics.gathering import Row, Statistics, Table
from xray_tui.dataset.statistics.panels import MOST_ROWS, panels

MODEL = "/home/somebody/models/radiographs/checkpoints/roentgen-v2-chest-{}"
LARGE = Tally(1_234_567, 1_000_000, 200_000, purged=34_567)


def statistics(*tables: Table) -> Statistics:
    reviewers = [ReviewerCounts("a-reviewer-with-a-long-name" * 3, 9_000, 4_500, 4_500, "now")]
    summary = ReviewSummary(reviewers, [TagCount("grid-noise", 12)], [], 7)
    pair = PairAgreement("ann", "肺" * 30, Agreement(Share(90, 100), -0.001))
    return Statistics(LARGE, list(tables), summary, [pair])


def printed(found: Statistics, width: int) -> list[str]:
    console = Console(file=StringIO(), width=width)
    for part in panels(found, width, lambda table: f"all of {table.by[0]}"):
        console.print(part)
    assert isinstance(console.file, StringIO)
    return console.file.getvalue().splitlines()


LABELS = Table(
    ("region", "label"),
    [
        Row(("chest", "normal"), Tally(100, 50, 25)),
        Row(("chest", "bacterial-pneumonia-with-effusion"), LARGE),
        Row((None, "肺\x1b[31m"), Tally(2, 0, 0)),
    ],
)
MODELS = Table(("model",), [Row((MODEL.format(name),), Tally(10, 5, 5)) for name in "ab"])
PROMPTS = Table(("prompt",), [Row((f"prompt-{n:03}",), Tally(n, 1)) for n in range(100)])


@pytest.mark.parametrize("width", [70, 80, 120, 200])
def test_every_line_fits_into_the_width(width: int) -> None:
    lines = printed(statistics(LABELS, MODELS, PROMPTS), width)
    assert max(map(cell_len, lines)) <= width
    assert all(line.isprintable() for line in lines)
    models = [line for line in lines if line.startswith("/home") or "chest-a" in line]
    assert models and len(set(models)) == len(models)  # they differ only at the end


def test_a_bar_shows_the_shares_of_the_decisions() -> None:
    (line,) = (line for line in printed(statistics(LABELS), 80) if line.startswith("chest/normal"))
    accepted, rejected, undecided = (line.count(sign) for sign in "█▒░")
    assert accepted >= 4 and abs(accepted - 2 * rejected) <= 1 and abs(rejected - undecided) <= 1
    assert line.split()[-7:] == ["100", "50", "25", "25", "66.7", "%", "1.50"]


def test_of_a_table_among_several_the_largest_rows_are_shown() -> None:
    lines = printed(statistics(LABELS, PROMPTS), 80)
    shown = [line.split()[0] for line in lines if line.startswith("prompt-")]
    assert shown == [f"prompt-{n:03}" for n in range(100 - MOST_ROWS, 100)]
    assert f"… and {100 - MOST_ROWS} more: all of prompt" in lines
    alone = printed(statistics(PROMPTS), 80)
    assert sum(line.startswith("prompt-") for line in alone) == 100


def test_the_reviewers_follow_the_tables() -> None:
    text = "\n".join(printed(statistics(LABELS, MODELS), 80))
    assert "90.0 %   0.00" in text  # not -0.00
    assert "They disagree on 7 images: filter is:disputed" in text
    assert "grid-noise" in text and "34,567 rejected images purged" in text
    assert "kappa" not in "\n".join(printed(statistics(LABELS), 80))
