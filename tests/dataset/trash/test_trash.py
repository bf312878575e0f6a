"""Purging: what is moved to the trash comes back exactly, and no kill leaves half a purge."""

from __future__ import annotations

import json
import multiprocessing
import os
import shutil
import signal
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from support.advice import advised
from support.dataset_samples import assert_in_step, make_image, make_job, make_provenance, make_task
from support.kill_points import KillPoint

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout, metadata
from xray_tui.dataset.query.parsing import Query, parse
from xray_tui.dataset.repair.rebuilding import rebuild
from xray_tui.dataset.repair.verifying import verify
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.shortfall import shortfall
from xray_tui.errors import DatasetError

FORK = multiprocessing.get_context("fork")
REJECTED = (1, 4)
TASKS = [make_task(seed, label=("normal", "effusion")[seed % 2]) for seed in range(6)]


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Six images; 1 and 4 are rejected, with stars, tags and notes of two reviewers."""
    root = tmp_path_factory.mktemp("made") / "xrays"
    with closing(Dataset(root)) as dataset, dataset.generator_lock():
        dataset.queue.add(make_job(TASKS))
        for task in TASKS:
            dataset.save(make_image(task.seed), task, make_provenance(), "job-1")
        ann, bob = dataset.desk("ann"), dataset.desk("bob")
        ids = [dataset.catalog.record_of(task.id).id for task in TASKS]
        bob.set_decision([ids[1]], "accepted")
        ann.add_tag([ids[1]], "grid-noise")
        ann.set_note([ids[4]], "look")
        ann.relabel([ids[4]], "pneumonia")
        ann.set_rating(ids[:3], 2)
        ann.set_decision([ids[0]], "accepted")
        ann.set_decision([ids[n] for n in REJECTED], "rejected")
    return root


@pytest.fixture
def root(made: Path, tmp_path: Path) -> Path:
    shutil.copytree(made, tmp_path / "xrays")
    return tmp_path / "xrays"


@pytest.fixture
def desk(root: Path) -> Iterator[ReviewDesk]:
    with closing(Dataset(root)) as dataset:
        yield dataset.desk("ann")


def state(root: Path) -> dict[str, Any]:
    """All that a purge changes and its undo must restore: tables, files, metadata.jsonl."""
    assert_in_step(root)
    with closing(sqlite3.connect(root / layout.CATALOG)) as catalog:
        tables = {
            table: catalog.execute(f"SELECT * FROM {table} ORDER BY 1, 2").fetchall()
            for table in ("records", "images", "reviews", "verdicts", "tasks", "purged", "purges")
        }
    files = {str(path.relative_to(root)): path.read_bytes() for path in root.rglob("*.png")}
    reviews = (root / layout.REVIEWS).read_bytes()
    return {**tables, "files": files, "metadata": rows(root), "log": reviews}


def purged_files(found: dict[str, Any]) -> list[bytes]:
    """The contents of the images that are rejected."""
    seeds = tuple(f"_{seed}_" for seed in REJECTED)
    return [data for name, data in found["files"].items() if any(seed in name for seed in seeds)]


def rows(root: Path) -> list[Any]:
    return [json.loads(line) for line in (root / layout.METADATA).read_text().splitlines()]


def opened(root: Path) -> None:
    """Open the dataset, which mends it, and verify that no problem is left."""
    Dataset(root).close()
    assert verify(root).findings.problems == ()


def trash_files(root: Path) -> list[str]:
    return sorted(path.name for path in (root / layout.TRASH).rglob("*") if path.is_file())


def test_a_purge_moves_what_the_dataset_rejects_and_its_undo_restores_all(
    root: Path, desk: ReviewDesk
) -> None:
    desk.write_decisions()
    before = state(root)
    rejected = desk.purging.rejected()
    assert rejected.labels == {("chest", "effusion"): 1, ("chest", "pneumonia"): 1}
    assert (rejected.images, rejected.disputed) == (2, 1)
    purge = desk.purging.purge()
    assert (purge.images, purge.bytes) == (2, rejected.bytes)
    assert purge.bytes == sum(map(len, purged_files(before)))
    opened(root)
    assert [row["seed"] for row in rows(root)] == [0, 2, 3, 5]
    assert len(desk.index.find(Query())) == 4
    assert desk.purging.rejected().images == 0
    assert desk.purging.trash.purges() == [purge]
    assert desk.purging.purge().images == 0  # nothing is left to purge

    assert desk.undo() == "purged 2 rejected images"
    desk.write_decisions()
    assert state(root) == before
    assert trash_files(root) == []
    opened(root)

    assert desk.redo() == "purged 2 rejected images"
    opened(root)
    assert len(rows(root)) == 4
    assert desk.undo() == "purged 2 rejected images"
    assert desk.undo() == "rejected 2 images"  # earlier steps know the images again
    assert len(desk.index.find(parse("is:rejected"))) == 0


def test_opinions_of_others_that_arrive_meanwhile_come_with_the_image(
    root: Path, desk: ReviewDesk
) -> None:
    desk.purging.purge()
    line = {
        **json.loads((root / layout.REVIEWS).read_text().splitlines()[0]),
        "reviewer": "eve",
        "rating": 5,
    }
    with (root / layout.REVIEWS).open("a") as file:
        file.write(json.dumps(line) + "\n")
    opened(root)
    assert desk.purging.restore_latest() is not None
    assert {review.reviewer for review in desk.reviews(2)} == {"ann", "bob", "eve"}


def purge_until(root: Path, calls: int, before: bool, action: str) -> None:
    KillPoint(calls, before=before).install()
    with closing(Dataset(root)) as dataset:
        desk = dataset.desk("ann")
        if action == "empty":
            desk.purging.trash.empty()
        else:
            getattr(desk, action)() if action != "purge" else desk.purging.purge()
    os._exit(0)


@pytest.mark.parametrize("action", [pytest.param("purge", marks=pytest.mark.slow), "undo", "empty"])
def test_kill_9_at_any_call_leaves_all_of_it_or_nothing(
    root: Path, tmp_path: Path, action: str
) -> None:
    """Killed before or after every call that changes the disk; mended when opened again."""
    with closing(Dataset(root)) as dataset:
        not_purged = state(root)
        dataset.desk("ann").purging.purge()
    purged = state(root)
    if action == "purge":
        with closing(Dataset(root)) as dataset:
            dataset.desk("ann").undo()
    outcomes = set()
    for calls in range(1, 200):
        copy = tmp_path / "copy"
        shutil.rmtree(copy, ignore_errors=True)
        shutil.copytree(root, copy)
        child = FORK.Process(target=purge_until, args=(copy, calls, calls % 2 == 0, action))
        child.start()
        child.join()
        opened(copy)
        found = state(copy)
        if action == "empty":
            assert found["metadata"] == purged["metadata"]
            outcomes.add(bool(trash_files(copy)))
        else:
            assert comparable(found) in (comparable(purged), comparable(not_purged))
            outcomes.add(comparable(found) == comparable(purged))
        if action != "empty" and calls % 4 == 0:
            with closing(Dataset(copy)) as dataset:  # and it can be finished, or undone
                desk = dataset.desk("ann")
                desk.purging.purge()
                assert desk.purging.restore_latest() is not None
            assert comparable(state(copy)) == comparable(not_purged)
        if child.exitcode == 0:
            break
        assert child.exitcode == -signal.SIGKILL
    assert calls > 5
    assert outcomes == {True, False}


def comparable(found: dict[str, Any]) -> dict[str, Any]:
    """Without the ids of purges, which are random."""
    files = {name: data for name, data in found["files"].items() if layout.TRASH not in name}
    purged = sorted(task for task, *_ in found["purged"])
    return {**found, "files": files, "purges": [], "purged": purged}


def test_purges_and_restores_while_images_are_saved(root: Path) -> None:
    """Two processes would use two catalogs and locks, as the two datasets here do."""
    seeds = range(100, 110)
    with closing(Dataset(root)) as generating, closing(Dataset(root)) as reviewing:
        desk = reviewing.desk("ann")

        def save() -> None:
            with generating.generator_lock():
                for seed in seeds:
                    generating.save(make_image(seed), make_task(seed), make_provenance(), "job-2")

        saving = Thread(target=save)
        saving.start()
        while saving.is_alive():
            assert desk.purging.purge().images == 2
            assert desk.undo() == "purged 2 rejected images"
        saving.join()
    opened(root)
    assert len(rows(root)) == len(TASKS) + len(seeds)
    assert trash_files(root) == []


def test_an_error_midway_moves_everything_back(
    root: Path, desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = state(root)
    real = Path.replace

    def full(path: Path, target: Path) -> Path:
        if path.name.startswith("chest-normal_4"):
            raise OSError(28, "No space left on device")
        return real(path, target)

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(DatasetError, match="the disk is full"):
        desk.purging.purge()
    monkeypatch.undo()
    assert state(root) == before
    assert trash_files(root) == []
    assert desk.next_undo() is not None and desk.next_undo().purged is None


def test_purged_images_are_not_generated_again_until_the_trash_is_emptied(
    root: Path, desk: ReviewDesk
) -> None:
    desk.purging.purge()
    wanted = {TASKS[n].id for n in REJECTED}
    with closing(Dataset(root)) as dataset:
        assert dataset.in_trash(TASKS) == wanted
        row = dataset.queue.row("job-1")
        assert row is not None and row.done == 6  # the job does not offer to make them again
        emptied = desk.purging.trash.empty()
        assert emptied.images == 2 and emptied.bytes > 0
        assert trash_files(root) == [] and desk.purging.trash.purges() == []
        assert dataset.in_trash(TASKS) == set()
        # Made again, an image is rejected at once: its reviews were kept.
        record = dataset.save(make_image(1), TASKS[1], make_provenance(), "job-2")
        assert list(desk.index.find(parse("verdict:rejected"))) == [record.id]
    assert desk.undo() == "purged 2 rejected images (no longer in the trash)"
    opened(root)


def test_targets_know_the_images_that_were_purged(root: Path, desk: ReviewDesk) -> None:
    targets = {("chest", "effusion"): 10}
    (before,) = shortfall(desk.index.progress(), targets)
    desk.purging.purge()
    (after,) = shortfall(desk.index.progress(), targets)
    assert before == after
    desk.purging.trash.empty()
    assert shortfall(desk.index.progress(), targets) == [before]


def test_a_rebuilt_catalog_knows_the_trash(root: Path, desk: ReviewDesk) -> None:
    before = state(root)
    desk.purging.purge()
    rebuild(root)
    with closing(Dataset(root)) as dataset:
        assert dataset.in_trash(TASKS) == {TASKS[n].id for n in REJECTED}
        row = dataset.queue.row("job-1")
        assert row is not None and row.done == 6
        assert dataset.desk("ann").purging.restore_latest() is not None
    again = state(root)
    assert again["files"] == before["files"]
    assert sorted(map(str, again["metadata"])) == sorted(map(str, before["metadata"]))
    opened(root)


@pytest.mark.parametrize(
    "meddle",
    [
        lambda root: shutil.rmtree(root / layout.TRASH),
        lambda root: [path.unlink() for path in (root / layout.TRASH).rglob("*.png")],
        lambda root: next((root / layout.TRASH).glob("*.jsonl")).write_text("{}\n"),
    ],
    ids=["no trash", "no images", "damaged list"],
)
def test_a_trash_that_someone_changed_by_hand_does_no_harm(
    root: Path, meddle: Callable[[Path], object]
) -> None:
    with closing(Dataset(root)) as dataset:
        dataset.desk("ann").purging.purge()
    meddle(root)
    opened(root)
    with closing(Dataset(root)) as dataset:
        desk = dataset.desk("ann")
        try:
            desk.undo()
        except DatasetError as error:
            assert "trash" in str(error)
        assert len(desk.index.find(Query())) == 4
    opened(root)


def test_a_file_in_the_way_stays_and_so_does_the_image_in_the_trash(
    root: Path, desk: ReviewDesk
) -> None:
    (file,) = (row.file for row in desk.index.rows([5]))
    desk.purging.purge()
    (root / file).parent.mkdir(exist_ok=True)
    (root / file).write_bytes(b"mine")
    with pytest.raises(DatasetError) as caught:
        desk.undo()
    advised("a file is in the way; move it elsewhere", str(caught.value))
    assert (root / file).read_bytes() == b"mine"
    assert len(desk.index.find(Query())) == 5
    (root / file).rename(root.parent / "elsewhere")
    assert desk.purging.restore_latest() is not None
    assert len(desk.index.find(Query())) == 6
    opened(root)


def test_rows_are_removed_by_their_file_only(tmp_path: Path) -> None:
    path = tmp_path / "metadata.jsonl"
    lines = [
        '{"file_name": "a.png", "text": "b.png"}\n',
        '{"text": "x", "file_name": "b.png"}\n',
        "?\n",
    ]
    path.write_text("".join(lines))
    metadata.remove_rows(path, {"b.png"})
    assert path.read_text() == lines[0] + lines[2]
