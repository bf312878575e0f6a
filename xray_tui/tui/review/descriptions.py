"""Describes an image for the panel and the comparison."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xray_tui.dataset.opinions import Review
from xray_tui.dataset.records import Record
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.review.compare import CompareItem
from xray_tui.tui.review.gallery.cells import DISPUTED_SIGN, SIGNS
from xray_tui.tui.review.panel.record_details import RecordDetails


def details_of(
    record: Record, row: GalleryRow, reviews: Iterable[Review] | None, reviewer: str
) -> RecordDetails:
    """Everything the panel shows; ``reviews`` are those of all reviewers, None to hide them."""
    task = record.task
    parameters, provenance = task.parameters, record.provenance
    return RecordDetails(
        prompt_id=task.prompt_id,
        text=task.text,
        negative_prompt=task.negative_prompt,
        region=task.region,
        label=row.label,
        original_label=task.label,
        seed=task.seed,
        model=provenance.model,
        weights=_short_fingerprint(provenance.model_fingerprint),
        scheduler=parameters.scheduler,
        steps=parameters.steps,
        guidance=parameters.guidance_scale,
        eta=parameters.eta,
        dtype=provenance.dtype,
        device=provenance.device,
        batch_size=provenance.batch_size,
        width=record.width,
        height=record.height,
        checks=row.checks if row.phash or row.checks else None,
        created=row.created,
        file=row.file,
        opinion=row.opinion,
        others=tuple(
            (one.reviewer, one.opinion) for one in reviews or () if one.reviewer != reviewer
        ),
        verdict=None if reviews is None else row.verdict,
    )


def image_title(row: GalleryRow) -> str:
    """One line above an image: decision, stars, whether it is disputed, label, prompt and more."""
    decision = row.opinion.decision
    parts = [f"{SIGNS[decision]} {decision}"]
    if row.opinion.rating:
        parts.append("★" * row.opinion.rating)
    if row.disputed:
        parts.append(f"{DISPUTED_SIGN} disputed")
    parts += [f"{row.region}/{row.label}", row.prompt_id, f"seed {row.seed}", *row.opinion.tags]
    return " · ".join(parts)


def compared(record: Record, row: GalleryRow, root: Path) -> CompareItem:
    """An image for the comparison."""
    return CompareItem(record.id, root / record.file, _short_title(row), _parameters_of(record))


def _short_title(row: GalleryRow) -> str:
    """A title for images side by side: values that differ are shown below them."""
    sign = SIGNS[row.opinion.decision]
    rating = "★" * row.opinion.rating
    disputed = DISPUTED_SIGN * row.disputed
    head = " ".join(filter(None, (sign, rating, disputed, f"{row.region}/{row.label}")))
    return " · ".join([head, *row.opinion.tags])


def _parameters_of(record: Record) -> dict[str, str]:
    """Everything that can change the pixels, even slightly, by name; long texts last.

    The position in the batch is left out, because it differs for nearly every image.
    """
    task, provenance = record.task, record.provenance
    parameters = task.parameters
    return {
        "prompt": task.prompt_id,
        "seed": str(task.seed),
        "slots": ", ".join(f"{name} {value}" for name, value in sorted(task.slots.items())),
        "guidance": f"{parameters.guidance_scale:g}",
        "steps": str(parameters.steps),
        "scheduler": parameters.scheduler,
        "eta": f"{parameters.eta:g}",
        "size": f"{record.width}×{record.height}",
        "model": provenance.model,
        "weights": _short_fingerprint(provenance.model_fingerprint),
        "dtype": provenance.dtype,
        "device": provenance.device,
        "batch size": str(provenance.batch_size),
        "threads": str(provenance.threads),
        "text": task.text,
        "negative": task.negative_prompt,
        "versions": ", ".join(
            f"{package} {version}" for package, version in sorted(provenance.versions.items())
        ),
    }


def _short_fingerprint(fingerprint: str) -> str:
    """The start of a hash, or of the revision after a hub id: enough to distinguish weights."""
    return fingerprint.rpartition("@")[2][:10]
