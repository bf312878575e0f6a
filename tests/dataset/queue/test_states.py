"""The states of a job: every verb follows the table, and only a retry changes the order."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dataset_samples import make_job, make_task
from support.job_states import bring_to

from xray_tui.dataset.catalog.database import Database
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.dataset.queue.states import (
    ALIVE,
    CANCELLABLE,
    ENDED,
    FINISHED,
    NEXT,
    PAUSABLE,
    RESUMABLE,
    RETRYABLE,
    STATES,
    WAITING,
    JobState,
    change_state,
)

Verb = Callable[[JobQueue, str], object]

VERBS: dict[str, Verb] = {
    "pause": JobQueue.pause,
    "resume": JobQueue.resume,
    "cancel": JobQueue.cancel,
    "retry": lambda queue, job_id: queue.retry(job_id) is not None,
    "start": JobQueue.start,
    "finish as done": lambda queue, job_id: queue.finish(job_id, "done"),
    "finish as failed": lambda queue, job_id: queue.finish(job_id, "failed", "why"),
    "finish as interrupted": lambda queue, job_id: queue.finish(job_id, "interrupted"),
    "refuse": lambda queue, job_id: queue.refuse(job_id, "its tasks are damaged"),
    "set aside": JobQueue.set_aside,
    "requeue interrupted": JobQueue.requeue_interrupted,
}
FOLLOWING: dict[str, dict[JobState, JobState]] = {
    "pause": {"queued": "paused", "running": "paused"},
    "resume": {"paused": "queued", "interrupted": "queued", "cancelled": "queued"},
    "cancel": dict.fromkeys(("queued", "running", "paused", "interrupted"), "cancelled"),
    "retry": {"failed": "queued"},
    "start": {"queued": "running"},
    "finish as done": {"running": "done"},
    "finish as failed": {"running": "failed"},
    "finish as interrupted": {"running": "interrupted"},
    "refuse": {"queued": "failed"},
    "set aside": {"queued": "interrupted"},
    "requeue interrupted": {"interrupted": "queued"},
}
"""The new state for each verb and each state that it changes, if no task has failed."""


@pytest.fixture
def queue(dataset: Dataset) -> JobQueue:
    return dataset.queue


def add(queue: JobQueue, *ids: str) -> None:
    for job_id in ids:
        queue.add(make_job([make_task(seed) for seed in range(2)], job_id))


def order(queue: JobQueue) -> list[str]:
    return [row.id for row in queue.rows()]


def fail_a_task(queue: JobQueue, job_id: str) -> None:
    queue.set_task_states(job_id, [make_task(0).id], "failed", "why")


def test_the_groups_of_states_agree_with_the_table() -> None:
    assert set(NEXT) == set(STATES)
    assert {*WAITING, "running"} == set(ALIVE)
    assert set(STATES) == {*ALIVE, *FINISHED}
    assert set(ENDED) == {*FINISHED, "interrupted"}
    for group, state in ((PAUSABLE, "paused"), (RESUMABLE, "queued"), (CANCELLABLE, "cancelled")):
        assert all(state in NEXT[before] for before in group)
    assert all("queued" in NEXT[before] for before in RETRYABLE if before != "queued")


@pytest.mark.parametrize("before", STATES)
@pytest.mark.parametrize("verb", VERBS)
def test_a_verb_changes_only_the_states_it_applies_to(
    queue: JobQueue, verb: str, before: JobState
) -> None:
    add(queue, "a", "b", "c")
    bring_to(queue, "b", before)
    after = FOLLOWING[verb].get(before)
    assert VERBS[verb](queue, "b") is (after is not None)
    assert queue.state("b") == (after or before)
    assert [queue.state(other) for other in "ac"] == ["queued", "queued"]
    assert VERBS[verb](queue, "no such job") is False


@pytest.mark.parametrize("before", RESUMABLE)
def test_a_resumed_job_keeps_its_place(queue: JobQueue, before: JobState) -> None:
    add(queue, "a", "b", "c")
    bring_to(queue, "b", before, "why")
    assert queue.resume("b")
    assert order(queue) == ["a", "b", "c"]
    row = queue.row("b")
    assert row is not None
    assert (row.state, row.message, row.finished) == ("queued", "", "")


@pytest.mark.parametrize("before", ["queued", "paused", "interrupted"])
def test_an_undone_cancellation_gives_the_job_its_state_and_place_back(
    queue: JobQueue, before: JobState
) -> None:
    add(queue, "a", "b", "c")
    bring_to(queue, "b", before)
    assert queue.cancel("b")
    assert queue.set_back("b", before, ("cancelled",)) is True
    assert order(queue) == ["a", "b", "c"]
    row = queue.row("b")
    assert row is not None
    assert (row.state, row.finished) == (before, "")
    assert queue.set_back("b", before, ("cancelled",)) is False


@pytest.mark.parametrize("before", RETRYABLE)
def test_a_retried_job_moves_to_the_end(queue: JobQueue, before: JobState) -> None:
    add(queue, "a", "b", "c")
    fail_a_task(queue, "b")
    bring_to(queue, "b", before)
    assert queue.retry("b") == 1
    assert order(queue) == ["a", "c", "b"]
    assert queue.state("b") == "queued"
    assert queue.errors("b", 9) == []


def test_a_running_job_is_not_retried(queue: JobQueue) -> None:
    add(queue, "a", "b")
    fail_a_task(queue, "a")
    queue.start("a")
    assert queue.retry("a") is None
    assert order(queue) == ["a", "b"]
    assert len(queue.errors("a", 9)) == 1


def test_adding_a_running_job_again_leaves_it_running(queue: JobQueue) -> None:
    add(queue, "a", "b")
    queue.start("a")
    add(queue, "a")
    assert order(queue) == ["a", "b"]
    assert queue.state("a") == "running"


@pytest.mark.parametrize("to", STATES)
@pytest.mark.parametrize("before", STATES)
def test_only_the_changes_in_the_table_are_possible(
    dataset: Dataset, root: Path, before: JobState, to: JobState
) -> None:
    add(dataset.queue, "a")
    bring_to(dataset.queue, "a", before)
    database = Database(root / ".xray-tui" / "catalog.sqlite")
    with database.transaction() as connection:
        assert change_state(connection, "a", to) is (to in NEXT[before])
        assert not change_state(connection, "no such job", to)
    database.close()
    assert dataset.queue.state("a") == (to if to in NEXT[before] else before)


# ---- any sequence of verbs -----------------------------------------------------------------------

IDS = ("a", "b", "c")


@pytest.fixture(scope="module")
def shared_queue(tmp_path_factory: pytest.TempPathFactory) -> Iterator[JobQueue]:
    """A queue that all examples share: opening a dataset takes longer than an example."""
    dataset = Dataset(tmp_path_factory.mktemp("states") / "D")
    yield dataset.queue
    dataset.close()


@given(st.lists(st.tuples(st.sampled_from(sorted(VERBS)), st.sampled_from(IDS)), max_size=12))
@settings(max_examples=60)
def test_any_sequence_of_verbs_follows_the_table_and_only_a_retry_changes_the_order(
    shared_queue: JobQueue, steps: list[tuple[str, str]]
) -> None:
    for job_id in IDS:
        shared_queue.cancel(job_id)
    shared_queue.interrupt_running()
    shared_queue.clear_finished()
    add(shared_queue, *IDS)
    fail_a_task(shared_queue, "b")
    for verb, job_id in steps:
        before = {row.id: row.state for row in shared_queue.rows()}
        order_before = order(shared_queue)
        changed = VERBS[verb](shared_queue, job_id)
        after = {row.id: row.state for row in shared_queue.rows()}
        for name in IDS:
            allowed = {before[name], *NEXT[before[name]]} if name == job_id else {before[name]}
            assert after[name] in allowed
        if verb == "retry" and changed:
            assert order(shared_queue) == [
                *(name for name in order_before if name != job_id),
                job_id,
            ]
        else:
            assert order(shared_queue) == order_before
