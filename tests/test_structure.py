"""The house keeps its shape: small rooms, small modules, imports that point one way."""

from __future__ import annotations

import ast
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import grimp
import pytest

import xray_tui

PACKAGE = Path(xray_tui.__file__).parent
TESTS = Path(__file__).parent
MODULES_SIDE_BY_SIDE = 20
LINES_OF_A_MODULE = 300
LINES_OF_A_CLASS = 250
POSITIONAL_ARGUMENTS = 8
NOT_ROOMS = {"support", "benchmarks", "e2e", "__snapshots__", "__pycache__"}
"""Folders of tests/ that belong to no one room of the package."""


def modules() -> list[Path]:
    """Every module of the package."""
    return sorted(PACKAGE.rglob("*.py"))


def folders() -> list[Path]:
    """Every folder of the package that holds modules."""
    return sorted({path.parent for path in modules()})


def name(path: Path) -> str:
    """A module or folder as people write it: ``xray_tui/dataset/lock.py``."""
    return str(path.relative_to(PACKAGE.parent))


def parsed(path: Path) -> ast.Module:
    """The syntax tree of a module."""
    return ast.parse(path.read_text(encoding="utf-8"))


def test_no_modules_import_each_other_in_a_circle() -> None:
    """Imports for type checking count: a circle of those ties rooms together just as well."""
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
def test_a_folder_is_taken_in_at_a_glance(folder: Path) -> None:
    side_by_side = [path.name for path in folder.glob("*.py") if path.name != "__init__.py"]
    assert len(side_by_side) <= MODULES_SIDE_BY_SIDE, side_by_side


@pytest.mark.parametrize("folder", folders(), ids=name)
def test_a_folder_says_what_it_holds(folder: Path) -> None:
    assert ast.get_docstring(parsed(folder / "__init__.py"))


def test_a_module_is_read_in_one_sitting() -> None:
    lengths = {name(path): len(path.read_text(encoding="utf-8").splitlines()) for path in modules()}
    assert {one: long for one, long in lengths.items() if long > LINES_OF_A_MODULE} == {}


def test_no_class_knows_everything() -> None:
    lengths = {
        f"{name(path)}: {node.name}": (node.end_lineno or 0) - node.lineno + 1
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.ClassDef)
    }
    assert {one: long for one, long in lengths.items() if long > LINES_OF_A_CLASS} == {}


def test_no_call_is_a_row_of_unnamed_values() -> None:
    found = [
        f"{name(path)}:{node.lineno}"
        for path in modules()
        for node in ast.walk(parsed(path))
        if isinstance(node, ast.Call)
        and len(node.args) > POSITIONAL_ARGUMENTS
        and not any(isinstance(argument, ast.Constant | ast.JoinedStr) for argument in node.args)
    ]
    assert found == []


def test_tests_lie_in_the_rooms_of_what_they_test() -> None:
    rooms = {folder.relative_to(PACKAGE) for folder in folders()}
    test_folders = {
        path.parent.relative_to(TESTS)
        for path in TESTS.rglob("test_*.py")
        if not NOT_ROOMS.intersection(path.relative_to(TESTS).parts)
    }
    assert test_folders - rooms == set()
