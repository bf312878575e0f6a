"""Images that are deleted and generated again get their reviews back at once."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.rebuilding import rebuild

ANN = Opinion("rejected", 2, ("grid-noise",), "clavicle [/] \x1b\nmissing 肺")


def generate(dataset: Dataset, seed: int = 0) -> Record:
    return dataset.save(make_image(seed), make_task(seed), make_provenance(), "")


@pytest.fixture
def reviewed(root: Path) -> Record:
    """An image with two reviews, which many lines about another image follow."""
    dataset = Dataset(root)
    record, other = generate(dataset), generate(dataset, 1)
    ann = dataset.desk("ann")
    ann.set_decision([record.id], ANN.decision)
    ann.set_rating([record.id], ANN.rating)
    ann.add_tag([record.id], *ANN.tags)
    ann.set_note([record.id], ANN.note)
    dataset.desk("bob").set_rating([record.id], 5)
    for number in range(50):
        ann.set_note([other.id], f"{number % 10}" * 1900)
    dataset.close()
    return record


def delete(root: Path, record: Record) -> None:
    """Delete the image's file, and open the dataset, which removes the record."""
    (root / record.file).unlink()
    dataset = Dataset(root)
    assert dataset.mended and dataset.mended.lost == 1
    dataset.close()


def seen(dataset: Dataset, record: Record) -> tuple[Opinion, str, dict[str, Opinion]]:
    """Ann's opinion, the dataset's decision, and the opinions of all reviewers."""
    (row,) = dataset.desk("ann").index.rows([record.id])
    everyone = {review.reviewer: review.opinion for review in dataset.catalog.reviews(record.id)}
    return row.opinion, row.verdict, everyone


EXPECTED = (ANN, "rejected", {"ann": ANN, "bob": Opinion(rating=5)})


def test_an_image_generated_again_has_its_reviews_at_once(root: Path, reviewed: Record) -> None:
    dataset = Dataset(root)
    before = dataset.catalog.reviews(reviewed.id)
    dataset.close()
    for _ in range(2):  # restored reviews must survive a second deletion, too
        delete(root, reviewed)
        dataset = Dataset(root)
        again = generate(dataset)
        assert seen(dataset, again) == EXPECTED
        assert dataset.catalog.reviews(again.id) == before
        dataset.close()
    dataset = Dataset(root)
    dataset.desk("ann").set_decision([again.id], "accepted")
    delete(root, again)
    assert seen(dataset, generate(dataset))[1] == "accepted"
    dataset.close()


def test_a_rebuilt_catalog_keeps_waiting_reviews(root: Path, reviewed: Record) -> None:
    (root / reviewed.file).unlink()
    rebuild(root, lambda *_: None)
    dataset = Dataset(root)
    assert seen(dataset, generate(dataset)) == EXPECTED
    dataset.close()


def test_lines_count_even_if_their_image_did_not_exist_yet(
    root: Path, tmp_path: Path, reviewed: Record
) -> None:
    other = tmp_path / "other"
    (other / layout.PRIVATE).mkdir(parents=True)
    shutil.copy(root / layout.REVIEWS, other / layout.REVIEWS)
    Dataset(other).close()
    dataset = Dataset(other)
    assert seen(dataset, generate(dataset)) == EXPECTED
    dataset.close()


@pytest.mark.parametrize(("year", "decision"), [("2999", "accepted"), ("2001", "rejected")])
def test_the_latest_line_counts_even_if_it_arrived_while_the_image_was_missing(
    root: Path, reviewed: Record, year: str, decision: str
) -> None:
    delete(root, reviewed)
    line = Review("ann", Opinion("accepted"), f"{year}-01-01T00:00:00.000+00:00")
    review_log.append(root, [(reviewed.file, reviewed.task.id, line)])
    dataset = Dataset(root)
    opinion, verdict, _ = seen(dataset, generate(dataset))
    assert (opinion.decision, verdict) == (decision, decision)
    dataset.close()


def test_damaged_waiting_reviews_do_not_prevent_saving(root: Path, reviewed: Record) -> None:
    delete(root, reviewed)
    dataset = Dataset(root)
    with dataset._database.transaction() as connection:
        found = connection.execute("UPDATE settings SET value = 'x' WHERE name LIKE 'reviews of %'")
        assert found.rowcount == 1
    assert seen(dataset, generate(dataset)) == (Opinion(), "undecided", {})
    dataset.close()
    rebuild(root, lambda *_: None)
    dataset = Dataset(root)
    (_, record) = sorted(dataset.catalog.records(), key=lambda record: -record.task.seed)
    assert seen(dataset, record) == EXPECTED
    dataset.close()
