"""The examples in ``--help`` and in the manual can be typed as they are."""

from __future__ import annotations

import shlex
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import typer
from support.documented_commands import DOCUMENTS, calls_of, examples_of, help_texts

from xray_tui.cli.main import app
from xray_tui.prompts.library import default_path, load

COMMAND: Any = typer.main.get_command(app)


HELP = help_texts()
EXAMPLES = [line for text in HELP.values() for line in examples_of(text)]
LINES = [line for page in DOCUMENTS for line in calls_of(page.read_text(encoding="utf-8"))]
GENERATE = sorted({line for line in EXAMPLES + LINES if line.startswith("xray-tui generate")})


def test_help_and_manual_have_examples() -> None:
    assert "xray-tui generate --count 4 --seed 7" in GENERATE


@pytest.mark.parametrize("line", GENERATE)
def test_an_example_of_generate_parses_and_its_prompts_exist(line: str) -> None:
    _, name, *words = shlex.split(line)
    parameters = COMMAND.commands[name].make_context(name, words).params
    if not parameters["resume"]:  # otherwise the words are ids of jobs
        known = {prompt.id for prompt in load(default_path()).prompts}
        assert set(parameters["prompt_ids"] or ()) <= known


@pytest.mark.parametrize("name", HELP)
def test_a_summary_is_not_cut_in_the_list_of_commands(name: str) -> None:
    listed = HELP[name].partition("Commands:")[2].partition("Examples:")[0]
    assert "..." not in listed


def test_help_loads_neither_textual_nor_torch(tmp_path: Path) -> None:
    code = (
        "import sys; from xray_tui.cli.main import app\n"
        "try: app(['help', 'keys'])\n"
        "except SystemExit: pass\n"
        "print(sorted({'textual', 'torch', 'diffusers', 'rich'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True
    )
    assert done.stdout.splitlines()[0] == "Keys"
    assert done.stdout.splitlines()[-1] == "['rich']"
