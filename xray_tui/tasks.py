"""Tasks and jobs as plain data: the images to generate, fixed when the job is queued."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property

from xray_tui.names import SCRATCH
from xray_tui.parameters import PIXEL_FIELDS, GenerationParameters
from xray_tui.text import counted, quoted

TITLE_SEPARATOR = " · "
"""Stands in the title of a job between its labels and its number of images."""


@dataclass(frozen=True)
class Task:
    """One image to generate.

    ``parameters`` are complete: width and height are set. ``model_fingerprint`` names the exact
    weights (a hash, or a hub revision). ``slots`` holds the value chosen for each slot of the text.
    """

    prompt_id: str
    region: str
    label: str
    view: str
    findings: tuple[str, ...]
    text: str
    negative_prompt: str
    slots: Mapping[str, str]
    seed: int
    parameters: GenerationParameters
    model_fingerprint: str
    table_row: Mapping[str, str | int | float | bool | None] = field(default_factory=dict)
    """The further columns of the table's row that asked for the image; they decide no pixel."""

    @cached_property
    def id(self) -> str:
        """SHA-256 (64 hex digits) of everything that decides the pixels and the folder.

        Batch size and position are left out: they change a pixel by at most one grey level, so an
        image need not be generated again because of them. The record holds both.
        """
        settings = self.parameters.model_dump(include=set(PIXEL_FIELDS))
        parts = {
            "prompt_id": self.prompt_id,
            "region": self.region,
            "label": self.label,
            "text": self.text,
            "negative_prompt": self.negative_prompt,
            "seed": self.seed,
            "model": self.model_fingerprint,
            **settings,
        }
        return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()


@dataclass(frozen=True)
class Job:
    """A request expanded into tasks, in the batches in which they will be generated.

    All tasks of one batch share model, scheduler, steps, guidance scale, size, eta, dtype, device.
    """

    id: str
    created: str
    """ISO 8601 in UTC."""
    title: str
    batches: tuple[tuple[Task, ...], ...]

    @property
    def tasks(self) -> Iterator[Task]:
        """All tasks in the order in which they are generated."""
        return (task for batch in self.batches for task in batch)

    @property
    def size(self) -> int:
        """Number of tasks."""
        return sum(len(batch) for batch in self.batches)


def job_title(tasks: Collection[Task]) -> str:
    """The name of a job by what it makes: ``effusion +4 · 10 images``.

    That is the label of its first task, the number of its other labels, and the number of images.
    An ad-hoc prompt, which has no label, is named by the begin of its text.
    """
    labels = list(dict.fromkeys((task.region, task.label) for task in tasks))
    first = labels[0][1] if labels else "nothing"
    if labels and labels[0] == (SCRATCH, SCRATCH):
        first = quoted(next(iter(tasks)).text, 32)
    more = f" +{len(labels) - 1}" if len(labels) > 1 else ""
    return f"{first}{more}{TITLE_SEPARATOR}{counted(len(tasks), 'image')}"
