"""Reviews from other machines: later reviews are merged, exactly once."""

from __future__ import annotations

import os
import shutil
import threading
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.catalog.review_rows import write_rule
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, review_log
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.dataset.repair.rebuilding import rebuild
from xray_tui.dataset.repair.verifying import verify
from xray_tui.dataset.review import merging
from xray_tui.dataset.review.merging import MergeResult, merge
from xray_tui.errors import DatasetError

IMAGES = 4


@pytest.fixture
def ids(dataset: Dataset) -> list[int]:
    with dataset.generator_lock():
        return [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1").id
            for seed in range(IMAGES)
        ]


@pytest.fixture
def there(dataset: Dataset, ids: list[int], tmp_path: Path) -> Path:
    """The same dataset on another machine."""
    shutil.copytree(dataset.root, tmp_path / "there")
    return tmp_path / "there"


def merge_files(root: Path, *files: Path) -> list[MergeResult]:
    database = Database(root / layout.CATALOG)
    try:
        return merge(root, database, files)
    finally:
        database.close()


def lines_of(root: Path) -> list[str]:
    path = root / layout.REVIEWS
    return path.read_text().splitlines() if path.exists() else []


def known(dataset: Dataset, ids: list[int]) -> list[dict[str, Opinion]]:
    """The opinions of all reviewers of each image."""
    return [
        {review.reviewer: review.opinion for review in dataset.catalog.reviews(number)}
        for number in ids
    ]


def verdicts(dataset: Dataset, ids: list[int]) -> list[str]:
    return [row.verdict for row in dataset.desk("ann").index.rows(ids)]


def write(path: Path, written: Sequence[tuple[str, str, Opinion, str]]) -> Path:
    """Write a reviews.jsonl file with a line for each task id, reviewer, opinion and time."""
    path.write_text(
        "".join(
            review_log.line("chest/normal/a.png", task_id, Review(reviewer, opinion, when)) + "\n"
            for task_id, reviewer, opinion, when in written
        )
    )
    return path


def at(second: int) -> str:
    return f"2026-01-01T00:00:{second:02}.000+00:00"


def test_later_reviews_are_merged(dataset: Dataset, ids: list[int], there: Path) -> None:
    dataset.desk("ann").set_decision(ids[:2], "accepted")
    dataset.desk("ann").set_note(ids[:1], "early")
    other = Dataset(there)
    other.desk("ann").set_decision(ids[1:3], "rejected")
    other.desk("ann").set_rating(ids[1:2], 4)
    bob = other.desk("Bö [/]")
    bob.set_decision(ids[:1], "rejected")
    bob.add_tag(ids[:1], "grid-noise")
    bob.set_note(ids[:1], "\x1b[31m stripes")
    other.close()
    dataset.desk("ann").set_decision(ids[2:3], "accepted")

    (merged,) = merge_files(dataset.root, there / layout.REVIEWS)
    assert (merged.taken, merged.known, merged.unknown_images, merged.bad_lines) == (2, 1, 0, 0)
    expected = [
        {
            "ann": Opinion("accepted", note="early"),
            "Bö [/]": Opinion("rejected", 0, ("grid-noise",), "\x1b[31m stripes"),
        },
        {"ann": Opinion("rejected", 4)},
        {"ann": Opinion("accepted")},
        {},
    ]
    assert known(dataset, ids) == expected
    assert verdicts(dataset, ids) == ["rejected", "rejected", "accepted", "undecided"]

    before = lines_of(dataset.root)
    (again,) = merge_files(dataset.root, there / layout.REVIEWS)
    assert (again.taken, again.known, lines_of(dataset.root)) == (0, 3, before)
    (back,) = merge_files(there, dataset.root / layout.REVIEWS)
    assert (back.taken, back.known) == (2, 2)  # ann on the first and the third

    dataset.close()
    assert verify(dataset.root).left == ()
    rebuild(dataset.root)
    for root in (dataset.root, there):
        opened = Dataset(root)
        assert known(opened, ids) == expected
        opened.close()


def test_several_files_are_merged_under_the_rule(
    dataset: Dataset, ids: list[int], tmp_path: Path
) -> None:
    tasks = [make_task(seed).id for seed in range(IMAGES)]
    yes, no = Opinion("accepted"), Opinion("rejected")
    files = [
        write(tmp_path / "a", [(tasks[0], "a", no, at(1)), (tasks[0], "b", yes, at(2))]),
        write(tmp_path / "b", [(tasks[0], "a", yes, at(3)), (tasks[1], "a", no, at(4))]),
        write(tmp_path / "c", [(tasks[0], "a", no, at(1)), (tasks[0], "c", no, at(9))]),
    ]
    write_rule(dataset._database, "majority")
    merged = merge_files(dataset.root, *files, files[0])
    assert [(result.taken, result.known) for result in merged] == [(2, 0), (2, 0), (1, 1), (0, 2)]
    assert verdicts(dataset, ids[:2]) == ["accepted", "rejected"]


