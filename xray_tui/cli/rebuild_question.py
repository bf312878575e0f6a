"""Asks on the plain terminal whether a damaged catalog is made anew, and does it.

For before the app has the terminal, and for ``xray-tui rebuild``.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.repair.rebuilding import Rebuilt, rebuild
from xray_tui.errors import CatalogDamagedError
from xray_tui.text import clean, counted

_QUESTION = """The catalog of {root} is made anew from the images and reviews.jsonl.
All images and decisions come back, and the queue as far as it can be read.
The old catalog is kept beside the new one."""


def open_or_rebuild(root: Path, *, steal_lock: bool = False) -> Dataset:
    """Open the dataset in ``root``; if its catalog is damaged, ask, make it anew and open it.

    Raises:
        CatalogDamagedError: the answer was no.
        DatasetError: it cannot be opened, or not rebuilt.
    """
    try:
        return Dataset(root, steal_lock=steal_lock)
    except CatalogDamagedError as error:
        _print(str(error))
        if not consent(root):
            raise
    rebuild_shown(root, steal_lock=steal_lock)
    return Dataset(root)


def consent(root: Path) -> bool:
    """Ask on the terminal whether the catalog of ``root`` may be made anew."""
    _print(_QUESTION.format(root=root.absolute()))
    try:
        answer = input("Go on? [y/N] ")
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def rebuild_shown(root: Path, *, steal_lock: bool = False) -> Rebuilt:
    """Make the catalog of ``root`` anew, with a progress bar on a terminal, and say what was done.

    Raises:
        DatasetError: it cannot be done.
    """
    with progress_bar() as report:
        rebuilt = rebuild(root, report, steal_lock=steal_lock)
    if rebuilt.set_aside is not None:
        _print(f"the old catalog is now {rebuilt.set_aside}")
    for line in rebuilt.mended.lines:
        _print(line)
    images, jobs = counted(rebuilt.images, "image"), counted(rebuilt.jobs, "job")
    _print(f"{images} and {jobs} are in the new catalog")
    return rebuilt


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """A bar on standard error, where that is a terminal; yields what to tell it."""
    console = Console(stderr=True)
    bar = Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        MofNCompleteColumn(),
        console=console,
        transient=True,
        disable=not console.is_terminal,
    )
    with bar:
        task = bar.add_task("", total=None)
        yield lambda what, done, total: bar.update(
            task, description=what, completed=done, total=total
        )


def _print(text: str) -> None:
    print(clean(text, keep_newlines=True))  # noqa: T201
