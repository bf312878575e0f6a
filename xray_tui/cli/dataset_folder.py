"""How the commands take a dataset folder: as text, because an empty Path is ``.``."""

from __future__ import annotations

from typing import Annotated

import typer

_HELP = "Dataset folder; default: the one in use."

MadeDatasetOption = Annotated[
    str | None,
    typer.Option("--dataset", metavar="<path>", help="Dataset folder; made if there is none."),
]
DatasetOption = Annotated[str | None, typer.Option("--dataset", metavar="<path>", help=_HELP)]
DatasetArgument = Annotated[str | None, typer.Argument(help=_HELP)]
