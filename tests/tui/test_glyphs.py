"""The app draws only characters that most fonts have (F20: an emoji was a box in the palette).

The characters that a screen paints, also those of Textual, are in ``test_every_screen.py``.
"""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from support.glyphs import COMMON_GLYPHS

import xray_tui

ROOT = Path(xray_tui.__file__).parent
NOT_SHOWN = {
    "text.py",  # replaces characters
    "toml_text.py",
    "tui/terminal_input.py",
    "tui/output/cells.py",  # compares with the ranges of blocks
    "generation/sampling/schedulers.py",  # formulas in docstrings
    "generation/sampling/preview.py",
    "dataset/checks/near_duplicates.py",
}


def texts(file: Path) -> Iterator[str]:
    """All strings of a module, or a whole page of the manual."""
    if file.suffix != ".py":
        yield file.read_text(encoding="utf-8")
        return
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


def test_every_text_of_the_app_has_common_characters() -> None:
    odd = {
        f"{file.relative_to(ROOT)}: {char!r}"
        for pattern in ("**/*.py", "manual/*.md", "prompts/*.toml")
        for file in ROOT.glob(pattern)
        if "training" not in file.parts and str(file.relative_to(ROOT)) not in NOT_SHOWN
        for text in texts(file)
        for char in set(text) - COMMON_GLYPHS - set("\n\t\r\x1b\x00\x07\x08\x7f")
    }
    assert odd == set()
