"""The workbench: panes working together, on a real engine, dataset and the bundled checkpoint."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.preview_samples import a_live_picture, a_run, a_saved_image, a_step, gradient
from support.textual_internals import Toast
from support.workbench import Workbench
from textual.events import Key
from textual.widgets import Input

from xray_tui.generation.events import LogLine
from xray_tui.prompts.editing import LibraryEditor
from xray_tui.prompts.library import default_path
from xray_tui.prompts.schema import Prompt
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.widgets.key_footer import KeyFooter
from xray_tui.tui.workbench.log_view import LogView
from xray_tui.tui.workbench.screen import WorkbenchScreen

NOON = time.mktime((2026, 1, 2, 12, 0, 0, 0, 0, -1))
SIZES = [(80, 24), (120, 36), (200, 60)]


async def test_while_the_library_is_broken_the_last_valid_library_is_used(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = tmp_path / "prompts.toml"
    shutil.copy(default_path(), library)
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        library.write_text("[[prompts]]\nid = 3\n", encoding="utf-8")
        await app.logs("prompts.toml:2")
        assert "normal-adult" in app.text
        shutil.copy(default_path(), library)
        await app.logs("Reloaded prompts.toml")
        assert "normal-adult" in app.text


BROKEN = "[[prompts]]\nid = 3\nregion = 4\n"


async def test_editing_a_library_that_another_program_broke_or_deleted_reports_the_problem(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = tmp_path / "prompts.toml"
    shutil.copy(default_path(), library)
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        good = app.workbench.library.library
        for spoil, message in (
            (lambda: library.write_text(BROKEN, encoding="utf-8"), "prompts.toml:2"),
            (library.unlink, "there is no such file"),
        ):
            spoil()
            await pilot.press("e")
            await pilot.pause()
            await pilot.press("ctrl+s")
            await app.logs(message)
            assert app.workbench.library.library == good and "normal-adult" in app.text


@pytest.mark.parametrize("later", [BROKEN, default_path().read_text("utf-8") + "\n# later\n"])
async def test_a_write_by_another_program_right_after_an_edit_is_noticed(
    workbench: Callable[..., Workbench],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    later: str,
) -> None:
    library = tmp_path / "prompts.toml"
    shutil.copy(default_path(), library)
    app = workbench(library=library)
    duplicate = LibraryEditor.duplicate

    def duplicate_then_overwrite(editor: LibraryEditor, prompt_id: str) -> Prompt:
        copy = duplicate(editor, prompt_id)
        library.write_text(later, encoding="utf-8")
        return copy

    monkeypatch.setattr(LibraryEditor, "duplicate", duplicate_then_overwrite)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("d")
        await app.logs("prompts.toml:2" if later == BROKEN else "Reloaded prompts.toml")
        assert "normal-adult" in app.text


async def test_a_library_that_is_broken_at_the_start_is_reported_problem_by_problem(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = tmp_path / "prompts.toml"
    library.write_text(BROKEN, encoding="utf-8")
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        errors = [
            line.text for line in app.workbench.query_one(LogView)._lines if line.level == "error"
        ]
        assert len(errors) > 2 and all(line.startswith(f"{library}:") for line in errors)
        assert "prompts.toml: 6 problems" in app.text and "Press n" not in app.text


async def test_the_cursor_goes_to_a_duplicate_and_its_id_is_announced(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = tmp_path / "prompts.toml"
    shutil.copy(default_path(), library)
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        first = app.workbench.query_one(PromptList).highlighted
        assert first is not None
        await pilot.press("d")
        await app.logs(f"Duplicated {first.id} as {first.id}-copy (prompts.toml)")
        await pilot.pause()
        copy = app.workbench.query_one(PromptList).highlighted
        assert copy is not None and copy.id == f"{first.id}-copy"


async def test_tab_reaches_every_pane_and_opens_it_in_a_narrow_terminal(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        seen = []
        for _ in range(6):
            pane = app.workbench.focused_pane
            assert pane is not None
            assert pane.size.height >= 3, pane
            seen.append(type(pane))
            await pilot.press("tab")
            await pilot.pause()
        assert set(seen) == {PromptList, ParameterForm, Preview, LogView}  # the queue is empty


@pytest.mark.parametrize(
    "size",
    [(60, 15), *(pytest.param(size, marks=pytest.mark.slow) for size in [(60, 19), (120, 15)])],
)
async def test_the_focused_pane_has_rows_in_the_smallest_window(
    workbench: Callable[..., Workbench], size: tuple[int, int]
) -> None:
    app = workbench()
    async with app.run_test(size=size) as pilot:
        for pane in (PromptList, ParameterForm, Preview, LogView, PromptList):
            assert isinstance(app.workbench.focused_pane, pane)
            assert app.workbench.query_one(pane).content_size.height >= 2, app.text
            focused = app.workbench.focused
            assert focused is not None and focused.size.height >= 1, app.text
            await pilot.press("tab")


@pytest.mark.parametrize("size", SIZES[:1])
async def test_a_pane_can_be_maximised_and_restored(
    workbench: Callable[..., Workbench], size: tuple[int, int]
) -> None:
    app = workbench()
    async with app.run_test(size=size) as pilot:
        await pilot.pause()
        await pilot.press("m")
        await pilot.pause()
        assert app.workbench.query_one(PromptList).size.width > size[0] - 6
        await pilot.press("m")
        await pilot.pause()
        assert app.workbench.query_one(PromptList).size.width < size[0] // 2 + 2


async def test_footer_help_and_palette_agree_on_the_keys(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(80, 24), notifications=True) as pilot:
        await pilot.pause()
        footer = app.workbench.query_one(KeyFooter)
        await app.until(lambda: "q Quit" in app.text, 10)
        assert footer.region.width == 80
        palette = {command.title: command.help for command in app.get_system_commands(app.screen)}
        for owner, binding in described_bindings(app.screen):
            pane = "" if owner.title == "Everywhere" else f"{owner.title}: "
            if owner.allows(binding):  # the help lists all keys, the others only these
                assert f"{pane}{binding.description}" in palette
        assert palette["Generate"] == "g · queue the marked prompts"
        await pilot.press("question_mark")
        await pilot.pause()
        assert not footer.visible  # its keys do nothing while a dialog is open
        await pilot.press("escape")
        await pilot.pause()
        assert footer.visible
        app.workbench.announce(
            "error", "\n".join(f"line {number} is wrong" for number in range(20))
        )
        await pilot.pause()
        toast = app.screen.query_one(Toast).region
        assert toast.right == 80 and toast.height <= 2
        assert not toast.overlaps(app.workbench.query_one(PromptList).region)
        assert not toast.overlaps(footer.region)


async def test_a_key_in_a_text_field_is_text(workbench: Callable[..., Workbench]) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("slash", *"qgt")
        await pilot.pause()
        assert app.workbench.query_one("#filter", Input).value == "qgt"
        assert not app.engine.busy


@pytest.mark.parametrize(
    "theme", ["reading-room", pytest.param("daylight", marks=pytest.mark.slow)]
)
@pytest.mark.parametrize("size", SIZES)
def test_the_workbench_looks_right(
    snap_compare: Any,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    size: tuple[int, int],
    theme: str,
) -> None:
    monkeypatch.setattr(WorkbenchScreen, "log_line", lambda *_: None)  # path and time of this run
    app = Workbench(tmp_path, theme=theme)
    saved = a_saved_image(number=3)
    path = app.dataset.path_of(saved.record)
    path.parent.mkdir(parents=True)
    gradient(256, 256).save(path)

    async def fill(pilot: Any) -> None:
        await app.wait_until_open(pilot)
        screen = app.workbench
        screen.show_events(
            [
                *a_run(total=8, title="normal · 8 images"),
                *a_run("next", total=40, title="normal +25 · 40 images"),
                a_step(4),
                saved,
                LogLine("info", "Model bundled loaded in 0.9 s on cpu, float32", NOON),
                LogLine("warning", "a text has 81 tokens, the model reads 77", NOON),
                a_step(7, batch=2),
            ]
        )
        if size[0] == 120:
            screen.show_events([a_live_picture()])
        await pilot.pause(0.5)

    assert snap_compare(app, terminal_size=size, run_before=fill)
    app.finish()


async def test_typing_fast_into_a_filter_edits_no_prompt(
    workbench: Callable[..., Workbench], tmp_path: Path
) -> None:
    library = tmp_path / "prompts.toml"
    shutil.copy(default_path(), library)
    before = library.read_text(encoding="utf-8")
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.pause()
        for key in ("slash", "d", "e", "d"):  # all at once, as over a slow connection
            app.post_message(Key(key, None if key == "slash" else key))
        await pilot.pause()
        await pilot.pause(0.1)
        assert app.screen is app.workbench
        assert app.focused is not None and getattr(app.focused, "value", "") == "ded"
    assert library.read_text(encoding="utf-8") == before


async def test_tab_from_the_prompts_lands_on_images_and_keys_of_the_app_act_there(
    workbench: Callable[..., Workbench],
) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("tab")
        form = app.workbench.query_one(ParameterForm)
        assert app.focused is form.entry and app.focused.id == "edit-count"
        theme = app.theme
        await pilot.press("t", "m", "question_mark")
        await pilot.pause()
        assert app.theme != theme and isinstance(app.screen, HelpScreen)
        await pilot.press("escape", "m", "up", "tab", "shift+tab")
        assert app.focused.id == "advanced"  # the pane remembers its row
        assert form.overrides == {}
