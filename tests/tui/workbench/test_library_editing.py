"""Editing the prompt library in the app: which file is written, and files that cannot be."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.workbench import Workbench
from textual.events import Paste
from textual.widgets import Input, Static

from xray_tui.prompts.editing import LibraryEditor
from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_fields import PromptField

EXTRA = (
    '\n[[prompts]]\nid = "{}"\nregion = "r"\nlabel = "l"\nview = "PA"\nfindings = []\ntext = "{}"\n'
)
NEW = ("new-one", "chest", "odd", "PA", "", "A text that was hard to write.")
BROKEN = "[[prompts]]\nid = 3\n"


@pytest.fixture
def library(tmp_path: Path) -> Path:
    return Path(shutil.copy(default_path(), tmp_path / "prompts.toml"))


async def write_new_prompt(app: Workbench, pilot: Any) -> None:
    """Open the form with n and paste its texts; typing them takes seconds."""
    await pilot.press("n")
    await pilot.pause()
    for text, name in zip(NEW, ("id", "region", "label", "view", "findings", "text"), strict=True):
        field = app.screen.query_one(f"#field-{name}", PromptField)
        field.editor.focus()
        app.post_message(Paste(text))
        await pilot.pause()
    await pilot.pause()


def still_open(app: Workbench, message: str) -> None:
    """Assert that the form is open with its text and shows ``message``."""
    assert isinstance(app.screen, PromptEditScreen), "the form was closed"
    assert app.screen.query_one("#field-text", PromptField).text == NEW[-1]
    assert message in shown_problem(app)


def shown_problem(app: Workbench) -> str:
    line = app.screen.query_one("#not-saved", Static)
    return str(line.render()) if line.display else ""


# ---- the built-in library ------------------------------------------------------------------------


@pytest.fixture
def built_in(tmp_path: Path, library: Path) -> LibraryChoice:
    """The built-in library of an installed package, and where a user's copy goes."""
    package = tmp_path / "site-packages" / "xray_tui" / "prompts.toml"
    package.parent.mkdir(parents=True)
    library.rename(package)
    return LibraryChoice(package, copy_to=tmp_path / "configuration" / "prompts.toml")


async def test_a_new_prompt_on_a_default_install_goes_to_a_copy_of_the_library(
    workbench: Callable[..., Workbench], built_in: LibraryChoice
) -> None:
    assert built_in.copy_to is not None
    app = workbench(library=built_in)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        assert not built_in.copy_to.exists()
        await pilot.press("ctrl+s")
        await app.logs("Saved new-one (prompts.toml)")
        await app.logs("Library copied to")
        assert load(built_in.copy_to).get("new-one").text == NEW[-1]
        assert built_in.path.read_bytes() == default_path().read_bytes()
        await pilot.pause()
        highlighted = app.workbench.prompts.highlighted
        assert highlighted is not None and highlighted.id == "new-one"
        await pilot.press("d")
        await app.logs("Duplicated new-one as new-one-copy")
        lines = [line.text for line in app.workbench.log_view._lines]
        assert sum("copied to" in line for line in lines) == 1
        app.workbench.prompts.mark_only(["new-one"])
        app.workbench.prompts.go_to("new-one")
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#field-id Input", Input).value = "newer"
        await pilot.press("ctrl+s")
        await app.logs("Saved newer")
        assert app.workbench.prompts.remembered.marks == {"newer"}
        await pilot.press("z")
        await app.logs("Undone: change of new-one")
        assert app.workbench.prompts.remembered.marks == {"new-one"}


@pytest.mark.parametrize(
    "keys",
    [
        pytest.param("d", marks=pytest.mark.slow),
        "delete d",
        pytest.param("e ctrl+s", marks=pytest.mark.slow),
    ],
)
async def test_every_edit_on_a_default_install_goes_to_the_copy(
    workbench: Callable[..., Workbench], built_in: LibraryChoice, keys: str
) -> None:
    assert built_in.copy_to is not None
    app = workbench(library=built_in)
    async with app.run_test(size=(120, 36)) as pilot:
        for key in keys.split():
            await pilot.press(key)
            await pilot.pause()
        await app.logs("Library copied to")
        assert load(built_in.copy_to)
        if keys != "e ctrl+s":
            await pilot.press("z")
            await app.logs(f"Undone: {'copy' if keys == 'd' else 'deletion of'} chest-")
        assert built_in.copy_to.read_bytes() == default_path().read_bytes()


