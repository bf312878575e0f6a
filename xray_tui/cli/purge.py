"""``xray-tui purge``: rejected images go to the trash, come back, or are deleted for good."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui import environment
from xray_tui.cli.options import DatasetArgument, DatasetOption, ReviewerOption, one_dataset
from xray_tui.cli.output import fail, note, say
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.text import counted, size_text

if TYPE_CHECKING:
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.dataset.review.purging import Purging, Rejected

EXAMPLES = """\b
Examples:
  xray-tui purge --dry-run
  xray-tui purge --yes
  xray-tui purge --undo
  xray-tui purge --empty-trash --yes
"""


def purge(
    folder: DatasetArgument = None,
    dataset: DatasetOption = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="Only count the images and their size.")
    ] = False,
    undo: Annotated[bool, typer.Option("--undo", help="Restore the latest purge.")] = False,
    empty_trash: Annotated[
        bool,
        typer.Option("--empty-trash", help="Delete the images in the trash for good."),
    ] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
    reviewer: ReviewerOption = None,
) -> None:
    """Move the images that the dataset rejects to .xray-tui/trash.

    --undo restores the images of the latest purge, with their records and reviews. Purged images
    are not generated again while they are in the trash. --empty-trash frees the disk space; it
    cannot be undone.

    Exit code: 0 done, 1 declined or not all restored, 2 wrong usage or input.
    """
    if dry_run + undo + empty_trash > 1:
        fail("use only one of --dry-run, --undo and --empty-trash")
    with _opened(one_dataset(folder, dataset), reviewer) as (root, purging):
        if undo:
            _undo(purging)
        elif empty_trash:
            _empty(purging, yes=yes)
        else:
            _purge(root, purging, dry_run=dry_run, yes=yes)


def _purge(root: Path, purging: Purging, *, dry_run: bool, yes: bool) -> None:
    rejected = purging.rejected()
    if not rejected.images:
        say("No rejected images.")
        _say_trash(purging)
        return
    _say_rejected(rejected)
    if dry_run:
        say("Nothing was moved.")
        return
    _confirm("Move them to the trash?", yes)
    from xray_tui.cli.rebuild_question import progress_bar

    with progress_bar() as report:
        moved = purging.purge(report)
    say(f"Moved to the trash: {counted(moved.images, 'image')}, {size_text(moved.bytes)}")
    say(f"To restore them: {command('purge', '--undo', dataset=root)}")
    say(f"To free the space: {command('purge', '--empty-trash', dataset=root)}")


def _undo(purging: Purging) -> None:
    from xray_tui.cli.rebuild_question import progress_bar

    with progress_bar() as report:
        restored = purging.restore_latest(report)
    if restored is None:
        say("The trash is empty.")
        return
    say(f"Restored {counted(len(restored.record_ids), 'image')}")
    for problem in restored.problems:
        note(problem)
    _say_trash(purging)
    if restored.problems:
        raise typer.Exit(1)


def _empty(purging: Purging, *, yes: bool) -> None:
    if not _say_trash(purging):
        say("The trash is empty.")
        return
    _confirm("Delete them for good? This cannot be undone.", yes)
    deleted = purging.trash.empty()
    say(f"Deleted {counted(deleted.images, 'image')}, {size_text(deleted.bytes)}")


def _confirm(question: str, yes: bool) -> None:
    """Ask on the terminal; exits with 1 unless the answer is yes."""
    if yes:
        return
    if not environment.stdin_is_terminal():
        fail("purge asks for confirmation; without a terminal, add --yes")
    try:
        answer = input(f"{question} [y/N] ")
    except EOFError:
        answer = ""
    if answer.strip().lower() not in ("y", "yes"):
        raise typer.Exit(1)


def _say_rejected(rejected: Rejected) -> None:
    for (region, label), images in sorted(rejected.labels.items()):
        say(f"{region}/{label}: {images:,}")
    size = size_text(rejected.bytes)
    say(f"Rejected: {counted(rejected.images, 'image')}, {size}")
    if rejected.disputed:
        accepted = counted(rejected.disputed, "of them was", "of them were")
        say(f"{accepted} accepted by a reviewer; to see them: is:disputed in the review")


def _say_trash(purging: Purging) -> bool:
    """Print what is in the trash; False if it is empty."""
    purges = purging.trash.purges()
    if not purges:
        return False
    images = counted(sum(purge.images for purge in purges), "image")
    say(f"In the trash: {images}, {size_text(sum(purge.bytes for purge in purges))}")
    return True


@contextmanager
def _opened(given: str | None, reviewer: str | None) -> Iterator[tuple[Path, Purging]]:
    """The purges of an existing dataset. Prints the repairs made on opening it."""
    from xray_tui.cli.rebuild_question import existing_dataset, open_or_rebuild

    settings = load_settings().with_flags(dataset=given, reviewer=reviewer)
    existing_dataset(settings.dataset)
    opened: Dataset
    with closing(open_or_rebuild(settings.dataset)) as opened:
        for line in opened.mended.lines if opened.mended is not None else ():
            note(line)
        yield opened.root, opened.desk(settings.reviewer).purging
