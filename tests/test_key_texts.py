"""Texts name the keys in force: no text has a key of the keymap written into it."""

from __future__ import annotations

import ast
from functools import cache

import pytest
from support.advising_messages import PACKAGE
from support.usual_keys import other_keys, usual_keys_in

from xray_tui.keymap import MEANINGS, key_of, use_keys

NO_TEXTS = ("keymap.py", "key_names.py", "toml_scanner.py", "manual/remapping.py", "training/")
"""The keymap itself, regular expressions, and scripts without an app."""
NOT_KEYS: dict[str, str] = {
    "is not a key; use g, G, ?, f5, ctrl+g": "examples of how keys are written in the settings",
    'such as "ctrl+g", or "g, ctrl+g"': "examples of how keys are written in the settings",
    "answer n\n": "an answer to a question of a command",
    "json_each(?)": "SQL",
    "image (mode L)": "Pillow's word for grey",
    "%Y-%m-%d %H:%M:%S": "a form of dates",
    "#compdef xray-tui": "a script of a shell",
    "<?xpacket": "XML",
    "VTE\\(": "a pattern for the names of terminals",
    "y yes · n no · esc skip": "answers to a question of a command",
    " x … pixels": "a size",
    "… d … h": "days and hours",
    "cuda or cuda:N": "any number",
    "Press r or s, then a label key": "answers of a blind reading, which are not in the keymap",
}
"""Parts of texts in which a letter or a word is no key of the keymap, and what it is."""


def calls_of_key_of(tree: ast.AST) -> list[ast.expr]:
    """The first argument of each call of ``key_of``."""
    return [
        node.args[0]
        for node in ast.walk(tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
        if node.func.id == "key_of"
    ]


@cache
def sources() -> dict[str, ast.Module]:
    """The parsed modules of the package, by path in it."""
    return {
        path.relative_to(PACKAGE).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(PACKAGE.rglob("*.py"))
    }


def texts(tree: ast.AST) -> list[str]:
    """All strings but docstrings; ``…`` stands for each value of an f-string."""
    docstrings = {
        id(node.value)
        for node in ast.walk(tree)
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
    }
    parts = {
        id(part)
        for node in ast.walk(tree)
        if isinstance(node, ast.JoinedStr)
        for part in ast.walk(node)
        if part is not node
    }
    found = []
    for node in ast.walk(tree):
        if id(node) in docstrings | parts:
            continue
        match node:
            case ast.Constant(value=str(text)):
                found.append(text)
            case ast.JoinedStr(values=values):
                found.append(
                    "".join(str(p.value) if isinstance(p, ast.Constant) else "…" for p in values)
                )
    return found


def test_no_text_has_a_key_written_into_it() -> None:
    wrong = [
        f"{name}: {text!r} names {key!r}"
        for name, tree in sources().items()
        if not name.startswith(NO_TEXTS)
        for text in texts(tree)
        if " " in text.strip()
        for key in usual_keys_in(text)
        if not any(part in text for part in NOT_KEYS)
    ]
    assert not wrong, "use key_of() of xray_tui/keymap.py:\n" + "\n".join(wrong)


def test_every_key_that_a_text_asks_for_exists_and_may_be_changed() -> None:
    for name, tree in sources().items():
        for meaning in calls_of_key_of(tree):
            assert isinstance(meaning, ast.Constant), f"{name}: a name in quotes can be checked"
            assert meaning.value in MEANINGS, f"{name}: {meaning.value}"


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("Press g to generate", ["Press g"]),
        ("press a or I; mark with space, a space is free", ["press a", "with space"]),
        ("a file · z to undo", ["z"]),
        ("5 new, F5 to load", ["F5"]),
        ("none · / search (?)", ["· /", "(?"]),
        ("press enter or esc, or move with ↑", []),
        ("a rating>=3 image of the knee", []),
    ],
)
def test_a_key_in_a_text_is_found(text: str, names: list[str]) -> None:
    assert usual_keys_in(text) == names


def test_a_text_names_the_chosen_key() -> None:
    assert key_of("toggle") == "space" and key_of("help") == "?"
    use_keys(other_keys() | {"toggle": "ctrl+up,x"})
    assert key_of("toggle") == "ctrl+↑" and key_of("help") == "alt+F9"
    assert key_of("open") == "enter"
