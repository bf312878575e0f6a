"""Everything about one job, for people: read from the catalog, and put into words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.queue_reader import QueueReader
from xray_tui.dataset.queue.states import PAUSABLE, JobState
from xray_tui.dataset.queue.task_rows import FailedTask, JobPrompt
from xray_tui.prompts.scratch import line_of, restored
from xray_tui.text import clean, counted, duration, minute

ERRORS_SHOWN = 5
PROMPTS_SHOWN = 500
"""A job that was made from a table has a prompt for each row."""

Facts = Iterator[tuple[str, str]]
"""A name and a text, safe to show; the name is empty where a fact continues the one before."""


@dataclass(frozen=True)
class JobDetails:
    """Everything that is known about one job."""

    row: JobRow
    prompts: Sequence[JobPrompt]
    """The first prompts."""
    parameters: Sequence[Mapping[str, Any]]
    """The different parameters of its images."""
    failed: Sequence[FailedTask]
    """The first failed images."""
    seconds_per_image: float | None
    queue_paused: bool

    @property
    def prompt_count(self) -> int:
        """The number of its prompts, of which ``prompts`` has the first ones."""
        return self.prompts[0].among if self.prompts else 0


def read_details(queue: QueueReader, job_id: str) -> JobDetails | None:
    """The details of a job; None if it is not in the queue.

    Raises:
        DatasetError: the catalog cannot be read.
    """
    row = queue.row(job_id)
    if row is None:
        return None
    return JobDetails(
        row,
        queue.prompts(job_id, PROMPTS_SHOWN),
        queue.parameters(job_id),
        queue.errors(job_id, ERRORS_SHOWN),
        queue.seconds_per_image(job_id),
        queue.paused,
    )


def shown_state(row: JobRow, *, queue_paused: bool) -> JobState:
    """The state of a job as people see it: a job does not run while the whole queue is paused."""
    return "paused" if queue_paused and row.state == "running" else row.state


def facts(details: JobDetails, now: datetime) -> Facts:
    """State, images, times, parameters and errors of a job."""
    row = details.row
    state = shown_state(row, queue_paused=details.queue_paused)
    why = (
        "the whole queue is paused"
        if details.queue_paused and row.state in PAUSABLE
        else row.message
    )
    yield "state", clean(f"{state}: {why}" if why else state)
    left = row.total - row.done - row.failed
    yield "images", f"{row.done} of {row.total} done, {row.failed} failed, {left} to generate"
    for name in ("created", "started", "finished"):
        if text := getattr(row, name):
            ago = since(text, now)
            yield name, clean(f"{minute(text)} ({ago})" if ago else text)
    if row.seconds:
        yield "worked", f"{duration(row.seconds)}, with loading and saving"
    if details.seconds_per_image is not None:
        yield "pace", f"{duration(details.seconds_per_image)} per image"
    if row.batch_limit:
        yield "memory", f"enough for {counted(row.batch_limit, 'image')} at once"
    yield from _parameters(details.parameters)
    yield from _errors(details)


def requested(row: JobRow) -> Facts:
    """What the user asked for: prompts, ad-hoc lines, and the parameters that were set."""
    lines = {prompt.id: line_of(prompt) for prompt in restored(row.request)}
    for name, value in row.request.items():
        if name == "prompts" and isinstance(value, list):
            value = [one for one in value if one not in lines]  # noqa: PLW2901
        if name != "ad_hoc" and (text := _shown(value)):
            yield clean(name), clean(text)
    for line in lines.values():
        yield "ad hoc", clean(line)


def _errors(details: JobDetails) -> Facts:
    for number, item in enumerate(details.failed):
        text = f"{item.task.prompt_id} seed {item.task.seed}: {item.error}"
        yield "" if number else "failed", clean(text)
    if details.row.failed > len(details.failed):
        yield "", f"… and {details.row.failed - len(details.failed)} more"


def _parameters(found: Sequence[Mapping[str, Any]]) -> Facts:
    """The parameters in two lines; of images that differ, all values."""

    def values(name: str) -> str:
        texts = dict.fromkeys(_shown(part[name]) for part in found if part.get(name) is not None)
        return clean(", ".join(texts))

    sizes = dict.fromkeys(f"{part.get('width')}×{part.get('height')}" for part in found)
    if not found:
        return
    yield "model", f"{values('model')} · {clean(', '.join(sizes))} · {values('dtype')}"
    steps = f"steps {values('steps')} · guidance {values('guidance_scale')}"
    yield "sampling", f"{values('scheduler')} · {steps} · batches of {values('batch_size')}"
    if negative := values("negative_prompt"):
        yield "negative", negative


def _shown(value: Any) -> str:
    """One value of a request as text; a request may hold anything."""
    if isinstance(value, Mapping):
        return ", ".join(f"{name} = {_shown(part)}" for name, part in value.items())
    if isinstance(value, float):
        return f"{value:g}"
    return ", ".join(map(_shown, value)) if isinstance(value, list) else str(value)


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
