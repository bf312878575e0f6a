"""``xray-tui jobs``: the queue from the command line, with and without a generating process."""

from __future__ import annotations

import json
import os
import re
import sqlite3
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from support.advice import advised
from support.dataset_samples import NASTY, make_image, make_job, make_provenance, make_task
from support.generation_samples import SMALL, a_prompt, a_request
from support.job_states import bring_to
from support.run_command import RunCommand

from xray_tui.cli.jobs import commands
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_details import since
from xray_tui.generation.planning.plan import plan
from xray_tui.prompts.scratch import scratch_prompt
from xray_tui.tasks import Job

HEAVY = {"torch", "diffusers", "transformers", "textual"}
GENERATOR_SCRIPT = """
import sys
from pathlib import Path
from xray_tui.dataset.dataset import Dataset
dataset = Dataset(Path(sys.argv[1]))
leaves_jobs = sys.argv[2:] == ["--leaves-jobs"]
with dataset.generator_lock(leaves_jobs=leaves_jobs):
    if len(sys.argv) > 2 and not leaves_jobs:
        dataset.queue.start(sys.argv[2])
    print("ready", flush=True)
    sys.stdin.read()
"""

RunJobs = Callable[..., str]


@pytest.fixture
def jobs(root: Path, run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> RunJobs:
    """Runs ``xray-tui jobs``, asserts its exit code, and returns its output."""
    monkeypatch.setenv("XRAY_TUI_DATASET", str(root))

    def run(*arguments: str, code: int = 0) -> str:
        out, err = run_command("jobs", *arguments, code=code)
        assert (not out) == (code != 0)
        return out or err

    return run


@pytest.fixture
def generating(root: Path) -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts a process that holds the generator lock; if given a job id, it starts that job."""
    started: list[subprocess.Popen[str]] = []

    def start(*running: str) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-c", GENERATOR_SCRIPT, str(root), *running],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        started.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "ready\n"
        return process

    yield start
    for process in started:
        process.kill()
        process.communicate()


def add(dataset: Dataset, *ids: str, tasks: int = 3, state: str = "") -> None:
    for job_id in ids:
        dataset.queue.add(make_job([make_task(seed) for seed in range(tasks)], job_id))
        if state:
            bring_to(dataset.queue, job_id, state)


def states(dataset: Dataset) -> dict[str, str]:
    return {row.id: row.state for row in dataset.queue.rows()}


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line, parse_constant=refuse) for line in text.splitlines()]


def refuse(constant: str) -> None:
    raise AssertionError(f"{constant} is not JSON")


def change(root: Path, sql: str, *values: object) -> None:
    connection = sqlite3.connect(root / ".xray-tui" / "catalog.sqlite")
    with connection:
        connection.execute(sql, values)
    connection.close()


# ---- list ----------------------------------------------------------------------------------------


def test_list_fits_the_terminal_and_is_complete_in_a_pipe(
    dataset: Dataset, jobs: RunJobs, monkeypatch: pytest.MonkeyPatch
) -> None:
    ids = [f"20260101-12000{number}-ab1{number}" for number in range(3)]
    tasks = [make_task(seed) for seed in range(5)]
    titles = ["pleural-effusion +12 · 200,000 images", "肺" * 40, "[/red] knee"]
    for job_id, title in zip(ids, titles, strict=True):
        job = Job(job_id, "2026-01-01T12:00:00+00:00", title, (tuple(tasks),))
        dataset.queue.add(job)
    bring_to(dataset.queue, ids[0], "interrupted")
    dataset.queue.set_task_states(ids[2], [tasks[1].id, tasks[2].id], "failed", "why")
    dataset.save(make_image(), tasks[0], make_provenance(), ids[2])
    complete = jobs("list")
    assert all(title in complete for title in titles)
    monkeypatch.setattr(commands, "output_width", lambda: 80)
    lines = jobs("list").splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    assert lines[0].split() == ["job", "state", "done", "failed", "when", "title"]
    assert [line.split()[0] for line in lines[1:4]] == ids
    assert lines[1].split()[1:4] == ["interrupted", "0/5", "0"]
    assert "pleural-effusion" in lines[1] and "…" in lines[1]
    assert lines[3].split()[1:4] == ["queued", "1/5", "2"]
    assert lines[3].endswith("[/red] knee")
    assert len({line.index(" d ago") for line in lines[1:4]}) == 1
    assert lines[-1] == "Idle: no process is generating."


def test_an_empty_queue_is_shown_as_idle(dataset: Dataset, jobs: RunJobs) -> None:
    assert jobs("list") == "No jobs.\nIdle: no process is generating.\n"
    assert json_lines(jobs("list", "--json")) == [
        {"paused": False, "generating": None, "hidden": 0}
    ]


def test_only_the_ten_jobs_that_finished_last_are_listed(
    dataset: Dataset, root: Path, jobs: RunJobs
) -> None:
    add(dataset, *(f"old-{number:02}" for number in range(13)), state="done")
    add(dataset, "new")
    change(root, "UPDATE jobs SET finished = '2026-01-01T00:00:' || substr(id, 5) || '+00:00'")
    change(root, "UPDATE jobs SET finished = '' WHERE id = 'new'")
    output = jobs("list")
    assert "old-02" not in output and "old-03" in output and "new" in output
    assert "3 earlier jobs not shown; --all lists them" in output
    assert "old-00" in jobs("list", "--all")
    assert "not shown" not in jobs("list", "--all")
    listed = json_lines(jobs("list", "--json"))
    assert len(listed) == 12
    assert listed[-1]["hidden"] == 3
    assert len(json_lines(jobs("list", "--all", "--json"))) == 15


def test_list_names_the_process_that_generates(
    dataset: Dataset, jobs: RunJobs, generating: Callable[..., subprocess.Popen[str]]
) -> None:
    add(dataset, "job-1")
    process = generating("job-1")
    output = jobs("list")
    assert "running" in output
    assert f"Generator: process {process.pid} on " in output
    summary = json_lines(jobs("list", "--json"))[-1]
    assert summary["generating"]["pid"] == process.pid
    process.kill()
    process.wait()
    output = jobs("list")
    assert "interrupted" in output and "Idle: no process is generating." in output


def test_hostile_text_never_reaches_the_terminal(
    dataset: Dataset, root: Path, jobs: RunJobs
) -> None:
    task = make_task(1)
    dataset.queue.add(
        Job("job-1", "yesterday", NASTY, ((task,),)), {NASTY: [NASTY], "b": {"c": NASTY}}
    )
    dataset.queue.set_task_states("job-1", [task.id], "failed", NASTY)
    bring_to(dataset.queue, "job-1", "failed", NASTY)
    change(root, "UPDATE jobs SET id = ?", f"job-1{NASTY}")
    change(root, "UPDATE tasks SET job_id = ?", f"job-1{NASTY}")
    for arguments in (["list"], ["show", "job-1"], ["cancel", "job-1"], ["retry", "job-1"]):
        output = jobs(*arguments)
        assert "job-1" in output
        assert output.replace("\n", "").isprintable()
        assert "\u202e" not in output
    for arguments in (["list", "--json"], ["show", "job-1", "--json"]):
        output = jobs(*arguments)
        assert output.isascii()
        assert json_lines(output)[0]["title"] == NASTY
    output = jobs("show", f"\x1b[31m{NASTY[4:]}", code=2)
    assert output.replace("\n", "").isprintable()


# ---- show ----------------------------------------------------------------------------------------


def test_show_prints_everything(dataset: Dataset, jobs: RunJobs) -> None:
    tasks = [make_task(seed) for seed in range(12)]
    request = {"prompts": ["chest-normal", "knee"], "overrides": {"steps": 3, "seed": 7}}
    dataset.queue.add(make_job(tasks, "job-1"), request)
    bring_to(dataset.queue, "job-1", "running")
    for task, seconds in zip(tasks[:2], (1.0, 2.0), strict=True):
        dataset.save(make_image(), task, make_provenance(seconds=seconds), "job-1")
    dataset.queue.set_task_states("job-1", [task.id for task in tasks[2:9]], "failed", "it is NaN")
    dataset.queue.set_batch_limit("job-1", 2)
    dataset.queue.add_seconds("job-1", 3.25)
    bring_to(dataset.queue, "job-1", "interrupted", "the disk was full")
    output = jobs("show", "job")
    for line in (
        "state      interrupted: the disk was full",
        "images     2 of 12 done, 7 failed, 3 to generate",
        "worked     3.2 s, with loading and saving",
        "pace       1.5 s per image",
        "prompts    chest-normal, knee",
        "overrides  steps = 3, seed = 7",
        "failed     chest-normal seed 2: it is NaN",
        "           chest-normal seed 6: it is NaN",
        "           … and 2 more",
    ):
        assert line in output.splitlines()
    (shown,) = json_lines(jobs("show", "job-1", "--json"))
    assert (shown["done"], shown["failed"], shown["queued"], shown["total"]) == (2, 7, 3, 12)
    assert shown["request"] == request
    assert shown["seconds_per_image"] == 1.5
    assert shown["errors"][0] == {"prompt_id": "chest-normal", "seed": 2, "error": "it is NaN"}
    assert len(shown["errors"]) == 5
    assert shown["message"] == "the disk was full"


@pytest.mark.parametrize(
    "request_text", ['{"a": NaN}', '{"a": 1e999}', "[" * 500, '{"a": "\\ud800"}']
)
def test_show_prints_json_for_any_stored_request(
    dataset: Dataset, root: Path, jobs: RunJobs, request_text: str
) -> None:
    add(dataset, "job-1")
    change(root, "UPDATE jobs SET request = ?", request_text)
    assert json_lines(jobs("show", "job-1", "--json"))[0]["id"] == "job-1"
    assert jobs("show", "job-1")


def test_show_names_an_ad_hoc_prompt_by_its_line(dataset: Dataset, jobs: RunJobs) -> None:
    prompt = scratch_prompt("PA chest of a {man|woman}.")
    request = a_request(prompt, a_prompt(), **SMALL)
    job = plan(request)
    dataset.queue.add(job, request.as_json())
    output = jobs("show", job.id)
    title = next(line for line in output.splitlines() if line.startswith("title"))
    assert re.fullmatch(r'title      "PA chest of a (wo)?man." \+1 · 2 images', title)
    assert "ad hoc     PA chest of a {man|woman}." in output.splitlines()
    assert "prompts    chest-normal" in output.splitlines()
    assert "choice_1" not in output


# ---- naming a job --------------------------------------------------------------------------------


def test_the_beginning_of_an_id_is_enough(dataset: Dataset, jobs: RunJobs) -> None:
    add(dataset, "20260101-1", "20260101-12", "20260202-1")
    jobs("pause", "202602", "20260101-1", "202602")
    assert states(dataset) == {
        "20260101-1": "paused",
        "20260101-12": "queued",
        "20260202-1": "paused",
    }


@pytest.mark.parametrize("command", ["show", "pause", "resume", "cancel", "retry"])
def test_an_unknown_or_ambiguous_id_prints_one_message_and_changes_nothing(
    dataset: Dataset, jobs: RunJobs, command: str
) -> None:
    add(dataset, *(f"a{number}" for number in range(7)), "b", state="interrupted")
    before = states(dataset)
    names = ["b"] if command != "show" else []
    output = jobs(command, *names, "a", code=2)
    assert output == 'xray-tui: "a" matches 7 jobs: a0, a1, a2, a3, a4, …\n'
    output = jobs(command, *names, "x", code=2)
    assert output == 'xray-tui: there is no job "x"; xray-tui jobs list --all shows them\n'
    assert 'no job ""' in jobs(command, *names, "", code=2)
    assert states(dataset) == before


@pytest.mark.parametrize("command", ["list", "show x", "pause", "resume", "cancel x", "clear"])
def test_no_dataset_is_created(root: Path, jobs: RunJobs, command: str) -> None:
    assert "there is no dataset here" in jobs(*command.split(), code=2)
    assert not root.exists()


@pytest.mark.parametrize(
    "command",
    [["jobs", "list", "--dataset"], ["blind", "list", "--dataset"], ["verify"], ["rebuild"]],
)
def test_an_empty_path_is_not_the_current_folder(
    dataset: Dataset,
    command: list[str],
    run_command: RunCommand,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(dataset.root)
    _, err = run_command(*command, "", code=2)
    assert "command line: dataset: is empty; write a path, or . for" in err


def test_a_damaged_catalog_prints_one_message(dataset: Dataset, root: Path, jobs: RunJobs) -> None:
    dataset.close()
    (root / ".xray-tui" / "catalog.sqlite").write_bytes(os.urandom(4096))
    assert "xray-tui rebuild" in jobs("list", code=2)


# ---- changing the queue --------------------------------------------------------------------------


def test_pausing_and_resuming_the_whole_queue(dataset: Dataset, jobs: RunJobs) -> None:
    add(dataset, "job-1")
    add(dataset, "job-2", state="interrupted")
    assert jobs("resume").startswith("The queue was not paused.\n")
    assert jobs("pause") == "Queue paused.\n"
    assert dataset.queue.paused
    assert jobs("pause") == "The queue was already paused.\n"
    assert "The queue is paused; to resume it" in jobs("list")
    assert json_lines(jobs("list", "--json"))[-1]["paused"] is True
    output = jobs("resume")
    assert output.startswith("Queue resumed.\n")
    assert "xray-tui generate --resume" in output
    assert "job-2 is interrupted; to resume it: xray-tui jobs resume job-2" in output
    assert not dataset.queue.paused
    assert states(dataset) == {"job-1": "queued", "job-2": "interrupted"}


def test_a_running_job_is_shown_as_paused_while_the_queue_is(
    dataset: Dataset, jobs: RunJobs, generating: Callable[..., subprocess.Popen[str]]
) -> None:
    add(dataset, "job-1", "job-2")
    generating("job-1")
    dataset.queue.set_paused(True)
    lines = jobs("list").splitlines()
    assert [line.split()[1] for line in lines[1:3]] == ["paused", "queued"]
    assert "state      paused: the whole queue is paused" in jobs("show", "job-1").splitlines()
    assert "state      queued: the whole queue is paused" in jobs("show", "job-2").splitlines()
    assert json_lines(jobs("list", "--json"))[0]["state"] == "running"  # programs see the catalog
    dataset.queue.set_paused(False)
    assert "state      running" in jobs("show", "job-1").splitlines()


@pytest.mark.parametrize(
    ("state", "after", "says"),
    [
        ("queued", "paused", "paused"),
        ("paused", "paused", "already paused"),
        ("interrupted", "interrupted", "interrupted, nothing to pause"),
        ("done", "done", "done, nothing to pause"),
    ],
)
def test_pausing_a_job(dataset: Dataset, jobs: RunJobs, state: str, after: str, says: str) -> None:
    add(dataset, "job-1", state=state)
    assert jobs("pause", "job-1") == f"job-1: {says}\n"
    assert states(dataset) == {"job-1": after}


@pytest.mark.parametrize(
    ("state", "after", "says"),
    [
        ("paused", "queued", "queued again"),
        ("interrupted", "queued", "queued again"),
        ("cancelled", "queued", "queued again"),
        ("queued", "queued", "already queued"),
        ("done", "done", "done, nothing to resume"),
        ("failed", "failed", "jobs retry"),
    ],
)
def test_resuming_a_job(dataset: Dataset, jobs: RunJobs, state: str, after: str, says: str) -> None:
    add(dataset, "job-1", state=state)
    output = jobs("resume", "job-1")
    assert says in output.splitlines()[0]
    assert ("xray-tui generate --resume" in output) == (after == "queued")
    assert states(dataset) == {"job-1": after}


def test_resuming_while_the_whole_queue_is_paused_says_so(dataset: Dataset, jobs: RunJobs) -> None:
    add(dataset, "job-1", state="paused")
    dataset.queue.set_paused(True)
    assert "The whole queue is paused" in jobs("resume", "job-1")


@pytest.mark.parametrize(
    ("state", "after"),
    [("queued", "cancelled"), ("interrupted", "cancelled"), ("done", "done"), ("failed", "failed")],
)
def test_cancelling_a_job(dataset: Dataset, jobs: RunJobs, state: str, after: str) -> None:
    add(dataset, "job-1", state=state)
    output = jobs("cancel", "job-1")
    assert ("already finished" in output) == (state == after)
    assert states(dataset) == {"job-1": after}


def test_cancelling_a_job_that_no_process_runs_calls_the_hook(
    dataset: Dataset, jobs: RunJobs, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "hooked.jsonl"
    monkeypatch.setenv("XRAY_TUI_ON_JOB_END", f"cat >> {file}")
    add(dataset, "job-1", state="queued")
    jobs("cancel", "job-1")
    (facts,) = map(json.loads, file.read_text().splitlines())
    assert (facts["event"], facts["id"]) == ("cancelled", "job-1")


def test_retrying_jobs(dataset: Dataset, jobs: RunJobs) -> None:
    add(dataset, "part", "none", state="done")
    add(dataset, "whole", state="failed")
    dataset.queue.set_task_states("part", [make_task(1).id], "failed", "why")
    assert jobs("retry", "none") == "none: no image failed, nothing to retry\n"
    output = jobs("retry", "part", "none", "whole").splitlines()
    assert output[:3] == [
        "part: 1 failed image queued again",
        "none: no image failed, nothing to retry",
        "whole: queued again",
    ]
    assert states(dataset) == {"part": "queued", "none": "done", "whole": "queued"}


def test_clearing_removes_finished_jobs_and_keeps_images(dataset: Dataset, jobs: RunJobs) -> None:
    for state in ("done", "failed", "cancelled", "queued", "paused"):
        add(dataset, state, state=state)
    record = dataset.save(make_image(), make_task(1), make_provenance(), "done")
    assert jobs("clear") == "Cleared 3 jobs (images kept)\n"
    assert jobs("clear") == "No finished jobs to clear.\n"
    assert states(dataset) == {"queued": "queued", "paused": "paused"}
    assert dataset.path_of(record).exists()


def test_changing_a_job_that_another_process_runs(
    dataset: Dataset, jobs: RunJobs, generating: Callable[..., subprocess.Popen[str]]
) -> None:
    add(dataset, "job-1", "job-2")
    dataset.queue.set_task_states("job-1", [make_task(1).id], "failed", "why")
    process = generating("job-1")
    assert jobs("retry", "job-1").startswith("job-1: running: retry after it ends\n")
    assert jobs("pause", "job-1") == "job-1: paused\n"
    output = jobs("resume", "job-1")
    assert f"process {process.pid} on " in output and "It runs the queued jobs." in output
    assert [row.id for row in dataset.queue.rows()] == ["job-1", "job-2"]  # its place is kept
    assert jobs("cancel", "job-1", "job-2") == "job-1: cancelled\njob-2: cancelled\n"


def test_a_process_that_leaves_jobs_to_others_is_not_said_to_run_all_queued_jobs(
    dataset: Dataset, jobs: RunJobs, generating: Callable[..., subprocess.Popen[str]]
) -> None:
    add(dataset, "job-1", state="paused")
    process = generating("--leaves-jobs")
    output = jobs("resume", "job-1")
    assert f"process {process.pid} on " in output
    assert "It runs its own jobs, and those queued or resumed since it started." in output
    advised(". To run the others: ", output)
    assert output.endswith(": xray-tui generate --resume\n")
    dataset.queue.set_paused(True)
    assert "since it started once the queue is resumed." in jobs("resume", "job-1")


def test_repairs_made_on_opening_are_reported_on_standard_error(
    dataset: Dataset, root: Path
) -> None:
    add(dataset, "job-1", state="running")
    dataset.close()
    result = command("list", "--json", "--dataset", str(root))
    assert json_lines(result.stdout)[0]["state"] == "interrupted"
    assert "1 job set to interrupted" in result.stderr


# ---- the real command ----------------------------------------------------------------------------


def command(*arguments: str) -> subprocess.CompletedProcess[str]:
    result = subprocess.run(
        [sys.executable, "-X", "importtime", "-m", "xray_tui", "jobs", *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.returncode == 0, result.stderr
    return result


def test_no_heavy_library_is_loaded(dataset: Dataset, root: Path) -> None:
    add(dataset, "job-1")
    for arguments in (["list"], ["show", "job-1"], ["pause", "job-1"], ["resume", "job-1"]):
        result = command(*arguments, "--dataset", str(root))
        loaded = {line.split("|")[-1].strip() for line in result.stderr.splitlines()}
        assert "xray_tui.cli.jobs.commands" in loaded
        assert loaded.isdisjoint(HEAVY)


def test_help_names_every_command(jobs: RunJobs) -> None:
    output = jobs("--help")
    for name in ("list", "show", "pause", "resume", "cancel", "retry", "clear"):
        assert name in output


@pytest.mark.parametrize(
    ("past", "text"),
    [
        (0, "just now"),
        (-50, "just now"),
        (60, "1 min ago"),
        (7199, "119 min ago"),
        (7200, "2 h ago"),
        (172_799, "47 h ago"),
        (172_800, "2 d ago"),
    ],
)
def test_past_times_are_shown_as_how_long_ago(past: int, text: str) -> None:
    now = datetime(2026, 1, 10, tzinfo=UTC)
    assert since((now - timedelta(seconds=past)).isoformat(), now) == text
    assert since((now - timedelta(seconds=past)).isoformat().removesuffix("+00:00"), now) == text


def test_a_text_that_is_not_a_time_is_not_shown() -> None:
    assert since("yesterday", datetime(2026, 1, 10, tzinfo=UTC)) == ""
