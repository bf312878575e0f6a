"""What an evaluation found: written to results.json, read again by the model card."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(_Part):
    """How often the classifier gives the true answer; ``None`` and 0 where there are no images."""

    head: str
    answer: str
    real: float | None
    real_images: int
    generated: float | None
    generated_images: int


class Closeness(_Part):
    """One area: two halves of the real images against each other, and generated against a half.

    All sets hold ``images`` images of the same labels; means over several halvings.
    """

    area: str
    images: int
    real_frechet: float
    generated_frechet: float
    real_precision: float
    real_recall: float
    generated_precision: float
    generated_recall: float


class Usefulness(_Part):
    """AUC on real validation images of networks trained on ``images`` images, one for each seed."""

    trained_on: str
    images: int
    auc: tuple[float, ...]


class Nearness(_Part):
    """One area: distances to the nearest training image (see memorisation.py), as percentiles.

    ``nearer`` is the share of generated images below the first percentile of the real ones;
    ``nearer_than_neighbours`` the same for the distance relative to that of the next neighbours.
    """

    area: str
    real_images: int
    generated_images: int
    real_first: float
    real_median: float
    generated_first: float
    generated_median: float
    nearer: float
    nearer_than_neighbours: float


class Fidelity(_Part):
    """PSNR in dB of validation images of one region through the shipped autoencoder."""

    region: str
    images: int
    psnr: float


class Faults(_Part):
    """How many generated images are plain, or show a grid or checkerboard no real image shows."""

    images: int
    plain: int
    checkerboard: int
    grid: int


class Speed(_Part):
    """Seconds to load the checkpoint, and for each image; ``load_average`` says how busy it was."""

    device: str
    threads: int
    load_average: float
    load_seconds: float
    batch_1: float
    batch_8: float


class Results(_Part):
    """Everything, and of which checkpoint."""

    fingerprint: str
    date: str
    images_per_prompt: int
    agreement: tuple[Share, ...]
    closeness: tuple[Closeness, ...]
    usefulness: tuple[Usefulness, ...]
    nearness: tuple[Nearness, ...]
    fidelity: tuple[Fidelity, ...]
    faults: Faults
    speed: Speed


def read_results(path: Path) -> Results | None:
    """The results at ``path``; None where there are none."""
    if not path.exists():
        return None
    return Results.model_validate_json(path.read_text(encoding="utf-8"))


def write_results(path: Path, results: Results) -> None:
    """Write ``results`` so that ``path`` is always a whole file."""
    temporary = path.with_suffix(".new")
    temporary.write_text(results.model_dump_json(indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
