"""Marks existing images as synthetic, and writes their ratings into their files."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from xray_tui.dataset.files import png
from xray_tui.dataset.files.atomic import write_whole
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.repair.problems import Problem
from xray_tui.errors import DatasetError
from xray_tui.text import clean


def add_marks(
    root: Path, ratings: Mapping[str, int], progress: ReportProgress
) -> tuple[Problem, ...]:
    """Mark the images of ``ratings`` as synthetic, with their rating (:func:`xmp.rating_for`).

    Each file is replaced as a whole, with the same pixels.

    The caller holds the generator lock. Returns the images that could not be marked.
    """
    failed = []
    for number, (file, rating) in enumerate(ratings.items(), 1):
        progress("marking images", number, len(ratings))
        path = root / file
        try:
            write_whole(path, [png.marked(path, rating)])
        except DatasetError as error:
            why = clean(str(error).removeprefix(f"{path}: "))
            failed.append(Problem("unreadable", file, f"not marked as synthetic: {why}"))
    return tuple(failed)
