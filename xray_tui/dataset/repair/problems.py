"""Finds problems in a dataset, without changing anything."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.files import layout, metadata, png, review_log
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.tree_scan import Tree, scan
from xray_tui.dataset.files.xmp import rating_for
from xray_tui.dataset.opinions import Conclusion
from xray_tui.dataset.progress import ReportProgress
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.adoption import adoptable
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.dataset.repair.foreign_files import ForeignFile, describe
from xray_tui.dataset.repair.unfiled_reviews import described, stored_reviews, unfiled
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted

Kind = Literal[
    "catalog",
    "no catalog",
    "temporary file",
    "bad image",
    "unreadable",
    "no record",
    "no file",
    "size",
    "disagreement",
    "metadata",
    "reviews",
    "split word",
]

_SHOWN = 20
"""The most lines shown of SQLite's own check, which often differ only in a number."""


@dataclass(frozen=True)
class Problem:
    """One problem in a dataset."""

    kind: Kind
    file: str
    """Relative to the dataset."""
    text: str
    """What is wrong."""


@dataclass(frozen=True)
class Findings:
    """The result of a check."""

    images: int
    """Number of records checked."""
    foreign_files: tuple[ForeignFile, ...]
    """Files among the images that do not belong to the dataset; they are never touched."""
    problems: tuple[Problem, ...]
    marked: int = 0
    """Number of intact images whose files say that they are synthetic."""
    unmarked: tuple[str, ...] = ()
    """The other intact images, relative to the dataset."""
    ratings: Mapping[str, int] = field(default_factory=dict)
    """For each intact image that is not marked or has another rating in its file: its rating."""

    @property
    def old_ratings(self) -> tuple[str, ...]:
        """The marked ones of ``ratings``."""
        unmarked = set(self.unmarked)
        return tuple(file for file in self.ratings if file not in unmarked)


def find_problems(
    root: Path, database: Database, progress: ReportProgress, *, live: bool
) -> Findings:
    """Check everything in the dataset ``root``.

    With ``live``, another process is generating, and only recorded images are checked.

    Raises:
        CatalogDamagedError: the catalog cannot be read.
        DatasetError: something else cannot be read.
    """
    catalog = Catalog(root, database)
    found = [
        Problem("catalog", layout.CATALOG, clean(line))
        for line in database.integrity_problems()[:_SHOWN]
    ]
    tree = scan(root)
    recorded = catalog.files()
    unknown = tree.files - recorded
    gone = set(tree.without_file(recorded))
    if not live:
        found += _leftovers(root, tree, unknown)
        found += [Problem("no file", file, "its image is missing") for file in sorted(gone)]
    count = catalog.record_count()
    in_step = MetadataLines(root / layout.METADATA)
    check = _ImageCheck(root, catalog, live)
    unwritten = catalog.unwritten_decisions()
    with in_step:
        for number, (record, conclusion) in enumerate(catalog.concluded_records(), 1):
            progress("checking images", number, count)
            in_step.expect(record, conclusion)
            if record.file not in gone:
                found += check.problems(record, rating_for(conclusion))
    found += _split_problems(recorded - gone)
    of_reviews = list(_review_problems(root, database))
    # Decisions that a reviewer has just made are written later; those missed come with the others.
    later = bool(unwritten or catalog.unwritten_decisions() or of_reviews)
    if not live and not in_step.matches(decisions=not later):
        found.append(Problem("metadata", layout.METADATA, "it does not match the catalog"))
    found += of_reviews
    foreign = (
        describe(root, file)
        for file in tree.foreign_files(recorded)
        if file not in unknown or not layout.is_image_name(file)
    )
    return Findings(
        count, tuple(foreign), tuple(found), check.marked, tuple(check.unmarked), check.ratings
    )


