"""The observer names the other process that generates."""

from __future__ import annotations

import shlex
from pathlib import Path

from support.advice import advised
from support.dataset_samples import make_image, make_provenance
from support.generation_samples import a_job, name_parent_as_holder
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import HOLDER
from xray_tui.dataset.lock_holder import Holder
from xray_tui.generation.events import Event, GeneratorElsewhere, ImageSaved, LogLine, StepDone
from xray_tui.generation.running.live_file import LiveFile
from xray_tui.generation.running.queue_observer import QueueObserver


def observer_of(dataset: Dataset, events: list[Event]) -> QueueObserver:
    """An observer of all jobs, which takes none over."""
    live = LiveFile(dataset.root)
    return QueueObserver(dataset, live, events.append, lambda _: True, lambda _: False)


def test_the_process_that_generates_is_named_while_jobs_depend_on_it(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    events: list[Event] = []
    observer = observer_of(dataset, events)
    parent = name_parent_as_holder(tmp_path)

    def seen() -> list[str]:
        observer.poll(now=True)
        return [event.process for event in events if isinstance(event, GeneratorElsewhere)]

    assert seen() == []  # nothing waits for it
    job = a_job()
    dataset.queue.add(job)
    assert seen() == [f"process {parent.pid}"]
    observer.begin(job.id)  # it runs here now
    (tmp_path / HOLDER).unlink()
    assert seen() == [f"process {parent.pid}", ""]
    assert Holder("far", 7, "").short == "process 7 on far"
    dataset.close()


def test_only_a_process_that_lives_shows_its_steps(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    events: list[Event] = []
    observer = observer_of(dataset, events)
    job = a_job()
    dataset.queue.add(job)
    dataset.queue.start(job.id)
    LiveFile(tmp_path).write(StepDone(job.id, 9, 14, 2, 12, 1, 0.1, 0))
    observer.poll(now=True)
    assert not any(isinstance(event, StepDone) for event in events)  # its process was killed
    name_parent_as_holder(tmp_path)
    observer.poll(now=True)
    assert [event.step for event in events if isinstance(event, StepDone)] == [9]
    dataset.close()


def test_an_image_restored_from_the_trash_is_not_reported_as_saved(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    job = a_job(count=3)
    dataset.queue.add(job)
    first, second, third = (task for batch in job.batches for task in batch)
    events: list[Event] = []
    observer = observer_of(dataset, events)

    def saved() -> list[int]:
        observer.poll(now=True)
        return [event.record.id for event in events if isinstance(event, ImageSaved)]

    for task in (first, second):
        dataset.save(make_image(1, 64, 64), task, make_provenance(), job.id)
    desk = dataset.desk()
    desk.set_decision([2], "rejected")
    desk.purging.purge()
    assert saved() == []
    desk.purging.restore_latest()  # a purge before the first look
    assert saved() == []
    desk.purging.purge()
    assert saved() == []
    desk.purging.restore_latest()
    assert saved() == []
    dataset.save(make_image(1, 64, 64), third, make_provenance(), job.id)
    assert saved() == [3]
    dataset.close()


def test_the_command_in_the_log_resumes_a_paused_queue(tmp_path: Path) -> None:
    dataset = Dataset(tmp_path)
    events: list[Event] = []
    observer = observer_of(dataset, events)
    dataset.queue.set_paused(True)
    observer.poll(now=True)
    (line,) = (event.text for event in events if isinstance(event, LogLine))
    advised(". To resume it, press P in the app, or run: ", line)
    assert line.startswith("The queue is paused, so its jobs wait.")
    CliRunner().invoke(app, shlex.split(line.rpartition(": ")[2])[1:])
    assert not dataset.queue.paused
    observer.poll(now=True)
    dataset.queue.set_paused(True)
    observer.poll(now=True)
    last = [event.text for event in events if isinstance(event, LogLine)][-1]
    assert last.startswith("Queue paused. To resume it, ")
    dataset.close()
