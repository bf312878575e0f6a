"""Image files that are to be made again, from nothing but what they record themselves."""

from __future__ import annotations

import random
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.files import layout, png, tree_scan
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.records import Provenance
from xray_tui.errors import DatasetError, ParameterError
from xray_tui.parameters import check_overrides
from xray_tui.tasks import Task
from xray_tui.text import clean

MAX_THREADS = 1024


@dataclass(frozen=True)
class Source:
    """An intact image file, with what it records."""

    path: Path
    task: Task
    provenance: Provenance


def read(path: Path) -> Source:
    """The image in ``path``, which may be anywhere; a link is followed.

    Raises:
        DatasetError: the file cannot be read, is not an intact image of xray-tui, or records how it
            was made in a way that cannot be.
    """
    with explained(path):
        if path.is_dir():
            raise DatasetError(
                f"{path}: is a folder; give files, or images of a dataset with --dataset"
            )
        file = path.resolve() if path.is_symlink() else path
    contents = png.read_pixels(file)
    if problem := _problem(contents.provenance):
        raise DatasetError(f"{path}: what it records of how it was made cannot be: {problem}")
    return Source(path, contents.task, contents.provenance)


def drawn(dataset: Path, count: int, seed: int) -> list[Path]:
    """``count`` images of a dataset drawn at random, or all if it has fewer; sorted by path.

    The same ``seed`` draws the same images, while the dataset does not change. Nothing but the
    names of its files is read: a copy without its hidden folder will do.

    Raises:
        DatasetError: ``dataset`` is not a dataset, or has no images.
    """
    root = layout.check_rebuildable(dataset)
    files = sorted(file for file in tree_scan.scan(root).files if layout.is_image_name(file))
    if not files:
        raise DatasetError(f"{clean(root)}: there are no images in this dataset")
    chosen = random.Random(seed).sample(files, min(count, len(files)))
    return [root / file for file in sorted(chosen)]


def _problem(provenance: Provenance) -> str:
    """Why an image cannot have been made as ``provenance`` says; otherwise empty.

    Anyone can write a file, so each number is checked before it is used.
    """
    size, position = provenance.batch_size, provenance.batch_position
    try:
        check_overrides(
            {"device": provenance.device, "dtype": provenance.dtype, "batch_size": size}
        )
    except ParameterError as error:
        return str(error)
    if not 0 <= position < size:
        return f"batch position {position} of {size}"
    if not 1 <= provenance.threads <= MAX_THREADS:
        return f"{provenance.threads} threads"
    return ""
