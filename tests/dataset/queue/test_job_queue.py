"""The queue: jobs as planned, their states and order, kept in the catalog."""

from __future__ import annotations

import gc
import sqlite3
import time
import tracemalloc
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from support.dataset_samples import NASTY, make_image, make_job, make_provenance, make_task
from support.job_states import bring_to

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_queue import REMOVED_ARE_KEPT, JobQueue
from xray_tui.dataset.repair.catalog_repair import CatalogRepair
from xray_tui.errors import CatalogDamagedError, DatasetError
from xray_tui.parameters import GenerationParameters
from xray_tui.tasks import Job


@pytest.fixture
def queue(dataset: Dataset) -> JobQueue:
    return dataset.queue


def rows(root: Path, sql: str) -> list[tuple[Any, ...]]:
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def add(queue: JobQueue, *ids: str, tasks: int = 3) -> None:
    for job_id in ids:
        queue.add(make_job([make_task(seed) for seed in range(tasks)], job_id))


def order(queue: JobQueue) -> list[str]:
    return [row.id for row in queue.rows()]


# ---- adding and loading --------------------------------------------------------------------------


def test_a_job_is_loaded_as_it_was_planned(dataset: Dataset, root: Path) -> None:
    parameters = GenerationParameters.build({"width": 64, "height": 72, "steps": 3})
    tasks = [
        make_task(seed, text=NASTY, slots={"a": NASTY}, findings=()) for seed in (5, 3, 1, 4, 2)
    ]
    tasks += [make_task(seed, parameters=parameters) for seed in range(6)]
    planned = Job("job-1", "2026-01-01T00:00:00+00:00", NASTY, (tuple(tasks[:5]), tuple(tasks[5:])))
    dataset.queue.add(planned, {"prompts": [NASTY], "overrides": {"steps": 3}})
    dataset.queue.add(make_job(tasks[::-1], "job-2"))
    dataset.close()
    again = Dataset(root)
    loaded = again.queue.load("job-1")
    assert loaded == planned
    assert [task.id for task in loaded.tasks] == [task.id for task in tasks]
    row = again.queue.row("job-1")
    assert row is not None
    assert row.request == {"prompts": [NASTY], "overrides": {"steps": 3}}
    assert (row.title, row.state, row.total, row.done, row.failed) == (NASTY, "queued", 11, 0, 0)
    assert (row.seconds, row.batch_limit, row.started, row.finished) == (0, 0, "", "")
    again.close()


def test_an_unknown_job_is_refused(queue: JobQueue) -> None:
    with pytest.raises(DatasetError, match='no job "x" in the queue'):
        queue.load("x")
    assert queue.row("x") is None
    assert queue.state("x") is None
    assert queue.first_queued() is None
    assert queue.rows() == []
    assert queue.images_to_come() == {}
    assert queue.pause("x") is queue.resume("x") is queue.cancel("x") is False
    assert queue.start("x") is queue.finish("x", "done") is queue.refuse("x", "why") is False
    assert queue.retry("x") is None
    assert queue.clear_finished() == []
    assert queue.remove("x") is queue.put_back("x") is False
    assert queue.move("x", 1) == 0
    assert queue.set_back("x", "queued", ("cancelled",)) is False


def test_a_job_that_cannot_be_stored_leaves_nothing_behind(queue: JobQueue, root: Path) -> None:
    tasks = [make_task(1), make_task(2, text="\ud800")]
    with pytest.raises(DatasetError, match="not valid Unicode"):
        queue.add(make_job(tasks))
    with pytest.raises(TypeError):
        queue.add(make_job([make_task()]), {"library": object()})
    assert rows(root, "SELECT count(*) FROM jobs") == [(0,)]
    assert rows(root, "SELECT count(*) FROM tasks") == [(0,)]


def test_a_job_added_again_goes_to_the_end_and_its_tasks_keep_their_states(
    dataset: Dataset, queue: JobQueue
) -> None:
    tasks = [make_task(seed) for seed in range(3)]
    queue.add(make_job(tasks), {"a": 1})
    queue.add(make_job(tasks, "job-2"))
    dataset.save(make_image(), tasks[0], make_provenance(), "job-1")
    bring_to(queue, "job-1", "failed", "why")
    queue.add(make_job(tasks))
    assert order(queue) == ["job-2", "job-1"]
    row = queue.row("job-1")
    assert row is not None
    assert (row.state, row.message, row.finished) == ("queued", "", "")
    assert (row.total, row.done, row.request) == (3, 1, {"a": 1})
    queue.add(make_job(tasks), {"b": 2})
    assert queue.rows()[1].request == {"b": 2}


