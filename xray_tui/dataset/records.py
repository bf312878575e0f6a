"""Records: an image that exists, its task, and how it was generated."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xray_tui.names import name_in_path
from xray_tui.tasks import Task


@dataclass(frozen=True)
class Provenance:
    """How an image was generated, beyond its task."""

    model: str
    """The model as the user named it."""
    model_fingerprint: str
    model_files: Mapping[str, str]
    """SHA-256 of each weight file, by its path in the checkpoint."""
    versions: Mapping[str, str]
    """Version of each library that was used."""
    device: str
    dtype: str
    batch_size: int
    batch_position: int
    """0-based place in the batch."""
    threads: int
    """CPU threads used by torch."""
    created: str
    """ISO 8601 in UTC."""
    seconds: float
    """The batch's time divided by its number of images."""


@dataclass(frozen=True)
class Examined:
    """Results of checks that are computed from an image's pixels."""

    phash: str
    """Perceptual hash, 16 hexadecimal digits."""
    checks: tuple[str, ...]
    """Names of the flaws found; empty if none."""


@dataclass(frozen=True)
class Record:
    """One image in the dataset."""

    id: int
    task: Task
    file: str
    """Path relative to the dataset, with forward slashes."""
    width: int
    """Pixels."""
    height: int
    """Pixels."""
    provenance: Provenance
    job_id: str

    @property
    def label(self) -> str:
        """The current label; the task has the label that was asked for."""
        return label_of(self.file)


@dataclass(frozen=True)
class NewRecord:
    """An image that was just saved or found, and does not have a record yet."""

    task: Task
    file: str
    """Path relative to the dataset, with forward slashes."""
    provenance: Provenance
    job_id: str
    examined: Examined | None = None
    """None: the image is examined later."""

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels, from the task."""
        return self.task.parameters.width or 0, self.task.parameters.height or 0


def label_of(file: str) -> str:
    """The label of an image, from its path in the dataset: ``region/label/name``."""
    return name_in_path(file.split("/")[1])
