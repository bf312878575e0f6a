"""Datasets with changed labels: verified, repaired and rebuilt, with their reviews."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest
from support.dataset_samples import assert_in_step, make_image, make_provenance, make_task

from xray_tui.dataset.catalog.review_rows import read_rule, write_rule
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.repair.rebuilding import rebuild
from xray_tui.dataset.repair.verifying import Verified, verify
from xray_tui.errors import DatasetError, DatasetFullError

IMAGES = 3


@pytest.fixture
def ids(dataset: Dataset) -> list[int]:
    """Three images: the first has its third label, the second its original label again."""
    with dataset.generator_lock():
        ids = [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1").id
            for seed in range(IMAGES)
        ]
    desk = dataset.desk("ann")
    desk.set_decision(ids, "accepted")
    desk.relabel(ids[:1], "pneumonia")
    desk.relabel(ids[:2], "effusion")
    desk.relabel(ids[1:2], "normal")
    return ids


def check(root: Path, repair: bool = False) -> Verified:
    return verify(root, lambda *_: None, repair=repair)


def kinds(verified: Verified) -> list[str]:
    return [problem.kind for problem in verified.findings.problems]


def labels(root: Path) -> dict[int, str]:
    dataset = Dataset(root)
    found = {record.task.seed: record.label for record in dataset.catalog.records()}
    dataset.close()
    return found


def test_a_move_that_cannot_be_recorded_can_be_repeated(
    dataset: Dataset, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise DatasetFullError("the disk is full")

    desk = dataset.desk("ann")
    with monkeypatch.context() as patch, pytest.raises(DatasetFullError):
        patch.setattr(dataset.catalog, "move_record", full)
        desk.relabel(ids[2:], "pneumonia")
    assert desk.relabel(ids[2:], "pneumonia") == 1
    dataset.close()
    assert len(assert_in_step(dataset.root)) == IMAGES


def test_a_file_that_contains_another_image_is_not_moved(dataset: Dataset, ids: list[int]) -> None:
    first, other = (dataset.root / dataset.catalog.places(ids)[number][0] for number in ids[1:])
    other.write_bytes(first.read_bytes())
    with pytest.raises(DatasetError, match="another image"):
        dataset.desk("ann").relabel(ids[2:], "pneumonia")
    assert other.exists() and not list(dataset.root.glob("chest/pneumonia/*"))


EXPECTED = {0: "effusion", 1: "normal", 2: "normal"}


def test_changed_labels_are_not_problems(dataset: Dataset, ids: list[int]) -> None:
    found = check(dataset.root)
    assert (kinds(found), found.findings.images, found.findings.foreign_files) == ([], IMAGES, ())
    dataset.close()
    assert check(dataset.root, repair=True).left == ()
    assert labels(dataset.root) == EXPECTED
    assert len(assert_in_step(dataset.root)) == IMAGES


def test_folders_that_became_empty_are_removed(dataset: Dataset, ids: list[int]) -> None:
    desk, chest = dataset.desk("ann"), dataset.root / "chest"
    assert not (chest / "pneumonia").exists()  # it had the first image for a moment
    desk.relabel(ids[2:], "nodule")
    assert desk.undo()
    assert not (chest / "nodule").exists()
    desk.relabel(ids[2:], "nodule")
    foreign = chest / "nodule" / "notes.txt"
    foreign.write_text("by hand", encoding="utf-8")
    desk.undo()
    assert foreign.exists()
    desk.set_decision(ids[:1], "rejected")
    desk.purging.purge()
    assert not (chest / "effusion").exists()
    desk.purging.restore_latest()
    assert (chest / "effusion").exists() and kinds(check(dataset.root)) in ([], ["foreign"])


@pytest.fixture(params=["recorded", "not recorded"])
def two_files(
    request: pytest.FixtureRequest,
    dataset: Dataset,
    ids: list[int],
    monkeypatch: pytest.MonkeyPatch,
) -> dict[int, str]:
    """Labels by seed, after a relabelling was interrupted before or after the catalog was written.

    Sorted by name, the later file is the last of image 1's files, but the first of image 0's.
    """

    class ProcessEnded(BaseException):
        """Raised to simulate the end of the process."""

    def end(*_: object, **__: object) -> None:
        raise ProcessEnded

    place = {
        "recorded": "xray_tui.dataset.review.relabelling.suppress",
        "not recorded": "xray_tui.dataset.catalog.catalog.Catalog.move_record",
    }
    for number, label in ((ids[0], "atelectasis"), (ids[1], "pneumonia")):
        with monkeypatch.context() as patch, pytest.raises(ProcessEnded):
            patch.setattr(place[request.param], end)
            dataset.desk("ann").relabel([number], label)
    dataset.close()
    return {0: "atelectasis", 1: "pneumonia", 2: "normal"}


def test_verify_keeps_the_later_of_two_files_of_an_image(
    root: Path, two_files: dict[int, str]
) -> None:
    found = check(root)
    assert "no record" in kinds(found) and set(kinds(found)) <= {"no record", "metadata"}
    assert check(root, repair=True).left == ()
    assert kinds(check(root)) == []
    assert labels(root) == two_files
    assert len(assert_in_step(root)) == IMAGES


def test_rebuild_keeps_the_later_of_two_files_of_an_image(
    root: Path, two_files: dict[int, str]
) -> None:
    rebuilt = rebuild(root, lambda *_: None)
    assert rebuilt.images == IMAGES
    assert kinds(check(root)) == []
    assert labels(root) == two_files
    assert len(assert_in_step(root)) == IMAGES


def test_rebuild_keeps_all_opinions_and_the_rule(root: Path, dataset: Dataset) -> None:
    number = dataset.save(make_image(), make_task(), make_provenance(), "job-1").id
    opinions = {
        "ann": Opinion("accepted", 5, ("contrast", "grid-noise"), "fine [/] \x1b\n肺"),
        "bob": Opinion("accepted", 0, (), ""),
        "eve": Opinion("rejected", 1, ("duplicate",), ""),
        "Ödön": Opinion("undecided", 3, (), "who knows"),
    }
    for name, opinion in opinions.items():
        desk = dataset.desk(name)
        desk.set_decision([number], opinion.decision)
        desk.set_rating([number], opinion.rating)
        for tag in opinion.tags:
            desk.add_tag([number], tag)
        desk.set_note([number], opinion.note)
    write_rule(dataset._database, "majority")
    reviews = dataset.catalog.reviews(number)
    dataset.close()
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    connection.execute("DELETE FROM reviews")
    connection.commit()
    connection.close()
    rebuild(root, lambda *_: None)
    again = Dataset(root)
    (record,) = again.catalog.records()
    assert again.catalog.reviews(record.id) == reviews
    assert {review.reviewer: review.opinion for review in reviews} == opinions
    (row,) = again.desk("eve").index.rows([record.id])
    assert (row.verdict, read_rule(again._database)) == ("accepted", "majority")
    again.close()
