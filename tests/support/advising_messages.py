"""Every message of the program that advises what to do next, taken from its source."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import xray_tui
from xray_tui.keymap import key_of

PACKAGE = Path(xray_tui.__file__).parent

_VERBS = (
    "accept|add|answer|check|choose|close|copy|delete|download|edit|end|enter|fix|free|give|"
    "leave|look|lower|make|mark|mount|move|open|press|put|raise|reduce|remove|rename|restart|"
    "run|save|see|select|set|start|stop|try|type|unset|update|use|wait|write"
)
_CLAUSE = rf"(?:[;:.?!,(] ?|\n|\bthen |\bfirst )(?:{_VERBS})\b"
_COMMAND = r"\bpress \S|\bxray-tui [a-z]+|(?:\bto [\w' ]+|\bfor [\w ]+|\bwith|\brun|\bor): \{\}"
_ADVICE = re.compile(f"{_CLAUSE}|{_COMMAND}", re.IGNORECASE)
"""A clause that begins with a verb; a key, or a command; or words that announce a command."""
_MORE = re.compile(rf"\b(?:or|and) (?:{_VERBS})\b|^(?:{_VERBS})\b")
"""In the app and its keymap, texts of this form describe what a key does."""
_WORD = re.compile(r"[a-z]{2,}", re.IGNORECASE)
_NO_ADVICE = re.compile(r"\b(?:SELECT|INSERT|UPDATE|DELETE|CREATE|ALTER|FROM)\b|Examples:\n")
"""SQL, and the examples of ``--help``, which the suite of the installed wheel runs."""


@dataclass(frozen=True)
class Message:
    """A string of the program; ``{}`` stands for each value that is put into it."""

    module: str
    text: str

    def contains(self, part: str) -> bool:
        """Whether ``part`` is in the text, wherever its lines are broken."""
        return part in self.text or part in " ".join(self.text.split())


def advising_messages() -> list[Message]:
    """The strings of ``xray_tui`` that advise, without docstrings and the training scripts."""
    found: dict[Message, None] = {}
    for path in sorted(PACKAGE.rglob("*.py")):
        module = path.relative_to(PACKAGE).as_posix()
        if not module.startswith("training/"):
            for text in _strings(ast.parse(path.read_text(encoding="utf-8"))):
                if _advises(text, about_keys=module.startswith(("tui/", "keymap.py"))):
                    found[Message(module, text)] = None
    return list(found)


def _advises(text: str, *, about_keys: bool) -> bool:
    if " " not in text or len(_WORD.findall(text)) < 2 or _NO_ADVICE.search(text):
        return False
    return bool(_ADVICE.search(text) or (not about_keys and _MORE.search(text)))


def _strings(node: ast.AST) -> Iterator[str]:
    match node:
        case ast.Expr(value=ast.Constant()):
            return  # a docstring
        case ast.JoinedStr(values=values):
            yield "".join(map(_part, values))
            return
        case ast.Constant(value=str(text)):
            yield text
    for child in ast.iter_child_nodes(node):
        yield from _strings(child)


def _part(part: ast.expr) -> str:
    """A part of an f-string; a key that it names is the usual one."""
    match part:
        case ast.Constant(value=text):
            return str(text)
        case ast.FormattedValue(
            value=ast.Call(func=ast.Name(id="key_of"), args=[ast.Constant(value=str(meaning))])
        ):
            return key_of(meaning)
    return "{}"
