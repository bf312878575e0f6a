"""The commands that README, manual and ``--help`` show, taken from their texts."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import typer.main

from xray_tui.cli.main import app
from xray_tui.manual.pages import TOPICS, page_path

README = Path(__file__).parents[2] / "README.md"
DOCUMENTS = (README, *map(page_path, TOPICS))

_FENCE = re.compile(r"^ *```(\w*)\n(.*?)^ *```", re.MULTILINE | re.DOTALL)
_CALL = re.compile(r"(?:\.venv/bin/)?xray-tui(?= |$)")


def blocks_of(text: str, *languages: str) -> list[str]:
    """The blocks of code in a page that are in one of ``languages``; ``""`` is none."""
    return [block for language, block in _FENCE.findall(text) if language in languages]


def lines_of(text: str) -> Iterator[str]:
    """Every line of shell in a page, and every ``xray-tui …`` between backquotes, as written.

    Between backquotes, an ellipsis stands for words that the reader adds: that is no command. Nor
    are the names of commands and options in the list of changes.
    """
    text = text.partition("\n## Changes\n")[0]
    for block in blocks_of(text, "sh"):
        for line in block.replace("\\\n", "").splitlines():
            if command := line.partition("  #")[0].strip():
                yield command
    for line in re.findall(r"`([^`\n]+)`", _FENCE.sub("", text)):
        if _CALL.match(line) and "…" not in line:
            yield line


def calls_of(text: str) -> Iterator[str]:
    """Every call of ``xray-tui`` in :func:`lines_of`, without what stands before and after it."""
    for line in lines_of(text):
        for part in re.split(r"&&|\|", line):
            command = part.strip().removeprefix("nohup ").rstrip(" &")
            if _CALL.match(command):
                yield command


def help_texts() -> dict[str, str]:
    """The help of ``xray-tui`` and of all its commands, by the words that call them."""
    return dict(_help_texts(typer.main.get_command(app), "xray-tui"))


def _help_texts(command: Any, name: str) -> Iterator[tuple[str, str]]:
    context = command.context_class(command, info_name=name, terminal_width=80)
    yield name, command.get_help(context)
    for child, subcommand in getattr(command, "commands", {}).items():
        yield from _help_texts(subcommand, f"{name} {child}")


def examples_of(help_text: str) -> list[str]:
    """The lines of a help text that show a whole command."""
    return re.findall(r"^\s*(xray-tui(?: .*)?)$", help_text, re.MULTILINE)
