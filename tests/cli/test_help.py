"""``xray-tui help``: the list of topics, a page, and names that are near."""

from __future__ import annotations

import pytest
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.errors import ManualError
from xray_tui.manual.pages import TOPICS, pages


def output_of(*arguments: str) -> str:
    result = CliRunner().invoke(app, ["help", *arguments], catch_exceptions=False)
    assert result.exit_code == 0
    return result.output


def test_it_lists_every_topic_with_one_line_of_80_columns() -> None:
    lines = output_of().splitlines()
    assert [line.split()[0] for line in lines[: len(TOPICS)]] == list(TOPICS)
    for line, page in zip(lines, pages(), strict=False):
        assert line.endswith(page.summary) and len(line) <= 80


@pytest.mark.parametrize("topic", TOPICS)
def test_a_page_is_printed_as_plain_text_where_it_is_piped(topic: str) -> None:
    text = output_of(topic)
    assert text.startswith(next(page.title for page in pages() if page.name == topic))
    assert "\x1b" not in text and "**" not in text and "](" not in text
    assert max(len(line) for line in text.splitlines()) <= 80


def test_a_unique_beginning_of_a_name_is_enough() -> None:
    assert output_of("trouble") == output_of("troubleshooting") == output_of("TROUBLE")


def test_links_are_written_as_commands() -> None:
    assert "Parameters (xray-tui help parameters)" in " ".join(output_of("first").split())


@pytest.mark.parametrize(
    ("name", "hint"),
    [
        ("promts", "did you mean prompts?"),
        ("reading", "did you mean blind-reading?"),
        ("p", "did you mean prompts or parameters?"),
        ("quantum", "xray-tui help lists the topics"),
        ("", "xray-tui help lists the topics"),
        ("generate", "generate is a command; for its options: xray-tui generate --help"),
    ],
)
def test_an_unknown_name_is_answered_with_what_may_be_meant(name: str, hint: str) -> None:
    with pytest.raises(ManualError, match=hint.replace("?", r"\?")):
        CliRunner().invoke(app, ["help", name], catch_exceptions=False)
