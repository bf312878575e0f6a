"""Undo and redo in the queue: a step gives each job its state and place back, or says why not."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_job, make_provenance, make_task
from support.job_states import bring_to

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import JobState
from xray_tui.generation.running.engine import Engine
from xray_tui.tui.workbench.queue import history as steps
from xray_tui.tui.workbench.queue.history import QueueHistory, Step

STATES: list[JobState] = ["paused", "queued", "interrupted", "done", "failed", "cancelled"]


@pytest.fixture
def engine(tmp_path: Path) -> Iterator[Engine]:
    """An engine on a paused queue with one job in each state, named by it."""
    dataset = Dataset(tmp_path / "D")
    dataset.queue.set_paused(True)
    for state in STATES:
        dataset.queue.add(make_job([make_task(1), make_task(2)], state))
        bring_to(dataset.queue, state, state)
    dataset.queue.set_task_states("done", [make_task(1).id, make_task(2).id], "done")
    dataset.save(make_image(), make_task(1), make_provenance(), "paused")
    engine = Engine(dataset, lambda event: None)
    yield engine
    engine.stop(finish_current=False)
    assert engine.join(30)
    dataset.close()


def rows(engine: Engine) -> list[tuple[str, str, int]]:
    """Id, state and number of finished images of each job, in their order."""
    return [(row.id, row.state, row.done) for row in engine._queue.rows()]


def row(engine: Engine, job_id: str) -> JobRow:
    found = engine._queue.row(job_id)
    assert found is not None
    return found


def cancel(engine: Engine, *states: JobState) -> Step:
    before = [row(engine, state) for state in states]
    for state in states:
        assert engine.cancel(state)
    return steps.cancelled(engine, before, "them")


def pause(engine: Engine) -> Step:
    step = steps.paused(engine, row(engine, "queued"))
    assert engine.pause_job("queued")
    return step


def resume(state: JobState) -> Callable[[Engine], Step]:
    def act(engine: Engine) -> Step:
        step = steps.resumed(engine, row(engine, state))
        assert engine.resume_job(state)
        return step

    return act


def remove(engine: Engine) -> Step:
    assert engine.remove("failed")
    return steps.removed(engine, ["failed"], "it")


def move(engine: Engine) -> Step:
    by = engine.move("paused", 99)
    assert by == 2
    return steps.moved(engine, row(engine, "paused"), by)


def pause_queue(engine: Engine) -> Step:
    engine.resume()
    return steps.queue_paused(engine, False)


@pytest.mark.parametrize(
    "act",
    [
        pytest.param(lambda engine: cancel(engine, "queued"), id="cancel queued"),
        pytest.param(lambda engine: cancel(engine, "paused"), id="cancel paused"),
        pytest.param(
            lambda engine: cancel(engine, "paused", "queued", "interrupted"), id="cancel all"
        ),
        pytest.param(pause, id="pause"),
        pytest.param(resume("paused"), id="resume paused"),
        pytest.param(resume("interrupted"), id="resume interrupted"),
        pytest.param(resume("cancelled"), id="resume cancelled"),
        pytest.param(remove, id="remove"),
        pytest.param(
            lambda engine: steps.removed(engine, engine.clear_finished(), "them"), id="clear"
        ),
        pytest.param(move, id="move"),
    ],
)
def test_a_step_is_undone_and_redone(engine: Engine, act: Callable[[Engine], Step]) -> None:
    history = QueueHistory()
    before = rows(engine)
    history.add(act(engine))
    after = rows(engine)
    assert after != before
    assert history.undo()[0] == "info"
    assert rows(engine) == before
    assert history.undo() == ("info", "Nothing to undo in the queue")
    assert history.redo()[0] == "info"
    assert rows(engine) == after
    assert history.redo() == ("info", "Nothing to redo in the queue")


def test_a_new_job_is_undone_by_cancelling_and_hiding_it(engine: Engine) -> None:
    history = QueueHistory()
    before = rows(engine)
    engine.submit(make_job([make_task(3)], "new"))
    history.add(steps.queued(engine, ["new"], "normal · 1 image"))
    assert history.undo() == ("info", "Undone: queued normal · 1 image")
    assert rows(engine) == before
    history.redo()
    assert rows(engine) == [*before, ("new", "queued", 0)]


def test_pausing_the_queue_is_undone(engine: Engine) -> None:
    for state in ("paused", "queued", "interrupted"):  # otherwise the engine would begin a job
        engine.cancel(state)
    history = QueueHistory()
    engine.resume()
    history.add(steps.queue_paused(engine, False))
    assert history.undo() == ("info", "Undone: resumed the queue")
    assert engine.paused
    engine.resume()
    level, text = history.redo()
    assert (level, engine.paused) == ("warning", False)
    assert "Cannot redo: resumed the queue. It has changed in the meantime." in text


def test_a_running_job_that_was_cancelled_is_queued_again(engine: Engine) -> None:
    queue = engine._queue
    assert queue.start("queued")
    step = cancel(engine, "queued")
    assert step.undo[0]()
    assert queue.state("queued") == "queued"


def test_a_finished_job_is_named_as_the_reason(engine: Engine) -> None:
    history = QueueHistory()
    history.add(steps.queued(engine, ["done"], "it"))
    assert history.undo() == (
        "warning",
        "Cannot undo: queued it. The job has already finished.",
    )


def test_a_job_that_another_process_changed_stays_as_it_is(engine: Engine, tmp_path: Path) -> None:
    other = Dataset(tmp_path / "D")
    history = QueueHistory()
    history.add(cancel(engine, "paused", "queued"))
    assert other.queue.resume("paused")
    assert history.undo() == (
        "warning",
        "Undone: cancelled them; 1 job has changed in the meantime",
    )
    assert other.queue.state("paused") == other.queue.state("queued") == "queued"
    history.add(cancel(engine, "queued"))
    other.queue.clear_finished()
    assert history.undo() == (
        "warning",
        "Cannot undo: cancelled them. It has changed in the meantime.",
    )
    assert other.queue.state("queued") is None
    other.close()
