"""The report of a session: Markdown that is readable as plain text, and CSV."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

from xray_tui.dataset.blind.answers import UNSURE_NAME
from xray_tui.dataset.blind.report_tables import answer_rows, measure_rows, table
from xray_tui.dataset.blind.results import PairResults, Results, ReviewerResults
from xray_tui.dataset.blind.session import folder_of
from xray_tui.dataset.blind.statistics import Agreement, Confusion, Share
from xray_tui.dataset.files.atomic import write_whole
from xray_tui.dataset.files.csv_text import csv_lines
from xray_tui.text import clean, counted

NOTHING = "–"
"""Stands for a number that cannot be computed."""


@dataclass(frozen=True)
class ReportFiles:
    """Where a report was saved."""

    markdown: Path
    measures: Path
    """CSV, one row per number in the report."""
    answers: Path
    """CSV, one row per answer, with the truth."""


def write_report(root: Path, results: Results) -> ReportFiles:
    """Save the report next to the session, replacing an earlier one.

    Raises:
        DatasetError: the report could not be written.
    """
    folder = folder_of(root, results.session.name)
    files = ReportFiles(folder / "report.md", folder / "report.csv", folder / "answers.csv")
    write_whole(files.markdown, [markdown(results).encode()])
    write_whole(files.measures, csv_lines(measure_rows(results)))
    write_whole(files.answers, csv_lines(answer_rows(results)))
    return files


def markdown(results: Results) -> str:
    """The report as Markdown with aligned tables."""
    parts = [f"# Blind reading: {results.session.name}", about(results)]
    if not results.reviewers:
        parts.append("No answers yet.")
        return "\n\n".join(parts) + "\n"
    parts += ["## Real or synthetic", _shares(origin_shares(results)), how_to_read(results)]
    parts += chain.from_iterable(
        (f"### Answers of {_name(reviewer)}", _confusion_table(reviewer.origins))
        for reviewer in results.reviewers
    )
    if results.session.asks_label:
        parts += ["## Label", _shares(label_shares(results))]
        parts += chain.from_iterable(
            (
                f"### Answers of {_name(reviewer)}, one row per true label",
                _label_table(reviewer.labels),
            )
            for reviewer in results.reviewers
            if reviewer.labels.right.total
        )
    if results.pairs:
        parts += ["## Agreement between reviewers", _pair_table(results), KAPPA]
    return "\n\n".join(parts) + "\n"


KAPPA = (
    "Kappa is Cohen's, unweighted, on the images both answered: 1 is full\n"
    "agreement, 0 is agreement by chance."
)


def about(results: Results) -> str:
    """What was read, in a few lines."""
    session = results.session
    real, synthetic = session.count("real"), session.count("synthetic")
    lines = [
        f"{counted(real + synthetic, 'image')}: {synthetic} synthetic, {real} real.",
        f"Selected {session.created[:16].replace('T', ' ')} UTC with seed {session.seed}.",
        f"All were shown at {session.width} × {session.height} pixels, with contrast normalised.",
    ]
    if session.real_folder:
        lines.append(f"Real radiographs from {_cell(session.real_folder)}.")
    if session.left_out:
        lines.append(f"{counted(session.left_out, 'file')} could not be read and were left out.")
    if session.caution:
        lines.append(f"\n{clean(session.caution, keep_newlines=True)}")
    return "\n".join(lines)


def how_to_read(results: Results) -> str:
    """What the measures of "real or synthetic" mean."""
    if not results.session.count("real"):
        return "There were no real radiographs, so accuracy means little."
    return (
        "Sensitivity: synthetic images correctly identified.\n"
        "Specificity: real images correctly identified.\n"
        "Intervals are Wilson's. Guessing gives about 50 %."
    )


def origin_shares(results: Results) -> Iterable[tuple[str, str, Share]]:
    """Reviewer, measure and share of "real or synthetic"; the reviewer stands in the first row."""
    for reviewer in results.reviewers:
        yield reviewer.reviewer, "accuracy", reviewer.origins.right
        yield "", "sensitivity", reviewer.origins.found("synthetic")
        yield "", "specificity", reviewer.origins.found("real")


def label_shares(results: Results) -> Iterable[tuple[str, str, Share]]:
    """Reviewer, measure and share of the labels."""
    for reviewer in results.reviewers:
        yield reviewer.reviewer, "accuracy", reviewer.labels.right


def _shares(shares: Iterable[tuple[str, str, Share]]) -> str:
    rows = [
        (
            _cell(name),
            measure,
            f"{share.hits} of {share.total}",
            percent(share.value),
            interval(share),
        )
        for name, measure, share in shares
    ]
    return table(("reviewer", "", "correct", "share", "95 % interval"), rows)


def _confusion_table(confusion: Confusion) -> str:
    heads = ("", *(f"said {column}" for column in confusion.columns))
    rows = [
        (f"is {truth}", *map(str, counts))
        for truth, counts in zip(confusion.rows, confusion.counts, strict=True)
    ]
    return table(heads, rows)


def _label_table(confusion: Confusion) -> str:
    """Columns are numbered like the rows: with names the table would be too wide for a screen."""
    heads = ("", "", *map(str, range(1, len(confusion.rows) + 1)))
    if len(confusion.columns) > len(confusion.rows):
        heads += (UNSURE_NAME,)
    rows = [
        (str(number), _cell(truth), *(str(count) if count else "·" for count in counts))
        for number, (truth, counts) in enumerate(
            zip(confusion.rows, confusion.counts, strict=True), 1
        )
    ]
    return table(heads, rows)


def _pair_table(results: Results) -> str:
    rows = list(chain.from_iterable(map(_pair_rows, results.pairs)))
    return table(("reviewers", "", "agree", "share", "kappa"), rows)


def _pair_rows(pair: PairResults) -> Iterable[Sequence[str]]:
    def row(name: str, what: str, found: Agreement) -> Sequence[str]:
        agreed = found.agreed
        hits = f"{agreed.hits} of {agreed.total}"
        return name, what, hits, percent(agreed.value), kappa_text(found)

    yield row(f"{_cell(pair.first)}, {_cell(pair.second)}", "real or synthetic", pair.origins)
    if pair.labels.agreed.total:
        yield row("", "label", pair.labels)


def percent(value: float | None) -> str:
    """``value`` (0 to 1) as ``68.3 %``; a dash if it is None."""
    return NOTHING if value is None else f"{value:.1%}".replace("%", " %")


def kappa_text(found: Agreement) -> str:
    """Kappa with two decimals; a dash if it cannot be computed."""
    return NOTHING if found.kappa is None else f"{round(found.kappa, 2) + 0:.2f}"  # not -0.00


def interval(share: Share) -> str:
    """The 95 % interval of ``share`` as ``30.1–95.4 %``; a dash if there is none."""
    if share.interval is None:
        return NOTHING
    low, high = share.interval
    return f"{low * 100:.1f}–{high * 100:.1f} %"


def _name(reviewer: ReviewerResults) -> str:
    return _cell(reviewer.reviewer)


def _cell(text: str) -> str:
    """Text that is safe in a terminal and inside a Markdown table."""
    return clean(text).replace("|", "\\|")
