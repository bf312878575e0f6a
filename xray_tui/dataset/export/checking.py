"""Checks a written export: each row has its file, and each file its rows."""

from __future__ import annotations

import hashlib
import os
from collections import Counter
from collections.abc import Collection, Iterator
from pathlib import Path

from xray_tui.dataset.export.destination import MARKER
from xray_tui.dataset.export.formats.format import Format
from xray_tui.dataset.files.atomic import explained
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted


def check(
    folder: Path, form: Format, tables: Collection[str], others: Collection[str], images: int
) -> None:
    """Check the ``tables`` and the ``images`` in ``folder``, which has some ``others`` files.

    Images that no row names are left over from an interrupted export, and are deleted.

    Raises:
        DatasetError: something is missing or cannot be read.
    """
    listed: set[str] = set()
    rows: Counter[str] = Counter()
    with explained(folder):
        for table in tables:
            for file in form.listed(table, folder / table):
                listed.add(file)
                rows[table] += 1
    keep_only(folder, {*listed, *tables, *others})
    if len(listed) != images:
        raise DatasetError(
            f"{clean(folder)}: {counted(len(listed), 'image')} in the tables instead of "
            f"{images:,}; export again"
        )


def keep_only(folder: Path, wanted: Collection[str]) -> None:
    """Delete all in ``folder`` but the ``wanted`` files, as an interrupted export may have left it.

    Raises:
        DatasetError: a wanted file is missing, or a file cannot be deleted.
    """
    with explained(folder):
        found = set(_files(folder))
        for file in found.difference(wanted):
            (folder / file).unlink()
        for path, _, _ in os.walk(folder, topdown=False):
            if not any(Path(path).iterdir()):
                Path(path).rmdir()
    if missing := set(wanted) - found:
        raise DatasetError(
            f"{clean(folder)}: {counted(len(missing), 'file')} missing after the export, such as "
            f"{clean(min(missing))}; export again"
        )


def digest(path: Path) -> str:
    """The SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _files(folder: Path) -> Iterator[str]:
    """The files below ``folder``, relative to it."""
    for parent, _, names in os.walk(folder):
        below = Path(parent).relative_to(folder)
        for name in names:
            if name != MARKER:
                yield (below / name).as_posix()
