"""The options and arguments that several commands share.

A dataset folder is taken as text, because typer turns an empty path into ``.``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui.cli.output import fail
from xray_tui.text import quoted

if TYPE_CHECKING:
    from xray_tui.dataset.export.selection import Only

_DATASET_HELP = "Dataset folder; default: the current dataset."

NewDatasetOption = Annotated[
    str | None,
    typer.Option("--dataset", metavar="<path>", help="Dataset folder; created if missing."),
]
DatasetOption = Annotated[
    str | None, typer.Option("--dataset", metavar="<path>", help=_DATASET_HELP)
]
DatasetArgument = Annotated[str | None, typer.Argument(metavar="FOLDER", help=_DATASET_HELP)]


def one_dataset(argument: str | None, option: str | None) -> str | None:
    """The dataset that a command gets as its argument or with ``--dataset``.

    Every command takes ``--dataset``, so that nobody has to remember which of them do.
    """
    if argument is not None and option is not None and argument != option:
        fail(f"two datasets are given, {quoted(argument)} and {quoted(option)}; give one of them")
    return option if argument is None else argument


FreshOption = Annotated[
    bool, typer.Option("--fresh", help="Start with the defaults, not as the app was left.")
]
ReviewerOption = Annotated[
    str | None, typer.Option(help="Your name. Each reviewer's opinions are kept separately.")
]
ThemeOption = Annotated[
    str | None, typer.Option(help="Colours: reading-room (dark) or daylight (light).")
]
PreviewOption = Annotated[
    str | None,
    typer.Option(
        help="How to draw pictures: auto, kitty, iterm2, sixel, sextant, quadrant, halfcell or "
        "unicode."
    ),
]
AdoptOption = Annotated[
    bool,
    typer.Option(
        "--adopt",
        help="Without asking, rebuild a copy whose hidden folder (.xray-tui) is missing.",
    ),
]
StealLockOption = Annotated[
    bool,
    typer.Option("--steal-lock", help="Take over the lock of a dead process on another host."),
]
FilterOption = Annotated[
    str, typer.Option("--filter", metavar="QUERY", help="Only images that match, as in review.")
]
OnlyOption = Annotated[
    str,
    typer.Option(metavar="WHICH", help="Decision of the dataset: accepted, not-rejected or all."),
]


def parse_only(text: str) -> Only:
    """The images that ``--only`` names."""
    from xray_tui.dataset.export.selection import ONLY

    which = next((known for known in ONLY if known == text), None)
    return which or fail(f"--only {quoted(text)}: use accepted, not-rejected or all")


JsonOption = Annotated[bool, typer.Option("--json", help="Print one JSON object per line.")]
