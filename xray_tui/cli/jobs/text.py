"""Jobs as text: a table, and everything about one job."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.cells import cell_len, set_cell_size

from xray_tui.dataset.queue.job_details import JobDetails, facts, requested, shown_state, since
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.text import clean, counted

_HEADINGS = ("job", "state", "done", "failed", "when", "title")
_LEAST_TITLE = 10


def table(rows: Sequence[JobRow], width: int | None, now: datetime, *, paused: bool) -> list[str]:
    """A heading and one line for each job; the whole queue may be ``paused``.

    Titles are cut so that lines fit ``width`` columns; with None they are complete.
    """
    lines = [_HEADINGS, *(_cells(row, now, paused) for row in rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(_HEADINGS) - 1)]
    room = max(cell_len(line[-1]) for line in lines)
    if width is not None:
        room = max(_LEAST_TITLE, width - sum(widths) - 2 * len(widths))
    return [_line(line, [*widths, room]) for line in lines]


def _cells(row: JobRow, now: datetime, paused: bool) -> tuple[str, ...]:
    done, failed = f"{row.done}/{row.total}", str(row.failed)
    when = since(row.finished or row.started or row.created, now)
    state = clean(shown_state(row, queue_paused=paused))
    return clean(row.id), state, done, failed, when, clean(row.title)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    *others, title = cells
    if cell_len(title) > widths[-1]:
        title = set_cell_size(title, widths[-1] - 1).rstrip() + "…"
    padded = [set_cell_size(cell, width) for cell, width in zip(others, widths, strict=False)]
    return "  ".join([*padded, title])


def describe(details: JobDetails, now: datetime) -> Iterator[str]:
    """Everything about one job, one fact per line."""
    row = details.row
    yield _fact("job", row.id)
    yield _fact("title", row.title)
    for name, text in (*facts(details, now), *requested(row)):
        yield _fact(name, text)
    for prompt in details.prompts:
        yield _fact("prompt", f"{prompt.prompt_id}, {prompt.done} of {prompt.total} done")
        yield _fact("", prompt.text)
    if more := details.prompt_count - len(details.prompts):
        yield _fact("", f"… and {counted(more, 'more prompt')}")


def _fact(name: str, text: str) -> str:
    return clean(f"{name:9}  {text}")
