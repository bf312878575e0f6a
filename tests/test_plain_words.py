"""Plain English: words that sound odd to a native reader do not creep back in."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
ODD = {
    r"\btold\b|(?<!\.)\btells?\b(?! apart)|\btelling\b|_tell\b": "shown, reported, logged, says",
    r"\banew\b": "again, from scratch",
    r"\bbeside\b": "next to, while, alongside",
    r"\b[Ss]o (many\b|much (?!black))": "name the number",
    r"\bbe had\b": "acquired, loaded, obtained",
    r"\b([Gg]o|goes|[Gg]oing|went) on\b": "continue, resume",
    r"\bput right\b": "repaired",
    r"\ball the same\b": "anyway",
    r"\bin the making\b": "in progress",
    r"\bof a kind\b": "name the kind",
    r"\b[Ww]hoever\b": "name the person, process or code",
    r"[,;] else\b|# else\b": "otherwise",
}
"""What to look for, and what to write instead."""
PATTERNS = ("*.py", "*.md", "*.tcss", "*.toml", "*.yml")
FILES = [
    ROOT / "README.md",
    ROOT / "prompts.toml",
    ROOT / "pyproject.toml",
    *sorted(
        path
        for folder in ("xray_tui", "tests", ".github")
        for pattern in PATTERNS
        for path in (ROOT / folder).rglob(pattern)
        if path != Path(__file__)
    ),
]


@pytest.mark.parametrize(("odd", "better"), ODD.items())
def test_no_odd_word_is_left(odd: str, better: str) -> None:
    found = [
        f"{path.relative_to(ROOT)}:{number}: {line.strip()}"
        for path in FILES
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1)
        if re.search(odd, line)
    ]
    assert found == [], f"write instead: {better}"
