"""Hints of the workbench: the keys that they name do what they promise. The queue stays paused."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.advice import Advice, advised, assert_helps
from support.dataset_samples import make_job, make_task
from support.job_states import bring_to
from support.tui_samples import a_library, a_prompt
from support.workbench import Workbench
from textual.widgets import OptionList

from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.scratch import scratch_prompt
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.prompts.prompt_draft import read_draft, texts_of
from xray_tui.tui.textual_internals import notifications
from xray_tui.tui.workbench.queue_view import QueueView
from xray_tui.tui.workbench.quit_controller import QuitController


class Paused(Workbench):
    """The workbench of a dataset whose queue is paused; torch is never imported."""

    def __init__(self, folder: Path, **options: Any) -> None:
        super().__init__(folder, **options)
        self.dataset.queue.set_paused(True)

    @property
    def toasts(self) -> str:
        return "\n".join(toast.message for toast in notifications(self))

    @property
    def states(self) -> list[str]:
        return [row.state for row in self.dataset.queue.rows()]

    async def says(self, text: str) -> None:
        await self.until(lambda: text in " ".join(self.toasts.split()), 20)


@pytest.fixture
def app(tmp_path: Path) -> Any:
    app = Paused(tmp_path, count=2)
    yield app
    app.finish()


async def test_hints_of_prompts_and_queue(app: Paused) -> None:
    app.dataset.queue.set_paused(False)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await app.shows("No images yet")
        advised("Mark prompts with space, then press g.", app.text)
        advised("Nothing queued. Mark prompts with space, then press g.", app.text)
        await pilot.press("f2")
        await app.shows("Press F2, mark prompts")
        advised("Press F2, mark prompts with space, then press g.", " ".join(app.text.split()))
        await pilot.press("f2")
        await app.until(lambda: app.screen is app.workbench)
        await pilot.press("slash", *"nothing")
        await app.shows("No prompt matches")
        advised("No prompt matches. Press esc", app.text)
        await pilot.press("escape")
        await app.shows("chest-normal-adult")
        await pilot.press("home", "g")  # on the row of a region
        await app.says("No prompt selected")
        advised("No prompt selected. Mark one with space first.", app.toasts)

        app.dataset.queue.set_paused(True)
        await app.shows("Paused: press P to resume")
        advised("Paused: press P to resume", app.text)
        await pilot.press("down", "down", "space", "g")
        await app.until(lambda: app.states == ["queued"])
        await app.says("the queue is paused")
        advised(", but the queue is paused. Press P to resume it.", app.toasts)
        await pilot.press("P")
        await app.until(lambda: not app.dataset.queue.paused, 10)


async def test_a_broken_library_is_mended_before_anything_is_generated(tmp_path: Path) -> None:
    library = tmp_path / "prompts.toml"
    library.write_text("[[prompts]", encoding="utf-8")
    app = Paused(tmp_path, library=library)
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("g")
        await app.says("cannot be read")
        advised("The prompts cannot be read. Fix their file first.", app.toasts)
        prompt = load(default_path()).prompts[0]
        app.workbench.library.duplicate(prompt)
        await app.says("has errors")
        advised(" has errors. Fix them first.", app.toasts)
        library.write_bytes(default_path().read_bytes())
        await app.shows("chest-normal-adult", 20)
        app.workbench.library.duplicate(prompt)
        await app.says(f"Duplicated {prompt.id}")
        await pilot.press("g")
        await app.until(lambda: app.states == ["queued"])
    app.finish()


async def test_hints_about_jobs(app: Paused) -> None:
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await pilot.press("g")
        await app.until(lambda: app.states == ["queued"])
        jobs = app.workbench.query_one(QueueView).query_one(OptionList)
        await app.until(lambda: jobs.option_count == 1)
        jobs.focus()
        await pilot.press("e")
        await app.says("loaded into the form")
        advised("The job was cancelled; z in the queue brings it back.", app.toasts)
        jobs.focus()
        await pilot.press("z")
        await app.until(lambda: app.states == ["queued"])
        await pilot.press("e")
        await app.until(lambda: app.states == ["cancelled"])
        advised("Job loaded into the form. Change it and press g.", app.toasts)
        await pilot.press("g")
        await app.until(lambda: sorted(app.states) == ["cancelled", "queued"])

        await app.shows("cancelled", 20)
        jobs.focus()
        await pilot.press("home", "e")  # the cancelled job is the first
        await app.says("cannot be edited")
        advised(" job cannot be edited. Press d to queue a copy with new seeds.", app.toasts)
        await pilot.press("d")
        await app.until(lambda: app.states.count("queued") == 2)


async def test_an_interrupted_job_is_resumed_later(app: Paused) -> None:
    dataset = app.dataset
    dataset.queue.add(make_job([make_task()]))
    bring_to(dataset.queue, "job-1", "interrupted")
    async with app.run_test(size=(120, 36), notifications=True) as pilot:
        await app.until(lambda: isinstance(app.screen, QuestionScreen))
        advised("Later (press space in the queue)", app.text)
        await pilot.press("l")
        await app.until(lambda: app.screen is app.workbench)
        app.workbench.query_one(QueueView).query_one(OptionList).focus()
        for state, hint in (
            ("interrupted", "Job interrupted: press space in the queue"),
            ("paused", "Job paused: press space in the queue"),
        ):
            await app.until(lambda state=state: app.states == [state])
            dataset.queue.set_paused(False)  # otherwise the preview says that the queue is paused
            await app.shows(hint)
            dataset.queue.set_paused(True)
            await pilot.press("space")
            await app.until(lambda: app.states == ["queued"])
            await pilot.press("space")


class BusyEngine:
    """An engine in the middle of a batch that takes long."""

    busy = in_batch = True

    def stop(self, *, finish_current: bool) -> None:
        assert finish_current

    def join(self, seconds: float | None) -> None:
        raise AssertionError("the batch takes longer than this test")


class OneAnswer:
    """A stage whose user answers every question with ``finish``; nothing runs in the background."""

    said = ""

    def ask(self, question: object, answered: Callable[[str], None]) -> None:
        answered("finish")

    def announce(self, level: str, text: str) -> None:
        self.said = text

    def in_thread(self, work: Callable[[], None], group: str) -> None:
        """The engine continues with its batch."""


def test_q_quits_at_once_while_a_batch_is_finished() -> None:
    stage, left = OneAnswer(), []
    controller: Any = QuitController(stage, BusyEngine(), lambda: left.append(True))  # type: ignore[arg-type]
    controller.quit()
    advised("Quitting after this batch. Press q again to quit now.", stage.said)
    assert not left
    controller.quit()
    assert left


async def test_a_long_message_is_in_the_log(app: Paused) -> None:
    async with app.run_test(size=(120, 36), notifications=True):
        app.workbench.announce("warning", "x" * 1000 + " the end")
        await app.says("see the log for the rest")
        advised("… (see the log for the rest)", app.toasts)
        await app.logs("the end")


LINES = (
    Advice("; write its values into the line: {left|right}", "a {nosuch}", "a {left|right}"),
    Advice(" has an empty value; write {left|right}", "a {left|}", "a {left|right}"),
)


@pytest.mark.parametrize("advice", LINES, ids=lambda advice: advice.text)
def test_ad_hoc_lines_mended_as_advised_are_read(advice: Advice) -> None:
    assert_helps(advice, lambda line: scratch_prompt(line, a_library()))


def problem_of(**texts: str) -> str:
    draft = read_draft(texts_of(a_prompt()) | texts, bundled=False)
    return "\n".join(draft.problems.values())


@pytest.mark.parametrize(
    "advice",
    [
        Advice(": write ", "steps", "steps = 30"),
        Advice(" has no value; add one or remove the line", "steps =", "steps = 9"),
        Advice(" has no value; add one or remove the line", "steps =", ""),
    ],
)
def test_parameters_of_a_prompt_mended_as_advised_are_read(advice: Advice) -> None:
    assert advice.text in problem_of(parameters=advice.wrong)
    assert not problem_of(parameters=advice.right)
