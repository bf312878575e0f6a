"""Who reviewed, when, and why images were rejected, as lines with bars for a wide screen."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.content import Content
from textual.widget import Widget

from xray_tui.dataset.review.summary import ReviewSummary
from xray_tui.text import clean, counted
from xray_tui.tui.review.statistics.progress_rows import ACCEPTED, QUIET, REJECTED

_HEADING = "bold $accent"
_NAME = 20
_NUMBERS = 12


class SummaryPanel(Widget):
    """Shows as much of a summary as there is room for."""

    def __init__(self, summary: ReviewSummary) -> None:
        super().__init__(id="summary")
        self._summary = summary

    def render(self) -> Content:
        """The lines that fit."""
        lines = summary_lines(self._summary, self.content_size.width, self.content_size.height)
        return Content("\n").join(lines)


def summary_lines(summary: ReviewSummary, width: int, height: int) -> list[Content]:
    """At most ``height`` lines of ``width`` cells: each section gets an equal share of them."""
    reviewers = sorted(summary.reviewers, key=lambda one: -one.decided)
    sections = {
        "Decisions by reviewer": [(one.reviewer, one.accepted, one.rejected) for one in reviewers],
        "Tags of rejected images": [(one.tag, 0, one.reviews) for one in summary.reasons],
        "Decisions by day (UTC)": [(one.day, one.accepted, one.rejected) for one in summary.days],
    }
    shown = {title: rows for title, rows in sections.items() if rows}
    lines: list[Content] = []
    for number, (title, rows) in enumerate(shown.items()):
        share = (height - len(lines)) // (len(shown) - number)
        lines += [Content.styled(title, _HEADING), *_bars(rows, width, share - 2), Content()]
    if summary.disputed:
        text = f"Reviewers disagree on {counted(summary.disputed, 'image')}: filter is:disputed"
        lines.append(Content.styled(text, QUIET))
    return [line.truncate(width, ellipsis=True) for line in lines[:height]]


def _bars(rows: Sequence[tuple[str, int, int]], width: int, room: int) -> Iterator[Content]:
    """A line for each row, or as many as fit and the number of the others."""
    most = max(accepted + rejected for _, accepted, rejected in rows)
    full = max(1, width - _NAME - _NUMBERS)
    shown = rows if len(rows) <= room else rows[: max(0, room - 1)]
    for name, accepted, rejected in shown:
        total = accepted + rejected
        length = max(bool(total), total * full // most) if most else 0
        good = accepted * length // total if total else 0
        bar = Content.assemble(
            (ACCEPTED[0] * good, ACCEPTED[1]), (REJECTED[0] * (length - good), REJECTED[1])
        )
        yield Content.assemble(
            Content(clean(name)).truncate(_NAME - 1, ellipsis=True, pad=True),
            f" {total:>{_NUMBERS - 2},} ",
            bar,
        )
    if len(shown) < len(rows):
        yield Content.styled(f"… and {len(rows) - len(shown):,} more", QUIET)
