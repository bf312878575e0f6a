"""The details of one image, and the lines of the panel that show them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from xray_tui.dataset.opinions import MAX_RATING, Decision, Opinion
from xray_tui.text import clean
from xray_tui.tui.review.gallery.cells import SIGNS
from xray_tui.tui.text_fit import wrap

_NAMES = 10
"""Columns of the names in front of the values."""
_QUIET = "$text-muted"
_STYLES: dict[Decision, str] = {
    "accepted": "$text-success",
    "rejected": "$text-error",
    "undecided": _QUIET,
}


@dataclass(frozen=True)
class RecordDetails:
    """A record, how it was generated, and opinions on it. Any text may come from foreign files."""

    prompt_id: str
    text: str
    """The prompt with its slots filled in."""
    negative_prompt: str
    region: str
    label: str
    """The current label."""
    original_label: str
    """The label it was generated for."""
    seed: int
    model: str
    weights: str
    """The start of the fingerprint of the model's weights."""
    scheduler: str
    steps: int
    guidance: float
    eta: float
    dtype: str
    """The type that was used, even if ``auto`` was requested."""
    device: str
    """The device that was used, even if ``auto`` was requested."""
    batch_size: int
    width: int
    height: int
    checks: tuple[str, ...] | None
    """Failed checks; None if the image has not been examined yet."""
    created: str
    """ISO 8601."""
    file: str
    opinion: Opinion
    """The opinion of this reviewer."""
    others: tuple[tuple[str, Opinion], ...]
    """Other reviewers and their opinions."""
    verdict: Decision | None
    """The dataset's decision; None if it is hidden until this reviewer has decided."""


def detail_lines(details: RecordDetails, width: int) -> Iterator[Content]:
    """Lines of at most ``width`` columns: opinions first, as they change, then the prompt."""
    yield from _opinion("you", details.opinion, width)
    for name, opinion in details.others:
        yield from _opinion(name, opinion, width)
    if details.verdict is None:
        yield from _field("others", [Content("hidden for now").stylize(_QUIET)], width)
    else:
        yield from _field("dataset", [_decision(details.verdict)], width)
    yield Content()
    for line in wrap(clean(details.prompt_id), width):
        yield Content(line).stylize("bold")
    yield from map(Content, _wrapped(details.text, width))
    yield Content()
    yield from _label(details, width)
    for name, value in (
        ("seed", str(details.seed)),
        ("model", details.model),
        ("weights", details.weights),
        ("scheduler", details.scheduler),
        ("steps", _steps(details)),
        ("size", f"{details.width}×{details.height}"),
        ("device", f"{details.device} · {details.dtype} · batch size {details.batch_size}"),
        ("negative", details.negative_prompt),
    ):
        yield from _field(name, _plain(value, width), width)
    yield from _checks(details.checks, width)
    yield from _field("created", _plain(_moment(details.created), width), width)
    yield from _field("file", _plain(details.file, width), width)


def _opinion(name: str, opinion: Opinion, width: int) -> Iterator[Content]:
    head = _decision(opinion.decision)
    if opinion.rating:
        stars = "★" * opinion.rating + "☆" * (MAX_RATING - opinion.rating)
        head = Content.assemble(head, (f" {stars}", "$text-accent"))
    tags = [
        Content(line).stylize("$text-warning")
        for line in _wrapped(", ".join(opinion.tags), width - _NAMES)
    ]
    yield from _field(name, [head, *tags, *_plain(opinion.note, width)], width)


def _steps(details: RecordDetails) -> str:
    eta = f" · eta {details.eta:g}" if details.eta else ""
    return f"{details.steps} · guidance {details.guidance:g}{eta}"


def _decision(decision: Decision) -> Content:
    return Content(f"{SIGNS[decision]} {decision}").stylize(_STYLES[decision])


def _label(details: RecordDetails, width: int) -> Iterator[Content]:
    lines = _plain(f"{details.region} / {details.label}", width)
    if details.original_label != details.label:
        was = _wrapped(f"was {details.original_label}", width - _NAMES)
        lines += [Content(line).stylize("$text-warning") for line in was]
    yield from _field("label", lines, width)


def _checks(checks: tuple[str, ...] | None, width: int) -> Iterator[Content]:
    if checks is None:
        lines = [Content("not checked yet").stylize(_QUIET)]
    elif checks:
        lines = [Content(line).stylize("$text-warning") for line in map(clean, checks)]
    else:
        lines = [Content("passed")]
    yield from _field("checks", lines, width)


def _field(name: str, lines: list[Content], width: int) -> Iterator[Content]:
    """``lines`` below each other, with ``name`` in front of the first."""
    name = clean(name)
    if cell_len(name) >= _NAMES:
        name = set_cell_size(name, _NAMES - 2) + "…"
    for place, line in enumerate(lines):
        head = set_cell_size("" if place else name, _NAMES)
        yield Content.assemble((head, _QUIET), line.truncate(max(1, width - _NAMES), ellipsis=True))


def _plain(text: str, width: int) -> list[Content]:
    return [Content(line) for line in _wrapped(text, width - _NAMES)]


def _wrapped(text: str, width: int) -> list[str]:
    """The text, cleaned and wrapped to ``width``; no lines for an empty text."""
    paragraphs = clean(text, keep_newlines=True).strip("\n").split("\n") if text else []
    return [line for paragraph in paragraphs for line in wrap(paragraph, max(2, width))]


def _moment(created: str) -> str:
    """Date, time and time zone; ``created`` itself if it is not ISO 8601."""
    try:
        moment = datetime.fromisoformat(created)
    except ValueError:
        return created
    return f"{moment:%Y-%m-%d %H:%M} {moment.tzname() or ''}".rstrip()
