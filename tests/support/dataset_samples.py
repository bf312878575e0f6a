"""Tasks, images, provenance and jobs for the tests of the dataset."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from PIL import Image

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png
from xray_tui.dataset.records import Provenance
from xray_tui.parameters import GenerationParameters
from xray_tui.tasks import Job, Task

NASTY = (
    'a\x00b\x1b[31m\x7f\x9b\u202e\u2028\r\n\t,:"{}[/]\\ é 肺 \U0001fac1'
    " Negative prompt: x\nSteps: 9"
)
PARAMETERS = GenerationParameters.build({"width": 64, "height": 72, "guidance_scale": 3})


def make_task(seed: int = 7, **changes: Any) -> Task:
    values: dict[str, Any] = {
        "prompt_id": "chest-normal",
        "region": "chest",
        "label": "normal",
        "view": "PA",
        "findings": ("No Finding",),
        "text": "PA chest radiograph of a woman, clear lungs.",
        "negative_prompt": "blurry",
        "slots": {"sex": "woman"},
        "seed": seed,
        "parameters": PARAMETERS,
        "model_fingerprint": "0123456789abcdef" * 4,
    }
    return Task(**values | changes)


def make_provenance(**changes: Any) -> Provenance:
    values: dict[str, Any] = {
        "model": "bundled",
        "model_fingerprint": "0123456789abcdef" * 4,
        "model_files": {"unet/diffusion_pytorch_model.safetensors": "a" * 64},
        "versions": {"xray-tui": "0.1.0", "torch": "2.13.0"},
        "device": "cpu",
        "dtype": "float32",
        "batch_size": 4,
        "batch_position": 2,
        "threads": 2,
        "created": "2026-01-01T00:00:00+00:00",
        "seconds": 1.25,
    }
    return Provenance(**values | changes)


def make_image(level: int = 90, width: int = 64, height: int = 72) -> Image.Image:
    """A gradient that starts at the grey ``level`` and wraps around at 256."""
    image = Image.linear_gradient("L").resize((width, height))
    return image.point(lambda value: (value // 2 + level) % 256)


def make_job(tasks: list[Task], job_id: str = "job-1", batch_size: int = 4) -> Job:
    batches = [tuple(tasks[i : i + batch_size]) for i in range(0, len(tasks), batch_size)]
    return Job(job_id, "2026-01-01T00:00:00+00:00", "a job", tuple(batches))


def temporaries(root: Path) -> list[Path]:
    return list(root.rglob(".xray-tui-*.tmp"))


def metadata_files(root: Path) -> list[str]:
    """The file of each row of metadata.jsonl."""
    path = root / "metadata.jsonl"
    lines = path.read_text().splitlines() if path.exists() else []
    return [json.loads(line)["file_name"] for line in lines]


def images(root: Path) -> set[str]:
    """The images in the label folders, relative to ``root``."""
    return {path.relative_to(root).as_posix() for path in root.glob("*/*/*.png")}


def assert_in_step(root: Path) -> set[str]:
    """Open the dataset and check that images, records and rows agree; returns the images."""
    dataset = Dataset(root)
    try:
        records = dataset.catalog.records()
        for record in records:
            contents = png.read_pixels(root / record.file)
            assert (contents.task, contents.provenance) == (record.task, record.provenance)
    finally:
        dataset.close()
    assert not temporaries(root)
    recorded = [record.file for record in records]
    assert len(set(recorded)) == len(recorded)
    assert set(recorded) == images(root)
    assert Counter(metadata_files(root)) == Counter(recorded)
    return set(recorded)


def without_image(dataset: Dataset, tasks: Iterable[Task]) -> list[Task]:
    """The ``tasks`` without an image: there is no record, or its file is missing."""
    tasks = list(tasks)
    existing = dataset.existing(tasks)
    return [task for task in tasks if task.id not in existing]
