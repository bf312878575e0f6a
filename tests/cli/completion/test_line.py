"""A line of bash is split as bash does, whatever is open at the cursor."""

from __future__ import annotations

import pytest

from xray_tui.cli.completion.answer import answer
from xray_tui.cli.completion.line import split_line


@pytest.mark.parametrize(
    ("line", "words", "known"),
    [
        ("", [""], ""),
        ("xray-tui", ["xray-tui"], ""),
        ("xray-tui ", [""], ""),
        ("xray-tui  generate  kn", ["generate", "kn"], ""),
        ("~/bin/xray-tui generate ", ["generate", ""], ""),
        ("xray-tui --theme=da", ["--theme=da"], "--theme="),
        ("xray-tui --theme = da", ["--theme", "=", "da"], ""),
        ("xray-tui a:b=c", ["a:b=c"], "a:b="),
        ("xray-tui --text 'PA chest", ["--text", "PA chest"], ""),
        ('xray-tui --text "say \\"a" kn', ["--text", 'say "a', "kn"], ""),
        ("xray-tui --text a\\ b ''", ["--text", "a b", ""], ""),
        ("xray-tui --dataset=a\\", ["--dataset=a"], "--dataset="),
    ],
)
def test_words_and_what_bash_knows_already(line: str, words: list[str], known: str) -> None:
    assert split_line(line)[:2] == (words, known)


@pytest.mark.parametrize(
    ("line", "lines"),
    [
        ('xray-tui review --filter "rating:5 lab', ["rating:5 label:", "rating:5 label:…"]),
        ("xray-tui review --filter lab", ["label:"]),
        ("xray-tui review --filter 'decision:rej", ["decision:rejected"]),
    ],
)
def test_bash_does_not_close_a_quote_after_the_beginning_of_a_term(
    line: str, lines: list[str]
) -> None:
    assert answer("bash", [line]).splitlines()[1:] == lines
