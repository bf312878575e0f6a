"""Judging images: every change is durable and can be undone and redone."""

import json
import random
import sqlite3
from collections.abc import Callable
from contextlib import closing, nullcontext
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from PIL import Image
from support.dataset_samples import (
    assert_in_step,
    make_image,
    make_provenance,
    make_task,
    metadata_files,
)

from xray_tui.dataset.catalog import review_rows
from xray_tui.dataset.catalog.review_rows import read_rule, write_rule
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png, review_log
from xray_tui.dataset.opinions import Opinion, Review, verdict
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.dataset.repair.rebuilding import rebuild
from xray_tui.dataset.review import history
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.merging import merge
from xray_tui.errors import CatalogDamagedError, DatasetError

LABELS = ("normal", "pneumonia", "effusion")


@pytest.fixture
def records(dataset: Dataset) -> list[Record]:
    with dataset.generator_lock():
        return [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")
            for seed in range(6)
        ]


@pytest.fixture
def desk(dataset: Dataset, records: list[Record]) -> ReviewDesk:
    return dataset.desk("ann")


def state(dataset: Dataset) -> dict[str, object]:
    """Opinions of ann, verdict and file of each image."""
    ids = [record.id for record in dataset.catalog.records()]
    return {
        str(row.seed): (row.opinion, row.verdict, row.file)
        for row in dataset.desk("ann").index.rows(ids)
    }


def test_an_opinion_is_in_the_catalog_and_in_the_file(
    dataset: Dataset, root: Path, records: list[Record], desk: ReviewDesk
) -> None:
    first, second = records[0].id, records[1].id
    assert desk.set_decision([first, second], "rejected") == 2
    assert desk.set_decision([first, second], "rejected") == 0
    desk.set_rating([first], 4)
    desk.add_tag([first], "grid-noise")
    desk.add_tag([first], "anatomy-wrong")
    desk.set_note([first], "clavicle [/] \x1b missing")
    desk.remove_tag([first], "grid-noise")
    (row,) = desk.index.rows([first])
    assert row.opinion == Opinion("rejected", 4, ("anatomy-wrong",), "clavicle [/] \x1b missing")
    assert row.verdict == "rejected"
    opinions, bad = review_log.read_all(root / ".xray-tui" / "reviews.jsonl")
    assert not bad
    assert opinions[records[0].task.id]["ann"].opinion == row.opinion


def test_undo_and_redo_work_after_a_restart(root: Path, dataset: Dataset, desk: ReviewDesk) -> None:
    ids = [record.id for record in dataset.catalog.records()]
    states = [state(dataset)]
    desk.set_decision(ids[:4], "accepted")
    states.append(state(dataset))
    desk.set_rating(ids[:1], 5)
    states.append(state(dataset))
    desk.relabel(ids[1:3], "pneumonia")
    states.append(state(dataset))
    assert desk.undo() == "relabelled 2 images as pneumonia"
    assert state(dataset) == states[2]
    dataset.close()
    again = Dataset(root)
    desk = again.desk("ann")
    assert desk.undo() == "gave 5 stars to 1 image"
    assert state(again) == states[1]
    assert again.desk("bob").undo() == ""
    assert desk.undo() == "accepted 4 images"
    assert (state(again), desk.undo()) == (states[0], "")
    for expected in states[1:]:
        assert desk.redo()
        assert state(again) == expected
    assert desk.redo() == ""
    desk.undo()
    desk.set_decision(ids[5:], "rejected")
    assert desk.redo() == ""  # a new step ends redo
    again.close()
    assert_in_step(root)


