"""How many accepted images each label needs, in ``targets.toml`` at the root of the dataset::

    [chest]
    normal = 200
    pneumonia = 100

A person may edit it as well: comments and order are kept.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from xray_tui import toml_text
from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.errors import DatasetError
from xray_tui.prompts.messages import MAX_LINES, problems_in
from xray_tui.prompts.schema import Slug
from xray_tui.text import clean
from xray_tui.toml_scanner import scan

TARGETS = "targets.toml"
MAX_BYTES = 100_000
MAX_TARGET = 100_000

Label = tuple[str, str]
"""Region and label."""


class Targets:
    """The targets of the dataset in ``root``; every method reads the file again.

    Raises:
        DatasetError: from every method: the file cannot be read or written, or has problems; the
            message has one line for each, with file, line and key. Nothing is changed.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / TARGETS

    def read(self) -> dict[Label, int]:
        """The number of accepted images wanted, in the order of the file; empty without a file."""
        return self._checked(self._content())

    def set(self, changes: Mapping[Label, int | None]) -> None:
        """Set the numbers of accepted images wanted for these labels; None removes a target.

        All are set, or none.
        """
        content = changed = self._content()
        now = self._checked(content)
        new = {label: wanted for label, wanted in changes.items() if now.get(label) != wanted}
        known = {label: wanted for label, wanted in new.items() if label in now}
        parts = [known] if known else []
        parts += [{label: wanted} for label, wanted in new.items() if label not in now]
        for part in parts:
            ways = (_with_items,) if part is known else (_with_line, _with_items)
            now = _merged(now, part)
            changed = self._first_that_holds(now, (way(changed, part) for way in ways))
        if changed != content:
            write_whole(self.path, [changed.encode()])

    def _first_that_holds(self, expected: Mapping[Label, int], contents: Iterable[str]) -> str:
        for content in contents:
            if self._holds(content, expected):
                return content
        raise DatasetError(f"{self._name}: this edit would change other parts; use a text editor")

    def _holds(self, content: str, expected: Mapping[Label, int]) -> bool:
        try:
            return self._checked(content) == expected
        except DatasetError:
            return False

    @property
    def _name(self) -> str:
        return clean(self.path)

    def _content(self) -> str:
        with explained(self.path):
            if self.path.exists() and not self.path.is_file():  # opening a pipe would block
                raise DatasetError(f"{self._name}: is not a plain file; move it elsewhere")
            try:
                with self.path.open("rb") as file:
                    content = file.read(MAX_BYTES + 1)
            except FileNotFoundError:
                return ""
        try:
            return toml_text.decode(content)
        except toml_text.TomlTextError as error:
            raise DatasetError(f"{self._name}:{error.line}: {error}") from error

    def _checked(self, content: str) -> dict[Label, int]:
        if len(content.encode()) > MAX_BYTES:
            raise DatasetError(f"{self._name}: is larger than {MAX_BYTES:,} bytes; shorten it")
        positions = scan(content)
        if positions.excess:
            line, reason = positions.excess
            raise DatasetError(f"{self._name}:{line}: {reason}")
        try:
            tables = _FILE.validate_python(toml_text.parse(content), strict=True)
        except ValidationError as error:
            problems = problems_in(error, ())
            lines = [
                f"{self._name}:{positions.line_of(problem.path)}: {problem}"
                for problem in problems[:MAX_LINES]
            ]
            lines += ["… and more"] * (len(problems) > MAX_LINES)
            raise DatasetError("\n".join(lines)) from error
        except toml_text.TomlTextError as error:
            raise DatasetError(f"{self._name}:{error.line}: {error}") from error
        return {
            (region, label): wanted
            for region, labels in tables.items()
            for label, wanted in labels.items()
        }


def target_of(text: str) -> int | None:
    """The target that a person typed: a number, or None for an empty text or ``none``.

    Raises:
        ValueError: ``text`` is not a number in range; the message says what is allowed.
    """
    digits = text.strip().replace(",", "")
    if digits.lower() in ("", "none"):
        return None
    return _count(int(digits) if re.fullmatch("[0-9]{1,9}", digits) else digits)


def _merged(targets: Mapping[Label, int], changes: Mapping[Label, int | None]) -> dict[Label, int]:
    merged = {**targets, **changes}
    return {label: wanted for label, wanted in merged.items() if wanted is not None}


def _with_line(content: str, changes: Mapping[Label, int | None]) -> str:
    """``content`` with a single new target after the last one of its region.

    tomlkit would insert it after a comment that belongs to the next region.
    """
    (((region, label), wanted),) = changes.items()
    line = f"{label} = {wanted}"
    sections = [section for section in scan(content).sections if section.path == (region,)]
    if not sections:
        head = f"{content.rstrip()}\n\n" if content.strip() else ""
        return f"{head}[{region}]\n{line}\n"
    lines = content.split("\n")
    lines.insert(sections[0].last, line)
    return "\n".join(lines)


def _with_items(content: str, changes: Mapping[Label, int | None]) -> str:
    """``content`` with targets changed, removed, or added, in any layout of tables."""
    import tomlkit  # slow to import, and few sessions change targets
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(content)
        for (region, label), wanted in changes.items():
            table = document.setdefault(region, tomlkit.table())
            if wanted is None:
                del table[label]
            else:
                table[label] = wanted
        return tomlkit.dumps(document)
    except TOMLKitError:  # a layout that tomlkit cannot change
        return content


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_TARGET:
        raise ValueError(f"must be a whole number from 1 to {MAX_TARGET:,}")
    return value


_FILE = TypeAdapter(dict[Slug, dict[Slug, Annotated[int, BeforeValidator(_count)]]])
