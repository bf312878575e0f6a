"""Asks on the plain terminal whether to rebuild a damaged catalog, and rebuilds it.

Used before the app takes over the terminal, and by commands. The question and what is done go to
standard error, so that the output of a command can be read by a program.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn

from xray_tui import environment
from xray_tui.cli.output import note
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.repair.rebuilding import Rebuilt, rebuild
from xray_tui.errors import CatalogDamagedError
from xray_tui.text import clean, counted

_QUESTION = """The catalog of {root} will be rebuilt from the images and reviews.jsonl.
All images and decisions are restored, and as much of the queue as can be read.
The old catalog is kept next to the new one."""
_WITHOUT_PRIVATE_FOLDER = """The hidden folder .xray-tui is missing in {root}.
It held the queue and the reviews. If you still have that folder, answer n
and copy it here. Otherwise a new one is made from the images: decisions,
ratings and tags come from metadata.jsonl, as those of a reviewer called
"imported". Notes are lost."""


def _print(text: str) -> None:
    print(clean(text, keep_newlines=True), file=sys.stderr)  # noqa: T201


def existing_dataset(root: Path, *, adopt: bool = False) -> Path:
    """Check that ``root`` is a dataset; returns its absolute path.

    A copy without its hidden folder becomes a dataset with ``adopt``, or if the user agrees on the
    terminal.

    Raises:
        DatasetError: ``root`` is not a dataset; the message says why.
    """
    is_copy = layout.holds_images_only(layout.absolute_root(root))
    if is_copy and (adopt or (environment.stdin_is_terminal() and confirm_rebuild(root))):
        rebuild_with_progress(root)
    return layout.check_root(root)


def new_or_existing_dataset(root: Path, *, adopt: bool = False) -> None:
    """As :func:`existing_dataset`, but ``root`` may also be a folder without any images.

    Raises:
        DatasetError: ``root`` is a copy without its hidden folder, and stays so.
    """
    if layout.holds_images_only(layout.absolute_root(root)):
        existing_dataset(root, adopt=adopt)


def open_or_rebuild(root: Path, *, steal_lock: bool = False) -> Dataset:
    """Open the dataset in ``root``; rebuild a damaged catalog first, if the user agrees.

    Raises:
        CatalogDamagedError: the user declined, or cannot be asked.
        DatasetError: the dataset cannot be opened or rebuilt.
    """
    try:
        return Dataset(root, steal_lock=steal_lock)
    except CatalogDamagedError as error:
        if not environment.stdin_is_terminal():  # nobody answers; the error says what to run
            raise
        _print(str(error))
        if not confirm_rebuild(root):
            raise
    rebuild_with_progress(root, steal_lock=steal_lock)
    return Dataset(root)


@contextmanager
def opened_catalog(folder: Path) -> Iterator[tuple[Path, Database]]:
    """The root and the catalog of an existing dataset. Prints the repairs made on opening it.

    Raises:
        DatasetError: ``folder`` is not a dataset, or cannot be opened.
    """
    existing_dataset(folder)
    with catalog_of(open_or_rebuild(folder)) as found:
        yield found


@contextmanager
def catalog_of(dataset: Dataset) -> Iterator[tuple[Path, Database]]:
    """Its root and catalog, for commands that need no more; ``dataset`` is closed.

    Prints the repairs made on opening it.
    """
    dataset.close()
    for line in dataset.mended.lines if dataset.mended is not None else ():
        note(line)
    with closing(Database(dataset.root / layout.CATALOG)) as database:
        yield dataset.root, database


def confirm_rebuild(root: Path) -> bool:
    """Ask on the terminal whether to rebuild the catalog of ``root``; True for yes."""
    question = _WITHOUT_PRIVATE_FOLDER if layout.holds_images_only(root) else _QUESTION
    _print(question.format(root=layout.absolute_root(root)))
    try:
        print("Continue? [y/N] ", end="", file=sys.stderr, flush=True)  # noqa: T201
        answer = input()
    except EOFError:
        return False
    return answer.strip().lower() in ("y", "yes")


def rebuild_with_progress(
    root: Path, *, steal_lock: bool = False, say: Callable[[str], None] = _print
) -> Rebuilt:
    """Rebuild the catalog of ``root`` with a progress bar, and print a summary with ``say``.

    Raises:
        DatasetError: the catalog cannot be rebuilt.
    """
    with progress_bar() as report:
        rebuilt = rebuild(root, report, steal_lock=steal_lock)
    if rebuilt.set_aside is not None:
        say(f"The old catalog is now {rebuilt.set_aside}")
    for line in rebuilt.mended.lines:
        say(line)
    images, jobs = counted(rebuilt.images, "image"), counted(rebuilt.jobs, "job")
    say(f"The new catalog has {images} and {jobs}")
    return rebuilt


@contextmanager
def progress_bar() -> Iterator[ReportProgress]:
    """A bar on standard error, if that is a terminal; yields the function that updates it."""
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
