"""The screen about one job: what it shows, its keys, and the way to the images in the review."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import pytest
from support.dataset_samples import make_image, make_job, make_provenance, make_task
from support.job_states import bring_to
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless, until
from support.workbench import Workbench
from textual.widgets import OptionList

from xray_tui.cli.jobs.text import describe
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue import job_details
from xray_tui.tasks import Job
from xray_tui.tui.jobs.screen import JobScreen
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.workbench.queue_view import QueueView

TEXTS = [f"PA chest radiograph of a {sex}. Small effusion on the left." for sex in ("man", "woman")]


def a_dataset(folder: Path) -> Dataset:
    """A dataset with an unfinished job of two prompts: three images, one failure, two to go."""
    dataset = Dataset(folder / "D")
    tasks = [
        *(make_task(seed, prompt_id="normal-1") for seed in range(2)),
        *(
            make_task(seed, prompt_id="effusion-1", label="effusion", text=TEXTS[seed % 2])
            for seed in range(4)
        ),
    ]
    job = make_job(tasks, "20260101-120000-ab12")
    titled = Job(job.id, job.created, "normal +1 · 6 images", job.batches)
    dataset.queue.add(titled, {"prompts": ["normal-1", "effusion-1"], "overrides": {}})
    bring_to(dataset.queue, job.id, "running")
    records = [
        dataset.save(make_image(), task, make_provenance(seconds=1.5), job.id) for task in tasks[:3]
    ]
    dataset.queue.set_task_states(job.id, [tasks[3].id], "failed", "the image is not finite")
    bring_to(dataset.queue, job.id, "interrupted", "the disk was full")
    dataset.desk().set_decision([records[0].id], "accepted")
    dataset.desk().set_decision([records[2].id], "rejected")
    return dataset


class Host(ThemedApp):
    """The screen alone; ``asked`` has what was asked for."""

    def __init__(self, dataset: Dataset, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self.dataset = dataset
        self.asked: list[object] = []

    def on_mount(self) -> None:
        (row,) = self.dataset.queue.rows()
        self.push_screen(
            JobScreen(
                row.id,
                self.dataset,
                None,
                act=lambda job_id, action: self.asked.append((job_id, action)),
                act_on_all=self.asked.append,
            )
        )

    def on_job_screen_review_requested(self, message: JobScreen.ReviewRequested) -> None:
        self.asked.append((message.filter_text, message.record_id))

    @property
    def text(self) -> str:
        return screen_text(self.screen)


@pytest.fixture
def ago(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pictures do not change with the date."""
    monkeypatch.setattr(job_details, "since", lambda text, now: "2 d ago")
    monkeypatch.setattr(job_details, "minute", lambda text: "2026-01-01 12:00 UTC")


async def test_a_job_is_shown_with_prompts_parameters_errors_and_images(tmp_path: Path) -> None:
    dataset = a_dataset(tmp_path)
    job = "20260101-120000-ab12"
    app = Host(dataset)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "seed" in app.text)
        for text in (
            "normal +1 · 6 images",
            "interrupted: the disk was full",
            "3 of 6 done, 1 failed, 2 to generate",
            "1.5 s per image",
            "effusion-1 seed 1: the image is not finite",
            "normal-1  2 of 2",
            "effusion-1  1 of 4, 1 failed · 2 different texts",
            TEXTS[0][:40],
            "64×72",
            "✓ seed 0",
            "✗ seed 0",
            "3 images",
        ):
            assert text in app.text
        for key in ("space", "delete", "r", "d", "e", "P", "z", "Z"):
            await pilot.press(key)
        assert app.asked == [
            *((job, action) for action in ("resume", "cancel", "duplicate", "edit")),
            "pause",
            "undo",
            "redo",
        ]
        app.asked.clear()
        latest = dataset.catalog.records(limit=1)[0].id
        await pilot.press("enter", "f2")
        await until(pilot, lambda: len(app.asked) == 2)
        assert app.asked == [(f"job:{job}", latest), (f"job:{job}", 0)]
        dataset.queue.cancel(job)
        await until(pilot, lambda: "cancelled" in app.text)
        dataset.queue.remove(job)
        await until(pilot, lambda: not isinstance(app.screen, JobScreen))
    dataset.close()


async def test_hostile_texts_of_a_job_are_shown_harmlessly(tmp_path: Path) -> None:
    nasty = HOSTILE.replace("\ud800", "")
    dataset = Dataset(tmp_path / "D")
    task = make_task(1, prompt_id=nasty, text=nasty, negative_prompt=nasty)
    dataset.queue.add(Job("a", nasty, nasty, ((task,),)), {nasty: nasty})
    dataset.queue.set_task_states("a", [task.id], "failed", nasty)
    app = Host(dataset)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "0 of 1" in app.text)
        assert "[/] x [/red] y" in app.text
        assert_harmless(app)
    dataset.close()


async def test_enter_in_the_queue_opens_the_job_and_enter_there_reviews_its_images(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = workbench(count=1)
    queue = app.dataset.queue
    queue.set_paused(True)
    other = make_task(9)
    app.dataset.save(make_image(), other, make_provenance(), "other")
    tasks = [make_task(1), make_task(2)]
    queue.add(make_job(tasks, "a"))
    records = [app.dataset.save(make_image(), task, make_provenance(), "a") for task in tasks]
    bring_to(queue, "a", "done")
    async with app.run_test(size=(120, 36)) as pilot:
        rows = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: rows.option_count == 1)
        rows.focus()
        await pilot.press("enter")
        await app.shows("2 of 2 done, 0 failed, 0 to generate")
        await pilot.press("down", "enter")
        await app.until(lambda: isinstance(app.screen, ReviewScreen))
        review = app.screen
        await app.until(lambda: list(review.images.ids) == [record.id for record in records])
        await app.until(lambda: review.views.gallery.cursor_id == records[0].id)
        review.remember()
        await pilot.press("f2")
        await app.until(lambda: isinstance(app.screen, JobScreen))
        await pilot.press("delete")  # it is finished, so it is removed from the list
        await app.until(lambda: app.screen is app.workbench)
        assert app.memory.filter == ""  # the review's own filter is not forgotten


@pytest.mark.parametrize(
    ("size", "theme"),
    [((80, 24), "reading-room"), ((120, 36), "daylight"), ((200, 60), "reading-room")],
)
def test_the_screen_looks_right(
    snap_compare, tmp_path: Path, ago: None, size: tuple[int, int], theme: str
) -> None:
    dataset = a_dataset(tmp_path)

    async def wait(pilot) -> None:
        await until(pilot, lambda: "seed" in pilot.app.text)

    assert snap_compare(Host(dataset, theme), run_before=wait, terminal_size=size)
    dataset.close()


async def test_of_many_prompts_the_first_are_listed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A job that was made from a table has one for each row."""
    monkeypatch.setattr(job_details, "PROMPTS_SHOWN", 1)
    dataset = a_dataset(tmp_path)
    app = Host(dataset)
    async with app.run_test(size=(120, 36)) as pilot:
        await until(pilot, lambda: "2 prompts" in app.text)
        assert "the first 1" in app.text
        assert app.screen.query_one("#prompt-rows", OptionList).option_count == 1
    (row,) = dataset.queue.rows()
    details = job_details.read_details(dataset.queue, row.id)
    assert details is not None
    lines = list(describe(details, datetime.now(UTC)))
    assert any("normal-1, 2 of 2 done" in line for line in lines)
    assert lines[-1].strip() == "… and 1 more prompt"
    dataset.close()