@pytest.mark.parametrize("text", ["", "[1]", "[" * 5000, '{"a": '])
def test_an_unreadable_request_is_empty(queue: JobQueue, root: Path, text: str) -> None:
    add(queue, "job-1")
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE jobs SET request = ?", (text,))
    connection.close()
    assert queue.rows()[0].request == {}


# ---- states --------------------------------------------------------------------------------------


def test_states_messages_and_times(queue: JobQueue) -> None:
    add(queue, "job-1")
    assert queue.start("job-1") is True
    row = queue.rows()[0]
    assert row.started.endswith("+00:00") and row.finished == ""
    started = row.started
    queue.finish("job-1", "interrupted", NASTY + "\udcff")
    queue.add_seconds("job-1", 1.5)
    queue.add_seconds("job-1", 2)
    queue.set_batch_limit("job-1", 2)
    row = queue.rows()[0]
    assert (row.state, row.message, row.seconds, row.batch_limit) == (
        "interrupted",
        NASTY + "?",
        3.5,
        2,
    )
    assert (row.started, row.finished) == (started, "")
    bring_to(queue, "job-1", "done")
    assert queue.rows()[0].started == started
    assert queue.rows()[0].finished >= started
    assert queue.rows()[0].message == ""


def test_tasks_are_counted(dataset: Dataset, queue: JobQueue) -> None:
    tasks = [make_task(seed) for seed in range(5)]
    queue.add(make_job(tasks))
    queue.add(make_job(tasks[:2], "job-2"))
    queue.set_task_states("job-1", [tasks[0].id, tasks[1].id], "failed", NASTY)
    dataset.save(make_image(), tasks[2], make_provenance(), "job-1")
    counts = [(row.id, row.total, row.done, row.failed) for row in queue.rows()]
    assert counts == [("job-1", 5, 1, 2), ("job-2", 2, 0, 0)]


def test_failed_tasks_are_queued_again(queue: JobQueue, root: Path) -> None:
    add(queue, "job-1", "job-2", tasks=4)
    tasks = [task.id for task in queue.load("job-1").tasks]
    queue.set_task_states("job-1", tasks[:2], "failed", "why")
    bring_to(queue, "job-1", "done")
    assert queue.retry("job-1") == 2
    assert order(queue) == ["job-2", "job-1"]
    assert queue.state("job-1") == "queued"
    assert rows(root, "SELECT DISTINCT state, error FROM tasks") == [("queued", "")]


def test_retry_refuses_a_job_with_nothing_failed(queue: JobQueue) -> None:
    add(queue, "job-1", "job-2", "job-3")
    bring_to(queue, "job-1", "done")
    bring_to(queue, "job-2", "failed", "no such model")
    bring_to(queue, "job-3", "running")
    queue.set_task_states("job-3", [make_task(1).id], "failed")
    assert [queue.retry(name) for name in ("job-1", "job-2", "job-3")] == [None, 0, None]
    assert {row.id: row.state for row in queue.rows()} == {
        "job-1": "done",
        "job-2": "queued",
        "job-3": "running",
    }


def test_finished_jobs_are_cleared_and_their_records_stay(dataset: Dataset, root: Path) -> None:
    queue = dataset.queue
    states = ["queued", "running", "paused", "done", "failed", "cancelled", "interrupted"]
    for state in states:
        add(queue, state)
        bring_to(queue, state, state)
    record = dataset.save(make_image(), make_task(1), make_provenance(), "done")
    assert queue.clear_finished() == ["done", "failed", "cancelled"]
    assert order(queue) == ["queued", "running", "paused", "interrupted"]
    assert [queue.row(name) for name in ("done", "failed", "cancelled")] == [None] * 3
    assert queue.state("done") is None
    assert dataset.catalog.record(record.id) == record


def test_a_removed_job_changes_no_more_until_it_is_put_back_as_it_was(
    dataset: Dataset, queue: JobQueue
) -> None:
    add(queue, "a", "b", "c")
    assert queue.remove("b") is False  # it is not finished
    queue.set_task_states("b", [make_task(1).id], "failed", "why")
    bring_to(queue, "b", "failed", "the model is gone")
    before = queue.row("b")
    assert queue.remove("b") is True
    assert order(queue) == ["a", "c"]
    assert queue.remove("b") is queue.resume("b") is queue.cancel("b") is False
    assert queue.retry("b") is None
    CatalogRepair(queue._database).match_tasks_to_records()
    assert queue.put_back("b") is True
    assert queue.put_back("b") is False
    assert order(queue) == ["a", "b", "c"]
    assert queue.row("b") == before


