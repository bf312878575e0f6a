"""Ad-hoc prompts: a line that is typed is queued at once, or becomes a prompt."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.textual_internals import screen_text
from support.tui_samples import ThemedApp
from support.workbench import Workbench
from textual.events import Paste
from textual.widgets import Input

from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.prompts.scratch import scratch_prompt
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_fields import PromptField
from xray_tui.tui.workbench.adhoc.line import AdHocLine
from xray_tui.tui.workbench.screen import WorkbenchScreen

LINE = "PA chest radiograph of a {sex}, {mild|severe}."


def paused(workbench: Callable[..., Workbench], **options: object) -> Workbench:
    """An app that generates nothing, so that jobs stay as they were queued."""
    app = workbench(**options)
    app.dataset.queue.set_paused(True)
    return app


async def write(app: Workbench, pilot: Any, text: str, *keys: str) -> None:
    await pilot.press("w")
    await pilot.pause()
    app.post_message(Paste(text))
    await pilot.pause()
    await pilot.press(*keys)
    await pilot.pause()


@pytest.mark.slow
async def test_a_line_is_queued_with_the_parameters_of_the_form_from_every_pane(
    workbench: Callable[..., Workbench],
) -> None:
    app = paused(workbench)
    async with app.run_test(size=(80, 24)) as pilot:
        app.workbench.form.set_override("count", 3)
        for pane in range(5):
            await write(app, pilot, f"{LINE} {pane}", "enter")
            assert isinstance(app.screen, WorkbenchScreen)
            await pilot.press("tab")
        await app.until(lambda: len(app.dataset.queue.rows()) == 5)
        row = app.dataset.queue.rows()[0]
        stored = json.dumps(row.request)
        assert row.total == 3
        assert row.title.startswith('"PA chest radiograph of a ')
        assert row.title.endswith('…" · 3 images')
        assert "{choice_1}" in stored and '"scratch"' in stored
        assert "Write" not in app.text


async def test_a_refused_line_stays_and_the_reason_is_shown(
    workbench: Callable[..., Workbench],
) -> None:
    app = paused(workbench)
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, "a {grade} knee", "enter")
        assert isinstance(app.screen, AdHocLine)
        assert "no prompt has a slot {grade}" in app.text
        assert app.screen.query_one(Input).value == "a {grade} knee"
        assert app.screen.at_stake() == "The ad-hoc prompt is not saved."
        app.workbench.form.set_override("steps", 0)
        await pilot.pause()
        app.screen.query_one(Input).value = "a knee"
        await pilot.press("enter")
        await pilot.pause()
        assert isinstance(app.screen, AdHocLine)
        assert "Steps: " in app.text
        await pilot.press("escape", "w")
        await pilot.pause()
        assert app.screen.query_one(Input).value == "a knee", "what was typed is lost"
        await pilot.press("x")
        assert app.screen.query_one(Input).value == "x"
        assert not app.dataset.queue.rows()


async def test_words_unknown_to_the_bundled_model_are_named_while_typing(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    app = paused(workbench)
    async with app.run_test(size=(80, 24)) as pilot:
        await write(app, pilot, "PA chest radiograph of a {sex} {octopus|child}")
        assert "The bundled model does not know the word octopus." in app.text
        assert "enter generate 1 image ·" in app.text
        await pilot.press(*" {")
        await pilot.pause()
        assert "picks one for each image" in app.text
        await pilot.press("escape")
        await pilot.pause()
        app.workbench.form.set_override("model", str(tmp_path))
        await pilot.press("w")
        await pilot.pause()
        app.screen.query_one(Input).value = "octopus"
        await pilot.pause()
        assert "does not know" not in app.text, "another model may know it"


async def test_earlier_lines_are_recalled_and_searched(
    workbench: Callable[..., Workbench],
) -> None:
    app = paused(workbench)
    async with app.run_test(size=(80, 24)) as pilot:
        for line in ("one knee", "two chests", "three knees", "one knee"):
            await write(app, pilot, line, "enter")
        await pilot.press("w")
        await pilot.pause()
        field = app.screen.query_one(Input)
        shown = []
        for key in ("up", "up", "up", "up", "down", "down", "down", "down"):
            await pilot.press(key)
            shown.append(field.value)
        assert shown == [
            *("one knee", "three knees", "two chests", "two chests"),
            *("three knees", "one knee", "", ""),
        ]
        field.value = "KNEE"
        await pilot.press("up", "up")
        assert field.value == "three knees"
        assert "· two chests" not in app.text
        await pilot.press("down", "down")
        assert field.value == "KNEE"


async def test_a_held_key_goes_through_the_earlier_lines() -> None:
    app, line = (
        ThemedApp(),
        AdHocLine(lambda _: "", lambda _: "", lambda _: "", ["one", "two", "three"]),
    )
    async with app.run_test() as pilot:
        await app.push_screen(line)
        for step, last in ((1, "three"), (-1, "")):
            for _ in range(3):  # no message is handled in between
                line.action_recall(step)
            await pilot.pause()
            assert line.query_one(Input).value == last
        assert "· three" in screen_text(line)


async def test_a_line_becomes_a_prompt_of_the_users_library(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    own = tmp_path / "own" / "prompts.toml"
    app = paused(workbench, library=LibraryChoice(default_path(), copy_to=own))
    async with app.run_test(size=(120, 36)) as pilot:
        await write(app, pilot, LINE, "ctrl+s")
        editor = app.screen
        assert isinstance(editor, PromptEditScreen)
        slots = editor.query_one("#field-slots", PromptField).text
        assert slots == "sex = woman | man\nchoice_1 = mild | severe"
        await pilot.press("escape")
        await pilot.pause()
        assert isinstance(app.screen, QuestionScreen), "what was filled in would be lost"
        await pilot.press("escape")
        await pilot.pause()
        for name in ("id", "region", "label", "view"):
            editor.query_one(f"#field-{name} CleanInput", Input).value = name
        await pilot.pause()
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert load(own).get("id").text == "PA chest radiograph of a {sex}, {choice_1}."
        assert not app.dataset.queue.rows()


async def test_an_ad_hoc_job_is_edited_as_a_line_and_duplicated(
    workbench: Callable[..., Workbench],
) -> None:
    app = paused(workbench)
    async with app.run_test(size=(80, 24)) as pilot:
        app.workbench.form.set_override("steps", 3)
        await write(app, pilot, "{left|right} knee", "enter")
        await app.until(app.dataset.queue.rows)
        job = app.dataset.queue.rows()[0].id
        app.workbench._queue.do(job, "duplicate")
        await app.until(lambda: len(app.dataset.queue.rows()) == 2)
        app.workbench.form.action_reset_all()
        app.workbench._queue.do(job, "edit")
        await app.until(lambda: isinstance(app.screen, AdHocLine))
        await pilot.pause()
        assert app.screen.query_one(Input).value == "{left|right} knee"
        assert app.workbench.form.overrides["steps"] == 3
        assert app.dataset.queue.state(job) == "cancelled"


async def test_the_text_of_an_image_can_be_taken_into_the_line(
    workbench: Callable[..., Workbench],
) -> None:
    app = paused(workbench)
    async with app.run_test(size=(80, 24)) as pilot:
        app.workbench.write_prompt("{{odd}} text")
        await pilot.pause()
        await pilot.press("enter")
        await app.until(app.dataset.queue.rows)
        stored = app.dataset.queue.rows()[0].request["ad_hoc"][0]
        assert stored["text"] == scratch_prompt("{{odd}} text").text


@pytest.mark.parametrize(
    "size",
    [(80, 24), *(pytest.param(size, marks=pytest.mark.slow) for size in [(120, 36), (200, 60)])],
)
def test_looks(
    workbench: Callable[..., Workbench],
    snap_compare: Callable[..., bool],
    monkeypatch: pytest.MonkeyPatch,
    size: tuple[int, int],
) -> None:
    monkeypatch.setattr(WorkbenchScreen, "log_line", lambda *_: None)  # path and time of this run
    app = workbench()

    async def history(pilot: Any) -> None:
        await app.wait_until_open(pilot)
        lines = (
            "PA chest radiograph of a {sex}, large right pleural effusion",
            "lateral knee radiograph, {mild|severe} osteoarthritis, " * 4,
            "PA chest radiograph, cardiomegaly",
        )
        app.memory.remember_for_user(lines=lines)
        await pilot.press("w")
        await pilot.pause()
        app.post_message(Paste("radiograph"))
        await pilot.pause()
        await pilot.press("up")
        await pilot.pause()

    assert snap_compare(app, terminal_size=size, run_before=history)
