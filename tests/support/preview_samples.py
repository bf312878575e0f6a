"""Records, events and pictures for the tests of preview, queue and log."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from PIL import Image

from xray_tui.dataset.records import Provenance, Record
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobQueued,
    JobStarted,
    PreviewReady,
    StepDone,
)
from xray_tui.parameters import GenerationParameters
from xray_tui.tasks import Task
from xray_tui.tui.pictures.renderers.table import renderer_named

HALF_CELLS = renderer_named("halfcell")


def gradient(width: int = 64, height: int = 64) -> Image.Image:
    """Dark at the top left, bright at the bottom right, with a black and a white corner mark."""
    picture = Image.new("L", (width, height))
    picture.putdata(
        [(x * 255 // width + y * 255 // height) // 2 for y in range(height) for x in range(width)]
    )
    picture.paste(255, (0, 0, width // 8, height // 8))
    picture.paste(0, (width - width // 8, height - height // 8, width, height))
    return picture


def a_task(seed: int = 7, **changes: Any) -> Task:
    values: dict[str, Any] = {
        "prompt_id": "chest-normal",
        "region": "chest",
        "label": "normal",
        "view": "PA",
        "findings": ("No Finding",),
        "text": "PA chest radiograph of a woman. Clear lungs.",
        "negative_prompt": "",
        "slots": {"sex": "woman"},
        "seed": seed,
        "parameters": GenerationParameters.build({"width": 256, "height": 256}),
        "model_fingerprint": "f" * 64,
    }
    return Task(**values | changes)


def a_record(number: int = 1, task: Task | None = None, file: str = "") -> Record:
    provenance = Provenance(
        model="bundled",
        model_fingerprint="f" * 64,
        model_files={},
        versions={},
        device="cpu",
        dtype="float32",
        batch_size=4,
        batch_position=0,
        threads=2,
        created="2026-01-01T00:00:00+00:00",
        seconds=1.5,
    )
    task = task or a_task(seed=number)
    file = file or f"chest/normal/chest-normal_{number}_{task.id[:8]}.png"
    return Record(number, task, file, 256, 256, provenance, "job")


def saved_images(folder: Path, count: int) -> list[tuple[Record, Path]]:
    """Records and files of ``count`` images, each a little wider than the previous one."""
    images = []
    for number in range(1, count + 1):
        path = folder / f"{number}.png"
        gradient(64 + 8 * number, 64).save(path)
        images.append((a_record(number), path))
    return images


def a_live_picture(
    step: int = 3, steps: int = 20, level: int | None = None, **changes: Any
) -> PreviewReady:
    """A live picture: a gradient, or one grey level."""
    picture = gradient(16, 16) if level is None else Image.new("L", (16, 16), level)
    return PreviewReady("job", a_task(**changes), step, steps, 16, 16, picture.tobytes())


def a_step(step: int, batch: int = 1, job_id: str = "job", **changes: Any) -> StepDone:
    values: dict[str, Any] = {
        "steps": 10,
        "batches": 2,
        "images": 4,
        "seconds": 0.4,
        "memory_bytes": 3 * 2**30,
    }
    return StepDone(job_id, step, batch=batch, **values | changes)


def a_saved_image(job_id: str = "job", seconds: float = 1.0, number: int = 1) -> ImageSaved:
    return ImageSaved(job_id, a_record(number), seconds)


def a_run(job_id: str = "job", total: int = 8, title: str = "chest-normal") -> list[Event]:
    """A job that is queued and started."""
    return [JobQueued(job_id, title, total, 0), JobStarted(job_id, total)]


def an_end(job_id: str = "job", made: int = 8, state: Any = "done", **changes: Any) -> JobFinished:
    values: dict[str, Any] = {"skipped": 0, "failed": 0, "seconds": 9.0}
    return JobFinished(job_id, state, made, **values | changes)
