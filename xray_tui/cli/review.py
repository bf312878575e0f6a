"""``xray-tui review``: the review on its own, beside whatever generates into the dataset."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from xray_tui.cli.dataset_folder import DatasetArgument
from xray_tui.cli.output import fail

EXAMPLES = """\b
Examples:
  xray-tui review
  xray-tui review ~/xrays --reviewer anna
"""


def review(
    dataset: DatasetArgument = None,
    reviewer: Annotated[
        str | None, typer.Option(help="Your name; opinions are kept for each reviewer.")
    ] = None,
    theme: Annotated[str | None, typer.Option(help="reading-room (dark) or daylight.")] = None,
    preview: Annotated[
        str | None, typer.Option(help="Pictures: auto, kitty, sixel, halfcell or unicode.")
    ] = None,
) -> None:
    """Look at the images of a dataset and cull them by keyboard; generates nothing."""
    from xray_tui.config import load_settings

    settings = load_settings().with_flags(
        dataset=dataset, reviewer=reviewer, theme=theme, preview=preview
    )
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail("the review needs a terminal")
    from xray_tui.cli.launch import launch_review

    raise typer.Exit(launch_review(settings))
