"""A damaged, emptied or deleted catalog is rebuilt: all images and decisions are restored."""

from __future__ import annotations

import json
import os
import random
import shutil
import sqlite3
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from support.dataset_samples import assert_in_step, make_image, make_job, make_provenance, make_task
from support.job_states import bring_to
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.opinions import Opinion, Review
from xray_tui.dataset.repair import mending
from xray_tui.dataset.repair.rebuilding import rebuild
from xray_tui.dataset.repair.verifying import verify
from xray_tui.errors import CatalogDamagedError, DatasetError, DatasetLockedError

IMAGES = 30
Known = dict[str, tuple[object, object, list[Review]]]


def known(root: Path) -> Known:
    """The task, provenance and reviews of each image, as an opened dataset knows them."""
    dataset = Dataset(root)
    found: Known = {}
    for record in dataset.catalog.records():
        reviews = dataset.catalog.reviews(record.id)
        found[record.file] = (record.task, record.provenance, reviews)
    dataset.close()
    return found


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A dataset with two jobs, many tasks, images and decisions."""
    root = tmp_path_factory.mktemp("original") / "xrays"
    dataset = Dataset(root)
    tasks = [make_task(seed) for seed in range(IMAGES)]
    dataset.queue.add(make_job(tasks), {"prompts": ["chest-normal"]})
    dataset.queue.add(make_job([make_task(1000 + seed) for seed in range(200)], "job-2"))
    with dataset.generator_lock():
        for task in tasks:
            record = dataset.save(make_image(task.seed), task, make_provenance(), "job-1")
            if task.seed % 3:
                dataset.desk("bob").set_decision([record.id], "rejected")
                dataset.desk("ann").set_rating([record.id], task.seed % 6)
                dataset.desk("ann").add_tag([record.id], "grid-noise")
                dataset.desk("ann").set_note([record.id], f"seed {task.seed}")
    bring_to(dataset.queue, "job-1", "done")
    dataset.close()
    return root


@pytest.fixture
def damaged(original: Path, root: Path) -> Path:
    """A copy of the original, for tests that damage its catalog."""
    shutil.copytree(original, root)
    return root


def catalog_of(root: Path) -> Path:
    return root / ".xray-tui" / "catalog.sqlite"


# ---- rebuilt -------------------------------------------------------------------------------------


def overwrite_ranges(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(dice.randint(1, 40)):
        at = dice.randrange(len(data))
        length = dice.choice([1, 8, 100, 4096])
        data[at : at + length] = dice.randbytes(min(length, len(data) - at))
    return bytes(data)


def overwrite_pages(data: bytearray, dice: random.Random) -> bytes:
    for page in range(0, len(data), 4096):
        if dice.random() < 0.3:
            data[page : page + 4096] = dice.randbytes(4096)
    return bytes(data)


def overwrite_header(data: bytearray, dice: random.Random) -> bytes:
    for _ in range(4):
        data[dice.randrange(110)] = dice.randrange(256)
    return bytes(data)


def truncate(data: bytearray, dice: random.Random) -> bytes:
    return bytes(data[: dice.randrange(len(data))])


def overwrite_all(data: bytearray, dice: random.Random) -> bytes:
    return dice.randbytes(len(data))


DAMAGES = [overwrite_ranges, overwrite_pages, overwrite_header, truncate, overwrite_all]


@pytest.mark.parametrize("damage", DAMAGES)
def test_after_any_damage_everything_is_restored(
    original: Path, damaged: Path, damage: Callable[[bytearray, random.Random], bytes]
) -> None:
    """Opening and using the damaged catalog raises dataset errors only."""
    expected = known(original)
    good = catalog_of(original).read_bytes()
    for seed in range(8):
        dice = random.Random(seed)
        data = damage(bytearray(good), dice)
        catalog_of(damaged).write_bytes(data)
        use(damaged, make_task(5000 + seed))
        for new in set(assert_images(damaged)) - set(expected):
            (damaged / new).unlink()
        rebuilt = rebuild(damaged)
        assert known(damaged) == expected
        assert rebuilt.images == IMAGES
        assert rebuilt.mended.quarantined == 0
        assert rebuilt.set_aside is not None
    assert len(list((damaged / ".xray-tui").glob("catalog-damaged-*.sqlite"))) == 8
    assert len(assert_in_step(damaged)) == IMAGES


@pytest.mark.parametrize(
    "value",
    [None, 7, b"\xff", "\ud800".encode(errors="surrogatepass")],
    ids=["null", "number", "bytes", "not UTF-8"],
)
@pytest.mark.parametrize(
    "column",
    [
        *("records.file", "records.task", "records.width", "tasks.task", "jobs.title"),
        *("jobs.request", "jobs.seconds", "jobs.batch_limit", "jobs.started", "jobs.finished"),
    ],
)
def test_values_of_the_wrong_type_count_as_damage(
    damaged: Path, column: str, value: object
) -> None:
    """SQLite stores anything in any column, and random bytes may become anything."""
    table, name = column.split(".")
    connection = sqlite3.connect(catalog_of(damaged))
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute("UPDATE sqlite_master SET sql = replace(sql, ' NOT NULL', '')")
    connection.commit()
    connection.close()
    connection = sqlite3.connect(catalog_of(damaged))
    cast = "CAST(? AS TEXT)" if isinstance(value, bytes) and value != b"\xff" else "?"
    with connection:
        connection.execute(f"UPDATE {table} SET {name} = {cast} WHERE rowid = 2", (value,))
    connection.close()
    use(damaged, make_task(5000))
    for new in damaged.glob("*/*/*_5000_*.png"):
        new.unlink()
    rebuilt = rebuild(damaged)
    assert rebuilt.images == IMAGES
    assert len(assert_in_step(damaged)) == IMAGES


def assert_images(root: Path) -> list[str]:
    """Check that no image was quarantined; returns the files of all images."""
    assert not (root / ".xray-tui" / "quarantine").exists()
    return [path.relative_to(root).as_posix() for path in root.glob("*/*/*.png")]


def use(root: Path, task: object) -> None:
    """Do everything that the app does with a dataset; only expected errors may occur."""
    steps: list[Callable[[Dataset], object]] = [
        lambda dataset: dataset.catalog.records(),
        lambda dataset: list(dataset.catalog.all_records()),
        lambda dataset: dataset.catalog.counts(),
        lambda dataset: dataset.existing(make_task(seed) for seed in range(IMAGES)),
        lambda dataset: dataset.queue.rows(),
        lambda dataset: dataset.queue.load("job-2"),
        lambda dataset: bring_to(dataset.queue, "job-2", "running"),
        lambda dataset: dataset.queue.set_paused(True),
        lambda dataset: dataset.save(make_image(), task, make_provenance(), "job-1"),  # type: ignore[arg-type]
        lambda dataset: dataset.queue.clear_finished(),
    ]
    try:
        dataset = Dataset(root)
    except DatasetError:
        return
    for step in steps:
        try:
            step(dataset)
        except DatasetError as error:
            assert isinstance(error, CatalogDamagedError) or "no job" in str(error)
    dataset.close()


def test_opening_rebuilds_a_deleted_catalog(original: Path, damaged: Path) -> None:
    expected = known(original)
    catalog_of(damaged).unlink()
    dataset = Dataset(damaged)
    assert dataset.mended is not None
    assert dataset.mended.adopted == IMAGES
    assert dataset.mended.restored == 40
    dataset.close()
    assert known(damaged) == expected


def test_images_alone_are_enough_to_rebuild(original: Path, damaged: Path) -> None:
    shutil.rmtree(damaged / ".xray-tui")
    (damaged / "metadata.jsonl").unlink()
    assert known(damaged).keys() == known(original).keys()
    assert len(assert_in_step(damaged)) == IMAGES


def test_intact_jobs_are_restored(damaged: Path) -> None:
    dataset = Dataset(damaged)
    bring_to(dataset.queue, "job-2", "running")
    planned = dataset.queue.load("job-2")
    dataset.close()
    rebuilt = rebuild(damaged)
    assert rebuilt.jobs == 2
    dataset = Dataset(damaged)
    first, second = dataset.queue.rows()
    assert (first.state, first.done, first.total) == ("done", IMAGES, IMAGES)
    assert first.request == {"prompts": ["chest-normal"]}
    assert (second.state, second.done, second.total) == ("interrupted", 0, 200)
    assert dataset.queue.load("job-2") == planned
    dataset.close()


def test_the_time_worked_on_a_job_is_kept(damaged: Path) -> None:
    dataset = Dataset(damaged)
    bring_to(dataset.queue, "job-2", "running")
    dataset.queue.set_batch_limit("job-2", 3)
    dataset.queue.add_seconds("job-2", 12.5)
    bring_to(dataset.queue, "job-2", "failed")
    before = dataset.queue.rows()
    dataset.close()
    rebuild(damaged)
    dataset = Dataset(damaged)
    assert dataset.queue.rows() == before
    dataset.close()
    failed = before[1]
    assert failed.started and failed.finished
    assert (failed.batch_limit, failed.seconds) == (3, 12.5)


def test_a_done_job_with_a_broken_image_can_be_resumed(damaged: Path) -> None:
    torn = next(damaged.glob("*/*/*.png"))
    torn.write_bytes(torn.read_bytes()[:-9])
    rebuilt = rebuild(damaged)
    assert (rebuilt.images, rebuilt.mended.quarantined) == (IMAGES - 1, 1)
    dataset = Dataset(damaged)
    row = dataset.queue.row("job-1")
    assert row is not None and (row.state, row.done) == ("interrupted", IMAGES - 1)
    dataset.close()


def test_an_interrupted_rebuild_is_completed_by_the_next_opening(
    original: Path, damaged: Path
) -> None:
    expected = known(original)
    catalog_of(damaged).write_bytes(b"rubbish")

    class StoppedError(Exception):
        pass

    def stop(what: str, done: int, total: int) -> None:
        if done == IMAGES // 2:
            raise StoppedError

    with pytest.raises(StoppedError):
        rebuild(damaged, stop)
    assert known(damaged) == expected
    assert len(list((damaged / ".xray-tui").glob("catalog-damaged-*.sqlite"))) == 1


def test_the_journal_is_moved_with_its_catalog(damaged: Path) -> None:
    """Otherwise SQLite would roll back the new catalog with it."""
    catalog_of(damaged).write_bytes(b"rubbish")
    journal = catalog_of(damaged).with_name("catalog.sqlite-journal")
    journal.write_bytes(b"old pages" * 1000)
    rebuilt = rebuild(damaged)
    assert rebuilt.set_aside is not None
    kept = rebuilt.set_aside.with_name(f"{rebuilt.set_aside.name}-journal")
    assert kept.exists()
    assert rebuilt.images == IMAGES


def test_nothing_is_rebuilt_while_another_process_generates(damaged: Path) -> None:
    dataset = Dataset(damaged)
    with dataset.generator_lock(), pytest.raises(DatasetLockedError):
        rebuild(damaged)
    dataset.close()
    with pytest.raises(DatasetError, match="no dataset here"):
        rebuild(damaged / "chest")


# ---- the command and the app's start -------------------------------------------------------------


def test_the_command_asks_unless_confirmed_by_an_option(damaged: Path) -> None:
    catalog_of(damaged).write_bytes(b"rubbish")
    refused = CliRunner().invoke(app, ["rebuild", str(damaged)])
    assert refused.exit_code == 2 and "--yes" in refused.output
    assert catalog_of(damaged).read_bytes() == b"rubbish"
    done = CliRunner().invoke(app, ["rebuild", str(damaged), "--yes"])
    assert done.exit_code == 0
    assert f"The new catalog has {IMAGES} images and 0 jobs" in done.stdout
    assert len(assert_in_step(damaged)) == IMAGES


@pytest.mark.parametrize("command", ["rebuild", "open"])
def test_the_terminal_asks_for_consent(damaged: Path, command: str, tmp_path: Path) -> None:
    """For ``open``, only the dataset is opened, as at the start of the app."""
    catalog_of(damaged).write_bytes(b"rubbish")
    code = (
        "from xray_tui.cli.main import main; main()"
        if command == "rebuild"
        else "import sys; from pathlib import Path; from xray_tui.cli.rebuild_question import *\n"
        "open_or_rebuild(Path(sys.argv[2])).close()"
    )
    arguments = ["-c", code, command, str(damaged)]
    environment = os.environ | {"HOME": str(tmp_path), "TERM": "xterm"}
    for answer, code_expected in (("n", 1), ("y", 0)):
        terminal = pexpect.spawn(sys.executable, arguments, env=environment, timeout=30)
        terminal.expect("Continue")
        terminal.sendline(answer)
        terminal.expect(pexpect.EOF)
        terminal.close()
        assert terminal.exitstatus == code_expected
        if answer == "n":
            assert catalog_of(damaged).read_bytes() == b"rubbish"
    assert len(assert_in_step(damaged)) == IMAGES


def copy_without_hidden_files(original: Path, folder: Path) -> Path:
    shutil.copytree(original, folder, ignore=lambda _, names: {".xray-tui"} & set(names))
    return folder


def test_a_copy_without_hidden_files_is_rebuilt_from_its_images(
    original: Path, tmp_path: Path
) -> None:
    copy = copy_without_hidden_files(original, tmp_path / "copy")
    assert rebuild(copy).images == IMAGES
    assert {file: found[:2] for file, found in known(copy).items()} == {
        file: found[:2] for file, found in known(original).items()
    }
    assert_decisions_came_back(original, copy)


def assert_decisions_came_back(original: Path, copy: Path) -> None:
    """Decisions, ratings and tags are those of metadata.jsonl, of one honest reviewer."""
    here, there = ((root / "metadata.jsonl").read_text() for root in (copy, original))
    assert sorted(here.splitlines()) == sorted(there.splitlines())
    found = known(copy)
    for file, (*_, reviews) in known(original).items():
        assert [(review.reviewer, review.opinion) for review in found[file][2]] == [
            ("imported", Opinion("rejected", ann.opinion.rating, ann.opinion.tags))
            for ann in reviews
            if ann.reviewer == "ann"
        ]
    assert verify(copy).findings.problems == ()


@pytest.mark.parametrize("how", ["opened", "empty hidden folder", "interrupted"])
def test_a_copy_without_hidden_files_keeps_its_decisions(
    how: str, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_without_hidden_files(original, tmp_path / "copy")
    if how == "empty hidden folder":
        (copy / ".xray-tui").mkdir()
    if how == "interrupted":
        with monkeypatch.context() as patched:
            patched.setattr(mending, "import_reviews", fail)
            with pytest.raises(DatasetError):
                Dataset(copy)
    dataset = Dataset(copy)
    assert dataset.mended is not None and dataset.mended.restored == 2 * IMAGES // 3
    assert any('as those of "imported"' in line for line in dataset.mended.lines)
    dataset.close()
    assert_decisions_came_back(original, copy)


def fail(*_: object) -> int:
    raise DatasetError("the process ends here")


def test_rows_that_hold_no_valid_opinion_are_not_imported(original: Path, tmp_path: Path) -> None:
    copy = copy_without_hidden_files(original, tmp_path / "copy")
    rows = [json.loads(line) for line in (copy / "metadata.jsonl").read_text().splitlines()]
    for row, change in zip(
        rows,
        (
            {"decision": "perhaps"},
            {"rating": True},
            {"rating": 9},
            {"tags": '["../x y"]'},
            {"tags": "5"},
            {"file_name": ["a"]},
            {"decision": "accepted"},
        ),
        strict=False,
    ):
        row.update({"decision": "rejected", "rating": 2, "tags": '["good"]'} | change)
    lines = ["[]", "\x00", *map(json.dumps, rows[:7]), "{}", '{"file_name": "../../x.png"}']
    (copy / "metadata.jsonl").write_text("\n".join(lines))
    Dataset(copy).close()
    reviewed = {file: found[2][0].opinion for file, found in known(copy).items() if found[2]}
    assert reviewed == {rows[6]["file_name"]: Opinion("accepted", 2, ("good",))}


def test_reviews_are_never_imported_twice_or_next_to_others(original: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy"
    shutil.copytree(original, copy)
    (copy / ".xray-tui" / "reviews.jsonl").unlink()  # the catalog has them
    before = known(original)
    assert known(copy) == before


@pytest.mark.parametrize("command", ["verify", "review", "jobs list --dataset"])
def test_other_commands_say_how_to_adopt_a_copy_and_the_advice_works(
    command: str, original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys.modules["xray_tui.cli.review"], "take_terminal", lambda without: None)
    copy = copy_without_hidden_files(original, tmp_path / "copy")
    result = CliRunner().invoke(app, [*command.split(), str(copy)])
    message = str(result.exception)
    assert "the hidden folder .xray-tui is missing" in message
    assert not (copy / ".xray-tui").exists()
    asked = answered(["verify", str(copy)], "\n", monkeypatch)
    assert "If you still have that folder, answer n" in asked and "Continue? [y/N]" in asked
    assert not (copy / ".xray-tui").exists()
    advice = message.rpartition(": xray-tui ")[2]
    assert CliRunner().invoke(app, [*advice.split(), "--yes"]).exit_code == 0
    assert CliRunner().invoke(app, ["verify", str(copy)]).exit_code == 0


@pytest.mark.parametrize("line", ["purge --dry-run", "export folder {}/release"])
def test_without_a_terminal_nothing_is_asked_about_a_damaged_catalog(
    line: str, damaged: Path, tmp_path: Path
) -> None:
    catalog_of(damaged).write_bytes(b"rubbish" * 1000)
    arguments = [*line.format(tmp_path).split(), "--dataset", str(damaged)]
    result = CliRunner().invoke(app, arguments)
    assert result.output == "" and isinstance(result.exception, CatalogDamagedError)
    assert f"xray-tui rebuild --dataset {damaged}" in str(result.exception)


def answered(
    arguments: list[str], answer: str, monkeypatch: pytest.MonkeyPatch, code: int = 1
) -> str:
    """The output of a command that is asked a question on a terminal."""
    with monkeypatch.context() as patched:
        patched.setattr("xray_tui.environment.stdin_is_terminal", lambda: True)
        result = CliRunner().invoke(app, arguments, input=answer)
    assert result.exit_code == code, result.output
    return result.output


def test_a_copy_is_adopted_by_an_answer_or_an_option(
    original: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = copy_without_hidden_files(original, tmp_path / "copy")
    asked = answered(["rebuild", str(copy)], "n\n", monkeypatch)
    assert "If you still have that folder, answer n" in asked
    assert not (copy / ".xray-tui").exists()
    listed = answered(["reviews", "list", "--dataset", str(copy)], "y\n", monkeypatch, code=0)
    assert "imported" in listed
    other = copy_without_hidden_files(original, tmp_path / "other")
    assert CliRunner().invoke(app, ["verify", "--adopt", str(other)]).exit_code == 0
    assert_decisions_came_back(original, other)


def test_a_folder_of_other_images_is_not_rebuilt(tmp_path: Path) -> None:
    (tmp_path / "holiday" / "2026").mkdir(parents=True)
    (tmp_path / "holiday" / "2026" / "beach.png").touch()
    with pytest.raises(DatasetError, match="there is no dataset here"):
        rebuild(tmp_path)
