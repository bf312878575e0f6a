"""The catalog: records, counts, and files that are not catalogs."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import pytest
from support.dataset_samples import NASTY, make_image, make_job, make_provenance, make_task

from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.schema import SCHEMA_VERSION
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.errors import CatalogDamagedError, DatasetError


def rows(root: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_records_come_back_latest_first(dataset: Dataset) -> None:
    tasks = [make_task(seed, text=NASTY, slots={"a": NASTY}) for seed in range(5)]
    saved = [dataset.save(make_image(), task, make_provenance(), "job-1") for task in tasks]
    assert dataset.catalog.records() == saved[::-1]
    assert dataset.catalog.records(limit=2) == [saved[4], saved[3]]
    assert dataset.catalog.records(limit=2, offset=3) == [saved[1], saved[0]]
    assert list(dataset.catalog.all_records()) == saved
    assert dataset.catalog.record(saved[2].id) == saved[2]
    assert dataset.catalog.record(999) is None
    assert dataset.catalog.record_of(tasks[3].id) == saved[3]
    assert dataset.catalog.record_of("none") is None
    assert dataset.catalog.record_count() == 5


def test_images_are_counted_by_prompt(dataset: Dataset) -> None:
    assert dataset.catalog.counts() == {}
    chest = [
        dataset.save(make_image(), make_task(seed), make_provenance(), "job-1") for seed in range(3)
    ]
    knee = dataset.save(
        make_image(), make_task(prompt_id="knee", region="knee"), make_provenance(), "job-1"
    )
    dataset.desk().set_decision([chest[0].id], "accepted")
    dataset.desk().set_decision([chest[1].id], "accepted")
    dataset.desk().set_decision([chest[1].id], "rejected")
    dataset.desk().set_decision([knee.id], "undecided")
    assert dataset.catalog.counts() == {"chest-normal": Counts(3, 1), "knee": Counts(1, 0)}


def test_the_catalog_uses_a_rollback_journal_and_foreign_keys(dataset: Dataset, root: Path) -> None:
    connection = dataset._database._connection
    pragmas = {
        name: connection.execute(f"PRAGMA {name}").fetchone()[0]
        for name in ("journal_mode", "synchronous", "foreign_keys", "user_version")
    }
    assert pragmas == {
        "journal_mode": "truncate",
        "synchronous": 2,
        "foreign_keys": 1,
        "user_version": SCHEMA_VERSION,
    }


# ---- files that are not catalogs -----------------------------------------------------------------


def catalog_at(root: Path) -> Path:
    (root / ".xray-tui").mkdir(parents=True)
    return root / ".xray-tui" / "catalog.sqlite"


def test_a_file_that_is_not_a_database_is_refused_and_not_changed(root: Path) -> None:
    path = catalog_at(root)
    path.write_bytes(b"these are my notes\n" * 100)
    with pytest.raises(CatalogDamagedError, match=r"not a catalog.*xray-tui rebuild"):
        Dataset(root)
    assert path.read_bytes() == b"these are my notes\n" * 100


def test_the_database_of_another_program_is_refused_and_not_changed(root: Path) -> None:
    connection = sqlite3.connect(catalog_at(root))
    connection.execute("CREATE TABLE birds (name TEXT)")
    connection.close()
    with pytest.raises(CatalogDamagedError, match="not a catalog"):
        Dataset(root)
    assert rows(root, "SELECT name FROM sqlite_master") == [("birds",)]


def test_a_newer_catalog_is_refused(root: Path) -> None:
    Dataset(root).close()
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    connection.execute(f"PRAGMA user_version = {SCHEMA_VERSION + 1}")
    connection.close()
    with pytest.raises(DatasetError, match=r"newer xray-tui.*update"):
        Dataset(root)


def test_a_folder_in_place_of_the_catalog_is_refused(root: Path) -> None:
    catalog_at(root).mkdir()
    with pytest.raises(DatasetError, match=r"catalog\.sqlite: it cannot be opened"):
        Dataset(root)


def test_a_damaged_catalog_is_refused(root: Path) -> None:
    dataset = Dataset(root)
    dataset.queue.add(make_job([make_task(seed) for seed in range(200)]))
    dataset.close()
    path = root / ".xray-tui" / "catalog.sqlite"
    data = path.read_bytes()
    path.write_bytes(data[:4096] + b"\xa5" * (len(data) - 4096))
    with pytest.raises(CatalogDamagedError, match=r"damaged .*xray-tui rebuild"):
        Dataset(root)


def test_a_damaged_record_is_named(dataset: Dataset, root: Path) -> None:
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE records SET task = '{}'")
    connection.close()
    with pytest.raises(CatalogDamagedError, match=r"record 1 is damaged \(prompt_id"):
        dataset.catalog.records()


def test_two_connections_may_create_and_use_the_catalog_at_once(root: Path) -> None:
    """A generator and a reviewer do the same in two processes."""
    (root / ".xray-tui").mkdir(parents=True)
    path = root / ".xray-tui" / "catalog.sqlite"
    first, second = Database(path), Database(path)
    JobQueue(first).add(make_job([make_task()]))
    JobQueue(second).start("job-1")
    assert rows(root, "SELECT state FROM jobs") == [("running",)]
    first.close()
    second.close()
