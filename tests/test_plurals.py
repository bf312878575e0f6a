"""Every number of things in a message is written by ``counted``: "1 image", never "1 images"."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import xray_tui

PACKAGE = Path(xray_tui.__file__).parent
NOUNS = (
    "batches|changes|checks|columns|comparisons|copies|decisions|duplicates|edits|errors|failures|"
    "fields|files|filters|folders|groups|images|jobs|keys|labels|lines|marks|models|"
    "opinions|pages|parameters|pictures|places|problems|processes|prompts|questions|records|"
    "regions|reviewers|reviews|rows|slots|steps|tags|targets|tasks|texts|tokens|values|words"
)
BY_HAND = re.compile(rf"^ (?!has )(?:[a-z]+ )?(?:{NOUNS})\b")
TRAINING = PACKAGE / "training"  # prints for the authors of the model, no messages


def plurals_by_hand(tree: ast.AST) -> Iterator[int]:
    """The lines of f-strings with a number before a noun in the plural, or an s that is added."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            for value, after in zip(node.values, node.values[1:], strict=False):
                if not isinstance(value, ast.FormattedValue) or _is_counted(value.value):
                    continue
                if isinstance(after, ast.Constant) and BY_HAND.match(str(after.value)):
                    yield node.lineno
        elif isinstance(node, ast.IfExp):
            ends = {part.value for part in (node.body, node.orelse) if _is_text(part)}
            if "s" in ends and "" in ends:
                yield node.lineno


def _is_counted(value: ast.expr) -> bool:
    """Whether ``value`` is a counted noun, or the name of a key."""
    return isinstance(value, ast.Call) and getattr(value.func, "id", "") in ("counted", "key_of")


def _is_text(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str)


def test_no_message_builds_a_plural_by_hand() -> None:
    """F14."""
    found = [
        f"{path.relative_to(PACKAGE)}:{line}"
        for path in sorted(PACKAGE.rglob("*.py"))
        if TRAINING not in path.parents
        for line in plurals_by_hand(ast.parse(path.read_text(encoding="utf-8")))
    ]
    assert found == []


def test_the_patterns_are_found() -> None:
    for bad in (
        'f"{n} images"',
        'f"of {n:,} failed images, {m}"',
        "f\"{n} image{'s' if n != 1 else ''}\"",
    ):
        assert list(plurals_by_hand(ast.parse(bad))) == [1], bad
    for good in ("f\"{counted(n, 'image')}\"", 'f"{n} of them"', 'f"{name} image"'):
        assert list(plurals_by_hand(ast.parse(good))) == [], good
