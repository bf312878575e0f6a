"""Counts by label, prompt, parameter and slot: small datasets, counted by hand."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from support.advice import advised
from support.dataset_samples import make_image, make_provenance, make_task
from support.review_datasets import write_large_dataset

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.review.tallies import Tally
from xray_tui.dataset.statistics.gathering import ImageCounter, Row, Statistics, Table
from xray_tui.dataset.statistics.groups import parse_groups, slots_in
from xray_tui.errors import CatalogDamagedError, DatasetError

WOMEN, MEN = {"sex": "woman", "view": "PA"}, {"sex": "man", "view": "AP"}


@pytest.fixture
def ids(dataset: Dataset) -> list[int]:
    """Two normal women and one normal man; two effusions whose prompt has no slots.

    Anna accepts the first and the last image, and rejects the second and third; bob agrees on the
    first and accepts the second.
    """
    tasks = [
        make_task(1, slots=WOMEN),
        make_task(2, slots=WOMEN),
        make_task(3, slots=MEN),
        make_task(4, slots={}, label="effusion", prompt_id="chest-effusion", view="lateral"),
        make_task(5, slots={}, label="effusion", prompt_id="chest-effusion", view="lateral"),
    ]
    with dataset.generator_lock():
        found = [dataset.save(make_image(), one, make_provenance(), "job-1").id for one in tasks]
    bob, anna = dataset.desk("bob"), dataset.desk("anna")
    bob.set_decision(found[:2], "accepted")
    anna.set_decision([found[0], found[4]], "accepted")
    anna.set_decision(found[1:3], "rejected")
    return found


@pytest.fixture
def database(dataset: Dataset, ids: list[int]) -> Iterator[Database]:
    with closing(Database(dataset.root / layout.CATALOG)) as opened:
        yield opened


def statistics(database: Database, *by: str, query: str = "", **options: Any) -> Statistics:
    return ImageCounter(database, parse(query), "anna", **options).statistics(by)


def table(database: Database, *by: str, **options: Any) -> Table:
    (found,) = statistics(database, *by, **options).tables
    return found


def test_images_are_counted_by_properties_and_slots(database: Database) -> None:
    assert table(database, "sex", "view").rows == [
        Row(("man", "AP"), Tally(1, 0, 1)),
        Row(("woman", "PA"), Tally(2, 1, 1)),
        Row((None, "lateral"), Tally(2, 1, 0)),
    ]
    assert table(database, "prompt", "guidance").rows == [
        Row(("chest-effusion", 3.0), Tally(2, 1, 0)),
        Row(("chest-normal", 3.0), Tally(3, 1, 2)),
    ]
    assert [row.values for row in table(database, "size").rows] == [("64×72",)]


def test_without_names_there_is_a_table_for_each_property_and_each_slot(
    database: Database,
) -> None:
    found = statistics(database)
    assert [one.by for one in found.tables] == [
        ("region", "label"),
        ("model",),
        ("prompt",),
        ("scheduler",),
        ("steps",),
        ("guidance",),
        ("sex",),
        ("view",),
    ]
    assert found.total == Tally(5, 2, 2)
    assert found.total.undecided == 1 and found.total.per_accepted == 2.0
    assert found.tables[-2].rows == [
        Row(("man",), Tally(1, 0, 1)),
        Row(("woman",), Tally(2, 1, 1)),
    ]
    (pair,) = found.pairs
    assert pair.as_json() == {
        "first": "anna",
        "second": "bob",
        "images": 2,
        "agreed": 1,
        "kappa": 0.0,
    }
    assert found.summary.disputed == 1


def test_the_labels_have_the_numbers_of_the_app_also_after_a_purge(
    dataset: Dataset, database: Database
) -> None:
    dataset.desk("anna").purging.purge()
    shown = dataset.desk("anna").index.progress()
    found = table(database, "region", "label").rows
    assert found == [Row((one.region, one.label), one.tally) for one in shown]
    assert found[1] == Row(("chest", "normal"), Tally(1, 1, 0, purged=2))
    assert found[1].tally.acceptance.total == 3
    assert statistics(database).total == Tally(3, 2, 0, purged=2)
    assert table(database, "prompt").rows[1].tally == Tally(1, 1, 0)  # not known of purged images


def test_a_filter_restricts_all_numbers(database: Database) -> None:
    found = statistics(database, query="label:normal -is:rejected sort:seed")
    assert found.total == Tally(1, 1, 0)
    assert [one.by for one in found.tables][-2:] == [("sex",), ("view",)]
    assert found.tables[0].rows == [Row(("chest", "normal"), Tally(1, 1, 0))]
    assert [(one.reviewer, one.decided) for one in found.summary.reviewers] == [
        ("anna", 1),
        ("bob", 1),
    ]
    assert found.summary.disputed == 0
    assert found.pairs[0].agreement.agreed.total == 1


def test_hidden_votes_do_not_count(dataset: Dataset, database: Database, ids: list[int]) -> None:
    dataset.desk("bob").set_decision(ids[3:4], "accepted")
    dataset.desk("carl").set_decision(ids[:2], "accepted")
    hidden = statistics(database, hide_votes=True)
    assert hidden.total == Tally(5, 3, 1)
    assert statistics(database).total.undecided == 0
    assert [one.reviewer for one in hidden.summary.reviewers] == ["anna"]
    assert [(pair.first, pair.second) for pair in hidden.pairs] == [
        ("anna", "bob"),
        ("anna", "carl"),
    ]


def test_an_unknown_name_lists_those_that_can_be_used(database: Database) -> None:
    slots = slots_in(database)
    assert slots == ("sex", "view")
    with pytest.raises(DatasetError, match='"colour" is no property or slot') as caught:
        parse_groups("sex,colour", slots)
    advised("is no property or slot of these images; use", str(caught.value))
    names = str(caught.value).partition("; use ")[2]
    assert parse_groups(names, slots)[-1] == "sex"
    assert parse_groups(" Label, label,sex", slots) == ("label", "sex")
    with pytest.raises(DatasetError, match='"" is no'):
        parse_groups("sex,", slots)


def test_a_damaged_task_is_an_error_that_says_what_to_do(database: Database) -> None:
    with closing(sqlite3.connect(database.path)) as connection, connection:
        connection.execute("UPDATE records SET task = '{' WHERE id = 1")
    with pytest.raises(CatalogDamagedError, match="rebuild"):
        statistics(database, "sex")


def test_an_empty_dataset_has_no_images(dataset: Dataset) -> None:
    with closing(Database(dataset.root / layout.CATALOG)) as opened:
        found = statistics(opened)
    assert found.total == Tally() and found.total.per_accepted is None
    assert all(not one.rows for one in found.tables)


@pytest.mark.slow
def test_100_000_images_are_counted_in_a_few_seconds(tmp_path: Path) -> None:
    write_large_dataset(tmp_path / "D", 100_000, 64)
    with closing(Database(tmp_path / "D" / layout.CATALOG)) as opened:
        start = time.process_time()
        found = statistics(opened)
        seconds = time.process_time() - start
    assert found.total.images == 100_000
    assert sum(row.tally.images for row in found.tables[2].rows) == 100_000
    assert seconds < 5
