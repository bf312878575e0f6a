"""Decisions: the latest in the catalog, all of them in reviews.jsonl."""

import getpass
import json
import pwd
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.review_log import current_user


def lines(root: Path) -> list[dict[str, str]]:
    text = (root / ".xray-tui" / "reviews.jsonl").read_text(encoding="ascii")
    return [json.loads(line) for line in text.splitlines()]


def test_a_decision_is_in_the_catalog_and_in_the_file(dataset: Dataset, root: Path) -> None:
    record = dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert dataset.catalog.reviews(record.id) == []
    dataset.desk("ann").set_decision([record.id], "accepted")
    dataset.desk("Bö [/]").set_decision([record.id], "rejected")
    last, first_review = dataset.catalog.reviews(record.id)
    assert (last.opinion.decision, last.reviewer) == ("rejected", "Bö [/]")
    assert (first_review.opinion.decision, first_review.reviewer) == ("accepted", "ann")
    assert last.reviewed.endswith("+00:00")
    first, second = lines(root)
    assert first["decision"] == "accepted" and first["reviewer"] == "ann"
    assert second == {
        "file": record.file,
        "task_id": record.task.id,
        "label": "normal",
        "decision": "rejected",
        "rating": 0,
        "tags": [],
        "note": "",
        "reviewer": "Bö [/]",
        "reviewed": last.reviewed,
    }
    assert dataset.path_of(record).is_file()  # rejecting deletes nothing


def test_an_incomplete_line_after_a_crash_damages_no_other(dataset: Dataset, root: Path) -> None:
    record = dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    dataset.desk("ann").set_decision([record.id], "accepted")
    path = root / ".xray-tui" / "reviews.jsonl"
    path.write_bytes(path.read_bytes() + b'{"file": "ches')
    dataset.desk("ann").set_decision([record.id], "rejected")
    good, torn, last = path.read_text().splitlines()
    assert json.loads(good)["decision"] == "accepted"
    assert torn == '{"file": "ches'
    assert json.loads(last)["decision"] == "rejected"


def test_reviewing_needs_no_generator_lock(dataset: Dataset, root: Path) -> None:
    record = dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    with dataset.generator_lock():
        other = Dataset(root)
        other.desk().set_decision([record.id], "accepted")
        other.close()
    (review,) = dataset.catalog.reviews(record.id)
    assert review.reviewer == current_user()


def test_the_reviewer_has_a_name_even_if_the_system_has_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def unknown(number: int = 0) -> str:
        raise KeyError("getpwuid(): uid not found: 12345")

    monkeypatch.setattr(getpass, "getuser", unknown)
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    assert current_user().startswith("user ")
