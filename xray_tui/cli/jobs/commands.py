"""``xray-tui jobs``: lists and changes the queue of a dataset, even while a process generates."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xray_tui.cli.jobs import text as job_text
from xray_tui.cli.jobs.names import find_jobs
from xray_tui.cli.options import DatasetOption
from xray_tui.cli.output import note, say
from xray_tui.commands import command
from xray_tui.config import load_settings
from xray_tui.dataset.queue.job_details import read_details
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import FINISHED
from xray_tui.environment import output_width
from xray_tui.errors import DatasetError
from xray_tui.text import counted, quoted

if TYPE_CHECKING:
    from xray_tui.dataset.dataset import Dataset

app = typer.Typer(help="List, pause, resume, cancel or retry jobs.", no_args_is_help=True)

JobsArgument = Annotated[
    list[str], typer.Argument(metavar="JOB", help="Job ids, or the beginnings of ids.")
]
OptionalJobsArgument = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="JOB", help="Job ids, or the beginnings of ids; default: the whole queue."
    ),
]

_LATEST_FINISHED = 10
_IDLE = "Idle: no process is generating."


@app.command("list")
def list_jobs(
    dataset: DatasetOption = None,
    show_all: Annotated[bool, typer.Option("--all", help="List all finished jobs, too.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print one JSON object per job, then one for the queue.")
    ] = False,
) -> None:
    """List the jobs.

    They are listed in the order they run; of the finished jobs, only the last ten are listed.
    """
    with _opened(dataset) as opened:
        rows = opened.queue.rows()
        holder, paused = opened.lock_holder(), opened.queue.paused
        root = opened.root
    shown = rows if show_all else _without_old(rows)
    if as_json:
        for row in shown:
            _print_json(asdict(row))
        generating = None if holder is None else asdict(holder)
        _print_json({"paused": paused, "generating": generating, "hidden": len(rows) - len(shown)})
        return
    if rows:
        for line in job_text.table(shown, output_width(), datetime.now(UTC), paused=paused):
            say(line)
        say("")
    else:
        say("No jobs.")
    if len(shown) < len(rows):
        hidden = counted(len(rows) - len(shown), "earlier job")
        say(f"{hidden} not shown; --all lists them")
    if paused:
        say(f"The queue is paused; to resume it: {command('jobs', 'resume', dataset=root)}")
    say(_IDLE if holder is None else f"Generator: {holder}")


@app.command("show")
def show_job(
    job: Annotated[str, typer.Argument(metavar="JOB", help="The job's id, or its beginning.")],
    dataset: DatasetOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="Print one JSON object.")] = False,
) -> None:
    """Show everything about a job.

    This includes counts, times, pace, errors, prompts and parameters.
    """
    with _opened(dataset) as opened:
        (row,) = find_jobs(opened, [job])
        details = read_details(opened.queue, row.id)
    if details is None:  # another process has just removed it
        raise DatasetError(f"there is no job {quoted(job)}; xray-tui jobs list shows them")
    if not as_json:
        for line in job_text.describe(details, datetime.now(UTC)):
            say(line)
        return
    errors = [
        {"prompt_id": item.task.prompt_id, "seed": item.task.seed, "error": item.error}
        for item in details.failed
    ]
    queued = row.total - row.done - row.failed
    more = {
        "queued": queued,
        "seconds_per_image": details.seconds_per_image,
        "errors": errors,
    }
    _print_json(asdict(row) | more)


@app.command("pause")
def pause(jobs: OptionalJobsArgument = None, dataset: DatasetOption = None) -> None:
    """Pause jobs, or the whole queue, after the current step.

    They stay paused until they are resumed.
    """
    with _opened(dataset) as opened:
        queue = opened.queue
        if not jobs:
            before = queue.paused
            queue.set_paused(True)
            say("The queue was already paused." if before else "Queue paused.")
            return

        def pause_one(row: JobRow) -> str:
            if queue.pause(row.id):
                return "paused"
            return "already paused" if row.state == "paused" else f"{row.state}, nothing to pause"

        _each(opened, jobs, pause_one)


@app.command("resume")
def resume(jobs: OptionalJobsArgument = None, dataset: DatasetOption = None) -> None:
    """Resume jobs, or the whole queue.

    Jobs that were paused, interrupted or cancelled can be resumed, and keep their places. This
    command generates no images: the process that generates into the dataset runs them.
    """
    with _opened(dataset) as opened:
        queue = opened.queue
        if not jobs:
            before = queue.paused
            queue.set_paused(False)
            say("Queue resumed." if before else "The queue was not paused.")
            if queue.first_queued() is not None:
                _report_generator(opened)
            for row in queue.rows(("paused", "interrupted")):
                one = command("jobs", "resume", row.id, dataset=opened.root)
                say(f"{row.id} is {row.state}; to resume it: {one}")
            return

        def resume_one(row: JobRow) -> str:
            if queue.resume(row.id):
                return "queued again"
            if row.state in ("queued", "running"):
                return f"already {row.state}"
            if row.state != "failed":
                return f"{row.state}, nothing to resume"
            retry = command("jobs", "retry", row.id, dataset=opened.root)
            return f"failed; to queue its failed images again: {retry}"

        _each(opened, jobs, resume_one)
        _report_generator(opened)


@app.command("cancel")
def cancel(jobs: JobsArgument, dataset: DatasetOption = None) -> None:
    """Cancel jobs, after the current step. Finished images are kept."""
    with _opened(dataset) as opened:

        def cancel_one(row: JobRow) -> str:
            if opened.queue.cancel(row.id):
                return "cancelled"
            return "already cancelled" if row.state == "cancelled" else "already finished"

        _each(opened, jobs, cancel_one)


@app.command("retry")
def retry(jobs: JobsArgument, dataset: DatasetOption = None) -> None:
    """Queue the failed images of jobs again, behind all other jobs."""
    with _opened(dataset) as opened:

        def retry_one(row: JobRow) -> str:
            number = opened.queue.retry(row.id)
            if number:
                return f"{counted(number, 'failed image')} queued again"
            if number == 0:  # the job failed as a whole
                return "queued again"
            if row.state == "running" and row.failed:
                return "running: retry after it ends"
            return "no image failed, nothing to retry"

        _each(opened, jobs, retry_one)
        _report_generator(opened)


@app.command("clear")
def clear(dataset: DatasetOption = None) -> None:
    """Remove done, failed and cancelled jobs from the list. Their images are kept."""
    with _opened(dataset) as opened:
        number = len(opened.queue.clear_finished())
    say(
        f"Cleared {counted(number, 'job')} (images kept)"
        if number
        else "No finished jobs to clear."
    )


@contextmanager
def _opened(given: str | None) -> Iterator[Dataset]:
    """The dataset, which must exist. Repairs made on opening it are reported on standard error."""
    from xray_tui.cli.rebuild_question import existing_dataset
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.generation.running.job_end_hook import job_end_hook

    settings = load_settings().with_flags(dataset=given)
    existing_dataset(settings.dataset)
    dataset = Dataset(settings.dataset)
    try:
        for line in dataset.mended.lines if dataset.mended is not None else ():
            note(line)
        with job_end_hook(settings.on_job_end, dataset, note):
            yield dataset
    finally:
        dataset.close()


def _each(dataset: Dataset, names: Sequence[str], act: Callable[[JobRow], str]) -> None:
    """Call ``act`` with each job and print the result; if a job does not exist, change nothing."""
    for row in find_jobs(dataset, names):
        say(f"{row.id}: {act(row)}")


def _report_generator(dataset: Dataset) -> None:
    if dataset.queue.first_queued() is None:
        return
    if dataset.queue.paused:
        resume = command("jobs", "resume", dataset=dataset.root)
        say(f"The whole queue is paused; to resume it: {resume}")
    holder = dataset.lock_holder()
    if holder is not None:
        when = " once the queue is resumed" if dataset.queue.paused else ""
        if not holder.leaves_jobs:
            say(f"Generator: {holder}. It runs the queued jobs{when}.")
            return
        others = command("generate", "--resume", dataset=dataset.root)
        say(
            f"Generator: {holder}. It runs its own jobs, and those queued or resumed since it "
            f"started{when}. To run the others: {others}"
        )
    else:
        say(
            f"{_IDLE} An app that is open on this dataset runs the queued jobs; "
            f"or run: {command('generate', '--resume', dataset=dataset.root)}"
        )


def _without_old(rows: Sequence[JobRow]) -> list[JobRow]:
    """All jobs that are not finished, and the ten that finished last."""
    finished = [row for row in rows if row.state in FINISHED]
    latest = sorted(finished, key=lambda row: row.finished)[-_LATEST_FINISHED:]
    kept = {row.id for row in latest}
    return [row for row in rows if row.state not in FINISHED or row.id in kept]


def _print_json(values: dict[str, Any]) -> None:
    try:
        text = json.dumps(values, allow_nan=False)
    except (ValueError, RecursionError):  # a stored request can hold values that JSON cannot
        text = json.dumps({**values, "request": {}})
    typer.echo(text)
