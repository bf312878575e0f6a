"""The texts of the screen about a job. Styles are names of theme variables."""

from __future__ import annotations

from datetime import datetime

from textual.content import Content
from textual.widgets.option_list import Option

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.queue.job_details import JobDetails, facts
from xray_tui.dataset.queue.task_rows import JobPrompt
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.text import clean, counted
from xray_tui.tui.text_fit import wrap

_MUTED = "$text-muted"
_NAME_WIDTH = 9
_SIGNS: dict[Decision, tuple[str, str]] = {
    "accepted": ("✓", "$text-success"),
    "rejected": ("✗", "$text-error"),
    "undecided": ("·", _MUTED),
}


def facts_text(details: JobDetails, now: datetime, width: int) -> Content:
    """State, numbers, times, parameters and errors, wrapped to ``width`` columns."""
    indent = " " * (_NAME_WIDTH + 1)
    parts, error = [], False
    for name, text in [("id", clean(details.row.id)), *facts(details, now)]:
        error = name == "failed" or (error and not name)
        first, *rest = wrap(text, max(8, width - len(indent)))
        style = "$text-error" if error else ""
        parts.append(Content.assemble((f"{name:{_NAME_WIDTH}} ", _MUTED), (first, style)))
        parts += [Content.styled(f"{indent}{line}", style) for line in rest]
    return Content("\n").join(parts)


def prompt_option(prompt: JobPrompt) -> Option:
    """A prompt of the job: numbers, then the text of its first image."""
    numbers = f"{prompt.done} of {prompt.total}"
    failed = f", {prompt.failed} failed" if prompt.failed else ""
    texts = f" · {counted(prompt.texts, 'different text')}" if prompt.texts > 1 else ""
    return Option(
        Content.assemble(
            (clean(prompt.prompt_id), "bold"),
            f"  {numbers}",
            (failed, "$text-error"),
            (f"{texts}\n{clean(prompt.text)}", _MUTED),
        )
    )


def image_option(image: GalleryRow) -> Option:
    """An image of the job: the reviewer's decision, seed and file."""
    sign, style = _SIGNS[image.opinion.decision]
    stars = f"  {'★' * image.opinion.rating}" if image.opinion.rating else ""
    return Option(
        Content.assemble(
            (sign, style), f" seed {image.seed}{stars}  ", (clean(image.file), _MUTED)
        ),
        id=str(image.record_id),
    )
