"""``xray-tui prompts``: lists and checks a prompt library."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui.cli.options import JsonOption
from xray_tui.cli.output import say
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.prompts.schema import PromptLibrary

app = typer.Typer(help="List the prompts, or check a prompt library.", no_args_is_help=True)

PromptsOption = Annotated[
    Path | None, typer.Option("--prompts", help="Prompt library (a TOML file).")
]


def open_library(given: Path | None) -> PromptLibrary:
    """The library that :func:`~xray_tui.prompts.library_choice.choose_library` chooses.

    Raises:
        PromptLibraryError: the library cannot be read, or has problems.
    """
    from xray_tui.prompts.library import load

    return load(_library_path(given))


def list_command(library: PromptLibrary) -> str:
    """The command that lists the prompts of ``library``."""
    current = library.source == _library_path(None)
    return command("prompts", "list", *(() if current else ("--prompts", library.source)))


def _library_path(given: Path | None) -> Path:
    from xray_tui.prompts.library_choice import choose_library

    return choose_library(load_settings(), given).path


@app.command("list")
def list_prompts(
    prompts: PromptsOption = None,
    as_json: JsonOption = False,
) -> None:
    """List the prompts.

    Each has its id, the folder of its images, and an example of its text. * marks the prompts that
    the bundled model can draw.
    """
    from xray_tui.prompts.wording import example

    library = open_library(prompts)
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
    number = counted(len(library.prompts), "prompt")
    say(f"{number} in {library.source}; * the bundled model can draw this")


@app.command("check")
def check_prompts(
    file: Annotated[
        Path | None,
        typer.Argument(metavar="FILE", help="File to check; default: the current library."),
    ] = None,
) -> None:
    """Check a prompt library and list all problems.

    The command generate runs the same check. Exit code: 0 no problems, 2 problems.
    """
    from xray_tui.generation.planning.library_check import problems_of
    from xray_tui.prompts.files import read_text
    from xray_tui.prompts.library import library_error, parse

    path = _library_path(file)
    text = read_text(path)
    library = parse(text, path)
    problems = problems_of(library, load_settings().generation)
    if problems:
        raise library_error(problems, library, text)
    bundled = len(library.bundled())
    number = counted(len(library.prompts), "prompt")
    say(f"{library.source}: {number}, {bundled} bundled, no problems found")
