"""Files that are to be made again: images, and datasets of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.files import png


def an_image(path: Path, seed: int = 7, **changes: Any) -> Path:
    """An image that nobody generated; ``changes`` are those of its provenance."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png.encode(make_image(), make_task(seed), make_provenance(**changes)))
    return path


def a_copy(folder: Path, count: int) -> Path:
    """A dataset without its hidden folder."""
    for seed in range(count):
        an_image(folder / f"chest/normal/chest-normal_{seed}_0123abcd.png", seed)
    return folder
