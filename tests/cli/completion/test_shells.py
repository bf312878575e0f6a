"""Completion in real shells: it is installed in an empty home, and TAB is pressed."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.dataset_samples import make_job, make_task
from support.terminal import CommandTerminal

from xray_tui.cli.completion.scripts import SHELLS
from xray_tui.dataset.dataset import Dataset

COMMANDS = {
    "bash": ["bash", "-i"],
    "zsh": ["zsh", "-i"],
    "fish": ["fish", "-i"],
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """A home with xray-tui on its PATH, and a dataset with a job."""
    program = tmp_path / "bin" / "xray-tui"
    program.parent.mkdir()
    program.write_text(f'#!/bin/sh\nexec {sys.executable} -m xray_tui "$@"\n')
    program.chmod(0o755)
    dataset = Dataset(tmp_path / "dataset")
    dataset.queue.add(make_job([make_task()]))
    dataset.close()
    (tmp_path / "some-folder").mkdir()
    (tmp_path / "library.toml").touch()
    (tmp_path / ".zshrc").write_text("PS1='ready> '\n")
    (tmp_path / ".bashrc").write_text("PS1='ready> '")
    config = tmp_path / ".config" / "fish"
    config.mkdir(parents=True)
    (config / "config.fish").write_text("function fish_prompt; echo 'ready> '; end\n")
    return tmp_path


@pytest.fixture
def shell(home: Path) -> Iterator[Callable[[str], CommandTerminal]]:
    """Starts a shell in that home."""
    started = []

    def start(name: str) -> CommandTerminal:
        if shutil.which(name) is None:
            pytest.skip(f"{name} is not installed")
        variables = {
            "HOME": str(home),
            "PATH": f"{home / 'bin'}:/usr/bin:/bin",
            "TERM": "xterm-256color",
            "LC_ALL": "C.UTF-8",
        }
        started.append(CommandTerminal(COMMANDS[name], home, 100, 30, variables))
        started[-1].wait_for("ready>")
        return started[-1]

    yield start
    for terminal in started:
        terminal.close()


def completes(terminal: CommandTerminal, typed: str, to: str) -> None:
    """TAB after ``typed`` leads to ``to``; the line is deleted afterwards."""
    terminal.press(typed, "tab")
    terminal.wait_for(to, 20)
    terminal.press("ctrl+u", "\x0c")
    terminal.wait_for(lambda text: typed not in text and "ready>" in text, 10)


@pytest.mark.parametrize("name", SHELLS)
def test_a_shell_completes_after_installing(
    name: str, home: Path, shell: Callable[[str], CommandTerminal]
) -> None:
    before = shell(name)
    before.press("xray-tui --install-completion", "enter")
    before.wait_for("It works in each new")
    before.press("xray-tui --install-completion; exit", "enter")
    assert before.wait_for_end() == 0
    files = {path for path in home.rglob("*") if "fish" not in path.parts}
    terminal = shell(name)
    completes(terminal, "xray-tui gener", "xray-tui generate ")
    completes(terminal, "xray-tui jobs show ", "show job-1")
    completes(terminal, "xray-tui generate --scheduler=unipc-k", "--scheduler=unipc-karras")
    completes(terminal, "xray-tui generate 'chest-normal-a", "chest-normal-adult")
    completes(terminal, "xray-tui review --filter decis", "--filter decision:")
    completes(terminal, "xray-tui review --filter scheduler:unipc-k", "scheduler:unipc-karras ")
    completes(terminal, "xray-tui review --filter 'is:accepted ra", "is:accepted rating:")
    completes(terminal, "xray-tui verify --dataset some-f", "some-folder/")
    completes(terminal, "xray-tui verify --dataset=some-f", "--dataset=some-folder/")
    completes(terminal, "xray-tui prompts check lib", "check library.toml")
    completes(terminal, "bin/xray-tui help troub", "help troubleshooting")
    made = {path for path in home.rglob("*") if "fish" not in path.parts} - files
    assert {path.name for path in made} <= {".zcompdump", ".bash_history", ".zsh_history"}
    startup = {"bash": ".bashrc", "zsh": ".zshrc"}.get(name)
    if startup is not None:
        lines = (home / startup).read_text().splitlines()
        assert len([line for line in lines if "xray-tui" in line]) == 1
