"""Pages, sections, commands, options and prompts in the manual and the README exist."""

from __future__ import annotations

import re
import shlex
from pathlib import Path
from typing import get_args

import click
import pytest
import typer.main
from support.documented_commands import DOCUMENTS, README, blocks_of, calls_of
from support.preview_samples import a_record

from xray_tui.cli.main import app
from xray_tui.config import PreviewMode, Settings, ThemeName
from xray_tui.dataset.files.metadata import row
from xray_tui.dataset.opinions import RULES
from xray_tui.dataset.query.fields import CHECKS
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.queue.states import STATES
from xray_tui.manual.pages import TOPICS, find_page, page_path, pages
from xray_tui.manual.rendering import PLAIN_STYLES, render_page
from xray_tui.names import REASONS
from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.schema import Prompt

TEXT_COLUMNS = 57
"""Columns that a page has for text in a terminal of 80 columns."""

_LINK = re.compile(r"\]\(([^)]+)\)")


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_command_and_option_exists(path: Path) -> None:
    root = typer.main.get_command(app)
    for line in calls_of(path.read_text(encoding="utf-8")):
        command: click.Command = root
        words = shlex.split(line)[1:]
        while words and hasattr(command, "commands") and not words[0].startswith("-"):
            assert words[0] in command.commands, line
            command = command.commands[words.pop(0)]
        options = {
            name for option in command.params for name in (*option.opts, *option.secondary_opts)
        }
        for word in words:
            if word.startswith("-"):
                assert word.partition("=")[0] in {*options, "--help", "-h"}, line


def test_some_commands_were_found() -> None:
    found = [line for path in DOCUMENTS for line in calls_of(path.read_text(encoding="utf-8"))]
    assert len(found) > 40
    assert "xray-tui generate chest-normal-adult --count 4 --seed 7" in found


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_link_leads_somewhere(path: Path) -> None:
    for target in _LINK.findall(path.read_text(encoding="utf-8")):
        file, _, section = target.partition("#")
        if target.startswith("http"):
            assert path == README, "pages show addresses as text; the manual opens no browser"
            continue
        linked = path.parent / file if file else path
        assert linked.exists(), target
        if section:
            assert section in anchors_of(linked), target


def anchors_of(path: Path) -> set[str]:
    return set(render_page(path.read_text(encoding="utf-8"), 100, PLAIN_STYLES).anchors)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_every_prompt_that_is_named_exists(path: Path) -> None:
    library = load(default_path())
    known = {prompt.id for prompt in library.prompts}
    regions = "|".join(sorted({prompt.region for prompt in library.prompts}))
    for line in calls_of(path.read_text(encoding="utf-8")):
        for word in line.split():
            if re.fullmatch(rf"({regions})-[a-z0-9-]+", word):
                assert word in known, line


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_begins_with_title_and_summary_and_fits_into_80_columns(topic: str) -> None:
    page = find_page(topic)
    assert page.text.startswith(f"# {page.title}\n\n{page.summary}\n")
    assert page.title and page.summary.endswith(".") and len(page.summary) <= 64
    for block in blocks_of(page.text, "", "python", "sh", "toml"):
        for line in block.splitlines():
            assert len(line) <= TEXT_COLUMNS - 2, line


def test_every_file_of_the_folder_is_a_topic() -> None:
    files = {path.stem for path in page_path(TOPICS[0]).parent.glob("*.md")}
    assert files == set(TOPICS) == {page.name for page in pages()}


@pytest.mark.parametrize(
    ("topic", "names"),
    [
        (
            "settings",
            [*Settings.model_fields.keys() - {"keys", "generation"}],
        ),
        ("settings", ["[keys]", "[generation]", *get_args(PreviewMode), *get_args(ThemeName)]),
        ("prompts", [*Prompt.model_fields]),
        ("review", [*RULES, *REASONS]),
        ("filters", [*CHECKS]),
        ("jobs", [*STATES]),
        ("dataset", [*row(a_record(1))]),
    ],
)
def test_every_name_of_a_list_in_the_code_is_explained(topic: str, names: list[str]) -> None:
    text = find_page(topic).text
    assert [name for name in names if f"`{name}`" not in text] == []


@pytest.mark.parametrize("topic", TOPICS)
def test_every_page_is_linked_from_another_page(topic: str) -> None:
    """Readers would not find a page that no other page links to."""
    others = [path.read_text(encoding="utf-8") for path in map(page_path, TOPICS)]
    assert topic == "first-image" or any(f"({topic}.md" in text for text in others)


def test_every_filter_in_the_manual_can_be_parsed() -> None:
    lines = re.findall(r"^\| `([^`]+)` \|", find_page("filters").text, re.MULTILINE)
    filters = [line for line in lines if re.search(r"[:>@-]|blunting", line)]
    assert len(filters) > 12
    for line in filters:
        parse(line, {"best": "rating>=4"})
