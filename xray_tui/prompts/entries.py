"""One prompt as TOML: formatted from scratch, or edited so that comments and layout stay."""

from __future__ import annotations

from collections.abc import Mapping, MutableMapping
from dataclasses import dataclass
from typing import Any

import tomlkit
from tomlkit.items import Array, Item

from xray_tui.prompts.schema import Prompt
from xray_tui.toml_scanner import scan

_WIDE = 100
"""A list wider than this many characters gets a line per item."""


@dataclass(frozen=True)
class Block:
    """The lines of one entry, counted from 0: comments attached above, header, end (exclusive)."""

    start: int
    header: int
    end: int


def locate(text: str, number: int) -> Block | None:
    """The lines of prompt ``number`` (from 0); None if it is not a ``[[prompts]]`` entry.

    A comment belongs to the entry if it is inside, or directly above or below with no blank line
    between; a comment between two entries belongs to the second. A comment at the start of the
    file belongs to the file.
    """
    sections = [part for part in scan(text).sections if part.path[:2] == ("prompts", number)]
    if not sections or sections[0].path != ("prompts", number):
        return None
    lines = text.split("\n")
    header, end = sections[0].first - 1, sections[-1].last
    start = header
    while start > 0 and _is_comment(lines[start - 1]):
        start -= 1
    after = end
    while after < len(lines) and _is_comment(lines[after]):
        after += 1
    if after == len(lines) or not lines[after].strip():
        end = after
    return Block(start if start > 0 else header, header, end)


def entry_text(text: str, block: Block) -> str:
    """The entry's own lines, starting at its header: without the comments above."""
    return "\n".join(text.split("\n")[block.header : block.end]) + "\n"


def insert_after(text: str, block: Block, entry: str) -> str:
    """``text`` with ``entry`` after ``block``, separated by a blank line."""
    lines = text.split("\n")
    rest = lines[block.end :] or [""]
    return "\n".join([*lines[: block.end], "", *entry.rstrip("\n").split("\n"), *rest])


def replace_block(text: str, block: Block, entry: str) -> str:
    """``text`` with ``entry`` in place of the entry in ``block``; the comments above it stay."""
    lines = text.split("\n")
    new = entry.rstrip("\n").split("\n")
    return "\n".join([*lines[: block.header], *new, *lines[block.end :]])


def remove_block(text: str, block: Block) -> str:
    """``text`` without ``block`` and without one blank line that separated it."""
    lines = text.split("\n")
    before, after = lines[: block.start], lines[block.end :]
    if before and not before[-1].strip():
        del before[-1]
    elif len(after) > 1 and not after[0].strip():
        del after[0]
    return "\n".join([*before, *after])


def format_entry(prompt: Prompt) -> str:
    """``prompt`` as a new ``[[prompts]]`` entry; values equal to the defaults are left out."""
    lines = ["[[prompts]]"]
    tables = []
    for key, value in _values(prompt).items():
        if isinstance(value, dict):
            tables += [f"[prompts.{key}]", *(_line(*item) for item in value.items())]
        else:
            lines.append(_line(key, value))
    return "\n".join([*lines, *tables]) + "\n"


def update_entry(entry: str, old: Prompt, new: Prompt) -> str:
    """``entry``, which holds ``old``, edited to hold ``new``; only differing keys are rewritten.

    Raises:
        Exception: any error of tomlkit when it cannot edit the text.
    """
    document = tomlkit.parse(entry)
    table = document["prompts"][0]
    _update(table, _values(old), _values(new))
    return tomlkit.dumps(document)


def _update(
    table: MutableMapping[str, Any], old: Mapping[str, Any], new: Mapping[str, Any]
) -> None:
    for key in [key for key in old if key not in new]:
        del table[key]
    for key, value in new.items():
        if isinstance(value, dict):
            if key not in old:
                table[key] = tomlkit.table()
            _update(table[key], old.get(key, {}), value)
        elif key not in old or old[key] != value:
            table[key] = _item(key, value)


def _values(prompt: Prompt) -> dict[str, Any]:
    """The keys of ``prompt`` that are not defaults, tables last, with lists for tuples."""
    values = prompt.model_dump(mode="json", exclude_defaults=True)
    return dict(sorted(values.items(), key=lambda item: isinstance(item[1], dict)))


def _item(key: str, value: Any) -> Item:
    item: Item = tomlkit.item(value)
    if isinstance(item, Array):
        item.multiline(len(f"{key} = {item.as_string()}") > _WIDE)
    return item


def _line(key: str, value: Any) -> str:
    return f"{key} = {_item(key, value).as_string()}"


def _is_comment(line: str) -> bool:
    return line.lstrip().startswith("#")
