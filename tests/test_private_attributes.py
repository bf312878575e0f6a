"""Private parts of other libraries are used only in the modules named ``…_internals``.

Each of those modules names the version it was read from, and has a test that fails when a new
version changes them.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import xray_tui

ROOT = Path(xray_tui.__file__).parent
INTERNALS = sorted(ROOT.rglob("*_internals.py"))
DOCUMENTED = {"_exit", "_fields", "_asdict", "_replace"}
"""Names of os and of named tuples that are public in spite of their underscore."""


def is_private(name: str) -> bool:
    return name.startswith("_") and not name.startswith("__") and name not in DOCUMENTED


def private_uses(path: Path) -> Iterator[str]:
    """Private imports, and private attributes except of ``self``, ``cls`` and ``super()``."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Attribute) and is_private(node.attr):
            if ast.unparse(node.value) not in ("self", "cls", "super()"):
                yield ast.unparse(node)
        elif isinstance(node, ast.ImportFrom):
            names = [*(node.module or "").split("."), *(alias.name for alias in node.names)]
            yield from filter(is_private, names)
        elif isinstance(node, ast.Call) and ast.unparse(node.func) in ("getattr", "setattr"):
            name = node.args[1]
            if isinstance(name, ast.Constant) and is_private(str(name.value)):
                yield ast.unparse(node)


def test_private_parts_of_other_libraries_are_only_used_in_internals() -> None:
    others = [path for path in ROOT.rglob("*.py") if path not in INTERNALS]
    found = {path.name: used for path in others if (used := {*private_uses(path)})}
    assert found == {}


def test_each_module_of_internals_names_its_version_and_its_test() -> None:
    tests = {path.name for path in Path(__file__).parent.rglob("test_*_internals.py")}
    for path in INTERNALS:
        assert set(private_uses(path)), path
        docstring = ast.get_docstring(ast.parse(path.read_text(encoding="utf-8"))) or ""
        assert re.search(r"\d+\.\d+\.\d+", docstring), path
        assert f"test_{path.name}" in tests, path
