"""Thousands of mutated copies of a valid file raise no error but PromptLibraryError."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.library import parse
from xray_tui.text import clean

SOURCE = Path("prompts.toml")
TOKENS = (
    "[", "]", "[[", "]]", "{", "}", "{{", '"', '"""', "'", "'''", "=", ".", ",", "#", "\\", "\n",
    "\r", "\t", "\x00", "\x1b", "\x7f", "\u202e", "é", "1", "-1", "0x", "1e999", "nan", "inf",
    "1979-05-27", "true", "\\u001b", "\\ud800", "prompts", "slots", "[prompts.slots]",
    "[[prompts]]", "parameters", "id = ", 'id = "hand"', "text", "{view}", "{a b}", "9" * 50,
    "_", " ", "[[[[[[[",
)  # fmt: skip

Mutation = Callable[[str, random.Random], str]


def replace_character(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return (
        text[:at]
        + chr(draw.choice((draw.randrange(128), draw.randrange(0x11000))))
        + text[at + 1 :]
    )


def cut_span(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return text[:at] + text[at + draw.randrange(1, 30) :]


def insert_token(text: str, draw: random.Random) -> str:
    at = draw.randrange(len(text))
    return text[:at] + draw.choice(TOKENS) + text[at:]


def replace_word(text: str, draw: random.Random) -> str:
    words = text.split(" ")
    words[draw.randrange(len(words))] = draw.choice(TOKENS)
    return " ".join(words)


def shuffle_lines(text: str, draw: random.Random) -> str:
    lines = text.split("\n")
    one, other = draw.randrange(len(lines)), draw.randrange(len(lines))
    action = draw.randrange(3)
    if action == 0:
        del lines[one]
    elif action == 1:
        lines.insert(one, lines[other])
    else:
        lines[one], lines[other] = lines[other], lines[one]
    return "\n".join(lines)


def truncate(text: str, draw: random.Random) -> str:
    return text[: draw.randrange(len(text))]


ALL: tuple[Mutation, ...] = (
    replace_character, cut_span, insert_token, replace_word, shuffle_lines, truncate,
)  # fmt: skip


@pytest.mark.parametrize("mutations", [4_000, pytest.param(20_000, marks=pytest.mark.slow)])
def test_mutations_raise_only_library_errors(good: str, mutations: int) -> None:
    draw = random.Random(20_000)
    refused = 0
    for number in range(mutations):
        text = good
        for _ in range(draw.randrange(1, 4)):
            text = draw.choice(ALL)(text, draw) or good
        try:
            library = parse(text, SOURCE)
        except PromptLibraryError as error:
            refused += 1
            message = str(error)
            assert message.startswith("prompts.toml:"), (number, text)
            assert clean(message, keep_newlines=True) == message, (number, text)
        else:
            assert library.prompts
    assert mutations // 2 < refused < mutations  # most mutations do harm, but not all