async def test_a_copy_that_cannot_be_written_keeps_the_form_open(
    workbench: Callable[..., Workbench], built_in: LibraryChoice
) -> None:
    assert built_in.copy_to is not None
    built_in.copy_to.parent.write_text("in the way")
    app = workbench(library=built_in)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        still_open(app, "The built-in library is read-only, and its copy cannot be created")
        built_in.copy_to.parent.unlink()
        await pilot.press("ctrl+s")
        await app.logs("Saved new-one")
        assert load(built_in.copy_to).get("new-one")


# ---- a file that cannot be written ---------------------------------------------------------------


@pytest.mark.slow
async def test_a_read_only_file_keeps_the_form_open_until_it_is_writable(
    workbench: Callable[..., Workbench], library: Path
) -> None:
    library.chmod(0o444)
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        await pilot.press("ctrl+s")
        await pilot.pause()
        still_open(app, "the file is read-only; make it writable and save again")
        library.chmod(0o644)
        await pilot.press("ctrl+s")
        await app.logs("Saved new-one")
        assert load(library).get("new-one").text == NEW[-1]


async def test_a_file_broken_by_another_editor_keeps_the_form_open_until_it_is_mended(
    workbench: Callable[..., Workbench], library: Path
) -> None:
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        library.write_text(BROKEN)
        await pilot.press("ctrl+s")
        await pilot.pause()
        still_open(app, "was changed by another program. Press ctrl+r")
        await pilot.press("ctrl+r")
        await pilot.pause()
        still_open(app, "Fix the file, then press ctrl+r.")
        library.write_text(default_path().read_text() + "# theirs\n")
        await pilot.press("ctrl+r")
        await app.logs("Saved new-one")
        assert load(library).get("new-one") and "# theirs" in library.read_text()


async def test_a_deleted_file_is_written_again_with_the_new_prompt(
    workbench: Callable[..., Workbench], library: Path
) -> None:
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        library.unlink()
        await pilot.press("ctrl+s")
        await pilot.pause()
        still_open(app, "was moved or deleted. Press ctrl+r to")
        await pilot.press("ctrl+r")
        await app.logs("Saved new-one")
        assert len(load(library).prompts) == len(load(default_path()).prompts) + 1


@pytest.mark.slow
async def test_an_id_that_another_program_took_keeps_the_form_open(
    workbench: Callable[..., Workbench], library: Path
) -> None:
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        library.write_text(default_path().read_text() + EXTRA.format("new-one", "theirs"))
        await pilot.press("ctrl+s", "ctrl+r")
        await pilot.pause()
        still_open(app, "another prompt has the id")
        app.screen.query_one("#field-id", PromptField).editor.focus()
        await pilot.press("2", "ctrl+s")
        await app.logs("Saved")
        assert load(library).get("new-one").text == "theirs"
        assert [one.id for one in load(library).prompts if one.text == NEW[-1]]


@pytest.mark.parametrize("theirs", ["changed", pytest.param("deleted", marks=pytest.mark.slow)])
async def test_a_prompt_that_another_program_changed_is_replaced_only_on_request(
    workbench: Callable[..., Workbench], library: Path, theirs: str
) -> None:
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        prompt = app.workbench.prompts.highlighted
        assert prompt is not None
        await pilot.press("e")
        await pilot.pause()
        app.screen.query_one("#field-notes", PromptField).editor.focus()
        await pilot.press(*"mine")
        other = LibraryEditor(library)
        if theirs == "deleted":
            other.delete(prompt.id)
        else:
            other.replace(prompt.id, prompt.model_copy(update={"text": f"theirs: {prompt.text}"}))
        os.utime(library)
        await app.logs("Reloaded prompts.toml")  # below the form
        await pilot.press("ctrl+s")
        await pilot.pause()
        assert isinstance(app.screen, PromptEditScreen)
        message = f"Another program {theirs} the prompt {prompt.id}. Press ctrl+r"
        assert message in shown_problem(app)
        assert not load(library).prompts or "mine" not in library.read_text()
        await pilot.press("ctrl+r")
        await app.logs(f"Saved {prompt.id}")
        assert load(library).get(prompt.id).text == prompt.text
        assert "mine" in load(library).get(prompt.id).notes


async def test_leaving_the_form_can_save(
    workbench: Callable[..., Workbench], library: Path
) -> None:
    app = workbench(library=library)
    async with app.run_test(size=(120, 36)) as pilot:
        await write_new_prompt(app, pilot)
        await pilot.press("escape")
        await pilot.pause()
        await pilot.press("enter")  # the safe answer is first
        await pilot.pause()
        still_open(app, "")
        await pilot.press("escape", "s")
        await app.logs("Saved new-one")