def test_imported_opinions_do_not_count_next_to_the_merged_originals(
    dataset: Dataset, ids: list[int], tmp_path: Path
) -> None:
    ann, bob = dataset.desk("ann"), dataset.desk("bob")
    ann.set_decision(ids[:3], "rejected")
    ann.set_rating(ids[:1], 2)
    bob.set_decision(ids[:1], "accepted")
    bob.add_tag(ids[:1], "grid-noise")
    ann.set_decision(ids[3:], "accepted")
    ann.write_decisions()
    copy = tmp_path / "copy"
    shutil.copytree(dataset.root, copy, ignore=shutil.ignore_patterns(layout.PRIVATE))
    ann.set_decision(ids[1:2], "accepted")  # after the copy was made
    rebuild(copy)
    before = dataset.root / layout.REVIEWS
    merge_files(copy, before)
    with closing(Dataset(copy)) as there:
        records = {one.task.id: one.id for one in there.catalog.records()}
        found = known(there, [records[make_task(seed).id] for seed in range(IMAGES)])
        assert [one.pop("imported") for one in found] == [
            Opinion(),
            Opinion("rejected"),  # nobody has this opinion now
            Opinion(),
            Opinion(),
        ]
        assert found == known(dataset, ids)
    lines = lines_of(copy)
    merge_files(copy, before)
    assert lines_of(copy) == lines
    merge_files(dataset.root, copy / layout.REVIEWS)  # the other way round, too
    assert [one["imported"].decision for one in known(dataset, ids)] == [
        "undecided",
        "rejected",
        "undecided",
        "undecided",
    ]


