"""Jobs as text: a table, and everything about one job."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from rich.cells import cell_len, set_cell_size

from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.text import clean, counted

if TYPE_CHECKING:
    from xray_tui.dataset.queue.task_rows import FailedTask

_HEADINGS = ("job", "state", "done", "failed", "when", "title")
_LEAST_TITLE = 10


def table(rows: Sequence[JobRow], width: int | None, now: datetime) -> list[str]:
    """A heading and one line for each job.

    Titles are cut so that lines fit ``width`` columns; with None they are complete.
    """
    lines = [_HEADINGS, *(_cells(row, now) for row in rows)]
    widths = [max(cell_len(line[column]) for line in lines) for column in range(len(_HEADINGS) - 1)]
    room = max(cell_len(line[-1]) for line in lines)
    if width is not None:
        room = max(_LEAST_TITLE, width - sum(widths) - 2 * len(widths))
    return [_line(line, [*widths, room]) for line in lines]


def _cells(row: JobRow, now: datetime) -> tuple[str, ...]:
    done, failed = f"{row.done}/{row.total}", str(row.failed)
    when = since(row.finished or row.started or row.created, now)
    return clean(row.id), clean(row.state), done, failed, when, clean(row.title)


def _line(cells: Sequence[str], widths: Sequence[int]) -> str:
    *others, title = cells
    if cell_len(title) > widths[-1]:
        title = set_cell_size(title, widths[-1] - 1).rstrip() + "…"
    padded = [set_cell_size(cell, width) for cell, width in zip(others, widths, strict=False)]
    return "  ".join([*padded, title])


def details(
    row: JobRow, failed: Sequence[FailedTask], seconds_per_image: float | None, now: datetime
) -> Iterator[str]:
    """Everything about one job, one fact per line."""
    yield _detail("job", row.id)
    yield _detail("title", row.title)
    yield _detail("state", f"{row.state}: {row.message}" if row.message else row.state)
    left = row.total - row.done - row.failed
    yield _detail(
        "images", f"{row.done} of {row.total} done, {row.failed} failed, {left} to generate"
    )
    for name in ("created", "started", "finished"):
        if text := getattr(row, name):
            ago = since(text, now)
            yield _detail(name, f"{text} ({ago})" if ago else text)
    if row.seconds:
        yield _detail("worked", f"{row.seconds:.1f} s")
    if seconds_per_image is not None:
        yield _detail("pace", f"{seconds_per_image:.2f} s per image")
    if row.batch_limit:
        yield _detail("memory", f"enough for {counted(row.batch_limit, 'image')} at once")
    for name, value in row.request.items():
        if text := _shown(value):
            yield _detail(name, text)
    for number, item in enumerate(failed):
        yield _detail(
            "" if number else "failed", f"{item.task.prompt_id} seed {item.task.seed}: {item.error}"
        )
    if row.failed > len(failed):
        yield _detail("", f"… and {row.failed - len(failed)} more")


def _detail(name: str, text: str) -> str:
    return clean(f"{name:9}  {text}")


def _shown(value: Any) -> str:
    """One value of a request as text; a request may hold anything."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {part}" for name, part in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list) else str(value)


def since(text: str, now: datetime) -> str:
    """How long ago the ISO 8601 time ``text`` was, as ``5 min ago``; empty if it is not a time."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return ""
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    seconds = max(0.0, (now - moment).total_seconds())
    if seconds < 60:
        return "just now"
    for size, unit in ((86_400, "d"), (3_600, "h")):
        if seconds >= 2 * size:
            return f"{int(seconds // size)} {unit} ago"
    return f"{int(seconds // 60)} min ago"
