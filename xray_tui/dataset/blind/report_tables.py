"""Aligned Markdown tables, and the rows of the two CSV files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from xray_tui.dataset.blind.answers import UNSURE, UNSURE_NAME
from xray_tui.dataset.blind.results import Results
from xray_tui.dataset.blind.statistics import Agreement, Confusion, Share

MEASURE_COLUMNS = (
    "measure", "reviewer", "second_reviewer", "truth", "said", "count", "total", "value", "low",
    "high",
)  # fmt: skip
ANSWER_COLUMNS = (
    "item", "origin", "label", "task_id", "file", "reviewer", "said_origin", "said_label",
)  # fmt: skip

Row = Sequence[object]


def table(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A Markdown table, aligned as plain text; columns after the second are right-aligned."""
    columns = list(zip(heads, *rows, strict=True))
    widths = [max(2, *map(cell_len, column)) for column in columns]
    right = [index >= 2 or _all_numbers(column[1:]) for index, column in enumerate(columns)]

    def line(cells: Sequence[str]) -> str:
        padded = []
        for cell, width, to_right in zip(cells, widths, right, strict=True):
            space = " " * (width - cell_len(cell))
            padded.append(space + cell if to_right else cell + space)
        return f"| {' | '.join(padded)} |"

    rule = [
        "-" * (width - 1) + ":" if to_right else "-" * width
        for width, to_right in zip(widths, right, strict=True)
    ]
    return "\n".join([line(heads), line(rule), *map(line, rows)])


def measure_rows(results: Results) -> Iterator[Row]:
    """The numbers of the report, one row each, below a header row."""
    yield MEASURE_COLUMNS
    for reviewer in results.reviewers:
        shares = {
            "accuracy": reviewer.origins.right,
            "sensitivity": reviewer.origins.found("synthetic"),
            "specificity": reviewer.origins.found("real"),
            "label_accuracy": reviewer.labels.right,
        }
        for measure, share in shares.items():
            yield measure, reviewer.reviewer, "", "", "", *_numbers(share)
        yield from _counts("origin_count", reviewer.reviewer, reviewer.origins)
        yield from _counts("label_count", reviewer.reviewer, reviewer.labels)
    for pair in results.pairs:
        for measure, found in (("kappa", pair.origins), ("label_kappa", pair.labels)):
            yield measure, pair.first, pair.second, "", "", *_kappa_numbers(found)


def answer_rows(results: Results) -> Iterator[Row]:
    """Every answer with the truth, below a header row; ``said_label`` is empty until chosen."""
    yield ANSWER_COLUMNS
    for reviewer in sorted(results.answers):
        for number, answer in sorted(results.answers[reviewer].items()):
            item = results.session.items[number]
            said = {None: "", UNSURE: UNSURE_NAME}.get(answer.label, answer.label)
            truth = (number + 1, item.origin, item.label, item.task_id or "", item.file)
            yield *truth, reviewer, answer.origin, said


def _counts(measure: str, reviewer: str, confusion: Confusion) -> Iterator[Row]:
    for truth, row in zip(confusion.rows, confusion.counts, strict=True):
        for said, count in zip(confusion.columns, row, strict=True):
            yield measure, reviewer, "", truth, said or UNSURE_NAME, count, sum(row), "", "", ""


def _numbers(share: Share) -> Row:
    low, high = share.interval or (None, None)
    return share.hits, share.total, *map(_decimal, (share.value, low, high))


def _kappa_numbers(found: Agreement) -> Row:
    return found.agreed.hits, found.agreed.total, _decimal(found.kappa), "", ""


def _decimal(value: float | None) -> float | str:
    return "" if value is None else round(value, 6)


def _all_numbers(cells: Sequence[str]) -> bool:
    return bool(cells) and all(cell.isdecimal() for cell in cells)
