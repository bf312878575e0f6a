"""Every command that README, manual and ``--help`` show works as installed, typed as it stands.

The lines come from the texts; ``support/installed_lines.py`` has tables of what must exist before
some of them, of those that do not end with exit code 0, and of the few that cannot be run. As
building and installing the wheel takes long, these tests are slow ones; ``.ci/run`` runs them.
"""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from support.documented_commands import DOCUMENTS, blocks_of, help_texts
from support.installation import Account
from support.installed_lines import (
    ALL,
    ASKING,
    CANNOT_RUN,
    ENDINGS,
    GENERATING,
    IN_TERMINAL,
    PLAIN,
    PREPARATIONS,
    assert_as_documented,
    prepare,
)
from support.terminal import CommandTerminal

import xray_tui
from xray_tui.dataset.review.targets import Targets
from xray_tui.manual.pages import find_page
from xray_tui.tui.workbench.opening import TITLES

pytestmark = pytest.mark.slow
OpenTerminal = Callable[..., CommandTerminal]


def firsts(lines: list[str]) -> list[str]:
    """The first line of each command."""
    found: dict[str, str] = {}
    for line in lines:
        command = re.search(r"xray-tui( [a-z]+)*", line)
        found.setdefault(command[0] if command else line, line)
    return list(found.values())


def test_the_installed_package_runs_and_not_the_checkout(stranger: Account) -> None:
    done = stranger.run("python -c 'import xray_tui; print(xray_tui.__file__)'; xray-tui --version")
    file, version = done.stdout.splitlines()
    assert Path(file).is_relative_to(stranger.installed)
    assert version == f"xray-tui {xray_tui.__version__}"


def test_every_line_is_run_and_every_entry_of_the_tables_is_used() -> None:
    assert len(PLAIN) > 25 and len(IN_TERMINAL) > 4 and len(GENERATING) > 6 and ASKING
    for pattern in CANNOT_RUN:
        assert [line for line in ALL if re.fullmatch(pattern, line)], pattern
    for pattern in PREPARATIONS:
        assert [line for line in ALL if re.search(pattern, line)], pattern
    assert set(ALL) >= set(ENDINGS)


@pytest.mark.parametrize("line", PLAIN)
def test_a_command_works(account: Account, line: str) -> None:
    assert_as_documented(account, line)


def test_in_an_empty_folder_every_command_works_or_says_what_is_missing(stranger: Account) -> None:
    calls = [line for line in firsts(PLAIN) if line.startswith("xray-tui ")]
    script = "".join(f"echo '$ {line}'; {line}; echo $?\n" for line in calls)
    output = stranger.run(script).stdout
    assert "Traceback" not in output
    for part in output.split("$ ")[1:]:
        line, *said, code = part.splitlines()
        assert code in ("0", "2"), part
        assert said or line.startswith("xray-tui prompts check"), part


@pytest.mark.parametrize("line", IN_TERMINAL)
def test_a_command_that_opens_a_screen_works(
    account: Account, open_terminal: OpenTerminal, line: str
) -> None:
    terminal = open_terminal(account, line)
    if " review" in line:
        terminal.wait_for("4 left")
    else:
        terminal.wait_for(lambda text: all(title in text for title in TITLES))
        terminal.wait_for("chest-normal-adult")
    terminal.press("q")
    assert terminal.wait_for_end() == 0, terminal.text
    assert b"Traceback" not in terminal.raw


@pytest.mark.parametrize("line", ASKING)
def test_a_command_that_asks_works(
    account: Account, open_terminal: OpenTerminal, line: str
) -> None:
    terminal = open_terminal(account, prepare(account, line))
    terminal.wait_for("Continue? [y/N]")
    terminal.press("y", "enter")
    assert terminal.wait_for_end() == 0, terminal.text
    assert "The new catalog has 4 images" in terminal.text


def test_the_installed_help_is_that_of_the_checkout(stranger: Account) -> None:
    """So the examples above, taken from the latter, are those that users see."""
    code = "import json, support.documented_commands as d; print(json.dumps(d.help_texts()))"
    stranger.extra["PYTHONPATH"] = str(Path(__file__).parents[1])  # tests, not the checkout
    assert json.loads(stranger.run(f"python -c '{code}'").stdout) == help_texts()
    assert stranger.run("xray-tui generate --help").stdout.startswith("Usage: xray-tui generate")


def test_the_settings_and_targets_of_the_manual_are_accepted(account: Account) -> None:
    """The manual's prompts.toml is tried by the command that checks it."""
    for settings in blocks_of(find_page("settings").text, "toml"):
        account.write_settings(settings)
        done = account.run("xray-tui jobs list")
        assert done.returncode == 0 and "No jobs" not in done.stdout, done.stdout
    (targets,) = blocks_of(find_page("review").text, "toml")
    (account.folder / "targets.toml").write_text(targets, encoding="utf-8")
    assert set(Targets(account.folder).read().values()) == {200}


LOADED = """from datasets import load_dataset
images = load_dataset("imagefolder", data_dir="dataset")["train"]
"""


EXPORTS = {
    "release": "imagefolder",
    "classes": "folder",
    "coco": "coco",
    "parquet": "parquet",
    "shards": "webdataset",
}
"""The exports that the Python of the manual reads, and their formats."""


def programs() -> list[str]:
    """The Python of the manual. A block that imports nothing continues the one before, or, if it
    is the first of its page, a dataset that was loaded."""
    found: list[str] = []
    for page in DOCUMENTS:
        found.append(LOADED)
        for block in blocks_of(page.read_text(encoding="utf-8"), "python"):
            if "import " in block:
                found.append(block)
            else:
                found[-1] += block
    return [program for program in found if program != LOADED]


@pytest.mark.parametrize("program", programs())
def test_the_python_of_the_manual_works(account: Account, program: str) -> None:
    for library in re.findall(r"^(?:from|import) (\w+)", program, re.MULTILINE):
        code = f"import importlib.util as util; exit(util.find_spec({library!r}) is None)"
        if account.run(f'python -c "{code}"').returncode:
            pytest.skip(f"{library} is not installed")
    for named in re.findall(r"\w+\.png", program):
        shutil.copy(next(account.folder.glob("dataset/*/*/*.png")), account.folder / named)
    for folder, format_name in EXPORTS.items():
        if re.search(rf'"{folder}["/]', program):
            account.run(f"xray-tui export {format_name} {folder} --only all")
    (account.folder / "program.py").write_text(program, encoding="utf-8")
    done = account.run("python program.py")
    assert done.returncode == 0, done.stdout
