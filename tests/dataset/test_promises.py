"""The promises about data in design.md, tested with kill -9, threads and failing saves."""

from __future__ import annotations

import json
import multiprocessing
import os
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from pathlib import Path

import pytest
from support.dataset_samples import (
    assert_in_step,
    make_image,
    make_job,
    make_provenance,
    make_task,
    metadata_files,
    temporaries,
    without_image,
)

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import metadata, png
from xray_tui.dataset.files.atomic import TEMPORARY
from xray_tui.errors import DatasetError, DatasetLockedError

FORK = multiprocessing.get_context("fork")  # fresh interpreters would take most of the time
ROUNDS = 20


def save_until_killed(root: Path, first_seed: int, threads: int) -> None:
    dataset = Dataset(root)

    def loop(start: int) -> None:
        for seed in range(start, start + 10_000, threads):
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")

    with dataset.generator_lock():
        workers = [threading.Thread(target=loop, args=(first_seed + i,)) for i in range(threads)]
        for worker in workers:
            worker.start()
        for worker in workers:
            worker.join()


def test_kill_9_while_saving_leaves_no_partial_image(root: Path) -> None:
    dice = random.Random(2)
    count = 0
    adopted = 0
    for number in range(ROUNDS):
        threads = 1 + number % 3
        child = FORK.Process(target=save_until_killed, args=(root, number * 10_000, threads))
        child.start()
        deadline = time.monotonic() + 20
        while len(list(root.glob("chest/normal/*.png"))) <= count + 1:
            assert child.is_alive() and time.monotonic() < deadline
            time.sleep(0.005)
        time.sleep(dice.uniform(0, 0.08))
        assert child.pid is not None
        os.kill(child.pid, signal.SIGKILL)
        child.join()
        dataset = Dataset(root)
        mended = dataset.mended
        dataset.close()
        assert mended is not None
        assert mended.adopted <= threads  # one for each save cut short
        assert (mended.quarantined, mended.lost) == (0, 0)
        adopted += mended.adopted
        count = len(assert_in_step(root))
    assert count > 2 * ROUNDS
    assert adopted

    dataset = Dataset(root)  # running again loses and duplicates nothing
    tasks = [png.read(path).task for path in root.glob("*/*/*.png")]
    assert not without_image(dataset, tasks)
    dataset.save(make_image(tasks[0].seed), tasks[0], make_provenance(), "job-2")
    dataset.close()
    assert len(assert_in_step(root)) == count


def test_kill_9_between_any_two_steps_of_a_save(root: Path) -> None:
    """The process is killed once before each call that changes the disk."""
    Dataset(root).close()
    steps = ["hardlink_to", "unlink", "add_record", "append"]
    for seed, step in enumerate(steps):
        child = FORK.Process(target=save_and_die_before, args=(root, seed, step))
        child.start()
        child.join()
        assert child.exitcode == -signal.SIGKILL
        dataset = Dataset(root)
        assert dataset.mended is not None
        assert dataset.mended.adopted == (step in ("unlink", "add_record"))
        assert dataset.mended.metadata == (step != "hardlink_to")
        assert bool(without_image(dataset, [make_task(seed)])) is (step == "hardlink_to")
        dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")
        dataset.close()
        assert len(assert_in_step(root)) == seed + 1


def save_and_die_before(root: Path, seed: int, step: str) -> None:
    def die(*_: object, **__: object) -> None:
        os.kill(os.getpid(), signal.SIGKILL)

    dataset = Dataset(root)
    owner = {"add_record": Catalog, "append": metadata}.get(step, Path)
    if step == "unlink":  # of the temporary file, after it was linked to its final name
        real = Path.unlink
        owner.unlink = lambda path, **kw: (
            die() if path.match(f"normal/{TEMPORARY}") else real(path, **kw)
        )
    else:
        setattr(owner, step, die)
    dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")


def test_a_reviewer_does_not_disturb_a_running_generator(root: Path) -> None:
    child = FORK.Process(target=save_until_killed, args=(root, 0, 2))
    child.start()
    while not list(root.glob("chest/normal/*.png")):  # until it has the lock
        assert child.is_alive()
        time.sleep(0.005)
    decided = 0
    while decided < 25:
        reviewer = Dataset(root)  # must not repair files that are being written
        for record in reviewer.catalog.records(limit=1):
            reviewer.desk("ann").set_decision([record.id], "accepted")
            decided += 1
        reviewer.close()
        assert child.is_alive()
    assert child.pid is not None
    os.kill(child.pid, signal.SIGKILL)
    child.join()
    rows = metadata_files(root)  # read before the next opening repairs them
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    ((recorded,),) = connection.execute("SELECT count(*) FROM records")
    connection.close()
    assert len(rows) == len(set(rows)) and recorded - len(rows) in (0, 1)
    assert_in_step(root)