def test_a_job_whose_images_were_lost_after_it_was_removed_comes_back_interrupted(
    dataset: Dataset, queue: JobQueue
) -> None:
    add(queue, "a", tasks=1)
    record = dataset.save(make_image(), make_task(0), make_provenance(), "a")
    bring_to(queue, "a", "done")
    queue.remove("a")
    CatalogRepair(queue._database).remove([record.file])
    assert queue.put_back("a") is True
    assert queue.state("a") == "interrupted"


def test_a_job_is_gone_for_good_a_week_after_it_was_removed(queue: JobQueue, root: Path) -> None:
    for name in ("old", "new"):
        add(queue, name)
        bring_to(queue, name, "done")
        assert queue.remove(name)
    week = (datetime.now(UTC) - REMOVED_ARE_KEPT - timedelta(minutes=1)).isoformat()
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE jobs SET removed = ? WHERE id = 'old'", (week,))
    connection.close()
    queue.clear_finished()
    assert rows(root, "SELECT DISTINCT job_id FROM tasks") == [("new",)]
    assert queue.put_back("old") is False
    assert queue.put_back("new") is True


def test_a_removed_job_that_is_added_again_is_in_the_queue_again(queue: JobQueue) -> None:
    add(queue, "a")
    bring_to(queue, "a", "cancelled")
    queue.remove("a")
    add(queue, "a")
    assert queue.state("a") == "queued"


def test_running_jobs_are_interrupted(queue: JobQueue) -> None:
    add(queue, "job-1", "job-2", "job-3")
    bring_to(queue, "job-1", "running")
    bring_to(queue, "job-2", "paused")
    assert queue.interrupt_running() == ["job-1"]
    assert queue.interrupt_running() == []
    assert [row.state for row in queue.rows()] == ["interrupted", "paused", "queued"]
    assert [row.id for row in queue.rows(("queued", "paused"))] == ["job-2", "job-3"]


def test_errors_come_from_the_first_failed_tasks(queue: JobQueue, root: Path) -> None:
    tasks = [make_task(seed) for seed in (9, 8, 7, 6)]
    queue.add(make_job(tasks, batch_size=2))
    queue.add(make_job(tasks, "job-2"))
    assert queue.errors("job-1", 5) == []
    queue.set_task_states("job-1", [tasks[3].id], "failed", "last")
    queue.set_task_states("job-1", [tasks[0].id, tasks[2].id], "failed", NASTY)
    found = queue.errors("job-1", 2)
    assert [(item.task, item.error) for item in found] == [(tasks[0], NASTY), (tasks[2], NASTY)]
    assert [item.error for item in queue.errors("job-1", 9)] == [NASTY, NASTY, "last"]
    assert queue.errors("job-2", 9) == queue.errors("x", 9) == []
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE tasks SET task = '{}'")
    connection.close()
    with pytest.raises(CatalogDamagedError, match="a task of job job-1 is damaged"):
        queue.errors("job-1", 1)


def test_seconds_per_image_are_averaged_over_the_latest_images(
    dataset: Dataset, queue: JobQueue, root: Path
) -> None:
    tasks = [make_task(seed) for seed in range(4)]
    queue.add(make_job(tasks))
    assert queue.seconds_per_image("job-1") is None
    for task, seconds in zip(tasks, (1.0, 3.0, 50.0, 7.0), strict=True):
        job_id = "job-2" if seconds == 50 else "job-1"
        dataset.save(make_image(), task, make_provenance(seconds=seconds), job_id)
    assert queue.seconds_per_image("job-1") == pytest.approx(11 / 3)
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute("UPDATE records SET provenance = '{' WHERE id = 4")
    connection.close()
    assert queue.seconds_per_image("job-1") == 2


