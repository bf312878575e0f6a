"""``xray-tui jobs``: the queue of a dataset, whether or not a process generates into it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from xray_tui.cli.dataset_folder import DatasetOption
from xray_tui.cli.jobs import text as job_text
from xray_tui.cli.jobs.names import find_jobs
from xray_tui.cli.output import note, say
from xray_tui.config import load_settings
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import FINISHED
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.dataset.dataset import Dataset

app = typer.Typer(help="List, pause, resume, cancel or retry jobs.", no_args_is_help=True)

JobsArgument = Annotated[
    list[str], typer.Argument(metavar="JOB...", help="Ids, or how they begin.")
]
OptionalJobsArgument = Annotated[
    list[str] | None,
    typer.Argument(metavar="[JOB]...", help="Ids, or how they begin; default: the whole queue."),
]

_LATEST_FINISHED = 10
_ERRORS_SHOWN = 5


@app.command("list")
def list_jobs(
    dataset: DatasetOption = None,
    show_all: Annotated[bool, typer.Option("--all", help="All that finished, too.")] = False,
    as_json: Annotated[
        bool, typer.Option("--json", help="One JSON object per job, and one for the queue.")
    ] = False,
) -> None:
    """List the jobs in the order they run in, and the ten that finished last."""
    with _opened(dataset) as opened:
        rows = opened.queue.rows()
        holder, paused = opened.lock_holder(), opened.queue.paused
    shown = rows if show_all else _without_old(rows)
    if as_json:
        for row in shown:
            _print_json(asdict(row))
        generating = None if holder is None else asdict(holder)
        _print_json({"paused": paused, "generating": generating, "hidden": len(rows) - len(shown)})
        return
    if rows:
        width = shutil.get_terminal_size((80, 24)).columns
        for line in job_text.table(shown, width, datetime.now(UTC)):
            say(line)
        say("")
    else:
        say("no job is queued")
    if len(shown) < len(rows):
        say(f"{counted(len(rows) - len(shown), 'job')} that finished earlier: --all")
    if paused:
        say("the queue is paused; to go on: xray-tui jobs resume")
    say("nobody generates now" if holder is None else f"{holder} generates")


@app.command("show")
def show_job(
    job: Annotated[str, typer.Argument(metavar="JOB", help="Its id, or how that begins.")],
    dataset: DatasetOption = None,
    as_json: Annotated[bool, typer.Option("--json", help="As one JSON object.")] = False,
) -> None:
    """Show all that is known of a job: counts, times, pace, errors, and what was asked for."""
    with _opened(dataset) as opened:
        (row,) = find_jobs(opened, [job])
        failed = opened.queue.errors(row.id, _ERRORS_SHOWN)
        pace = opened.queue.seconds_per_image(row.id)
    if not as_json:
        for line in job_text.details(row, failed, pace, datetime.now(UTC)):
            say(line)
        return
    errors = [
        {"prompt_id": item.task.prompt_id, "seed": item.task.seed, "error": item.error}
        for item in failed
    ]
    queued = row.total - row.done - row.failed
    _print_json(asdict(row) | {"queued": queued, "seconds_per_image": pace, "errors": errors})


@app.command("pause")
def pause(jobs: OptionalJobsArgument = None, dataset: DatasetOption = None) -> None:
    """Pause jobs, or the whole queue, after the current step. They stay so until resumed."""
    with _opened(dataset) as opened:
        queue = opened.queue
        if not jobs:
            before = queue.paused
            queue.set_paused(True)
            say("the queue was paused already" if before else "the queue is paused")
            return

        def pause_one(row: JobRow) -> str:
            if queue.pause(row.id):
                return "paused"
            return "paused already" if row.state == "paused" else f"{row.state}, nothing to pause"

        _each(opened, jobs, pause_one)


@app.command("resume")
def resume(jobs: OptionalJobsArgument = None, dataset: DatasetOption = None) -> None:
    """Queue jobs again that were paused, interrupted or cancelled, or let the queue go on.

    This makes no images itself: whatever generates into the dataset does.
    """
    with _opened(dataset) as opened:
        queue = opened.queue
        if not jobs:
            before = queue.paused
            queue.set_paused(False)
            say("the queue goes on" if before else "the queue was not paused")
            if queue.next_queued() is not None:
                _say_who_makes_them(opened)
            for row in queue.rows(("paused", "interrupted")):
                say(f"{row.id} is {row.state}; to queue it again: xray-tui jobs resume {row.id}")
            return

        def resume_one(row: JobRow) -> str:
            if queue.resume(row.id):
                return "queued again"
            if row.state in ("queued", "running"):
                return f"{row.state} already"
            return f"{row.state}; failed images are queued again with xray-tui jobs retry"

        _each(opened, jobs, resume_one)
        _say_who_makes_them(opened)


@app.command("cancel")
def cancel(jobs: JobsArgument, dataset: DatasetOption = None) -> None:
    """Cancel jobs, after the current step. What is made stays."""
    with _opened(dataset) as opened:

        def cancel_one(row: JobRow) -> str:
            if opened.queue.cancel(row.id):
                return "cancelled"
            return f"{row.state}, nothing to cancel"

        _each(opened, jobs, cancel_one)


@app.command("retry")
def retry(jobs: JobsArgument, dataset: DatasetOption = None) -> None:
    """Queue the failed images of jobs again."""
    with _opened(dataset) as opened:

        def retry_one(row: JobRow) -> str:
            number = opened.queue.retry(row.id)
            if number:
                return f"{counted(number, 'failed image')} queued again"
            if number == 0:  # the job failed as a whole
                return "queued again"
            if row.state == "running" and row.failed:
                return "running; retry it when it has ended"
            return "no image failed, nothing to retry"

        _each(opened, jobs, retry_one)
        _say_who_makes_them(opened)


@app.command("clear")
def clear(dataset: DatasetOption = None) -> None:
    """Take done, failed and cancelled jobs out of the list. Their images stay."""
    with _opened(dataset) as opened:
        number = opened.queue.clear_finished()
    say(f"{counted(number, 'job')} cleared, the images stay" if number else "no job to clear")


@contextmanager
def _opened(given: str | None) -> Iterator[Dataset]:
    """The dataset, which must be there. What opening it mended is said on standard error."""
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.dataset.files.layout import check_root

    root = load_settings().with_flags(dataset=given).dataset
    check_root(root)
    dataset = Dataset(root)
    try:
        for line in dataset.mended.lines if dataset.mended is not None else ():
            note(line)
        yield dataset
    finally:
        dataset.close()


def _each(dataset: Dataset, names: Sequence[str], act: Callable[[JobRow], str]) -> None:
    """Do ``act`` to each job and say what came of it; to none, if one of them is not there."""
    for row in find_jobs(dataset, names):
        say(f"{row.id}: {act(row)}")


def _say_who_makes_them(dataset: Dataset) -> None:
    if dataset.queue.next_queued() is None:
        return
    if dataset.queue.paused:
        say("the whole queue is paused; to let it go on: xray-tui jobs resume")
    holder = dataset.lock_holder()
    if holder is not None:
        say(f"{holder} generates and takes what is queued")
    else:
        say(
            "nobody generates now: an app that is open on this dataset takes what is queued, "
            "or run: xray-tui generate --resume"
        )


def _without_old(rows: Sequence[JobRow]) -> list[JobRow]:
    """The jobs without those that finished before the last ten."""
    finished = [row for row in rows if row.state in FINISHED]
    latest = sorted(finished, key=lambda row: row.finished)[-_LATEST_FINISHED:]
    kept = {row.id for row in latest}
    return [row for row in rows if row.state not in FINISHED or row.id in kept]


def _print_json(values: dict[str, Any]) -> None:
    try:
        text = json.dumps(values, allow_nan=False)
    except (ValueError, RecursionError):  # the catalog can hold what JSON cannot
        text = json.dumps({**values, "request": {}})
    typer.echo(text)
