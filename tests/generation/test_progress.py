"""The arithmetic of progress: counts, shares, time left."""

from __future__ import annotations

from contextlib import closing
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from support.preview_samples import a_run, a_saved_image, a_step, a_task, an_end

from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import (
    Event,
    JobQueued,
    JobStarted,
    JobStateChanged,
    LogLine,
    ModelLoading,
    QueuePaused,
    TaskFailed,
)
from xray_tui.generation.job_progress import JobProgress
from xray_tui.generation.progress import ProgressModel


def model_after(*events: Event) -> ProgressModel:
    model = ProgressModel()
    for event in events:
        model.apply(event)
    return model


def job_after(*events: Event) -> JobProgress:
    job = model_after(*events).job("job")
    assert job is not None
    return job


def test_a_queued_job_counts_the_images_to_generate() -> None:
    model = model_after(JobQueued("job", "chest", 10, 4))
    (job,) = model.jobs
    assert (job.title, job.state, job.total, job.skipped, job.done) == ("chest", "queued", 6, 4, 0)
    assert (model.done, model.total, model.seconds_left) == (0, 6, None)
    assert job.fraction == 0


def test_jobs_with_the_same_title_are_numbered() -> None:
    queued = [JobQueued(job_id, "knee · 4 images", 4, 0) for job_id in ("a", "b", "a", "c")]
    model = model_after(*queued, JobQueued("d", "chest", 1, 0))
    model.forget("b")
    model.apply(JobQueued("b", "knee · 4 images", 4, 0))
    assert sorted((job.id, job.title) for job in model.jobs) == [
        ("a", "knee · 4 images"),
        ("b", "knee #2 · 4 images"),
        ("c", "knee #3 · 4 images"),
        ("d", "chest"),
    ]


def test_a_job_without_missing_images_is_complete() -> None:
    job = job_after(JobQueued("job", "chest", 4, 4))
    assert (job.fraction, job.seconds_left) == (1, 0)
    assert ProgressModel().fraction == 1


def test_loading_is_shown_until_sampling_starts() -> None:
    loading = (*a_run()[:1], ModelLoading("job", "m", "loading unet", 0.5))
    assert (job_after(*loading).loading, job_after(*loading).loading_fraction) == (
        "loading unet",
        0.5,
    )
    assert job_after(*loading, JobStarted("job", 8)).loading == ""
    assert job_after(*a_run(), loading[1], a_step(1)).loading == ""


def test_steps_count_as_parts_of_the_batch() -> None:
    job = job_after(*a_run(total=8), a_step(5))
    assert job.fraction == pytest.approx(4 * 5 / 10 / 8)
    assert (job.step, job.steps, job.batch, job.batches) == (5, 10, 1, 2)


def test_the_fraction_never_falls_while_a_batch_is_saved_during_the_next_one() -> None:
    model = model_after(*a_run(total=10))
    shares = []
    for batch, images in ((1, 4), (2, 4), (3, 2)):
        for step in range(1, 11):
            model.apply(a_step(step, batch, images=images, batches=3))
            shares.append(model.fraction)
            if step == 3 and batch > 1:  # the previous batch is saved late
                for _ in range(4):
                    model.apply(a_saved_image())
                    shares.append(model.fraction)
    for _ in range(2):
        model.apply(a_saved_image())
    model.apply(an_end(made=10))
    shares.append(model.fraction)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_time_left_is_estimated_from_steps_before_the_first_image() -> None:
    assert job_after(*a_run(), a_step(1)).seconds_left is None  # the first step warms up
    job = job_after(*a_run(total=8), a_step(1, seconds=9), a_step(2))
    assert job.seconds_per_image == pytest.approx(0.4 * 10 / 4)
    assert job.seconds_left == pytest.approx(8 - 4 * 2 / 10)


