"""Which jobs an engine runs: questions change nothing, and any thread may ask them."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from xray_tui.generation.running.job_scope import JobScope

QUEUED = ("left", "resumed", "own", "new")


@pytest.fixture
def scope() -> JobScope:
    """The scope of an engine that found two jobs in the queue and was asked to run a third."""
    scope = JobScope({"left": "queued", "resumed": "interrupted"})
    scope.request("own")
    return scope


def answers(scope: JobScope) -> tuple[object, ...]:
    return (
        [scope.includes(job_id) for job_id in QUEUED],
        [scope.was_run_elsewhere(job_id) for job_id in QUEUED],
        scope.any_requested(QUEUED),
        scope.any_requested(["left", "new"]),
        scope.next_of(QUEUED),
        scope.next_of(["left", "resumed"]),
        scope.next_of(["left"]),
        scope.next_of([]),
    )


def test_requested_jobs_come_first_and_jobs_that_were_left_are_never_run(scope: JobScope) -> None:
    assert answers(scope) == (
        [False, False, True, True],
        [False, False, True, False],
        True,
        False,
        "own",
        "resumed",
        None,
        None,
    )


def test_without_excluded_jobs_the_order_of_the_queue_counts() -> None:
    scope = JobScope({})
    scope.request("own")
    assert scope.next_of(QUEUED) == "left"
    assert scope.next_of([]) is None
    assert all(scope.includes(job_id) for job_id in QUEUED)


def test_a_job_that_someone_resumed_is_included_from_then_on(scope: JobScope) -> None:
    scope.include_resumed(["left", "new"])
    assert not scope.includes("resumed")
    scope.include_resumed(["left", "resumed"])
    assert scope.includes("resumed")
    assert not scope.includes("left")


def test_a_job_that_was_left_is_included_once_it_was_paused_and_resumed(scope: JobScope) -> None:
    assert scope.leaves_jobs
    scope.include_resumed(["resumed"])
    assert not scope.includes("left")
    scope.include_resumed(["left"])
    assert scope.includes("left")
    assert not scope.leaves_jobs


def test_a_job_that_ran_here_was_not_run_elsewhere(scope: JobScope) -> None:
    scope.note_run("own")
    assert not scope.was_run_elsewhere("own")
    assert scope.includes("own")


def test_asking_from_many_threads_changes_nothing(scope: JobScope) -> None:
    expected = answers(scope)
    with ThreadPoolExecutor(16) as threads:
        found = list(threads.map(lambda _: answers(scope), range(500)))
    assert found == [expected] * 500
    assert answers(scope) == expected


def test_changes_from_many_threads_are_all_kept() -> None:
    names = [f"job-{number}" for number in range(200)]
    scope = JobScope(dict.fromkeys(names, "interrupted"))
    with ThreadPoolExecutor(16) as threads:
        list(threads.map(scope.request, names[::2]))
        list(threads.map(lambda name: scope.include_resumed([name]), names[1::2]))
        list(threads.map(scope.note_run, names[::4]))
    assert all(scope.includes(name) for name in names)
    assert [name for name in names if scope.was_run_elsewhere(name)] == names[2::4]
