"""Every message that advises something is tried by a test, or has a reason why it cannot be.

A new message fails here until a test follows its advice: with :class:`~support.advice.Advice` or
:func:`~support.advice.advised`, whose first arguments are read from all tests.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.advice_elsewhere import NO_ADVICE, OUTSIDE, TESTED_IN
from support.advising_messages import advising_messages

TESTS = Path(__file__).parents[1]
ELSEWHERE = [
    text for table in (TESTED_IN, OUTSIDE, NO_ADVICE) for part in table.values() for text in part
]


def tried(path: Path) -> Iterator[str]:
    """The advice that the tests in ``path`` try."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        match node:
            case ast.Call(
                func=ast.Name(id="Advice" | "advised"), args=[ast.Constant(value=str(text)), *_]
            ):
                yield text


def test_every_advice_is_tried_or_has_a_reason() -> None:
    known = [text for path in TESTS.rglob("test_*.py") for text in tried(path)]
    assert len(known) > 100
    missing = [
        f"{message.module}: {message.text}"
        for message in advising_messages()
        if not any(message.contains(text) for text in (*known, *ELSEWHERE))
    ]
    assert not missing, "follow this advice in a test of tests/advice:\n" + "\n".join(missing)


def test_every_entry_of_the_tables_is_part_of_a_message() -> None:
    messages = advising_messages()
    stale = [text for text in ELSEWHERE if not any(one.contains(text) for one in messages)]
    assert stale == []


@pytest.mark.parametrize("test", TESTED_IN)
def test_every_test_that_the_table_names_exists(test: str) -> None:
    path, _, name = test.partition("::")
    assert f"def {name}(" in (TESTS / path).read_text(encoding="utf-8")
