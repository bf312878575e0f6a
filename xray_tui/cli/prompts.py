"""``xray-tui prompts list`` and ``check``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Annotated

import typer

from xray_tui.cli.output import say
from xray_tui.config import load_settings
from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.slots import example

app = typer.Typer(help="List the prompts, or check a prompts.toml.", no_args_is_help=True)

PromptsOption = Annotated[
    Path | None, typer.Option("--prompts", help="Prompt library, a TOML file.")
]


def library_path(given: Path | None) -> Path:
    """The prompt library to use: the flag, else the setting, else the one that is shipped."""
    return given or load_settings().prompts or default_path()


@app.command("list")
def list_prompts(
    prompts: PromptsOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="One JSON object per line.")] = False,
) -> None:
    """List the prompts: id, where its images go, and an example. * marks bundled ones."""
    library = load(library_path(prompts))
    if as_json:
        for prompt in library.prompts:
            typer.echo(json.dumps(prompt.model_dump(mode="json"), ensure_ascii=True))
        return
    width = max(len(prompt.id) for prompt in library.prompts)
    for prompt in library.prompts:
        mark = "*" if prompt.bundled else " "
        say(f"{mark} {prompt.id:{width}}  {prompt.region}/{prompt.label}")
        say(f"    {example(prompt)}")
    say("")
    say(f"{len(library.prompts)} prompts in {library.source}; * drawn by the bundled checkpoint")


@app.command("check")
def check_prompts(
    file: Annotated[Path | None, typer.Argument(help="The file; default: the one in use.")] = None,
) -> None:
    """Check a prompts.toml: exit code 0, or 2 with every problem's line and key."""
    library = load(library_path(file))
    bundled = len(library.bundled())
    say(f"{library.source}: {len(library.prompts)} prompts, {bundled} bundled, no problem found")
