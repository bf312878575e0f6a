"""Records: an image that exists, the task it was made from, and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from xray_tui.tasks import Task


@dataclass(frozen=True)
class Provenance:
    """How an image was made, beyond its task."""

    model: str
    """The model as the user named it."""
    model_fingerprint: str
    model_files: Mapping[str, str]
    """SHA-256 of each weight file, by its path in the checkpoint."""
    versions: Mapping[str, str]
    """Version of each library that took part."""
    device: str
    dtype: str
    batch_size: int
    batch_position: int
    """0-based place in the batch."""
    threads: int
    """CPU threads torch used."""
    created: str
    """ISO 8601 in UTC."""
    seconds: float
    """The batch's time over the images in it."""


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