class MetadataLines:
    """Compares metadata.jsonl with the records, line by line."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._stack = ExitStack()
        self._lines: Iterator[bytes] = iter(())
        self._same = self._same_decisions = True

    def __enter__(self) -> MetadataLines:
        with explained(self._path):
            if self._path.exists():
                self._lines = self._stack.enter_context(self._path.open("rb"))
        return self

    def __exit__(self, *exception: object) -> None:
        with explained(self._path):
            self._same = self._same and next(self._lines, None) is None
        self._stack.close()

    def expect(self, record: Record, conclusion: Conclusion) -> None:
        """Compare the next line with the row of ``record``."""
        if not self._same:
            return
        with explained(self._path):
            line = next(self._lines, b"")
        wanted = metadata.line(record, conclusion)
        if line != wanted:
            self._same_decisions = False
            kept = metadata.without_decision(line)
            self._same = line.endswith(b"\n") and kept == metadata.without_decision(wanted)

    def matches(self, *, decisions: bool) -> bool:
        """Whether every line was as expected, and no line is left.

        Without ``decisions``, the columns that reviewers change may differ.
        """
        return self._same and (self._same_decisions or not decisions)


def _split_problems(files: Collection[str]) -> Iterator[Problem]:
    """One problem for each folder with images that :func:`layout.present_name` would rename."""
    affected = [file for file in files if layout.present_name(file) != file]
    for folder, number in sorted(Counter(file.rpartition("/")[0] for file in affected).items()):
        images = counted(number, "image has", "images have")
        yield Problem(
            "split word",
            folder,
            f'{images} a path with a word such as "test" or "val"; training code takes such images '
            "for a split, and drops all others",
        )


def _leftovers(root: Path, tree: Tree, unknown: set[str]) -> Iterator[Problem]:
    for path in sorted(tree.temporaries):
        file = path.relative_to(root).as_posix()
        yield Problem("temporary file", file, "left by an interrupted run")
    for file in sorted(filter(layout.is_image_name, unknown)):
        try:
            adoptable(root, file)
            yield Problem("no record", file, "it has no record in the catalog")
        except png.BadImageError as error:
            yield Problem("no record", file, _why(root, file, error))
        except DatasetError as error:
            yield Problem("unreadable", file, _why(root, file, error))


class _ImageCheck:
    """Checks one image after the other, and counts those that are marked as synthetic."""

    def __init__(self, root: Path, catalog: Catalog, live: bool) -> None:
        self._root = root
        self._catalog = catalog
        self._live = live
        self.marked = 0
        self.unmarked: list[str] = []
        self.ratings: dict[str, int] = {}

    def problems(self, record: Record, rating: int) -> list[Problem]:
        """The problem of the image of ``record``, which should have ``rating``, if it has one."""
        problem = self._problem(record, rating)
        if problem is not None and self._live:  # it may have been generated again in the meantime
            again = self._catalog.record(record.id)
            problem = self._problem(again, rating) if again is not None else None
        return [] if problem is None else [problem]

    def _problem(self, record: Record, rating: int) -> Problem | None:
        file, path = record.file, self._root / record.file
        try:
            contents = png.read_pixels(path)
            is_old = not contents.is_marked or (
                contents.rating != rating and png.needs_marking(path, rating)
            )
        except png.BadImageError as error:
            return Problem("bad image", file, _why(self._root, file, error))
        except DatasetError as error:
            return Problem("unreadable", file, _why(self._root, file, error))
        parameters = contents.task.parameters
        if (parameters.width, parameters.height) != (record.width, record.height):
            return Problem(
                "size",
                file,
                f"it has {parameters.width}×{parameters.height} pixels, but its record says "
                f"{record.width}×{record.height}",
            )
        if contents.task != record.task or self._catalog.record_of(record.task.id) is None:
            return Problem("disagreement", file, "its record belongs to another task")
        if contents.provenance != record.provenance:
            return Problem("disagreement", file, "its record disagrees about how it was generated")
        if contents.is_marked:
            self.marked += 1
        else:
            self.unmarked.append(file)
        if is_old:
            self.ratings[file] = rating
        return None


def _review_problems(root: Path, database: Database) -> Iterator[Problem]:
    stored = stored_reviews(database)
    opinions, bad = review_log.read_all(root / layout.REVIEWS)
    for line in bad:
        yield Problem("reviews", layout.REVIEWS, f"line {line.number} is not a valid decision")
    missed = CatalogRepair(database).outdated(opinions)
    if missed:
        text = f"the last decision on {counted(len(missed), 'image')} is not in the catalog"
        yield Problem("reviews", layout.REVIEWS, text)
    if lost := unfiled(stored, opinions):
        yield Problem("reviews", layout.REVIEWS, clean(described(lost)))


def _why(root: Path, file: str, error: DatasetError) -> str:
    return clean(str(error).removeprefix(f"{root / file}: "))
