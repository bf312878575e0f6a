"""``xray-tui review``: opens the review alone; another process may generate meanwhile."""

from __future__ import annotations

import typer

from xray_tui.cli.options import (
    AdoptOption,
    DatasetArgument,
    DatasetOption,
    FreshOption,
    PreviewOption,
    ReviewerOption,
    ThemeOption,
    one_dataset,
)
from xray_tui.cli.terminal import take_terminal

EXAMPLES = """\b
Examples:
  xray-tui review
  xray-tui review ~/xrays --reviewer anna
"""


def review(
    folder: DatasetArgument = None,
    dataset: DatasetOption = None,
    reviewer: ReviewerOption = None,
    theme: ThemeOption = None,
    preview: PreviewOption = None,
    fresh: FreshOption = False,
    adopt: AdoptOption = False,
) -> None:
    """Review and cull the images of a dataset with the keyboard. Nothing is generated."""
    from xray_tui.config import load_settings

    settings = load_settings().with_flags(
        dataset=one_dataset(folder, dataset), reviewer=reviewer, theme=theme, preview=preview
    )
    take_terminal("the review needs a terminal")
    from xray_tui.cli.launch import launch_review

    raise typer.Exit(launch_review(settings, fresh=fresh, adopt=adopt))