def test_images_to_come_are_counted_for_each_label(queue: JobQueue, root: Path) -> None:
    tasks = [make_task(seed, label="normal" if seed < 4 else "effusion") for seed in range(6)]
    queue.add(make_job(tasks))
    queue.add(make_job(tasks[:1], "job-2"))
    queue.add(make_job(tasks, "job-3"))
    queue.set_task_states("job-1", [tasks[0].id], "done")
    queue.set_task_states("job-1", [tasks[1].id], "failed", "why")
    bring_to(queue, "job-2", "paused")
    bring_to(queue, "job-3", "cancelled")
    assert queue.images_to_come() == {("chest", "effusion"): 2, ("chest", "normal"): 3}


# ---- order ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("moved", "offset", "expected"),
    [
        ("b", -1, "bacd"),
        ("b", 1, "acbd"),
        ("a", 99, "bcda"),
        ("d", -99, "dabc"),
        ("a", -1, "abcd"),
        ("c", 0, "abcd"),
    ],
)
def test_waiting_jobs_are_moved(queue: JobQueue, moved: str, offset: int, expected: str) -> None:
    add(queue, *"abcd")
    by = queue.move(moved, offset)
    assert "".join(order(queue)) == expected
    assert by == expected.index(moved) - "abcd".index(moved)
    assert queue.first_queued() == expected[0]


def test_a_move_skips_jobs_that_are_not_waiting(queue: JobQueue) -> None:
    add(queue, *"abcd")
    bring_to(queue, "a", "running")
    bring_to(queue, "c", "done")
    queue.move("d", -1)
    assert "".join(order(queue)) == "adcb"
    queue.move("a", 2)
    assert "".join(order(queue)) == "adcb"
    assert queue.first_queued() == "d"


# ---- across processes ----------------------------------------------------------------------------


def test_a_pause_outlives_the_process_and_is_seen_by_others(dataset: Dataset, root: Path) -> None:
    other = Dataset(root)
    assert not dataset.queue.paused
    other.queue.set_paused(True)
    assert dataset.queue.paused
    other.close()
    again = Dataset(root)
    assert again.queue.paused
    again.queue.set_paused(False)
    assert not dataset.queue.paused
    again.close()


def test_a_job_queued_by_another_process_is_found_and_started_once(
    dataset: Dataset, root: Path
) -> None:
    viewer = Dataset(root)
    add(viewer.queue, "job-1")
    assert dataset.queue.first_queued() == "job-1"
    assert dataset.queue.start("job-1")
    assert not viewer.queue.start("job-1")
    assert viewer.queue.state("job-1") == "running"
    viewer.close()


# ---- large jobs ----------------------------------------------------------------------------------


def test_large_jobs_take_little_time_and_memory(queue: JobQueue) -> None:
    """Measured in processor time, because the machine may be busy. A job may have 200,000 tasks."""
    count = 10_000
    tasks = [make_task(seed) for seed in range(count)]
    job = make_job(tasks, batch_size=8)
    ids = [task.id for task in tasks]
    start = time.process_time()
    queue.add(job)
    queue.set_task_states("job-1", ids[: count // 2], "failed")
    assert queue.rows()[0].failed == count // 2
    loaded = queue.load("job-1")
    assert [task.id for task in loaded.tasks] == ids
    assert time.process_time() - start < 2

    polling = time.process_time()
    for _ in range(100):
        queue.state("job-1")
        queue.first_queued()
    assert time.process_time() - polling < 0.2

    del loaded
    gc.collect()
    tracemalloc.start()
    small = make_job(tasks[:1000], "job-2")
    before, _ = tracemalloc.get_traced_memory()
    tracemalloc.reset_peak()
    queue.add(small)
    _, peak = tracemalloc.get_traced_memory()
    assert peak - before < 150_000  # the tasks as JSON alone are 600 kB
    kept = queue.load("job-2")
    size, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert (size - before) / kept.size < 1500


def test_ids_match_the_rows_and_their_order(dataset: Dataset) -> None:
    queue = dataset.queue
    add(queue, "a", "b", "c", "d")
    bring_to(queue, "b", "running")
    bring_to(queue, "c", "paused")
    queue.move("d", -3)
    for states in (("queued",), ("running",), ("queued", "paused"), ("done",)):
        assert queue.ids(states) == [row.id for row in queue.rows(states)]
    assert queue.ids(("queued",)) == ["d", "a"]


def test_tasks_keep_the_columns_of_their_rows(dataset: Dataset) -> None:
    tasks = [make_task(seed, table_row={"row": seed, "note": None}) for seed in range(3)]
    dataset.queue.add(make_job(tasks))
    assert list(dataset.queue.load("job-1").tasks) == tasks