def test_a_rejection_and_its_reasons_are_one_step(dataset: Dataset, desk: ReviewDesk) -> None:
    ids = [record.id for record in dataset.catalog.records()]
    states = [state(dataset)]
    desk.set_decision(ids[:2], "rejected")
    states.append(state(dataset))
    desk.set_decision(ids[:3], "rejected")
    for reason in ("grid-noise", "duplicate", "grid-noise"):  # the last one takes the first back
        desk.toggle_reason(ids[:3], reason)
    states.append(state(dataset))
    opinions = [row.opinion for row in desk.index.rows(ids[:4])]
    assert opinions == [Opinion("rejected", 0, ("duplicate",))] * 3 + [Opinion()]
    assert desk.undo() == "rejected 3 images as duplicate"
    assert state(dataset) == states[1]
    assert desk.redo() == "rejected 3 images as duplicate"
    assert state(dataset) == states[2]
    desk.set_rating(ids[:1], 3)
    desk.toggle_reason(ids[:1], "duplicate")  # another step came between: this one is its own
    assert desk.undo() == "removed the tag duplicate from 1 image"
    assert [desk.undo(), desk.undo(), desk.undo()][2] == "rejected 2 images"
    assert (state(dataset), desk.undo()) == (states[0], "")


def test_any_sequence_of_steps_can_be_undone_and_redone(dataset: Dataset, desk: ReviewDesk) -> None:
    ids = [record.id for record in dataset.catalog.records()]
    chance = random.Random(0)
    acts: list[Callable[[list[int]], int]] = [
        lambda some: desk.set_decision(some, chance.choice(["accepted", "rejected", "undecided"])),
        lambda some: desk.set_rating(some, chance.randrange(6)),
        lambda some: desk.add_tag(some, chance.choice(["a", "b"])),
        lambda some: desk.remove_tag(some, "a"),
        lambda some: desk.set_note(some, chance.choice(["", "x"])),
        lambda some: desk.relabel(some, chance.choice(LABELS)),
    ]
    states = [state(dataset)]
    for _ in range(15):
        if chance.choice(acts)(chance.sample(ids, chance.randrange(1, 4))):
            states.append(state(dataset))
    for expected in reversed(states[:-1]):
        assert desk.undo()
        assert state(dataset) == expected
    for expected in states[1:]:
        assert desk.redo()
        assert state(dataset) == expected


def test_a_clock_that_is_set_back_loses_no_decision(
    dataset: Dataset, root: Path, records: list[Record]
) -> None:
    late = Review("ann", Opinion("accepted"), "2999-01-01T00:00:00.000+00:00")
    review_log.append(root, [(records[0].file, records[0].task.id, late)])
    dataset.close()
    again = Dataset(root)
    again.desk("ann").set_decision([records[0].id], "rejected")
    again.close()
    rebuild(root, lambda *_: None)
    last = Dataset(root)
    (row,) = last.desk("ann").index.rows([records[0].id])
    last.close()
    assert row.opinion.decision == "rejected"


@pytest.mark.parametrize("name", ["", "  ", "a\nb", "\x1b[31m", "x" * 65])
def test_a_reviewer_needs_a_valid_name(dataset: Dataset, name: str) -> None:
    with pytest.raises(DatasetError, match="reviewer's name"):
        ReviewDesk(dataset.root, dataset._database, dataset.catalog, name, False)


def test_invalid_tags_notes_and_labels_are_refused(desk: ReviewDesk, records: list[Record]) -> None:
    for tag in ("", "two words", "Ä", "x" * 41):
        with pytest.raises(DatasetError, match="tag"):
            desk.add_tag([records[0].id], tag)
    with pytest.raises(DatasetError, match="2,000"):
        desk.set_note([records[0].id], "x" * 2001)
    for label in ("..", "a/b", "CON", ""):
        with pytest.raises(DatasetError, match="cannot be a file"):
            desk.relabel([records[0].id], label)
    assert desk.undo() == ""


# ---- labels --------------------------------------------------------------------------------------


