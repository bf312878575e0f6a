"""``xray-tui rebuild``: rebuilds the catalog from the images and the reviews."""

from __future__ import annotations

from typing import Annotated

import typer

from xray_tui import environment
from xray_tui.cli.options import DatasetArgument, DatasetOption, StealLockOption, one_dataset
from xray_tui.cli.output import fail, say
from xray_tui.config import load_settings


def rebuild(
    folder: DatasetArgument = None,
    dataset: DatasetOption = None,
    yes: Annotated[bool, typer.Option("--yes", help="Skip the confirmation.")] = False,
    steal_lock: StealLockOption = False,
) -> None:
    """Rebuild a damaged catalog from the images and reviews.jsonl. The old catalog is kept.

    Also makes a dataset of a copy whose hidden folder .xray-tui was left behind.

    Exit code: 0 done, 1 declined, 2 wrong usage or input.
    """
    from xray_tui.cli.rebuild_question import confirm_rebuild, rebuild_with_progress
    from xray_tui.dataset.files.layout import check_rebuildable

    root = check_rebuildable(
        load_settings().with_flags(dataset=one_dataset(folder, dataset)).dataset
    )
    if not yes:
        if not environment.stdin_is_terminal():
            fail("rebuild asks for confirmation; without a terminal, add --yes")
        if not confirm_rebuild(root):
            raise typer.Exit(1)
    rebuild_with_progress(root, steal_lock=steal_lock, say=say)
