"""Opening a dataset repairs what a crash or a manual change left behind."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import shutil
import signal
import time
from multiprocessing.connection import Connection
from pathlib import Path

import pytest
from support.dataset_samples import (
    assert_in_step,
    images,
    make_image,
    make_job,
    make_provenance,
    make_task,
    metadata_files,
    without_image,
)
from support.job_states import bring_to

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import png, tree_scan
from xray_tui.dataset.files.layout import image_path
from xray_tui.dataset.repair.mending import Mended
from xray_tui.errors import DatasetError, DatasetLockedError


def mended(root: Path) -> Mended:
    """Open the dataset; returns the repairs that this made."""
    dataset = Dataset(root)
    dataset.close()
    assert dataset.mended is not None
    return dataset.mended


def filled(root: Path, count: int = 5) -> list[str]:
    """Create a dataset with one finished job; returns the files of its images."""
    dataset = Dataset(root)
    tasks = [make_task(seed) for seed in range(count)]
    dataset.queue.add(make_job(tasks))
    with dataset.generator_lock():
        files = [dataset.save(make_image(), t, make_provenance(), "job-1").file for t in tasks]
    bring_to(dataset.queue, "job-1", "done")
    dataset.close()
    return files


def orphan(root: Path, seed: int = 50, job_id: str = "", **changes: object) -> Path:
    """Save an image without a record, as a crash leaves it."""
    task = make_task(seed, **changes)
    path = image_path(root, task)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(png.encode(make_image(), task, make_provenance(), job_id))
    return path


def test_an_intact_dataset_is_not_changed(root: Path) -> None:
    filled(root)
    before = (root / "metadata.jsonl").stat().st_ino
    assert mended(root) == Mended()
    assert (root / "metadata.jsonl").stat().st_ino == before


# ---- images without a record ---------------------------------------------------------------------


def test_images_without_a_record_are_adopted_from_their_provenance(root: Path) -> None:
    filled(root, 2)
    dataset = Dataset(root)
    dataset.queue.add(make_job([make_task(50), make_task(51)], "job-2"))
    dataset.close()
    orphan(root, 50, "job-2")
    orphan(root, 51)
    found = mended(root)
    assert (found.adopted, found.quarantined, found.metadata) == (2, 0, True)
    assert found.lines == ("2 images without a record added to the catalog",)
    dataset = Dataset(root)
    records = {record.task.seed: record for record in dataset.catalog.records()}
    assert records[50].task == make_task(50)
    assert records[50].provenance == make_provenance()
    assert (records[50].width, records[50].height) == (64, 72)
    assert (records[50].job_id, records[51].job_id) == ("job-2", "")
    row = dataset.queue.row("job-2")
    assert row is not None and (row.total, row.done) == (2, 1)
    dataset.close()
    assert len(assert_in_step(root)) == 4
    assert mended(root) == Mended()


BAD = {
    "torn": (lambda data: data[:-40], "broken PNG"),
    "empty": (lambda _: b"", "not a PNG"),
    "no chunk": (lambda data: data.replace(b"xray-tui\0", b"someones\0"), "broken PNG"),
    "of another task": (
        lambda _: png.encode(make_image(), make_task(99), make_provenance()),
        "it contains the image that belongs at chest/normal/chest-normal_99_",
    ),
    "of an unsafe task": (
        lambda _: png.encode(make_image(), make_task(region="../.."), make_provenance()),
        "cannot be a file",
    ),
}


@pytest.mark.parametrize("name", BAD)
def test_files_that_cannot_be_adopted_go_to_the_quarantine(root: Path, name: str) -> None:
    spoil, why = BAD[name]
    filled(root, 1)
    path = orphan(root)
    data = spoil(path.read_bytes())
    path.write_bytes(data)
    found = mended(root)
    assert (found.adopted, found.quarantined) == (0, 1)
    file = path.relative_to(root).as_posix()
    kept = root / ".xray-tui" / "quarantine" / file
    assert kept.read_bytes() == data
    assert not path.exists()
    (line,) = found.lines
    assert line.startswith(f"{file} moved to .xray-tui/quarantine/{file}: ")
    assert why in line
    assert (root / ".xray-tui" / "quarantine" / "why.txt").read_text() == line + "\n"
    path.write_bytes(data + b"x")  # the quarantine overwrites nothing
    mended(root)
    assert kept.read_bytes() == data
    assert kept.with_name(f"{kept.stem}-2.png").read_bytes() == data + b"x"
    assert len(assert_in_step(root)) == 1


def test_foreign_files_are_not_touched(root: Path, tmp_path: Path) -> None:
    """A user may open a folder of other images as a dataset."""
    filled(root, 1)
    outside = tmp_path / "outside.png"
    outside.write_bytes(orphan(root).read_bytes())
    orphan(root).unlink()
    names = ["holiday.png", "2020/summer/beach.png", "chest/normal/copy of x.png", "chest/n.txt"]
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"mine")
    link = image_path(root, make_task(50))
    link.symlink_to(outside)
    assert mended(root) == Mended()
    assert all((root / name).read_bytes() == b"mine" for name in names)
    assert link.is_symlink()


def test_an_image_of_a_newer_version_is_reported_and_not_touched(root: Path) -> None:
    filled(root, 1)
    path = orphan(root)
    info = png.encode(make_image(), make_task(50), make_provenance())
    path.write_bytes(as_format_2(info))
    found = mended(root)
    assert path.exists()
    assert (found.adopted, found.quarantined) == (0, 0)
    assert "written by a newer xray-tui" in found.lines[0]


def as_format_2(data: bytes) -> bytes:
    import zlib

    at = data.index(b"iTXt")
    length = int.from_bytes(data[at - 4 : at])
    body = data[at : at + 4 + length].replace(b'{"format": 1', b'{"format": 2')
    return data[:at] + body + zlib.crc32(body).to_bytes(4) + data[at + 8 + length :]


def test_a_file_that_cannot_be_quarantined_does_not_stop_the_repair(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(root, 1)
    orphan(root, 50).write_bytes(b"torn")
    orphan(root, 51)

    def refuse(*_: object) -> Path:
        raise DatasetError("no permission")

    monkeypatch.setattr("xray_tui.dataset.repair.adoption.move_aside", refuse)
    found = mended(root)
    assert (found.adopted, found.quarantined) == (1, 0)
    assert found.lines[0] == "no permission"


# ---- records without an image --------------------------------------------------------------------


def test_tasks_of_missing_images_are_queued_again(root: Path) -> None:
    files = filled(root)
    dataset = Dataset(root)
    records = dataset.catalog.records()
    dataset.desk("ann").set_decision([records[0].id], "accepted")
    dataset.close()
    for record in records[:2]:
        (root / record.file).unlink()
    found = mended(root)
    assert (found.lost, found.requeued, found.metadata) == (2, 2, True)
    assert found.lines == (
        "2 records of missing images removed",
        "2 missing images can be generated again when their jobs run; to run them: "
        f"xray-tui generate --resume job-1 --dataset {root}",
    )
    dataset = Dataset(root)
    row = dataset.queue.row("job-1")
    assert row is not None
    assert (row.state, row.message, row.done, row.finished) == (
        "interrupted",
        "images are missing",
        3,
        "",
    )
    job = dataset.queue.load("job-1")
    missing = without_image(dataset, job.tasks)
    assert {task.seed for task in missing} == {3, 4}
    for task in missing:
        record = dataset.save(make_image(), task, make_provenance(), "job-1")
        assert record.id > 5  # ids are never reused: reviewers may still have the old ones
    dataset.close()
    assert assert_in_step(root) == set(files)


def test_records_of_unknown_jobs_are_removed(root: Path) -> None:
    filled(root, 2)
    dataset = Dataset(root)
    dataset.queue.clear_finished()
    dataset.close()
    shutil.rmtree(root / "chest")
    found = mended(root)
    assert (found.lost, found.requeued) == (2, 0)
    assert assert_in_step(root) == set()


def test_a_cancelled_job_stays_cancelled(root: Path) -> None:
    files = filled(root, 2)
    dataset = Dataset(root)
    bring_to(dataset.queue, "job-1", "cancelled")
    (root / files[0]).unlink()
    dataset.close()
    assert mended(root).requeued == 1
    dataset = Dataset(root)
    assert dataset.queue.state("job-1") == "cancelled"
    dataset.close()


def test_a_folder_that_cannot_be_read_loses_no_record(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(root)
    real = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "normal":
            raise PermissionError(13, "Permission denied")
        return real(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert mended(root) == Mended()


def test_an_image_that_is_a_link_counts_as_existing(root: Path, tmp_path: Path) -> None:
    """Some tools keep large files elsewhere and leave links."""
    files = filled(root, 2)
    (root / files[0]).rename(tmp_path / "kept.png")
    (root / files[0]).symlink_to(tmp_path / "kept.png")
    assert mended(root) == Mended()


# ---- jobs, decisions, temporaries ----------------------------------------------------------------


def test_running_jobs_become_interrupted_if_no_process_generates(root: Path) -> None:
    filled(root, 1)
    dataset = Dataset(root)
    with dataset.generator_lock():
        bring_to(dataset.queue, "job-1", "running")
        viewer = Dataset(root)
        assert viewer.mended is None
        assert viewer.queue.state("job-1") == "running"
    with viewer.generator_lock():
        assert viewer.mended is not None
    assert viewer.mended.interrupted == ("job-1",)
    assert viewer.mended.lines[0] == (
        f"1 job set to interrupted; to resume it: xray-tui generate --resume job-1 --dataset {root}"
    )
    viewer.close()
    dataset.close()


def test_a_decision_missing_in_the_catalog_is_stored(root: Path) -> None:
    filled(root, 3)
    dataset = Dataset(root)
    records = dataset.catalog.records()
    for record in records:
        dataset.desk("ann").set_decision([record.id], "accepted")
    late = {
        "file": records[0].file,
        "task_id": records[0].task.id,
        "decision": "rejected",
        "reviewer": "bob",
        "reviewed": "2999-01-01T00:00:00.000+00:00",
    }
    early = late | {
        "task_id": records[1].task.id,
        "reviewer": "ann",
        "reviewed": "2000-01-01T00:00:00.000+00:00",
    }
    unknown = late | {"task_id": "f" * 64}
    with (root / ".xray-tui" / "reviews.jsonl").open("a") as file:
        for line in (late, early, unknown, "no decision", {"task_id": 1}, late | {"reviewed": "x"}):
            file.write(json.dumps(line) + "\n")
    dataset.close()
    assert mended(root).restored == 1
    assert mended(root).restored == 0
    dataset = Dataset(root)
    decisions = [
        {review.reviewer: review.opinion.decision for review in dataset.catalog.reviews(record.id)}
        for record in records
    ]
    assert decisions == [
        {"bob": "rejected", "ann": "accepted"},
        {"ann": "accepted"},
        {"ann": "accepted"},
    ]
    verdicts = [row.verdict for row in dataset.desk().index.rows([record.id for record in records])]
    assert verdicts == ["rejected", "accepted", "accepted"]
    dataset.close()


def test_a_dataset_on_a_full_disk_can_be_viewed(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    filled(root, 2)
    (root / "metadata.jsonl").unlink()  # it cannot be rewritten for now

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    dataset = Dataset(root)
    assert dataset.mended is None
    assert dataset.catalog.record_count() == 2
    monkeypatch.undo()
    dataset.save(make_image(), make_task(9), make_provenance(), "job-1")
    assert dataset.mended == Mended(metadata=True)
    dataset.close()


# ---- killed --------------------------------------------------------------------------------------

FORK = multiprocessing.get_context("fork")  # fresh interpreters would take most of the time


def run_job(root: Path, saved: Connection) -> None:
    """Save the missing images of the job, as a resumed run does."""
    dataset = Dataset(root)
    job = dataset.queue.load("job-1")
    with dataset.generator_lock():
        bring_to(dataset.queue, "job-1", "running")
        for task in without_image(dataset, job.tasks):
            dataset.save(make_image(task.seed), task, make_provenance(), "job-1")
            saved.send(task.seed)
        bring_to(dataset.queue, "job-1", "done")


@pytest.mark.parametrize("kills", [6, pytest.param(20, marks=pytest.mark.slow)])
def test_a_job_killed_again_and_again_ends_with_every_image_once(root: Path, kills: int) -> None:
    """The process is killed at random moments within a save."""
    number = 20 * kills  # enough: on a fast disk, a quarter was saved before the last kill
    dataset = Dataset(root)
    dataset.queue.add(make_job([make_task(seed) for seed in range(number)]))
    dataset.close()
    dice = random.Random(5)
    for _ in range(kills):
        receiver, sender = FORK.Pipe(duplex=False)
        child = FORK.Process(target=run_job, args=(root, sender))
        child.start()
        for _ in range(dice.randint(1, 3)):
            assert receiver.poll(20)
            receiver.recv()
        time.sleep(dice.uniform(0, 0.03))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        dataset = Dataset(root)
        assert dataset.mended is not None
        assert dataset.mended.interrupted == ("job-1",)
        assert dataset.mended.quarantined == dataset.mended.lost == 0
        row = dataset.queue.row("job-1")
        assert row is not None and row.done == len(images(root)) == dataset.catalog.record_count()
        dataset.close()
    receiver, sender = FORK.Pipe(duplex=False)
    run_job(root, sender)
    assert len(assert_in_step(root)) == len(metadata_files(root)) == number
    dataset = Dataset(root)
    row = dataset.queue.row("job-1")
    assert row is not None and (row.state, row.done, row.total) == ("done", number, number)
    dataset.close()


def test_two_processes_never_repair_at_once(root: Path) -> None:
    filled(root, 1)
    dataset = Dataset(root)
    left = orphan(root)
    with dataset.generator_lock():
        viewer = Dataset(root)
        assert viewer.mended is None
        with pytest.raises(DatasetLockedError), viewer.generator_lock():
            pass
        viewer.close()
        assert left.exists()
        assert dataset.catalog.record_count() == 1
    dataset.close()


# ---- many files ----------------------------------------------------------------------------------


def test_many_files_are_checked_by_name_only(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """100,000 files may take about a second of processor time; no known file is opened."""
    Dataset(root).close()
    names = []
    for label in range(4):
        folder = root / "chest" / f"label-{label}"
        folder.mkdir(parents=True)
        for seed in range(2000):
            name = f"x_{seed}_0123abcd.png"
            os.close(os.open(folder / name, os.O_CREAT | os.O_WRONLY))
            names.append(f"chest/label-{label}/{name}")
    monkeypatch.setattr(Catalog, "files", lambda _: set(names))
    monkeypatch.setattr(png, "read", lambda _: pytest.fail("opened a known file"))
    start = time.process_time()
    tree = tree_scan.scan(root)
    assert time.process_time() - start < 0.2
    assert len(tree.files) == 8000
    start = time.process_time()
    assert mended(root) == Mended()
    assert time.process_time() - start < 0.4