def test_only_the_latest_line_of_each_reviewer_counts(
    dataset: Dataset, ids: list[int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "_CHUNK", 2)
    tasks = [make_task(seed).id for seed in range(IMAGES)] + ["gone-1", "gone-2", "task\0"]
    written = [
        (task, reviewer, Opinion("accepted", second % 6), at(second))
        for second in (5, 9, 7)
        for task in tasks
        for reviewer in ("a", "b", "c")
    ]
    reported: list[tuple[str, int, int]] = []
    file = write(tmp_path / "many", written)
    file.write_bytes(b"\xef\xbb\xbf" + file.read_bytes() + b"\n\n{}\n\xff\n" + b'{"task_id": "')
    database = Database(dataset.root / layout.CATALOG)
    (merged,) = merge(dataset.root, database, [file], lambda *values: reported.append(values))
    database.close()
    assert merged == MergeResult(file, 12, 0, 3, 0, 3)
    assert known(dataset, ids) == [dict.fromkeys("abc", Opinion("accepted", 3))] * IMAGES
    assert len(lines_of(dataset.root)) == 12
    assert reported[-1] == ("merging reviews", 20, 21)


def test_another_label_is_counted_and_not_merged(
    dataset: Dataset, ids: list[int], there: Path
) -> None:
    other = Dataset(there)
    other.desk("ann").set_decision(ids[:2], "accepted")
    other.desk("ann").relabel(ids[:1], "pneumonia")
    other.close()
    (merged,) = merge_files(dataset.root, there / layout.REVIEWS)
    assert (merged.taken, merged.other_labels) == (2, 1)
    (row,) = dataset.desk("ann").index.rows(ids[:1])
    assert (row.label, row.verdict) == ("normal", "accepted")


def test_folders_of_reviews_are_merged(
    dataset: Dataset, ids: list[int], there: Path, tmp_path: Path
) -> None:
    """A dataset, its hidden folder, a folder with datasets, and a folder with files."""
    task = make_task(1).id

    def taken(*paths: Path) -> list[tuple[str, int]]:
        return [
            (str(result.path.relative_to(tmp_path)), result.taken)
            for result in merge_files(dataset.root, *paths)
        ]

    log = there / layout.REVIEWS
    write(log, [(task, "bob", Opinion("rejected"), at(1))])
    (there / "metadata.jsonl").write_text('{"file_name": "x.png"}\n')
    assert taken(there) == [("there/.xray-tui/reviews.jsonl", 1)]
    write(log, [(task, "bob", Opinion("rejected"), at(2))])
    assert taken(there / layout.PRIVATE) == [("there/.xray-tui/reviews.jsonl", 1)]
    write(log, [(task, "bob", Opinion("accepted"), at(3))])
    dataset.desk("ann").set_rating(ids[:1], 3)  # tmp_path has this dataset, too: not merged
    assert taken(tmp_path) == [("there/.xray-tui/reviews.jsonl", 1)]
    mail = tmp_path / "mail"
    mail.mkdir()
    for second, name in enumerate(("eve", "dan"), 4):
        write(mail / f"{name}.jsonl", [(task, name, Opinion("accepted"), at(second))])
    assert taken(mail, there) == [
        ("mail/dan.jsonl", 1),
        ("mail/eve.jsonl", 1),
        ("there/.xray-tui/reviews.jsonl", 0),
    ]
    assert set(known(dataset, ids)[1]) == {"bob", "eve", "dan"}


# ---- refused files -------------------------------------------------------------------------------


WRONG = {
    "missing": "missing: there is no such file or folder",
    "xrays": "xrays: this is the dataset itself; choose a dataset from another machine",
    "empty-folder": "no reviews in this folder; choose a dataset",
    "link": "link: belongs to this dataset; choose a file from another machine",
    "empty": "has no reviews; choose a reviews.jsonl file",
    "picture.png": "has no reviews",
    "\x1b[31m": "␛\\[31m: there is no such file or folder",
}


def test_with_one_wrong_file_no_review_is_merged(
    dataset: Dataset, ids: list[int], there: Path, tmp_path: Path
) -> None:
    dataset.desk("ann").set_decision(ids[:1], "accepted")
    good = write(tmp_path / "good", [(make_task(1).id, "bob", Opinion("rejected"), at(1))])
    shutil.copy(good, there / layout.REVIEWS)
    (tmp_path / "empty-folder").mkdir()
    (tmp_path / "link").symlink_to(dataset.root / layout.REVIEWS)
    (tmp_path / "empty").write_bytes(b"\n \n")
    make_image().save(tmp_path / "picture.png")
    before = lines_of(dataset.root)
    for name, message in WRONG.items():
        with pytest.raises(DatasetError, match=message) as caught:
            merge_files(dataset.root, good, tmp_path / name)
        assert str(caught.value).isprintable()
    assert lines_of(dataset.root) == before
    assert known(dataset, ids)[1] == {}


@pytest.mark.skipif(os.getuid() == 0, reason="root may read everything")
def test_an_unreadable_file_is_refused(dataset: Dataset, tmp_path: Path) -> None:
    (tmp_path / "secret").touch(mode=0o200)
    with pytest.raises(DatasetError, match="secret: no permission"):
        merge_files(dataset.root, tmp_path / "secret")


def test_reviews_can_be_read_from_a_pipe(dataset: Dataset, ids: list[int], tmp_path: Path) -> None:
    file = write(tmp_path / "good", [(make_task(1).id, "bob", Opinion("rejected"), at(1))])
    os.mkfifo(tmp_path / "pipe")
    writer = threading.Thread(target=lambda: (tmp_path / "pipe").write_bytes(file.read_bytes()))
    writer.start()
    (merged,) = merge_files(dataset.root, tmp_path / "pipe")
    writer.join()
    assert merged.taken == 1


# ---- interrupted ---------------------------------------------------------------------------------


@pytest.mark.parametrize("where", ["review_rows.put", "review_rows.update_verdicts"])
def test_an_interrupted_merge_loses_no_review(
    dataset: Dataset,
    ids: list[int],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    where: str,
) -> None:
    """The process ends after the second part of the lines, before the catalog has them."""
    tasks = [make_task(seed).id for seed in range(IMAGES)]
    file = write(tmp_path / "there", [(t, "bob", Opinion("rejected", 2), at(1)) for t in tasks])
    calls: list[object] = []

    class ProcessEnded(BaseException):
        """Raised to simulate the end of the process."""

    name = where.rpartition(".")[2]
    original = getattr(merging.review_rows, name)

    def end(*values: object) -> object:
        calls.append(values)
        if len(calls) == 2:
            raise ProcessEnded
        return original(*values)

    monkeypatch.setattr(merging, "_CHUNK", 2 if name == "update_verdicts" else 4)
    monkeypatch.setattr(merging.review_rows, name, end)
    with pytest.raises(ProcessEnded):
        merge_files(dataset.root, file)
    monkeypatch.undo()
    assert len(lines_of(dataset.root)) == 4
    assert sum(map(len, known(dataset, ids))) == (2 if name == "update_verdicts" else 0)
    dataset.close()

    again = Dataset(dataset.root)
    assert known(again, ids) == [{"bob": Opinion("rejected", 2)}] * IMAGES
    assert verdicts(again, ids) == ["rejected"] * IMAGES
    (merged,) = merge_files(again.root, file)
    again.close()
    assert (merged.taken, merged.known) == (0, 4)
    assert len(lines_of(dataset.root)) == 4
