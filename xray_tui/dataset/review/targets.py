"""How many accepted images each label needs, in ``targets.toml`` at the root of the dataset::

    [chest]
    normal = 200
    pneumonia = 100

A person may write it: comments and order stay. What is missing is worked out here too.
"""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import BeforeValidator, TypeAdapter, ValidationError

from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.dataset.review.index import LabelProgress
from xray_tui.errors import DatasetError
from xray_tui.prompts.messages import MAX_LINES, problems_in
from xray_tui.prompts.positions import scan
from xray_tui.prompts.schema import Slug
from xray_tui.text import clean

TARGETS = "targets.toml"
MAX_BYTES = 100_000
MAX_TARGET = 100_000

MOST_AT_ONCE = 10_000
"""Images made of one label before the accepted ones are counted again."""
_TRUST = 4
"""Images taken as accepted before the first one is decided: a few decisions prove little."""
_MOST_FOR_ONE = 10
"""Images made for one that is to be accepted, however many were rejected so far."""

Label = tuple[str, str]
"""Region and label."""


@dataclass(frozen=True)
class Shortfall:
    """A label with fewer accepted images than it needs."""

    region: str
    label: str
    wanted: int
    accepted: int
    rejected: int
    undecided: int
    """Images without a decision."""
    coming: int
    """Images that are queued already."""

    @property
    def missing(self) -> int:
        """Images that are still to be accepted."""
        return self.wanted - self.accepted

    @property
    def to_make(self) -> int:
        """Images to queue so that what is missing can be met.

        As many of those without a decision, made or coming, count as would be accepted at the rate
        so far, and as many more are made as the rest needs at that rate, rounded up. The rate sets
        out from "all of them" and is held above one in ten, so it errs towards too few: asking
        again after the next decisions makes the rest. At most :data:`MOST_AT_ONCE`.
        """
        accepted = self.accepted + _TRUST
        decided = accepted + self.rejected
        needed = min(-(-self.missing * decided // accepted), self.missing * _MOST_FOR_ONE)
        return min(max(0, needed - self.undecided - self.coming), MOST_AT_ONCE)


def shortfall(
    progress: Iterable[LabelProgress],
    targets: Mapping[Label, int],
    coming: Mapping[Label, int] | None = None,
) -> list[Shortfall]:
    """The labels that have not met their target yet, by region and label.

    ``coming`` are the images of each label that are queued already.
    """
    known = {(one.region, one.label): one for one in progress}
    found = []
    for (region, label), wanted in sorted(targets.items()):
        has = known.get((region, label), LabelProgress(region, label, 0, 0, 0, 0))
        if has.accepted < wanted:
            queued = (coming or {}).get((region, label), 0)
            found.append(
                Shortfall(region, label, wanted, has.accepted, has.rejected, has.undecided, queued)
            )
    return found


class Targets:
    """The targets of the dataset in ``root``. Reads the file anew each time.

    Raises:
        DatasetError: from every method: the file cannot be read or written, or something in it is
            no target; one line for each problem, with file, line and key. Nothing is changed then.
    """

    def __init__(self, root: Path) -> None:
        self.path = root / TARGETS

    def read(self) -> dict[Label, int]:
        """Accepted images wanted, in the order of the file; empty where there is no file."""
        return self._checked(self._content())

    def set(self, region: str, label: str, wanted: int | None) -> None:
        """Want so many accepted images of a label; None forgets its target."""
        content = self._content()
        expected = self._checked(content)
        if expected.get((region, label)) == wanted:
            return
        changes = (_with_item,) if (region, label) in expected else (_with_line, _with_item)
        if wanted is None:
            del expected[region, label]
        else:
            expected[region, label] = wanted
        for change in changes:
            changed = change(content, region, label, wanted)
            if self._holds(changed, expected):
                write_whole(self.path, [changed.encode()])
                return
        raise DatasetError(f"{self._name}: cannot be changed from here; edit the file")

    def _holds(self, content: str, expected: Mapping[Label, int]) -> bool:
        try:
            return self._checked(content) == expected
        except DatasetError:
            return False

    @property
    def _name(self) -> str:
        return clean(str(self.path))

    def _content(self) -> str:
        with explained(self.path):
            if self.path.exists() and not self.path.is_file():  # a pipe would be waited for
                raise DatasetError(f"{self._name}: is not a plain file; move it away")
            try:
                with self.path.open("rb") as file:
                    content = file.read(MAX_BYTES + 1)
            except FileNotFoundError:
                return ""
        try:
            return content.decode()
        except UnicodeDecodeError as error:
            line = content.count(b"\n", 0, error.start) + 1
            raise DatasetError(
                f"{self._name}:{line}: not UTF-8 text; save the file as UTF-8"
            ) from error

    def _checked(self, content: str) -> dict[Label, int]:
        if len(content.encode()) > MAX_BYTES:
            raise DatasetError(f"{self._name}: is larger than {MAX_BYTES:,} bytes; shorten it")
        positions = scan(content)
        if positions.excess:
            line, reason = positions.excess
            raise DatasetError(f"{self._name}:{line}: {reason}")
        try:
            tables = _FILE.validate_python(tomllib.loads(content), strict=True)
        except ValidationError as error:
            problems = problems_in(error, ())
            lines = [
                f"{self._name}:{positions.line_of(problem.path)}: {problem}"
                for problem in problems[:MAX_LINES]
            ]
            lines += ["… and more"] * (len(problems) > MAX_LINES)
            raise DatasetError("\n".join(lines)) from error
        except (ValueError, RecursionError) as error:
            place = re.search(r"(?<=at line )\d+", str(error))
            line = int(place[0]) if place else content.rstrip("\n").count("\n") + 1
            raise DatasetError(
                f"{self._name}:{line}: not valid TOML: {clean(str(error))}"
            ) from error
        return {
            (region, label): wanted
            for region, labels in tables.items()
            for label, wanted in labels.items()
        }


def target_of(text: str) -> int | None:
    """The target that a person typed: a number, or nothing for none.

    Raises:
        ValueError: it is neither; says what is allowed.
    """
    digits = text.strip().replace(",", "")
    if not digits:
        return None
    return _count(int(digits) if re.fullmatch("[0-9]{1,9}", digits) else digits)


def _with_line(content: str, region: str, label: str, wanted: int | None) -> str:
    """``content`` with a new target behind the last one of its region.

    tomlkit would put it behind a comment that belongs to the next region.
    """
    line = f"{label} = {wanted}"
    sections = [one for one in scan(content).sections if one.path == (region,)]
    if not sections:
        head = f"{content.rstrip()}\n\n" if content.strip() else ""
        return f"{head}[{region}]\n{line}\n"
    lines = content.split("\n")
    lines.insert(sections[0].last, line)
    return "\n".join(lines)


def _with_item(content: str, region: str, label: str, wanted: int | None) -> str:
    """``content`` with a target changed, forgotten, or added to what is no plain section."""
    import tomlkit  # takes a moment, and few sessions change anything
    from tomlkit.exceptions import TOMLKitError

    try:
        document = tomlkit.parse(content)
        table = document.setdefault(region, tomlkit.table())
        if wanted is None:
            del table[label]
        else:
            table[label] = wanted
        return tomlkit.dumps(document)
    except TOMLKitError:  # a layout it cannot cope with
        return content


def _count(value: Any) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= MAX_TARGET:
        raise ValueError(f"must be a whole number from 1 to {MAX_TARGET:,}")
    return value


_FILE = TypeAdapter(dict[Slug, dict[Slug, Annotated[int, BeforeValidator(_count)]]])
