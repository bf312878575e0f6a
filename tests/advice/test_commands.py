"""A command that a message advises is typed as it stands, by a shell's rules, and helps."""

from __future__ import annotations

import os
import re
import shlex
import shutil
import sys
from collections.abc import Callable
from contextlib import nullcontext
from pathlib import Path

import pytest
from support.advice import advised
from support.dataset_samples import make_image, make_job, make_provenance, make_task
from support.job_states import bring_to
from support.preview_samples import a_run
from support.review_datasets import save_images
from support.run_command import RunCommand

from xray_tui import environment
from xray_tui.cli.jobs.left import LeftJob, left_jobs
from xray_tui.cli.progress import Lines
from xray_tui.commands import command
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.generation.events import Event, JobStateChanged, QueuePaused

RunLine = Callable[..., str]


@pytest.fixture
def run(run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunLine:
    """Runs a line of shell in this process and asserts its exit code; returns all its output."""
    monkeypatch.chdir(tmp_path)

    def run_line(line: str, code: int = 0) -> str:
        program, *arguments = shlex.split(line)
        assert program == "xray-tui"
        return "".join(run_command(*arguments, code=code))

    return run_line


@pytest.fixture
def elsewhere(tmp_path: Path) -> Path:
    """A dataset that is not the current one, in a folder whose name needs quotes."""
    root = tmp_path / "my $rays; rm"
    save_images(root, 2)
    return root


def line_in(output: str, words: str) -> str:
    """The command that begins with ``xray-tui`` and these words, as a message ends with it."""
    (found,) = re.findall(
        rf"(xray-tui {words}.*?)(?: shows them|, then .*)?$", output, re.MULTILINE
    )
    return found


def queue_job(root: Path, state: str) -> None:
    dataset = Dataset(root)
    task = make_task(1)
    dataset.queue.add(make_job([task]))
    if state == "failed":
        dataset.queue.set_task_states("job-1", [task.id], "failed", "no memory")
    bring_to(dataset.queue, "job-1", state)
    dataset.close()


def state_of(root: Path) -> str:
    dataset = Dataset(root)
    state = dataset.queue.state("job-1")
    dataset.close()
    return state


def at(root: Path) -> str:
    return f"--dataset {shlex.quote(str(root))}"


def test_the_dataset_is_named_only_if_it_is_not_the_current_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    assert command("jobs", "list", dataset=tmp_path / "dataset") == "xray-tui jobs list"
    assert command("review", dataset=tmp_path / "a b") == (
        f"xray-tui review --dataset '{tmp_path}/a b'"
    )
    monkeypatch.setenv("XRAY_TUI_DATASET", "a b")
    assert command("jobs", "list", dataset=tmp_path / "a b") == "xray-tui jobs list"
    monkeypatch.setenv("XRAY_TUI_DATASET", "")  # the advised command would only say so
    assert "--dataset" in command("jobs", "list", dataset=tmp_path / "dataset")


def test_a_paused_queue_and_paused_jobs_are_resumed(run: RunLine, elsewhere: Path) -> None:
    queue_job(elsewhere, "paused")
    run(f"xray-tui jobs pause {at(elsewhere)}")
    listed = run(f"xray-tui jobs list {at(elsewhere)}")
    advised("The queue is paused; to resume it: ", listed)
    resumed = run(line_in(listed, "jobs resume"))
    advised("; to resume it: ", resumed)
    output = run(line_in(resumed, "jobs resume job-1"))
    assert state_of(elsewhere) == "queued"
    advised("An app that is open on this dataset runs the queued jobs; or run: ", output)
    assert shlex.split(line_in(output, "generate"))[1:] == [
        "generate",
        "--resume",
        "--dataset",
        str(elsewhere),
    ]
    run(f"xray-tui jobs pause {at(elsewhere)}")
    output = run(f"xray-tui jobs resume job-1 {at(elsewhere)}")
    advised("The whole queue is paused; to resume it: ", output)
    (resume,) = re.findall(r"The whole queue is paused; to resume it: (.*)", output)
    assert "Queue resumed." in run(resume)


def test_jobs_of_a_headless_run_are_resumed_and_cancelled_as_it_says(
    run: RunLine, elsewhere: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def said(*events: Event) -> str:
        with Lines(elsewhere) as display:
            for event in (*a_run("job-1"), *events):
                display.show(event)
            display.leave([LeftJob("job-1", "Interrupted")])
        return capsys.readouterr().out

    queue_job(elsewhere, "paused")
    output = said(JobStateChanged("job-1", "paused"))
    advised(" paused. To resume it: ", output)
    run(line_in(output, "jobs resume job-1"))
    assert state_of(elsewhere) == "queued"
    run(f"xray-tui jobs pause {at(elsewhere)}")
    output = said(QueuePaused(True))
    advised("The queue is still paused. First run: ", output)
    assert "Queue resumed." in run(line_in(output, "jobs resume"))
    advised("Resume: ", output)
    assert line_in(output, "generate") == f"xray-tui generate --resume job-1 {at(elsewhere)}"


@pytest.mark.parametrize("busy", ["", "running", "queued"], ids=["idle", "runs it", "queued"])
def test_a_job_that_a_headless_run_leaves_is_cancelled_as_it_says(
    run: RunLine, elsewhere: Path, capsys: pytest.CaptureFixture[str], busy: str
) -> None:
    dataset, other = Dataset(elsewhere), Dataset(elsewhere)
    dataset.queue.add(make_job([make_task(1)]))
    with other.generator_lock() if busy else nullcontext(), Lines(elsewhere) as display:
        if busy == "running":
            bring_to(dataset.queue, "job-1", busy)
        display.leave(left_jobs(dataset, ["job-1", "removed"]))
    dataset.close()
    other.close()
    output = capsys.readouterr().out
    advised("To cancel it: ", output)
    runner = f"rocess {os.getpid()}" if busy else "An app that is open on this dataset generates it"
    assert runner in output
    assert ("Resume: xray-tui generate --resume job-1" in output) is not bool(busy)
    run(line_in(output, "jobs cancel job-1"))
    assert state_of(elsewhere) == "cancelled"


def test_jobs_of_a_process_that_ended_and_of_missing_images_are_resumed(
    run: RunLine, elsewhere: Path
) -> None:
    queue_job(elsewhere, "done")
    dataset = Dataset(elsewhere)
    dataset.queue.set_task_states("job-1", [make_task(1).id], "done")
    file = dataset.save(make_image(), make_task(1), make_provenance(), "job-1").file
    dataset.close()
    (elsewhere / file).unlink()
    output = run(f"xray-tui verify --repair {at(elsewhere)}")
    advised("; to run it: ", output.replace("; to run them: ", "; to run it: "))
    assert shlex.split(line_in(output, "generate --resume"))[1:4] == [
        "generate",
        "--resume",
        "job-1",
    ]
    assert state_of(elsewhere) == "interrupted"
    dataset = Dataset(elsewhere)
    dataset.queue.resume("job-1")
    dataset.queue.start("job-1")
    dataset.close()
    output = run(f"xray-tui verify --repair {at(elsewhere)}")
    advised("set to interrupted; to resume ", output)
    assert line_in(output, "generate --resume").startswith("xray-tui generate --resume job-1 ")


@pytest.mark.parametrize("way", ["xray-tui jobs resume job-1", "xray-tui generate --resume job-1"])
def test_a_failed_job_is_retried(run: RunLine, elsewhere: Path, way: str) -> None:
    queue_job(elsewhere, "failed")
    output = run(f"{way} {at(elsewhere)}", code=2 if "generate" in way else 0)
    advised("to queue its failed images again: ", output)
    assert "1 failed image queued again" in run(line_in(output, "jobs retry"))
    assert state_of(elsewhere) == "queued"


@pytest.mark.parametrize("way", ["xray-tui jobs resume job-1", "xray-tui generate --resume job-1"])
def test_nothing_is_advised_for_a_job_that_is_done(run: RunLine, elsewhere: Path, way: str) -> None:
    queue_job(elsewhere, "done")
    output = run(f"{way} {at(elsewhere)}", code=2 if "generate" in way else 0)
    assert "nothing to resume" in output and "retry" not in output


def test_a_wrong_name_of_a_job_leads_to_the_list(run: RunLine, elsewhere: Path) -> None:
    queue_job(elsewhere, "done")
    output = run(f"xray-tui jobs show nope {at(elsewhere)}", code=2)
    advised("there is no job ", output)
    assert "job-1" in run(line_in(output, "jobs list"))


def test_lists_without_entries_say_how_to_start(run: RunLine, elsewhere: Path) -> None:
    """Other tests open the review, and begin a blind reading with B."""
    for words, advice in (("reviews list", "To start: "), ("blind list", "To start one: ")):
        output = run(f"xray-tui {words} {at(elsewhere)}")
        assert advice in output
        line = line_in(output, "review")
        assert "needs a terminal" in run(line, code=2)
        assert shlex.split(line)[1:] == ["review", "--dataset", str(elsewhere)]


def test_options_before_a_command_are_put_after_it(run: RunLine, elsewhere: Path) -> None:
    output = run(f"xray-tui {at(elsewhere)} jobs list", code=2)
    advised("put options after the command: ", " ".join(output.split()))
    assert "No jobs." in run(f"xray-tui jobs list {at(elsewhere)}")


def test_a_damaged_catalog_is_rebuilt_and_problems_are_repaired(
    run: RunLine, elsewhere: Path
) -> None:
    (elsewhere / layout.CATALOG).write_bytes(b"rubbish" * 1000)
    output = run(f"xray-tui jobs list {at(elsewhere)}", code=2)
    advised("; rebuild it from the images with: ", output)
    verified = run(f"xray-tui verify {at(elsewhere)}", code=1)
    advised("no images checked, because that needs a catalog; to rebuild it: ", verified)
    rebuild = line_in(output, "rebuild")
    assert rebuild == verified.splitlines()[-1].rpartition(": ")[2]
    advised("rebuild asks for confirmation; without a terminal, add --yes", run(rebuild, code=2))
    assert "The new catalog has 2 images" in run(f"{rebuild} --yes")

    (elsewhere / layout.METADATA).unlink()
    output = run(f"xray-tui verify {at(elsewhere)}", code=1)
    advised("; to repair: ", output)
    assert "repaired" in run(line_in(output, "verify --repair"))
    assert "no problems found" in run(f"xray-tui verify {at(elsewhere)}")


def test_a_copy_without_its_hidden_folder_is_completed_or_rebuilt(
    run: RunLine, elsewhere: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy = tmp_path / "a copy"
    shutil.copytree(elsewhere, copy)
    shutil.rmtree(copy / layout.PRIVATE)
    output = run(f"xray-tui jobs list {at(copy)}", code=2)
    advised("if you still have it, copy it, too; to make a new one from the images: ", output)
    with monkeypatch.context() as terminal:
        terminal.setattr(environment, "stdin_is_terminal", lambda: True)
        terminal.setattr("builtins.input", lambda: "n")
        asked = " ".join(run(f"xray-tui jobs list {at(copy)}", code=2).split())
    advised("answer n and copy it here", asked)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "stdin", None)  # no terminal to answer in
        for generate in ("generate knee-healthy --device cpu", "generate --resume"):
            assert output.split(": ", 1)[1] in run(f"xray-tui {generate} {at(copy)}", code=2)
            assert not (copy / layout.PRIVATE).exists()
    shutil.copytree(elsewhere / layout.PRIVATE, copy / layout.PRIVATE)
    run(f"xray-tui jobs list {at(copy)}")
    shutil.rmtree(copy / layout.PRIVATE)
    assert "The new catalog has 2 images" in run(f"{line_in(output, 'rebuild')} --yes")
    shutil.rmtree(copy / layout.PRIVATE)
    adopted = run(f"xray-tui generate --resume --adopt {at(copy)}")
    assert "The new catalog has 2 images" in adopted and "nothing to resume" in adopted


def test_prompts_are_listed_and_named(run: RunLine, tmp_path: Path) -> None:
    output = run("xray-tui generate chest-normal", code=2)
    assert 'no prompt "chest-normal" (did you mean chest-normal-' in output
    advised("; for all ids: ", output)
    assert line_in(output, "prompts list") == "xray-tui prompts list"
    own = tmp_path / "my prompts.toml"
    own.write_text(
        '[[prompts]]\nid = "mine"\nregion = "a"\nlabel = "b"\nview = "PA"\n'
        'findings = []\ntext = "chest"\n',
        encoding="utf-8",
    )
    output = run("xray-tui generate nosuch --prompts 'my prompts.toml'", code=2)
    assert "mine" in run(line_in(output, "prompts list"))


@pytest.mark.parametrize(
    ("wrong", "advice", "right"),
    [
        (
            "xray-tui generate --size 256",
            "write it as WIDTHxHEIGHT, for example 256x256",
            "xray-tui generate nosuch --size 256x256",
        ),
        (
            "xray-tui generate --resume --steps 9",
            "--resume continues jobs as they were planned; give only job ids and --dataset",
            "xray-tui generate --resume --dataset 'my $rays; rm'",
        ),
        (
            "xray-tui help nosuch",
            "lists the topics",
            "xray-tui help",
        ),
        (
            "xray-tui reviews export x.txt --dataset 'my $rays; rm'",
            "choose a file name that ends in .csv",
            "xray-tui reviews export x.csv --dataset 'my $rays; rm'",
        ),
        (
            "xray-tui reviews export config.csv --dataset 'my $rays; rm'",
            "is a folder; choose a file name",
            "xray-tui reviews export x.csv --dataset 'my $rays; rm'",
        ),
    ],
)
def test_a_wrong_word_is_replaced_as_advised(
    run: RunLine,
    elsewhere: Path,
    tmp_path: Path,
    wrong: str,
    advice: str,
    right: str,
) -> None:
    (tmp_path / "config.csv").mkdir()
    assert advice in run(wrong, code=2)
    output = run(right, code=2 if "nosuch" in right else 0)
    assert advice not in output and ('no prompt "nosuch"' in output) == ("nosuch" in right)


def test_the_names_of_keys_are_listed_although_the_settings_are_wrong(
    run: RunLine, tmp_path: Path
) -> None:
    settings = tmp_path / "config" / "xray-tui" / "config.toml"
    settings.parent.mkdir(parents=True)
    settings.write_text('[keys]\npausing = "Q"\n', encoding="utf-8")
    save_images(tmp_path / "dataset", 1)
    output = run("xray-tui jobs list", code=2)
    advised("; xray-tui help keys lists their names", output)
    assert "pause_queue" in run("xray-tui help keys")
    settings.write_text('[keys]\npause_queue = "Q"\n', encoding="utf-8")
    run("xray-tui jobs list")


def test_a_dataset_is_named(run: RunLine, elsewhere: Path) -> None:
    advised("; give the folder of one with --dataset", run("xray-tui verify", code=2))
    run(f"xray-tui verify {at(elsewhere)}")


def test_a_dataset_is_given_once(run: RunLine, elsewhere: Path, tmp_path: Path) -> None:
    output = run(f"xray-tui verify {tmp_path} {at(elsewhere)}", code=2)
    advised("; give one of them", " ".join(output.split()))
    run(f"xray-tui verify {at(elsewhere)}")
    run(f"xray-tui verify {shlex.quote(str(elsewhere))}")