def test_a_relabelled_image_keeps_its_pixels_and_its_history(
    dataset: Dataset, root: Path, records: list[Record], desk: ReviewDesk
) -> None:
    record = records[0]
    with Image.open(root / record.file) as image:
        before = image.tobytes()
        parameters = image.info["parameters"]
    desk.set_decision([record.id], "accepted")
    assert desk.relabel([record.id], "pneumonia") == 1
    assert desk.relabel([record.id], "pneumonia") == 0
    moved = dataset.catalog.record(record.id)
    assert moved is not None and moved.file == record.file.replace("/normal/", "/pneumonia/")
    assert not (root / record.file).exists()
    with Image.open(root / moved.file) as image:
        assert image.tobytes() == before
        assert image.info["parameters"] == parameters
    contents = png.read_pixels(root / moved.file)
    (change,) = contents.relabelled
    assert (contents.task, contents.label, change.reviewer) == (record.task, "pneumonia", "ann")
    (row,) = [
        json.loads(line)
        for line in (root / "metadata.jsonl").read_text().splitlines()
        if moved.file in line
    ]
    assert row["label"] == "pneumonia"
    last = (root / ".xray-tui" / "reviews.jsonl").read_text().splitlines()[-1]
    assert json.loads(last)["label"] == "pneumonia"
    assert dataset.existing([record.task]) == {record.task.id}  # so it is not generated again

    dataset.close()
    rebuild(root, lambda *_: None)
    assert moved.file in assert_in_step(root)
    again = Dataset(root)
    (row,) = again.desk("ann").index.rows(
        [r.id for r in again.catalog.records() if r.file == moved.file]
    )
    again.close()
    assert (row.label, row.opinion.decision) == ("pneumonia", "accepted")


class ProcessEnded(BaseException):
    """Raised to simulate the end of the process."""


