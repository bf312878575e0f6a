"""Checks of the dataset, which change nothing: its catalog, and who generates into it."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from pathlib import Path

from xray_tui.cli.doctor.finding import Finding, advice, from_error, ok, problem
from xray_tui.cli.doctor.situation import Situation, existing_folder
from xray_tui.commands import command
from xray_tui.dataset.catalog.read_only import read
from xray_tui.dataset.catalog.schema import SCHEMA_VERSION
from xray_tui.dataset.files import layout
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.errors import DatasetError
from xray_tui.text import counted

_WAIT = 1.0
"""Seconds to wait for a process that writes to the catalog."""


def dataset(situation: Situation) -> Iterator[Finding]:
    """Whether there is a dataset, and whether its catalog can be read."""
    root = situation.dataset
    choose = "choose another dataset folder with --dataset"
    try:
        layout.absolute_root(root)
        if layout.has_private_folder(root):
            yield _catalog(root)
            yield from _holder(root)
        elif root.exists() and not root.is_dir():
            yield problem("is a file, not a folder", choose, root)
        elif layout.holds_images_only(root):
            layout.check_root(root)  # says what is wrong
        elif existing_folder(root) is None:
            yield problem("a file is where a folder should be, on the way to it", choose, root)
        else:
            yield ok("there is no dataset yet; it is made when images are generated", root)
    except DatasetError as error:
        yield from_error(error, choose, root)


def _catalog(root: Path) -> Finding:
    path = root / layout.CATALOG
    try:
        ((version,),) = read(path, "PRAGMA user_version", wait=_WAIT)
        ((images,),) = read(path, "SELECT count(*) FROM records", wait=_WAIT)
    except sqlite3.OperationalError as error:
        if "locked" in str(error):
            return ok("the catalog is in use by another process", path)
        return problem(
            f"the catalog cannot be read: {error}",
            f"check it with: {command('verify', dataset=root)}",
            path,
        )
    except sqlite3.DatabaseError as error:
        return problem(
            f"the catalog is damaged: {error}",
            f"build it again from the images and reviews: {command('rebuild', dataset=root)}",
            path,
        )
    if version > SCHEMA_VERSION:
        return problem("the catalog was written by a newer xray-tui", "update xray-tui", path)
    return ok(f"the dataset has {counted(images, 'image')}", root)


def _holder(root: Path) -> Iterator[Finding]:
    holder = GeneratorLock(root, read_only=True).other_holder()
    if holder is None:
        yield ok("no process is generating into the dataset", root)
    elif holder.is_here:
        yield advice(
            f"{holder} generates into this dataset, so no other process can",
            "wait for it, or stop it; jobs that you queue meanwhile are run by it",
            root,
        )
    else:
        yield problem(
            f"{holder} generates into this dataset, or ended without releasing the lock",
            "wait for it; if it has ended, take over with --steal-lock",
            root,
        )
