"""What the panel and the comparison tell of an image, from what the desk knows of it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from xray_tui.dataset.gallery_rows import GalleryRow
from xray_tui.dataset.opinions import Review
from xray_tui.dataset.records import Record
from xray_tui.tui.widgets.compare import CompareItem
from xray_tui.tui.widgets.gallery_cells import SIGNS
from xray_tui.tui.widgets.record_details import RecordDetails


def details_of(
    record: Record, row: GalleryRow, reviews: Iterable[Review], reviewer: str
) -> RecordDetails:
    """All there is to tell; ``reviews`` are everyone's."""
    task = record.task
    parameters = task.parameters
    return RecordDetails(
        prompt_id=task.prompt_id,
        text=task.text,
        region=task.region,
        label=row.label,
        original_label=task.label,
        seed=task.seed,
        model=parameters.model,
        scheduler=parameters.scheduler,
        steps=parameters.steps,
        guidance=parameters.guidance_scale,
        width=record.width,
        height=record.height,
        checks=row.checks if row.phash or row.checks else None,
        created=row.created,
        file=row.file,
        opinion=row.opinion,
        others=tuple(
            (review.reviewer, review.opinion) for review in reviews if review.reviewer != reviewer
        ),
        verdict=row.verdict,
    )


def image_title(row: GalleryRow) -> str:
    """One line above an image: what was decided, and which one it is."""
    decision = row.opinion.decision
    parts = [f"{SIGNS[decision]} {decision}"]
    if row.opinion.rating:
        parts.append("★" * row.opinion.rating)
    parts += [f"{row.region}/{row.label}", row.prompt_id, f"seed {row.seed}", *row.opinion.tags]
    return " · ".join(parts)


def compared(record: Record, row: GalleryRow, root: Path) -> CompareItem:
    """An image for the comparison."""
    task = record.task
    parameters = task.parameters
    details = {
        "label": f"{task.region}/{record.label}",
        "prompt": task.prompt_id,
        "seed": str(task.seed),
        "text": task.text,
        "guidance": f"{parameters.guidance_scale:g}",
        "steps": str(parameters.steps),
        "scheduler": parameters.scheduler,
        "size": f"{record.width}×{record.height}",
        "model": parameters.model,
        "negative": task.negative_prompt,
    }
    return CompareItem(record.id, root / record.file, image_title(row), details)
