"""``xray-tui verify``: checks a dataset, and mends it with ``--repair``."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui.cli.dataset_folder import DatasetArgument
from xray_tui.cli.output import say
from xray_tui.config import load_settings
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.dataset.repair.verifying import Verified


def verify(
    dataset: DatasetArgument = None,
    repair: Annotated[bool, typer.Option("--repair", help="Mend what is wrong.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per problem, and one at the end.")
    ] = False,
    steal_lock: Annotated[
        bool, typer.Option(help="Take over from a process on another host that is gone.")
    ] = False,
) -> None:
    """Check every image, the catalog, metadata.jsonl and reviews.jsonl of a dataset.

    --repair adopts images without a record, moves what is broken to .xray-tui/quarantine and
    queues its task again. Exit code: 0 nothing is wrong (any more), 1 problems are left, 2 bad
    usage or input.
    """
    from xray_tui.cli.rebuild_question import progress_bar
    from xray_tui.dataset.repair.verifying import verify as check

    root = load_settings().with_flags(dataset=dataset).dataset
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
        "foreign_files": [asdict(foreign) for foreign in verified.findings.foreign_files],
        "notes": list(verified.notes),
    }
    typer.echo(json.dumps(summary))


def _print_text(verified: Verified, root: Path, repair: bool) -> None:
    problems = verified.findings.problems
    for problem in problems:
        mended = "mended: " if problem not in verified.left and repair else ""
        say(f"{mended}{problem.file}: {problem.text}")
    for foreign in verified.findings.foreign_files:
        say(f"{foreign.file}: {foreign.text}; it is left alone")
    for note in verified.notes:
        say(note)
    images = f"{root}: {counted(verified.findings.images, 'image')} checked"
    remedy = "rebuild" if verified.needs_rebuild else "verify --repair"
    if not verified.looked:
        say(
            f"{root}: no image was checked, they can be once the catalog is made anew: "
            f"xray-tui {remedy} {root}"
        )
    elif not problems:
        say(f"{images}, no problem found")
    elif not verified.left:
        say(f"{images}, {counted(len(problems), 'problem')} mended")
    elif repair and not verified.needs_rebuild:
        say(f"{images}, {counted(len(verified.left), 'problem')} left")
    else:
        left = f"{counted(len(verified.left), 'problem')}{' left' if repair else ''}"
        say(f"{images}, {left}; to mend them: xray-tui {remedy} {root}")