def test_finished_images_replace_the_estimate_and_are_averaged() -> None:
    events = [*a_run(total=8), a_step(1), a_step(2, seconds=50), a_saved_image(seconds=2)]
    assert job_after(*events).seconds_per_image == 2
    assert job_after(*events, a_saved_image(seconds=3)).seconds_per_image == pytest.approx(2.2)
    assert job_after(*events, a_step(9, seconds=50)).seconds_per_image == 2


def test_the_pace_is_the_average_that_the_details_of_the_job_give(tmp_path: Path) -> None:
    seconds = (1.0, 9.0, 2.0, 30.0)
    images = [a_saved_image(seconds=one) for one in seconds]
    job = job_after(*a_run(total=len(seconds)), *images, an_end(made=len(seconds)))
    with closing(Dataset(tmp_path)) as dataset:
        for seed, one in enumerate(seconds):
            dataset.save(make_image(1), make_task(seed), make_provenance(seconds=one), "job")
        assert job.pace == pytest.approx(dataset.queue.seconds_per_image("job"))
    assert job_after(*a_run(), a_step(1), a_step(2)).pace == pytest.approx(0.4 * 10 / 4)


def test_a_job_held_up_by_queue_or_disk_is_running_in_the_queue() -> None:
    held = JobStateChanged("job", "paused", "the queue is paused")
    assert job_after(*a_run(), held).stored_state == "running"
    assert job_after(*a_run(), JobStateChanged("job", "paused")).stored_state == "paused"


def test_failed_tasks_are_progress_too() -> None:
    job = job_after(*a_run(total=8), TaskFailed("job", a_task(), "black"), a_saved_image())
    assert (job.done, job.failed, job.remaining) == (1, 1, 6)
    assert job.fraction == pytest.approx(2 / 8)


@pytest.mark.parametrize(
    ("state", "total"), [("done", 1), ("failed", 1), ("cancelled", 1), ("interrupted", 0)]
)
def test_an_ended_job_counts_its_finished_images_unless_it_can_be_resumed(
    state: str, total: int
) -> None:
    model = model_after(
        *a_run(total=8), a_step(9), a_saved_image(), an_end(made=1, state=state, message="why")
    )
    (job,) = model.jobs
    assert (job.state, job.message, job.ended, job.seconds_left) == (state, "why", True, 0)
    assert (model.done, model.total, model.seconds_left) == (total, total, 0)
    assert model.fraction == 1


def test_existing_images_count_as_part_of_the_job() -> None:
    job = job_after(JobQueued("job", "chest", 10, 4), JobStarted("job", 6), a_saved_image())
    assert (job.done, job.total) == (1, 6)  # of this run
    assert (job.settled, job.size) == (5, 10)
    assert job.whole_fraction == pytest.approx(5 / 10)


def test_pausing_keeps_the_numbers() -> None:
    job = job_after(*a_run(), a_step(5), JobStateChanged("job", "paused"))
    assert (job.state, job.step) == ("paused", 5)


def test_waiting_jobs_are_estimated_at_the_pace_of_the_running_one() -> None:
    model = model_after(*a_run(total=8), a_saved_image(seconds=2), JobQueued("next", "knee", 10, 0))
    assert model.seconds_left == pytest.approx(7 * 2 + 10 * 2)
    assert (model.done, model.total) == (1, 18)


def test_paused_jobs_and_a_paused_queue_have_no_time_left() -> None:
    model = model_after(*a_run(total=8), a_saved_image(seconds=2), JobQueued("next", "knee", 10, 0))
    model.apply(JobStateChanged("next", "paused"))
    assert model.seconds_left == pytest.approx(7 * 2)
    model.apply(JobStateChanged("job", "paused"))
    assert model.seconds_left == 0
    assert [job.seconds_left for job in model.jobs] == [0, 0]
    assert (model.done, model.total) == (0, 0)  # only the user resumes them
    model.apply(JobStateChanged("next", "queued"))
    assert model.seconds_left == pytest.approx(10 * 2)
    model.apply(QueuePaused(True))
    assert model.seconds_left == 0