@pytest.fixture(params=["after the new file", "before the old file is removed", "before the rows"])
def interrupt(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> Callable[[], None]:
    """A function that makes the next relabelling stop at this point."""
    where = {
        "after the new file": "xray_tui.dataset.catalog.catalog.Catalog.move_record",
        "before the old file is removed": "pathlib.Path.unlink",
        "before the rows": "xray_tui.dataset.files.metadata.replace_rows",
    }

    def end(*_: object, **__: object) -> None:
        raise ProcessEnded

    def arm() -> None:
        monkeypatch.setattr(where[request.param], end)

    return arm


def test_an_interrupted_relabelling_leaves_one_image(
    dataset: Dataset,
    root: Path,
    records: list[Record],
    desk: ReviewDesk,
    interrupt: Callable[[], None],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for attempt, label in enumerate(("pneumonia", "effusion")):
        if attempt:
            interrupt()
        with pytest.raises(ProcessEnded) if attempt else nullcontext():
            desk.relabel([records[0].id], label)
    monkeypatch.undo()
    dataset.close()
    files = assert_in_step(root)
    assert len(files) == len(records)
    name = Path(records[0].file).name
    assert [file for file in files if file.endswith(name)] == [f"chest/effusion/{name}"]
    assert sorted(metadata_files(root)) == sorted(files)


# ---- several reviewers ---------------------------------------------------------------------------


def test_verdicts_follow_the_rule() -> None:
    def of(*decisions: str) -> list[Review]:
        return [
            Review(f"r{n}", Opinion(decision), f"2026-01-0{n + 1}")  # type: ignore[arg-type]
            for n, decision in enumerate(decisions)
        ]

    mixed = of("accepted", "accepted", "rejected", "undecided")
    assert [verdict(mixed, rule) for rule in ("latest", "majority", "unanimous")] == [
        "rejected", "accepted", "rejected",
    ]  # fmt: skip
    assert verdict(of("accepted", "rejected"), "majority") == "undecided"
    assert verdict(of("accepted", "undecided", "accepted"), "unanimous") == "accepted"
    for rule in ("latest", "majority", "unanimous"):
        assert verdict([], rule) == verdict(of("undecided"), rule) == "undecided"  # type: ignore[arg-type]


def test_each_reviewer_has_an_opinion_and_the_dataset_follows_its_rule(
    dataset: Dataset, records: list[Record]
) -> None:
    number = records[0].id
    for name, decision in (("ann", "accepted"), ("bob", "accepted"), ("eve", "rejected")):
        dataset.desk(name).set_decision([number], decision)  # type: ignore[arg-type]

    def seen(name: str) -> tuple[str, str]:
        (row,) = dataset.desk(name).index.rows([number])
        return row.opinion.decision, row.verdict

    assert (seen("ann"), seen("eve")) == (("accepted", "rejected"), ("rejected", "rejected"))
    assert dataset.catalog.counts()["chest-normal"].accepted == 0
    write_rule(dataset._database, "majority")
    assert read_rule(dataset._database) == "majority"
    assert seen("ann") == ("accepted", "accepted")
    assert dataset.catalog.counts()["chest-normal"].accepted == 1
    dataset.desk("bob").set_decision([number], "undecided")
    assert seen("ann") == ("accepted", "undecided")


# ---- earlier catalogs ----------------------------------------------------------------------------


def test_a_catalog_of_version_1_is_migrated(
    root: Path, dataset: Dataset, records: list[Record]
) -> None:
    dataset.close()
    path = root / ".xray-tui" / "catalog.sqlite"
    connection = sqlite3.connect(path)
    connection.executescript(
        "DROP TABLE images; DROP TABLE reviews; DROP TABLE verdicts; DROP TABLE review_steps;"
        "DROP TABLE purges; DROP TABLE purged;"
        "CREATE TABLE reviews (record_id INTEGER PRIMARY KEY REFERENCES records (id),"
        " decision TEXT NOT NULL, reviewer TEXT NOT NULL, reviewed TEXT NOT NULL);"
        "ALTER TABLE jobs DROP COLUMN removed;"
        f"INSERT INTO reviews VALUES ({records[0].id}, 'accepted', 'ann', '2026-01-01T00:00:00'),"
        f" ({records[1].id}, 'undecided', 'bob', '2026-01-01T00:00:00');"
        "PRAGMA user_version = 1;"
    )
    connection.close()
    again = Dataset(root)
    rows = again.desk("ann").index.rows([record.id for record in records])
    assert [(row.opinion.decision, row.verdict) for row in rows[:2]] == [
        ("accepted", "accepted"),
        ("undecided", "undecided"),
    ]
    assert [row.file for row in rows] == [record.file for record in records]
    assert (rows[2].seed, rows[2].label, rows[2].text) == (2, "normal", records[2].task.text)
    assert [review.reviewer for review in again.catalog.reviews(records[1].id)] == ["bob"]
    assert again.desk("ann").undo() == ""
    assert found_by_origin(again) == [record.id for record in records]
    again.close()


WITHOUT_TIMES = """
ALTER TABLE reviews DROP COLUMN earlier;
ALTER TABLE reviews DROP COLUMN rated;
"""


def test_a_catalog_of_version_2_is_migrated(
    root: Path, dataset: Dataset, records: list[Record]
) -> None:
    dataset.desk("ann").set_rating([records[0].id], 4)
    dataset.close()
    columns = ("job_id", "model", "scheduler", "steps")
    with closing(sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")) as connection:
        connection.executescript("DROP INDEX images_by_job; DROP TABLE purges; DROP TABLE purged;")
        for column in columns:
            connection.execute(f"ALTER TABLE images DROP COLUMN {column}")
        connection.execute("ALTER TABLE jobs DROP COLUMN removed")
        connection.executescript(WITHOUT_TIMES)
        connection.execute("PRAGMA user_version = 2")
    again = Dataset(root)
    assert found_by_origin(again) == [record.id for record in records]
    assert again.desk("ann").index.rows([records[0].id])[0].opinion.rating == 4
    again.close()


def test_a_catalog_of_version_5_is_migrated_and_its_steps_are_undone(
    root: Path, dataset: Dataset, records: list[Record]
) -> None:
    dataset.desk("ann").set_decision([records[0].id], "accepted")
    dataset.desk("ann").set_rating([records[0].id], 4)
    dataset.close()
    with closing(sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")) as connection:
        connection.executescript(WITHOUT_TIMES)
        for number, text in connection.execute("SELECT id, changes FROM review_steps").fetchall():
            step = json.loads(text)
            step["changes"] = [change[:3] for change in step["changes"]]
            values = (json.dumps(step), number)
            connection.execute("UPDATE review_steps SET changes = ? WHERE id = ?", values)
        connection.execute("PRAGMA user_version = 5")
        connection.commit()
    again = Dataset(root)
    desk = again.desk("ann")
    assert desk.index.rows([records[0].id])[0].opinion == Opinion("accepted", 4)
    assert [desk.undo(), desk.undo(), desk.redo(), desk.redo()]
    assert desk.index.rows([records[0].id])[0].opinion == Opinion("accepted", 4)
    again.close()


def test_a_catalog_of_version_6_is_migrated_and_its_steps_are_undone(
    root: Path, dataset: Dataset, records: list[Record]
) -> None:
    number = records[0].id
    for decision, rating in (("rejected", 2), ("accepted", 4)):
        dataset.desk("ann").set_decision([number], decision)  # type: ignore[arg-type]
        dataset.desk("ann").set_rating([number], rating)
    (before,) = dataset.catalog.reviews(number)
    dataset.close()
    with closing(sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")) as connection:
        connection.execute("ALTER TABLE reviews DROP COLUMN rated")
        for number_of_step, text in connection.execute("SELECT id, changes FROM review_steps"):
            step = json.loads(text)
            for change in step["changes"]:  # one time for the whole opinion
                change[3:] = [max(times) for times in change[3:]]
            values = (json.dumps(step), number_of_step)
            connection.execute("UPDATE review_steps SET changes = ? WHERE id = ?", values)
        connection.execute("PRAGMA user_version = 6")
        connection.commit()
    with closing(Dataset(root)) as again:
        (review,) = again.catalog.reviews(number)
        assert review.opinion == before.opinion
        assert [again.desk("ann").undo() for _ in range(4)]
        assert again.catalog.reviews(number)[0].opinion == Opinion()
        assert [again.desk("ann").redo() for _ in range(4)]
        assert again.catalog.reviews(number)[0].opinion == Opinion("accepted", 4)


def found_by_origin(dataset: Dataset) -> list[int]:
    """The images of the fixture's records, by fields of which the first catalogs had no columns."""
    line = "job:job-1 model:bundled scheduler:dpm++-2m steps:20"
    return list(dataset.desk("ann").index.find(parse(line)))


@pytest.mark.parametrize("foreign", ["CREATE TABLE images (x)", "CREATE TABLE verdicts (x)"])
def test_a_catalog_of_version_1_with_foreign_tables_is_damaged(root: Path, foreign: str) -> None:
    Dataset(root).close()
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    connection.executescript(
        "DROP TABLE images; DROP TABLE verdicts; DROP TABLE review_steps;"
        "DROP TABLE purges; DROP TABLE purged;"
        f"DROP INDEX IF EXISTS steps_of_reviewer; {foreign}; PRAGMA user_version = 1;"
    )
    connection.close()
    with pytest.raises(CatalogDamagedError, match="xray-tui rebuild"):
        Dataset(root)


def test_one_reviewer_at_two_terminals_loses_no_opinion(
    root: Path, records: list[Record], desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    other, append = Dataset(root), review_log.append
    first = records[0].id
    rating = Thread(target=other.desk("ann").set_rating, args=([first], 4))

    def append_while_the_other_rates(*arguments: Any) -> range:
        monkeypatch.undo()
        rating.start()
        rating.join(0.1)
        return append(*arguments)

    monkeypatch.setattr(review_log, "append", append_while_the_other_rates)
    desk.set_decision([first], "accepted")
    rating.join()
    other.close()
    (row,) = desk.index.rows([first])
    assert row.opinion == Opinion("accepted", 4)


def test_an_invalid_time_is_reported_as_damage(
    dataset: Dataset, root: Path, desk: ReviewDesk
) -> None:
    ids = [record.id for record in dataset.catalog.records()]
    desk.set_decision(ids, "accepted")
    with closing(sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")) as connection, connection:
        connection.execute("UPDATE reviews SET reviewed = 'yesterday'")
    with pytest.raises(CatalogDamagedError):
        desk.set_decision(ids, "rejected")
    with pytest.raises(CatalogDamagedError):
        desk.index.seconds_per_image()


# ---- interrupted ---------------------------------------------------------------------------------


def test_lines_missing_in_the_catalog_are_found_anywhere_in_the_file(
    root: Path, dataset: Dataset, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [record.id for record in records]
    desk, other = dataset.desk("ann"), dataset.desk("bob")
    desk.set_rating(ids, 1)

    def end(*_: object) -> None:
        raise ProcessEnded

    with monkeypatch.context() as patch:
        patch.setattr("xray_tui.dataset.catalog.review_rows.put", end)
        with pytest.raises(ProcessEnded):
            desk.set_decision(ids, "accepted")
    path = root / ".xray-tui" / "reviews.jsonl"
    missed = path.stat().st_size
    for number in range(9):  # another process continues to write
        other.set_note(ids, f"{number}" * 1500)
    assert path.stat().st_size > missed + 70_000
    dataset.close()
    again = Dataset(root)
    assert again.mended and again.mended.restored == len(ids)
    assert {row.opinion.decision for row in again.desk("ann").index.rows(ids)} == {"accepted"}
    again.close()
    last = Dataset(root)
    assert last.mended and last.mended.restored == 0
    last.close()


# ---- changed in the meantime ---------------------------------------------------------------------


def merge_opinion(dataset: Dataset, record: Record, opinion: Opinion) -> None:
    """Merge a later opinion of ann."""
    path = dataset.root.with_name("other.jsonl")
    late = f"2999-01-01T00:00:0{opinion.rating}.000+00:00"
    path.write_text(review_log.line(record.file, record.task.id, Review("ann", opinion, late)))
    (merged,) = merge(dataset.root, dataset._database, [path], lambda *_: None)
    assert merged.taken == 1


def opinion_of(desk: ReviewDesk, record: Record) -> Opinion:
    (row,) = desk.index.rows([record.id])
    return row.opinion


def test_undo_keeps_merged_opinions(
    dataset: Dataset, records: list[Record], desk: ReviewDesk
) -> None:
    first = records[0]
    desk.add_tag([first.id], "mine")
    desk.set_decision([first.id], "accepted")
    merge_opinion(dataset, first, Opinion("accepted", 5, ("grid-noise", "mine"), "important"))
    assert desk.undo() == "accepted 1 image"
    assert opinion_of(desk, first) == Opinion("undecided", 5, ("grid-noise", "mine"), "important")
    assert desk.undo() == "tagged 1 image with mine"
    assert opinion_of(desk, first) == Opinion("undecided", 5, ("grid-noise",), "important")
    assert [desk.redo(), desk.redo()] == ["tagged 1 image with mine", "accepted 1 image"]
    assert opinion_of(desk, first) == Opinion("accepted", 5, ("grid-noise", "mine"), "important")


def test_undo_and_redo_do_not_make_an_opinion_the_latest(
    dataset: Dataset, root: Path, records: list[Record], tmp_path: Path
) -> None:
    number = records[0].id
    ann, ben = dataset.desk("ann"), dataset.desk("ben")

    def verdicts() -> tuple[str, list[tuple[str, str, str]]]:
        reviews = dataset.catalog.reviews(number)
        seen = [(one.reviewer, one.opinion.decision, one.given) for one in reviews]
        return dataset.desk("ann").index.rows([number])[0].verdict, seen

    ann.set_decision([number], "rejected")
    ben.set_decision([number], "accepted")
    states = [verdicts()]
    assert states[0][0] == "accepted"
    for change in (
        lambda: ann.set_note([number], "a"),
        lambda: ann.set_decision([number], "undecided"),
        lambda: ann.set_decision([number], "rejected"),
        lambda: ann.toggle_reason([number], "grid-noise"),  # one step with the rejection
        lambda: ann.relabel([number], "pneumonia"),  # gives no opinion
        lambda: ann.set_rating([number], 2),
    ):
        change()
        states.append(verdicts())
    assert states[5] == states[4], "an image with a new label keeps its opinions with their times"
    steps = [*states[:3], *states[4:]]
    assert [steps[0][0], steps[-1][0]] == ["accepted", "rejected"]
    for expected in reversed(steps[:-1]):
        assert ann.undo()
        assert verdicts() == expected
    for expected in steps[1:]:
        assert ann.redo()
        assert verdicts() == expected
    for _ in steps[1:]:
        ann.undo()
    log = root / ".xray-tui" / "reviews.jsonl"
    with closing(Dataset(tmp_path / "there")) as there:
        with there.generator_lock():
            there.save(make_image(0), make_task(0), make_provenance(), "job-1")
        merge(there.root, there._database, [log], lambda *_: None)
        assert there.desk("ann").index.rows([1])[0].verdict == "accepted"
        assert [one.given for one in there.catalog.reviews(1)] == [
            one.given for one in dataset.catalog.reviews(number)
        ]
    dataset.close()
    rebuild(root)
    with closing(Dataset(root)) as again:
        (record,) = [one for one in again.catalog.records() if one.task.id == records[0].task.id]
        reviews = again.catalog.reviews(record.id)
        seen = [(one.reviewer, one.opinion.decision, one.given) for one in reviews]
        assert (again.desk("ann").index.rows([record.id])[0].verdict, seen) == steps[0]


def test_a_step_of_another_process_is_named_once_unless_it_is_of_an_earlier_session(
    dataset: Dataset, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = dataset.desk("ann")
    assert desk.steps.made_elsewhere() == ""
    desk.set_decision([records[0].id], "accepted")
    assert desk.steps.made_elsewhere() == ""
    with monkeypatch.context() as other:
        other.setattr(history, "PROCESS", "another")
        dataset.desk("ann").set_decision([records[1].id], "rejected")
        dataset.desk("ben").set_decision([records[1].id], "rejected")
    assert [desk.steps.made_elsewhere() for _ in range(2)] == ["rejected 1 image", ""]
    assert desk.undo() == "rejected 1 image"
    assert desk.steps.made_elsewhere() == ""
    desk.redo()
    assert desk.steps.made_elsewhere() == "rejected 1 image"  # asked again: it may be long ago
    monkeypatch.setattr(history, "_STARTED", "2999")
    assert dataset.desk("ann").steps.made_elsewhere() == ""


def test_a_later_note_or_tag_does_not_make_a_decision_or_a_rating_the_latest(
    dataset: Dataset, root: Path, records: list[Record], tmp_path: Path
) -> None:
    number = records[0].id
    ann, ben = dataset.desk("ann"), dataset.desk("ben")
    ann.set_decision([number], "rejected")
    ann.set_rating([number], 1)
    ben.set_decision([number], "accepted")
    ben.set_rating([number], 5)

    def concluded(of: Dataset, number: int) -> tuple[str, int]:
        conclusion = review_rows.read_conclusions(of._database, number, number)[number]
        assert of.desk("ann").index.rows([number])[0].verdict == conclusion.decision
        return conclusion.decision, conclusion.rating

    ann.set_note([number], "too dark")
    ann.add_tag([number], "odd")
    ann.toggle_reason([number], "grid-noise")
    assert concluded(dataset, number) == ("accepted", 5)
    ann.set_rating([number], 2)  # a new rating, but no new decision
    assert concluded(dataset, number) == ("accepted", 2)
    ben.set_decision([number], "undecided")
    ben.set_decision([number], "accepted")
    assert concluded(dataset, number) == ("accepted", 2)
    ann.undo()
    assert concluded(dataset, number) == ("accepted", 5)
    ann.redo()
    log = root / ".xray-tui" / "reviews.jsonl"
    with closing(Dataset(tmp_path / "there")) as there:
        with there.generator_lock():
            there.save(make_image(0), make_task(0), make_provenance(), "job-1")
        merge(there.root, there._database, [log], lambda *_: None)
        assert concluded(there, 1) == ("accepted", 2)
    task = records[0].task.id
    dataset.close()
    rebuild(root)
    with closing(Dataset(root)) as again:
        (record,) = [one for one in again.catalog.records() if one.task.id == task]
        assert concluded(again, record.id) == ("accepted", 2)


def test_what_another_terminal_changed_since_keeps_its_time(
    dataset: Dataset, records: list[Record], desk: ReviewDesk
) -> None:
    first = records[0]
    desk.set_decision([first.id], "rejected")
    desk.set_decision([first.id], "accepted")
    merge_opinion(dataset, first, Opinion("accepted", 4))
    (merged,) = dataset.catalog.reviews(first.id)
    desk.undo()
    (undone,) = dataset.catalog.reviews(first.id)
    assert undone.opinion == Opinion("rejected", 4)
    assert undone.given == merged.given < undone.reviewed


def test_a_step_that_cannot_be_undone_is_skipped_and_reported(
    dataset: Dataset, records: list[Record], desk: ReviewDesk
) -> None:
    first, second = records[:2]
    desk.set_decision([second.id], "rejected")
    desk.set_rating([first.id, second.id], 3)
    merge_opinion(dataset, first, Opinion("accepted", 4))
    assert desk.undo() == "gave 3 stars to 2 images"  # only of the second image
    assert (opinion_of(desk, first).rating, opinion_of(desk, second).rating) == (4, 0)
    desk.redo()
    merge_opinion(dataset, second, Opinion("accepted", 5))
    written = (dataset.root / ".xray-tui" / "reviews.jsonl").read_bytes()
    unchanged = "modified or removed in the meantime, so nothing changed"
    assert desk.undo() == f"gave 3 stars to 2 images ({unchanged})"
    assert desk.undo() == f"rejected 1 image ({unchanged})"
    assert desk.redo() == f"rejected 1 image ({unchanged})"
    assert opinion_of(desk, second) == Opinion("accepted", 5)
    assert (dataset.root / ".xray-tui" / "reviews.jsonl").read_bytes() == written


def test_missing_images_are_skipped_and_reported_if_all_are_missing(
    dataset: Dataset, records: list[Record], desk: ReviewDesk
) -> None:
    ids = [record.id for record in records[:3]]
    desk.set_decision(ids[:1], "accepted")
    CatalogRepair(dataset._database).remove([record.file for record in records[:2]])
    acts: list[Callable[[], int]] = [
        lambda: desk.set_decision(ids[:2], "rejected"),
        lambda: desk.set_rating(ids[:2], 3),
        lambda: desk.add_tag(ids[:2], "mine"),
        lambda: desk.remove_tag(ids[:2], "mine"),
        lambda: desk.set_note(ids[:2], "again"),
        lambda: desk.relabel(ids[:2], "pneumonia"),
    ]
    for act in acts:
        with pytest.raises(DatasetError, match="no longer in the dataset; press F5 to refresh"):
            act()
    step = desk.next_undo()
    assert step and step.title == "accepted 1 image"
    assert desk.set_rating(ids, 3) == 1
    step = desk.next_undo()
    assert step and (step.title, step.records) == ("gave 3 stars to 1 image", (ids[2],))
    assert desk.set_rating(ids, 3) == desk.set_rating([], 3) == 0
    assert [desk.undo(), desk.undo()] == [
        "gave 3 stars to 1 image",
        "accepted 1 image (modified or removed in the meantime, so nothing changed)",
    ]
