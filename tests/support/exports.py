"""Exports for tests: a reviewed dataset, and how it is exported."""

from __future__ import annotations

import os
import subprocess
import sys
from contextlib import closing
from pathlib import Path
from typing import Any

from support.review_datasets import save_images

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.export.exporting import Summary, export
from xray_tui.dataset.export.request import Request
from xray_tui.dataset.files import layout
from xray_tui.dataset.progress import no_progress


def reviewed_dataset(root: Path, images: int = 30) -> None:
    """Ann accepted two of three images, label by label, and rejected the first of the others."""
    save_images(root, images)
    dataset = Dataset(root)
    ids = sorted(record.id for record in dataset.catalog.records())
    others = ids[::3]
    dataset.desk("ann").set_decision([one for one in ids if one not in others], "accepted")
    dataset.desk("ann").set_decision(others[:1], "rejected")
    dataset.close()


def export_dataset(root: Path, path: Path, format_name: str, **changes: Any) -> Summary:
    """Export the dataset in ``root`` to ``path``."""
    with closing(Database(root / layout.CATALOG)) as database:
        return export(root, database, path, Request(format_name, "ann", **changes), no_progress)


def printed_by(program: str, path: Path, cache: Path) -> str:
    """What a Python program prints whose argument is ``path``, an export or a file of it.

    It has a process of its own, as libraries ask where their ``cache`` is when they are imported.
    """
    folders = {name: str(cache) for name in ("HF_HOME", "CROISSANT_CACHE")}
    run = subprocess.run(
        [sys.executable, "-c", program, str(path)],
        env={**os.environ, **folders, "HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    print(run.stderr)
    assert run.returncode == 0, run.stderr
    return run.stdout


def files(folder: Path) -> set[str]:
    """Every file of ``folder`` that is not hidden, relative to it."""
    return {
        path.relative_to(folder).as_posix()
        for path in folder.rglob("*")
        if path.is_file() and not path.name.startswith(".")
    }
