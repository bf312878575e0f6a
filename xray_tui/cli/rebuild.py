"""``xray-tui rebuild``: a new catalog from the images and the decisions."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from xray_tui.cli.dataset_folder import DatasetArgument
from xray_tui.cli.output import fail
from xray_tui.config import load_settings


def rebuild(
    dataset: DatasetArgument = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    steal_lock: Annotated[
        bool, typer.Option(help="Take over from a process on another host that is gone.")
    ] = False,
) -> None:
    """Make a damaged catalog anew from the images and reviews.jsonl; the old one is kept.

    Exit code: 0 done, 1 not wanted after all, 2 bad usage or input.
    """
    from xray_tui.cli.rebuild_question import consent, rebuild_shown
    from xray_tui.dataset.files.layout import check_root

    root = load_settings().with_flags(dataset=dataset).dataset
    check_root(root)
    if not yes:
        if not sys.stdin.isatty():
            fail("rebuild asks first; where there is no terminal, add --yes")
        if not consent(root):
            raise typer.Exit(1)
    rebuild_shown(root, steal_lock=steal_lock)
