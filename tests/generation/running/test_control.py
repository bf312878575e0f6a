"""Requests to pause, to leave a job or to stop, as the threads of a run see them."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from support.dataset_samples import make_job, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_queue import JobQueue
from xray_tui.errors import CatalogDamagedError, DatasetError
from xray_tui.generation.running.control import POLL_SECONDS, RunControl
from xray_tui.generation.sampling.watcher import Interrupted

TIMEOUT = 30.0


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[JobQueue]:
    """A queue with a running job, ``job-1``."""
    dataset = Dataset(tmp_path / "D")
    dataset.queue.add(make_job([make_task()], "job-1"))
    dataset.queue.start("job-1")
    yield dataset.queue
    dataset.close()


@pytest.fixture
def control(queue: JobQueue) -> RunControl:
    return RunControl(queue)


def in_thread(work: Callable[[], object]) -> threading.Thread:
    thread = threading.Thread(target=work, daemon=True)
    thread.start()
    return thread


def test_a_running_job_continues(control: RunControl) -> None:
    control.between_steps("job-1")
    control.between_batches("job-1")


@pytest.mark.parametrize("verb", [JobQueue.pause, JobQueue.cancel])
def test_a_job_paused_or_cancelled_elsewhere_is_left(
    control: RunControl, queue: JobQueue, verb: Callable[[JobQueue, str], bool]
) -> None:
    control.between_steps("job-1")
    verb(queue, "job-1")
    control.between_steps("job-1")  # the queue was read just now
    control.look_again()
    with pytest.raises(Interrupted):
        control.between_steps("job-1")


def test_the_state_of_one_job_is_not_used_for_another(control: RunControl, queue: JobQueue) -> None:
    control.between_steps("job-1")
    with pytest.raises(Interrupted):
        control.between_steps("no such job")
    control.between_steps("job-1")


def test_a_paused_queue_holds_up_the_job_until_it_is_resumed(
    control: RunControl, queue: JobQueue
) -> None:
    queue.set_paused(True)
    assert control.read_paused() is control.paused is True
    waiting = in_thread(lambda: control.between_steps("job-1"))
    waiting.join(2 * POLL_SECONDS)
    assert waiting.is_alive()
    queue.set_paused(False)
    control.look_again()
    waiting.join(TIMEOUT)
    assert not waiting.is_alive()
    assert control.paused is False


def test_a_stop_after_the_batch_ends_the_pause_and_interrupts_no_step(
    control: RunControl, queue: JobQueue
) -> None:
    queue.set_paused(True)
    waiting = in_thread(lambda: control.between_steps("job-1"))
    control.stop(finish_current=True)
    waiting.join(TIMEOUT)
    assert not waiting.is_alive()
    assert control.stopping
    control.between_steps("job-1")
    with pytest.raises(Interrupted):
        control.between_batches("job-1")
    control.stop(finish_current=False)
    control.stop(finish_current=True)  # too late: the run already stops at once
    with pytest.raises(Interrupted):
        control.between_steps("job-1")


def test_no_thread_sleeps_once_everything_stops(control: RunControl) -> None:
    control.stop(finish_current=True)
    started = time.monotonic()
    control.sleep(TIMEOUT)
    assert time.monotonic() - started < TIMEOUT / 2


def test_an_unreadable_queue_does_not_interrupt_the_job(
    control: RunControl, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(self: JobQueue, job_id: str) -> None:
        raise CatalogDamagedError("the catalog is damaged")

    monkeypatch.setattr(JobQueue, "state", fail)
    control.between_steps("job-1")
    monkeypatch.setattr(JobQueue, "paused", property(lambda self: fail(self, "")))
    with pytest.raises(DatasetError):
        control.read_paused()
    assert control.paused is False


def test_an_older_answer_never_replaces_a_newer_answer(
    control: RunControl, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One thread reads "not paused" and is slow to store it; meanwhile the user pauses."""
    real = JobQueue.paused.fget
    assert real is not None
    reading, user_pauses = threading.Event(), threading.Event()

    def slow(self: JobQueue) -> bool:
        found = bool(real(self))
        if not found:
            reading.set()
            user_pauses.wait(TIMEOUT)
        return found

    monkeypatch.setattr(JobQueue, "paused", property(slow))
    slow_thread = in_thread(control.read_paused)
    assert reading.wait(TIMEOUT)
    queue.set_paused(True)
    fast_thread = in_thread(control.read_paused)
    user_pauses.set()
    for thread in (slow_thread, fast_thread):
        thread.join(TIMEOUT)
    assert control.paused is True


def test_a_change_while_the_queue_is_read_causes_another_read(
    control: RunControl, queue: JobQueue, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = JobQueue.state

    def state(self: JobQueue, job_id: str) -> object:
        found = real(self, job_id)
        monkeypatch.undo()
        queue.cancel(job_id)
        control.look_again()
        return found

    monkeypatch.setattr(JobQueue, "state", state)
    control.between_steps("job-1")
    with pytest.raises(Interrupted):
        control.between_steps("job-1")


def test_every_thread_of_a_run_is_stopped(control: RunControl, queue: JobQueue) -> None:
    queue.set_paused(True)

    def run() -> bool:
        try:
            while True:
                control.between_steps("job-1")
        except Interrupted:
            return True

    with ThreadPoolExecutor(8) as threads:
        running = [threads.submit(run) for _ in range(8)]
        control.stop(finish_current=False)
        assert all(thread.result(TIMEOUT) for thread in running)
