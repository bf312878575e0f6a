"""The results of an evaluation, as stored in results.json and shown in the model card."""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class Share(_Part):
    """How often the classifier gives the true answer; ``None`` if there are no images."""

    head: str
    answer: str
    real: float | None
    real_images: int
    generated: float | None
    generated_images: int


class Closeness(_Part):
    """One area: two halves of the real images compared, and generated images with one half.

    All sets have ``images`` images with the same mix of labels; means over several halvings.
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
    """AUC, on real held-out images, of networks trained on ``images`` images; one per seed."""

    trained_on: str
    images: int
    auc: tuple[float, ...]


class Nearness(_Part):
    """One area: distances to the nearest training image (see memorisation.py), as percentiles.

    ``nearer`` is the share of generated images below the first percentile of held-out ones;
    ``nearer_than_neighbours`` is the same with distances relative to the next neighbours.
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
    """PSNR in dB of held-out images of one region, encoded and decoded by the autoencoder."""

    region: str
    images: int
    psnr: float


class Faults(_Part):
    """Number of generated images that are plain, or show a grid or checkerboard."""

    images: int
    plain: int
    checkerboard: int
    grid: int


class Speed(_Part):
    """Seconds to load the checkpoint and per image; ``load_average`` is that of the machine."""

    device: str
    threads: int
    load_average: float
    load_seconds: float
    batch_1: float
    batch_8: float


class Results(_Part):
    """All results, and the fingerprint of the evaluated checkpoint."""

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
    """The results at ``path``; None if the file does not exist."""
    if not path.exists():
        return None
    return Results.model_validate_json(path.read_text(encoding="utf-8"))


def write_results(path: Path, results: Results) -> None:
    """Write ``results`` so that ``path`` is always a whole file."""
    temporary = path.with_suffix(".new")
    temporary.write_text(results.model_dump_json(indent=2) + "\n", encoding="utf-8")
    temporary.replace(path)
