"""``xray-tui review``: opens the review alone; another process may generate meanwhile."""

from __future__ import annotations

from typing import Annotated

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
  xray-tui review --filter "is:undecided rating>=3"
"""


def review(  # noqa: PLR0913 - one argument for each flag
    *,
    folder: DatasetArgument = None,
    dataset: DatasetOption = None,
    reviewer: ReviewerOption = None,
    theme: ThemeOption = None,
    preview: PreviewOption = None,
    filter_text: Annotated[
        str | None,
        typer.Option(
            "--filter", metavar="<filter>", help="Show only these images: label:fracture rating:4."
        ),
    ] = None,
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

    raise typer.Exit(launch_review(settings, filter_text or "", fresh=fresh, adopt=adopt))