def test_totals_leave_out_what_ended_before_the_present_work() -> None:
    old = (JobQueued("old", "", 500, 0), JobQueued("job", "", 8, 0), an_end("old", 500))
    model = model_after(*old)  # as at the start of the app
    assert (model.done, model.total) == (0, 8)
    model.apply(JobQueued("next", "", 4, 0))
    for event in (JobStarted("job", 8), an_end("job", 8), JobStarted("next", 4)):
        model.apply(event)
    assert (model.done, model.total) == (8, 12)  # one piece of work, until all of it has ended
    model.apply(an_end("next", 4))
    assert (model.done, model.total) == (12, 12)
    model.apply(JobQueued("later", "", 6, 0))
    assert (model.done, model.total) == (0, 6)
    model.apply(JobStateChanged("old", "queued"))  # resumed or retried
    assert (model.done, model.total) == (0, 6)
    model.forget("later")
    model.forget("old")
    assert (model.done, model.total) == (0, 0)


def test_totals_count_what_is_asked_for_now_and_not_what_was_interrupted() -> None:
    interrupted = JobQueued("old", "", 8, 0), an_end("old", 5, "interrupted")
    model = model_after(*interrupted, JobQueued("job", "", 3, 0))
    assert (model.done, model.total) == (0, 3)
    for event in (JobStarted("job", 3), a_saved_image("job"), JobStateChanged("old", "queued")):
        model.apply(event)
    assert (model.done, model.total) == (1, 6)  # 5 of the old job's 8 were done before
    for event in (JobStarted("old", 3), a_saved_image("old")):
        model.apply(event)
    assert (model.done, model.total) == (2, 6)
    model.apply(an_end("old", 3, skipped=5))
    assert (model.done, model.total) == (4, 6)
    model.apply(JobStateChanged("job", "paused", "the disk is full"))  # it continues by itself
    assert (model.done, model.total) == (4, 6)
    model.apply(JobStateChanged("job", "paused"))
    assert (model.done, model.total) == (3, 3)


def test_a_job_that_was_paused_keeps_its_count() -> None:
    started = (JobQueued("job", "", 8, 2), JobStarted("job", 6), a_saved_image(), a_saved_image())
    paused = (JobStateChanged("job", "paused"), JobStateChanged("job", "queued"))
    job = job_after(*started, *paused, JobStarted("job", 4))
    assert (job.done, job.total, job.skipped, job.settled, job.size) == (2, 6, 2, 4, 8)
    assert job.fraction == pytest.approx(2 / 6)
    elsewhere = job_after(*started, *paused, JobStarted("job", 3))  # one more existed by then
    assert (elsewhere.done, elsewhere.total, elsewhere.skipped) == (2, 5, 3)


def test_a_resumed_job_begins_its_batch_anew() -> None:
    run = (
        *a_run(total=8),
        a_step(9, batch=2),
        a_saved_image(),
        an_end(made=1, state="interrupted"),
    )
    for resumed in (JobStateChanged("job", "queued"), JobStarted("job", 7)):
        job = job_after(*run, resumed)
        assert (job.step, job.steps, job.batch, job.batches) == (0, 0, 0, 0)
        assert job.whole_fraction == pytest.approx(1 / 8)


def test_a_paused_job_does_not_load() -> None:
    loading = ModelLoading("job", "m", "loading unet", 0.5)
    assert job_after(*a_run(), loading, JobStateChanged("job", "paused")).loading == ""


def test_memory_is_that_of_the_latest_step() -> None:
    model = model_after(*a_run(), a_step(1), a_step(2, memory_bytes=5))
    assert model.memory_bytes == 5


def test_events_without_progress_or_of_an_unknown_job_are_ignored() -> None:
    model = model_after(
        LogLine("info", "x"), a_step(1, job_id="?"), a_saved_image("?"), an_end("?")
    )
    assert model.jobs == []


def test_a_forgotten_job_is_gone() -> None:
    model = model_after(*a_run())
    model.forget("job")
    model.forget("never there")
    assert model.jobs == [] and model.job("job") is None
