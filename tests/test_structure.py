"""The package keeps its structure: small folders, small modules, and no circular imports."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

import xray_tui

PACKAGE = Path(xray_tui.__file__).parent
TESTS = Path(__file__).parent
MODULES_IN_A_FOLDER = 20
LINES_OF_A_MODULE = 300
LINES_OF_A_CLASS = 250
POSITIONAL_ARGUMENTS = 8
NOT_ROOMS = {"advice", "benchmarks", "e2e", "installed", "support", "terminals"}
"""Folders of tests/ that do not belong to a single room of the package."""


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def folders() -> list[Path]:
    """Every folder of the package that contains modules."""
    return sorted({path.parent for path in modules()})


def name(path: Path) -> str:
    """A module or folder as people write it: ``xray_tui/dataset/lock.py``."""
    return str(path.relative_to(PACKAGE.parent))


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for type checking count, too: a circle of them also ties modules together."""
    graph = grimp.build_graph("xray_tui", cache_dir=None)
    imports = {
        module: graph.find_modules_directly_imported_by(module) - {module}
        for module in graph.modules
    }
    try:
        TopologicalSorter(imports).prepare()
    except CycleError as error:
        pytest.fail(" -> ".join(error.args[1]))


@pytest.mark.parametrize("folder", folders(), ids=name)
def test_a_folder_has_few_modules(folder: Path) -> None:
    neighbours = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(neighbours) <= MODULES_IN_A_FOLDER, neighbours


@pytest.mark.parametrize("folder", folders(), ids=name)
def test_a_folder_has_a_docstring(folder: Path) -> None:
    assert ast.get_docstring(parsed(folder / "__init__.py"))


def test_modules_are_short() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {module: lines for module, lines in lengths.items() if lines > LINES_OF_A_MODULE} == {}


def test_classes_are_short() -> None:
    lengths = {
        f"{name(path)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
    }
    assert {name: lines for name, lines in lengths.items() if lines > LINES_OF_A_CLASS} == {}


def test_calls_have_few_positional_arguments() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and len(node.args) > POSITIONAL_ARGUMENTS
        and not any(isinstance(argument, ast.Constant | ast.JoinedStr) for argument in node.args)
    ]
    assert found == []


def test_folders_of_tests_match_the_rooms_of_the_package() -> None:
    rooms = {folder.relative_to(PACKAGE) for folder in folders()}
    test_folders = {
        path.parent.relative_to(TESTS)
        for path in TESTS.rglob("test_*.py")
        if not NOT_ROOMS.intersection(path.relative_to(TESTS).parts)
    }
    assert test_folders - rooms == set()
