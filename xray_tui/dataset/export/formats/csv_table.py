"""A CSV table for each split, in the columns of one of three public datasets or benchmarks."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from xray_tui.dataset.export.formats.croissant import Columns, Parts, of_files
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.export.formats.imagefolder import line_with_split, names_in_metadata
from xray_tui.dataset.files import layout
from xray_tui.dataset.files.csv_text import csv_lines
from xray_tui.prompts.chexpert import CHEXPERT
from xray_tui.prompts.scratch import UNKNOWN_VIEW

_SEXES = {
    "Female": ("female", "woman", "girl", "f"),
    "Male": ("male", "man", "boy", "m"),
}
_FRONTAL = ("AP", "PA")
_NOT_YEARS = re.compile(r"month|week|day|hour", re.IGNORECASE)
_USAGE = """```python
import pandas as pd

train = pd.read_csv("DEST/train.csv")
```

{file} of a row is the image, relative to `DEST`. {more}`metadata.jsonl` has all that is known about
each image."""


@dataclass(frozen=True)
class Style:
    """The columns of a table."""

    columns: tuple[str, ...]
    file: str
    """The column with the path of the image."""
    values: Callable[[Exported, str], Iterable[object]]
    """The values of the columns for an image with this path."""
    about: str
    """What a reader of the card must know about the columns; with a space at the end."""


class CsvTable:
    """``train.csv`` and ``train/chest/normal/….png``, and one ``metadata.jsonl`` for all splits."""

    def __init__(self, style: Style) -> None:
        self._style = style

    def path(self, image: Exported) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return f"{image.split}/{layout.present_name(image.record.file)}"

    def rows(self, image: Exported) -> Iterable[tuple[str, bytes]]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        path = self.path(image)
        yield f"{image.split}.csv", _line(self._style.values(image, path))
        yield layout.METADATA, line_with_split(image, path)

    def head(self, table: str) -> bytes:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return b"" if table == layout.METADATA else _line(self._style.columns)

    def tail(self, table: str) -> Iterable[bytes]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return ()

    def listed(self, table: str, path: Path) -> Iterator[str]:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return names_in_metadata(path) if table == layout.METADATA else self._in_csv(path)

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return _USAGE.format(file=f"`{self._style.file}`", more=self._style.about)

    def croissant(self, columns: Columns, tables: Mapping[str, str]) -> Parts:
        """See :class:`~xray_tui.dataset.export.formats.format.Format`."""
        return of_files("*/*/*/*.png", layout.METADATA, tables[layout.METADATA], columns)

    def _in_csv(self, path: Path) -> Iterator[str]:
        with path.open(encoding="utf-8", newline="") as lines:
            yield from (row[self._style.file] for row in csv.DictReader(lines))


def _line(values: Iterable[object]) -> bytes:
    return next(csv_lines([list(values)]))


def _chexpert(image: Exported, path: str) -> Iterator[object]:
    view = _view(image)
    yield path
    yield _sex(image) or "Unknown"
    yield _age(image)
    yield _plane(view)
    yield view if view in _FRONTAL else ""
    found = _findings(image)
    yield from ("1.0" if found.get(name) else "" for name in CHEXPERT)


def _chexgenbench(image: Exported, path: str) -> Iterator[object]:
    yield image.record.task.text
    yield path


def _roentgen(image: Exported, path: str) -> Iterator[object]:
    slots = image.record.task.slots
    yield path
    yield image.record.task.text
    yield (_sex(image) or "").lower()
    yield _age(image)
    yield slots.get("race", "")
    yield _view(image)
    yield image.record.label
    found = _findings(image)
    yield from (int(found[name]) if found else "" for name in CHEXPERT)


def _findings(image: Exported) -> Mapping[str, bool]:
    """Which observations were asked for; empty if a reviewer says that the image shows others."""
    task = image.record.task
    if image.record.label != task.label:
        return {}
    return {name: name in task.findings for name in CHEXPERT}


def _sex(image: Exported) -> str:
    """Female, Male, or empty if the prompt has no slot for it."""
    value = image.record.task.slots.get("sex", "").lower()
    return next((sex for sex, words in _SEXES.items() if value in words), "")


def _age(image: Exported) -> str:
    """The first number in the slot ``age``; empty if there is none, or it does not count years."""
    age = image.record.task.slots.get("age", "")
    found = re.search(r"[0-9]{1,3}", age)
    return found[0] if found and not _NOT_YEARS.search(age) else ""


def _view(image: Exported) -> str:
    """The view in capitals: ``PA``, ``LATERAL``; empty if it is unknown."""
    task = image.record.task
    view = task.slots.get("view", task.view)
    return "" if view == UNKNOWN_VIEW else view.upper()


def _plane(view: str) -> str:
    """What CheXpert calls ``view``; empty if it has no word for it."""
    words = set(view.split())
    frontal, lateral = bool(words & {*_FRONTAL, "FRONTAL"}), "LATERAL" in words
    # The beam of a lateral decubitus view is horizontal, but the view is not from the side.
    if frontal == lateral or (lateral and "DECUBITUS" in words):
        return ""
    return "Frontal" if frontal else "Lateral"


_BLANK = "Findings are those that the prompt asked for{}. "
STYLES = {
    "chexpert": Style(
        ("Path", "Sex", "Age", "Frontal/Lateral", "AP/PA", *CHEXPERT),
        "Path",
        _chexpert,
        _BLANK.format(
            "; the others are blank, that is, not mentioned.\nImages with a changed label have none"
        ),
    ),
    "chexgenbench": Style(("prompt", "img_savename"), "img_savename", _chexgenbench, ""),
    "roentgen-v2": Style(
        ("image_id", "text", "gender", "age", "race", "view", "impression", *CHEXPERT),
        "image_id",
        _roentgen,
        _BLANK.format(
            "; they are blank in images\nwith a changed label. `impression` is the label"
        ),
    ),
}
"""The styles by name."""
