"""Jobs that wait when the app is opened: asked about as what they are."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from unittest.mock import Mock

from support.dataset_samples import make_job, make_task
from support.generation_samples import a_job
from support.job_states import bring_to
from support.workbench import Workbench
from typer.testing import CliRunner

from xray_tui.cli.main import app as cli
from xray_tui.dataset.dataset import Dataset
from xray_tui.names import SCRATCH
from xray_tui.tasks import job_title
from xray_tui.tui.workbench.queue.opening import QueueOpening


async def test_a_job_resumed_by_a_command_is_asked_about_as_queued(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    job = a_job(count=2)
    with closing(Dataset(tmp_path / "dataset")) as dataset:
        dataset.queue.add(job)
        bring_to(dataset.queue, job.id, "running")
        dataset.queue.interrupt_running()
    found = CliRunner().invoke(cli, ["jobs", "resume", job.id, "--dataset", str(dataset.root)])
    assert found.exit_code == 0
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("is queued again, with 2 images to go.")
        assert "interrupted" not in app.text.replace("uninterrupted", "")
        assert app.dataset.queue.state(job.id) == "queued" and not app.engine.busy
        await pilot.press("g")
        await app.until(lambda: app.dataset.queue.state(job.id) == "done")


async def test_the_title_of_an_ad_hoc_prompt_has_one_pair_of_quotation_marks(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    tasks = [make_task(seed, region=SCRATCH, label=SCRATCH, text="a child") for seed in (1, 2)]
    app.dataset.queue.add(replace(make_job(tasks), title=job_title(tasks)))
    async with app.run_test(size=(80, 24)):
        await app.shows('"a child" · 2 images has not started yet')
        assert '""' not in app.text


async def test_a_job_set_aside_runs_once_another_process_resumes_it(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    job = a_job()
    with closing(Dataset(tmp_path / "dataset")) as dataset:
        dataset.queue.add(job)
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await app.shows("has not started yet")
        await pilot.press("l")
        await app.until(lambda: app.dataset.queue.state(job.id) == "interrupted")
        with closing(Dataset(tmp_path / "dataset")) as dataset:
            assert dataset.queue.resume(job.id)
        await app.until(lambda: app.dataset.queue.state(job.id) == "done")


def test_jobs_of_a_paused_queue_run_when_the_user_says_so(tmp_path: Path) -> None:
    stage, engine = Mock(), Mock()
    stage.in_thread.side_effect = lambda work, _: work()
    stage.from_thread.side_effect = lambda do, *arguments: do(*arguments)
    job = a_job()
    with closing(Dataset(tmp_path / "dataset")) as dataset:
        dataset.queue.add(job)
        dataset.queue.set_paused(True)
        QueueOpening(stage, dataset, engine).open()
    question, answered = stage.ask.call_args.args
    assert question._question.endswith("The queue is paused. Run it now, and resume the queue?")
    engine.resume.assert_not_called()
    answered("resume")
    engine.resume_job.assert_called_once_with(job.id)
    engine.resume.assert_called_once_with()
