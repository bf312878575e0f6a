"""Examining images that were saved earlier: all of them, in parts, even if files are damaged."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PIL import Image
from support.advice import advised
from support.dataset_samples import make_provenance, make_task
from support.radiographs import radiograph

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.checks import backfill
from xray_tui.dataset.checks.backfill import Backfill
from xray_tui.dataset.checks.examining import examine
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.records import Record
from xray_tui.errors import DatasetError

Row = tuple[str | None, str]


def make_image(number: int) -> Image.Image:
    return radiograph(number).resize((64, 72))


class Catalog:
    """A second connection to a dataset's catalog, and the reports of a backfill."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.database = Database(root / layout.CATALOG)
        self.reports: list[tuple[int, int]] = []
        self.errors: list[DatasetError] = []
        self.on_progress: Callable[[], object] = lambda: None

    def backfill(self) -> Backfill:
        return Backfill(self.root, self.database, self._note, self.errors.append)

    def run(self) -> None:
        running = self.backfill()
        running.start()
        assert running.wait(20)

    def rows(self) -> list[Row]:
        return [
            (phash, checks)
            for phash, checks in self.database.read(
                "SELECT phash, checks FROM images ORDER BY record_id"
            )
        ]

    def forget(self) -> None:
        """Reset all images to not examined."""
        with self.database.transaction() as connection:
            connection.execute("UPDATE images SET phash = NULL, checks = ''")

    def _note(self, what: str, done: int, total: int) -> None:
        self.reports.append((done, total))
        self.on_progress()


@pytest.fixture
def records(dataset: Dataset) -> list[Record]:
    """The records of five images."""
    return [
        dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")
        for seed in range(5)
    ]


@pytest.fixture
def catalog(root: Path, records: list[Record]) -> Iterator[Catalog]:
    opened = Catalog(root)
    opened.forget()
    yield opened
    opened.database.close()


def expected(number: int) -> Row:
    examined = examine(make_image(number))
    return examined.phash, " ".join(examined.checks)


EXPECTED = [expected(number) for number in range(5)]
UNREADABLE: Row = ("", "unreadable")


def test_all_images_are_examined_in_parts(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "_CHUNK", 2)
    catalog.run()
    assert catalog.rows() == EXPECTED
    assert catalog.reports == [(0, 5), (2, 5), (4, 5), (5, 5)]
    catalog.reports.clear()
    catalog.run()
    assert catalog.reports == [(0, 0)] and not catalog.errors


def test_examined_images_are_skipped(catalog: Catalog) -> None:
    with catalog.database.transaction() as connection:
        connection.execute("UPDATE images SET phash = 'x', checks = 'blank' WHERE record_id = 2")
    catalog.run()
    assert catalog.rows()[1] == ("x", "blank")
    assert catalog.reports[-1] == (4, 4)


def test_files_that_are_not_images_do_not_stop_the_backfill(
    catalog: Catalog, root: Path, records: list[Record]
) -> None:
    paths = [root / record.file for record in records]
    whole = paths[2].read_bytes()
    paths[0].unlink()
    paths[1].write_bytes(b"hello")
    paths[2].write_bytes(whole[:-60])
    paths[3].unlink()
    paths[3].mkdir()
    catalog.run()
    assert catalog.rows() == [UNREADABLE] * 4 + EXPECTED[4:]
    paths[2].write_bytes(whole)
    catalog.run()
    assert catalog.rows()[1:3] == [UNREADABLE, EXPECTED[2]]


def test_a_file_that_cannot_be_opened_is_left_for_later(
    catalog: Catalog, root: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    bad = root / records[1].file
    real = Path.open

    def fails(self: Path, *arguments: str) -> object:
        if self == bad:
            raise OSError(5, "Input/output error")
        return real(self, *arguments)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", fails)
        catalog.run()
    assert catalog.rows() == [EXPECTED[0], (None, ""), *EXPECTED[2:]]
    catalog.run()
    assert catalog.rows() == EXPECTED


def test_images_of_a_deleted_dataset_are_not_called_unreadable(
    catalog: Catalog, root: Path
) -> None:
    catalog.root = root / "not mounted"
    catalog.run()
    assert set(catalog.rows()) == {(None, "")}


def test_an_image_relabelled_during_the_backfill_is_found(
    catalog: Catalog, root: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is moved between reading its row and opening it."""
    (root / "chest/other").mkdir()

    file = "chest/other/moved.png"
    examined = Backfill._examine

    def moving(self: Backfill, record_id: int, name: str) -> object:
        if record_id == records[3].id and name != file:
            shutil.move(root / name, root / file)
            with catalog.database.transaction() as connection:
                connection.execute(
                    "UPDATE images SET file = ? WHERE record_id = ?", (file, record_id)
                )
        return examined(self, record_id, name)

    monkeypatch.setattr(Backfill, "_examine", moving)
    catalog.run()
    assert catalog.rows() == EXPECTED


def test_the_backfill_stops_when_asked_and_keeps_its_results(
    catalog: Catalog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(backfill, "_CHUNK", 2)
    reached, released = threading.Event(), threading.Event()

    def hold() -> None:
        if catalog.reports[-1][0] == 2:
            reached.set()
            released.wait(10)

    catalog.on_progress = hold
    running = catalog.backfill()
    running.start()
    assert reached.wait(10) and not running.wait(0)
    threading.Timer(0.05, released.set).start()
    running.stop()
    assert running.wait(0)
    assert catalog.rows() == [*EXPECTED[:2], (None, ""), (None, ""), (None, "")]
    catalog.run()
    assert catalog.rows() == EXPECTED


def test_a_catalog_that_cannot_be_written_ends_the_backfill(catalog: Catalog, root: Path) -> None:
    other = sqlite3.connect(root / layout.CATALOG, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    catalog.database._connection.execute("PRAGMA busy_timeout = 10")
    catalog.run()
    other.close()
    (error,) = catalog.errors
    assert "another process keeps it locked" in str(error)
    assert catalog.reports == [(0, 5)]


def test_a_file_damaged_or_repaired_since_is_examined_again(
    catalog: Catalog, root: Path, records: list[Record]
) -> None:
    catalog.run()
    again = catalog.backfill().examine_again
    path, number = root / records[1].file, records[1].id
    whole = path.read_bytes()
    assert not again(number) and not again(99)
    path.write_bytes(whole[:-60])
    assert again(number) and not again(number)
    assert catalog.rows() == [EXPECTED[0], UNREADABLE, *EXPECTED[2:]]
    path.write_bytes(whole)
    assert again(number)
    assert catalog.rows() == EXPECTED


def test_a_failed_write_to_the_catalog_is_reported(catalog: Catalog, root: Path) -> None:
    other = sqlite3.connect(root / layout.CATALOG, isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    catalog.database._connection.execute("PRAGMA busy_timeout = 10")
    assert not catalog.backfill().examine_again(1)
    other.close()
    advised("another process keeps it locked; close that process", str(catalog.errors[0]))
    assert catalog.backfill().examine_again(1)
