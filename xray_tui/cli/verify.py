"""``xray-tui verify``: checks a dataset, and repairs it with ``--repair``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui.cli.options import (
    AdoptOption,
    DatasetArgument,
    DatasetOption,
    StealLockOption,
    one_dataset,
)
from xray_tui.cli.output import say
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.dataset.repair.verifying import Verified

_NAMED = 3
"""Up to this number of images are named one by one."""


def verify(
    folder: DatasetArgument = None,
    dataset: DatasetOption = None,
    repair: Annotated[bool, typer.Option("--repair", help="Repair the problems found.")] = False,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per problem, and a summary at the end."),
    ] = False,
    steal_lock: StealLockOption = False,
    adopt: AdoptOption = False,
) -> None:
    """Check the files and the catalog of a dataset.

    The check covers every image, the catalog, metadata.jsonl and reviews.jsonl. It also lists files
    that do not belong to the dataset, and names images whose files do not say that they are
    synthetic. --repair records images without a record, moves broken files to
    .xray-tui/quarantine, queues their tasks again, and marks the images that are not marked.

    Exit code: 0 no problems (left), 1 problems (left), 2 wrong usage or input.
    """
    from xray_tui.cli.rebuild_question import existing_dataset, progress_bar
    from xray_tui.dataset.repair.verifying import verify as check

    root = load_settings().with_flags(dataset=one_dataset(folder, dataset)).dataset
    existing_dataset(root, adopt=adopt)
    with progress_bar() as report:
        verified = check(root, report, repair=repair, steal_lock=steal_lock)
    if as_json:
        _print_json(verified)
    else:
        _print_text(verified, root, repair)
    raise typer.Exit(1 if verified.left else 0)


def _print_json(verified: Verified) -> None:
    problems = verified.findings.problems
    for problem in problems:
        typer.echo(json.dumps({**asdict(problem), "mended": problem not in verified.left}))
    summary = {
        "images": verified.findings.images,
        "problems": len(problems),
        "left": len(verified.left),
        # An old name for foreign files, kept for programs that read this output.
        "strangers": [asdict(foreign) for foreign in verified.findings.foreign_files],
        "marked": verified.marked,
        "unmarked": list(verified.unmarked),
        "old_ratings": list(verified.old_ratings),
        "notes": list(verified.notes),
    }
    typer.echo(json.dumps(summary))


def _print_text(verified: Verified, root: Path, repair: bool) -> None:
    problems = verified.findings.problems
    for problem in problems:
        repaired = "repaired: " if problem not in verified.left and repair else ""
        say(f"{repaired}{problem.file}: {problem.text}")
    for foreign in verified.findings.foreign_files:
        say(f"{foreign.file}: {foreign.text}; not touched")
    for note in verified.notes:
        say(note)
    images = f"{root}: {counted(verified.findings.images, 'image')} checked"
    if verified.findings.unmarked:
        say(_marks(verified, root))
    elif verified.marked:
        images += f", {verified.marked:,} marked as synthetic"
    if written := len(verified.findings.old_ratings) - len(verified.old_ratings):
        say(f"ratings written into {counted(written, 'file')}")
    elif old := len(verified.old_ratings):
        repairing = command("verify", "--repair", dataset=root)
        say(f"{counted(old, 'file')} without the latest rating; to write it: {repairing}")
    remedy = ("rebuild",) if verified.needs_rebuild else ("verify", "--repair")
    repair_it = command(*remedy, dataset=root)
    if not verified.images_checked:
        say(f"{root}: no images checked, because that needs a catalog; to rebuild it: {repair_it}")
    elif not problems:
        say(f"{images}, no problems found")
    elif not verified.left:
        say(f"{images}, {counted(len(problems), 'problem')} repaired")
    elif repair and not verified.needs_rebuild:
        say(f"{images}, {counted(len(verified.left), 'problem')} left")
    else:
        left = f"{counted(len(verified.left), 'problem')}{' left' if repair else ''}"
        say(f"{images}, {left}; to repair: {repair_it}")


def _marks(verified: Verified, root: Path) -> str:
    """How many images are marked as synthetic, and how to mark the others."""
    added = len(verified.findings.unmarked) - len(verified.unmarked)
    marked = f"{counted(verified.marked, 'image')} marked as synthetic"
    if added:
        marked += f", {added:,} of them just now"
    if not verified.unmarked:
        return marked
    if len(verified.unmarked) <= _NAMED:
        others = f"not marked: {', '.join(verified.unmarked)}"
    else:
        others = f"{counted(len(verified.unmarked), 'image')} not marked (--json lists them)"
    return f"{marked}; {others}; to mark them: {command('verify', '--repair', dataset=root)}"
