"""The lines of the queue pane, fitted to its width. Styles are names of theme variables."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content

from xray_tui.dataset.queue.states import JobState
from xray_tui.generation.job_progress import JobProgress
from xray_tui.generation.progress import ProgressModel
from xray_tui.generation.running.queue_observer import QUEUE_PAUSED
from xray_tui.keymap import key_of
from xray_tui.tasks import TITLE_SEPARATOR
from xray_tui.text import clean, duration
from xray_tui.tui.text_fit import cut, fitting, pad

SIGNS: dict[JobState, str] = {
    "queued": "·",
    "running": "▶",
    "paused": "‖",
    "done": "✓",
    "failed": "✗",
    "cancelled": "–",
    "interrupted": "–",
}
STYLES: dict[JobState, str] = {
    "queued": "$text-muted",
    "running": "$accent",
    "paused": "$warning",
    "done": "$success",
    "failed": "$error",
    "cancelled": "$warning",
    "interrupted": "$warning",
}
MUTED = "$text-muted"

WIDE = 88
"""Columns from which a job needs only one line."""

_LONG_NOTES = 44
"""Columns from which notes are written in full words."""
_MOST_NOTES = 72
"""Columns that notes need at most; the rest of a wide row belongs to the bar."""
_LEAST_NOTES = 24
_COUNT = 7
_GAPS = 2 + 1 + 1 + 2
"""The sign, and the spaces between title, bar, count and note."""


def job_row(job: JobProgress, width: int, lines: int, title_width: int) -> Content:
    """``job`` in one line, or in two where the pane is narrow but high (``lines`` = 2).

    ``title_width`` is the width of the longest title of all jobs: in one line, all titles get as
    much, if it fits, so that the rows stay aligned.
    """
    if lines < 2 or width >= WIDE:
        share = width // 3 if width >= WIDE else width - _GAPS - 6 - _COUNT - _LEAST_NOTES
        title = min(title_width, max(12, share))
        rest = width - _GAPS - _COUNT - title
        room = min(_MOST_NOTES, rest * 3 // 4) if width >= WIDE else max(11, rest - 6)
        return _line(job, width, max(0, rest - room), pad(_state(job, room), room))
    first = _line(job, width, max(6, width // 4), "")
    second = cut(f"  {_state(job, width - 2)}", width)
    return Content("\n").join([first, Content.styled(second, _note_style(job))])


def sum_row(model: ProgressModel, width: int, *, paused: bool = False) -> Content:
    """One line: images, bar, time left, jobs that wait, memory; whether the queue is ``paused``.

    Jobs that only the user can resume are not counted, but named apart.
    """
    notes = []
    left = model.seconds_left
    if left:
        notes.append(f"{duration(left)} left")
    held = _held(model.jobs)
    if held:
        notes.append(held)
    queued = sum(job.state == "queued" and not job.begins for job in model.jobs)
    if queued and width >= 60:
        notes.append(f"{queued} queued")
    if model.memory_bytes and any(job.begins for job in model.jobs):
        notes.append(f"memory {model.memory_bytes / 2**30:.1f} GB")
    state = "PAUSED " if paused else ""
    if not model.total:
        nothing = cut(f"{state}{held or 'no job is running or waiting'}", width)
        return Content.styled(nothing, "bold $warning" if paused else MUTED)
    head = f"{state}all {model.done}/{model.total} "
    tail = " · ".join(fitting(notes, max(0, width - len(head) - 7)))
    tail = f" {tail}" if tail else ""
    space = max(4, width - cell_len(head) - cell_len(tail))
    sums = head.removeprefix(state)
    return Content.assemble(
        (state, "bold $warning"), sums, bar(model.fraction, space), (tail, MUTED)
    )


def _held(jobs: Sequence[JobProgress]) -> str:
    """How many of ``jobs`` only the user can resume, and with which key."""
    counts = {
        state: sum(job.state == state for job in jobs if job.held)
        for state in ("interrupted", "paused")
    }
    named = ", ".join(f"{count} {state}" for state, count in counts.items() if count)
    return f"{named}: {key_of('toggle')} resumes" if named else ""


def bar(fraction: float, width: int) -> Content:
    """A bar of ``width`` cells, filled to ``fraction`` (0 to 1) in steps of half a cell."""
    halves = round(max(0.0, min(fraction, 1.0)) * width * 2)
    full, half = divmod(halves, 2)
    done = "━" * full + "╸" * half
    return Content.assemble((done, "$primary"), ("─" * (width - len(done)), MUTED))


def _line(job: JobProgress, width: int, bar_width: int, note: str) -> Content:
    """Sign, title, bar, images and ``note``; the title gets the remaining width."""
    style = MUTED if job.ended else ""
    shown: JobState = "running" if job.begins else job.state
    count = f"{job.settled}/{job.size}".rjust(_COUNT)
    tail = f"  {note}" if note else ""
    room = width - 2 - 1 - bar_width - 1 - len(count) - cell_len(tail)
    if room < 8 or bar_width < 4:  # the title matters more than the bar
        room, bar_width = room + bar_width + 1, 0
    if room < 1:
        room, tail = room + cell_len(tail), ""
    return Content.assemble(
        (SIGNS[shown], STYLES[shown]),
        " ",
        (pad(_title(job, max(room, 1)), max(room, 1)), style),
        " ",
        bar(job.whole_fraction, bar_width),
        " " if bar_width else "",
        (count, style),
        (tail, _note_style(job)),
    )


def _title(job: JobProgress, width: int) -> str:
    """The title; where it does not fit, without the number of images, as the row has that too."""
    title = clean(job.title)
    return title if cell_len(title) <= width else title.rpartition(TITLE_SEPARATOR)[0] or title


def _note_style(job: JobProgress) -> str:
    return "$error" if job.state == "failed" else MUTED


def _state(job: JobProgress, room: int) -> str:
    """The progress of ``job`` in at most ``room`` columns."""
    return " · ".join(fitting(_notes(job, short=room < _LONG_NOTES), room))


def _notes(job: JobProgress, *, short: bool) -> list[str]:
    """The progress of ``job`` in words, the most important first."""
    of, each = ("/", "/img") if short else (" of ", " per image")
    state = "" if job.begins else job.state
    notes = [" · ".join(text for text in (state, clean(job.message)) if text)]
    if job.message == QUEUE_PAUSED:
        notes = ["paused with the queue"]
    if job.loading:
        notes.append(_loading(job, short=short))
    elif job.state == "running" and not job.steps:
        notes.append("starting")
    left, pace = job.seconds_left, job.pace
    if left:
        notes.append(f"{duration(left)} left")
    if job.failed:
        notes.append(f"{job.failed} failed")
    if not job.ended and job.steps:
        notes.append(f"step {job.step}{of}{job.steps}")
    if pace is not None:
        notes.append(f"{duration(pace)}{each}")
    if not job.ended and job.batches > 1:
        notes.append(f"batch {job.batch}{of}{job.batches}")
    if job.skipped:
        notes.append(f"{job.skipped} already {'exists' if job.skipped == 1 else 'exist'}")
    return [note for note in notes if note]


def _loading(job: JobProgress, *, short: bool) -> str:
    """The part being loaded, and the percentage, which comes first where the note may be cut."""
    share = "" if job.loading_fraction is None else f"{job.loading_fraction:.0%}"
    words = clean(job.loading)
    return f"{share} {words}".strip() if short else f"{words} {share}".strip()