def test_the_temporary_file_of_a_running_process_is_not_removed(root: Path) -> None:
    dataset = Dataset(root)
    folder = root / "chest" / "normal"
    folder.mkdir(parents=True)
    live = folder / ".xray-tui-1-abcd.tmp"
    with dataset.generator_lock():
        live.write_bytes(b"half")
        child = FORK.Process(target=lambda: Dataset(root).close())
        child.start()
        child.join()
        assert child.exitcode == 0
        assert live.exists()
    dataset.close()
    Dataset(root).close()
    assert not live.exists()


def test_only_temporary_files_of_xray_tui_are_removed_and_links_not_followed(
    root: Path, tmp_path: Path
) -> None:
    elsewhere = tmp_path / "elsewhere" / "label"
    elsewhere.mkdir(parents=True)
    folder = root / "chest" / "normal"
    folder.mkdir(parents=True)
    (root / "knee").symlink_to(elsewhere.parent)
    names = [".xray-tui-x.tmp", "notes.tmp", "a.png"]
    for name in names:
        (folder / name).touch()
        (elsewhere / name).touch()
    Dataset(root).close()
    assert {path.name for path in folder.iterdir()} == {"notes.tmp", "a.png"}
    assert {path.name for path in elsewhere.iterdir()} == set(names)


def test_threads_may_save_at_once(dataset: Dataset, root: Path) -> None:
    tasks = [make_task(seed) for seed in range(24)]
    failures: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for task in tasks[number::3]:  # six threads, so each task is saved twice
                dataset.save(make_image(task.seed), task, make_provenance(), "job-1")
        except BaseException as error:
            failures.append(error)

    with dataset.generator_lock():
        threads = [threading.Thread(target=work, args=(i % 3,)) for i in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert not failures
    assert Counter(metadata_files(root)) == Counter(r.file for r in dataset.catalog.records())
    assert len(assert_in_step(root)) == 24


def test_saving_again_replaces_only_the_image_of_that_task(dataset: Dataset, root: Path) -> None:
    task = make_task()
    first = dataset.save(make_image(1), task, make_provenance(), "job-1")
    dataset.desk("ann").set_decision([first.id], "accepted")
    second = dataset.save(make_image(99), task, make_provenance(model="folder"), "job-2")
    assert (second.id, second.job_id, second.file) == (first.id, "job-2", first.file)
    (review,) = dataset.catalog.reviews(first.id)
    assert review.opinion.decision == "accepted"
    (row,) = (root / "metadata.jsonl").read_text().splitlines()
    assert json.loads(row)["model"] == "folder"

    for content in (
        b"",
        b"a file of the user",
        png.encode(make_image(), make_task(8), make_provenance()),
    ):
        dataset.path_of(first).write_bytes(content)
        with pytest.raises(DatasetError, match="move it elsewhere"):
            dataset.save(make_image(5), task, make_provenance(), "job-3")
        assert dataset.path_of(first).read_bytes() == content
        assert dataset.catalog.records() == [second]
    assert not temporaries(root)


def test_images_are_saved_on_file_systems_without_hard_links(
    dataset: Dataset, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(path: Path, target: Path) -> None:
        raise PermissionError(1, "Operation not permitted")  # as on FAT

    monkeypatch.setattr(Path, "hardlink_to", refuse)
    record = dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    assert dataset.save(make_image(), make_task(), make_provenance(), "job-1") == record
    dataset.path_of(record).write_bytes(b"other")
    with pytest.raises(DatasetError, match="in the way"):
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")


def test_a_job_run_again_generates_only_missing_images(dataset: Dataset) -> None:
    tasks = [make_task(seed) for seed in range(5)]
    dataset.queue.add(make_job(tasks))
    saved = [
        dataset.save(make_image(), task, make_provenance(), "job-1")
        for task in (tasks[1], tasks[3])
    ]
    assert without_image(dataset, tasks) == [tasks[0], tasks[2], tasks[4]]
    assert dataset.existing(tasks) == {tasks[1].id, tasks[3].id}
    dataset.path_of(saved[0]).unlink()
    assert dataset.existing(tasks) == {tasks[3].id}
    assert without_image(dataset, [tasks[1]])


def test_the_save_after_a_failed_one_repairs_metadata(
    dataset: Dataset, root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def torn(path: Path, record: object) -> None:
        with path.open("a") as file:
            file.write('{"file_name": "che')
        raise DatasetError("disk full")

    dataset.save(make_image(), make_task(1), make_provenance(), "job-1")
    with monkeypatch.context() as patch, dataset.generator_lock():
        patch.setattr(metadata, "append", torn)
        with pytest.raises(DatasetError):
            dataset.save(make_image(), make_task(2), make_provenance(), "job-1")
        patch.undo()
        dataset.save(make_image(), make_task(3), make_provenance(), "job-1")
        assert [name.split("_")[1] for name in metadata_files(root)] == ["1", "2", "3"]
    assert_in_step(root)


def test_saving_acquires_the_lock_itself(dataset: Dataset, root: Path) -> None:
    other = Dataset(root)
    with other.generator_lock(), pytest.raises(DatasetLockedError, match=str(os.getpid())):
        dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    dataset.save(make_image(), make_task(), make_provenance(), "job-1")
    other.close()
