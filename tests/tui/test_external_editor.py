"""ctrl+e: prompts.toml in the user's own editor."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from support.workbench import Workbench

from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.library_choice import LibraryChoice


class WithTerminal(Workbench):
    """An app that can be suspended, as in a terminal."""

    @contextmanager
    def suspend(self) -> Iterator[None]:
        yield


@pytest.fixture
def app(tmp_path: Path) -> Iterator[WithTerminal]:
    """The app with its own copy of the library."""
    library = Path(shutil.copy(default_path(), tmp_path / "prompts.toml"))
    app = WithTerminal(tmp_path, library)
    yield app
    app.finish()


def editor(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> None:
    """Set an editor that runs ``script``, in which ``$2`` is the file."""
    path = folder / "an editor.sh"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    monkeypatch.setenv("VISUAL", f"'{path}' --wait")


async def test_changes_and_mistakes_of_the_editor(
    app: WithTerminal, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with app.run_test(size=(120, 36)) as pilot:
        editor(tmp_path, monkeypatch, 'test "$1" = --wait && sed -i s/chest-normal-adult/new/ "$2"')
        await pilot.press("ctrl+e")
        await app.logs("Your changes to prompts.toml are in use.")
        library = app.workbench.library.library
        assert library is not None and library.get("new")

        editor(tmp_path, monkeypatch, "exit 0")
        await pilot.press("ctrl+e")
        await app.logs("prompts.toml is unchanged.")

        editor(tmp_path, monkeypatch, "sed -i 's/^region =/regoin =/' \"$2\"")
        await pilot.press("ctrl+e")
        await app.logs("The last good library stays in use; ctrl+e opens it again.")
        await app.logs("regoin")
        await app.shows("prompts.toml: 21 problems")
        assert app.workbench.library.library == library

        editor(tmp_path, monkeypatch, 'sed -i s/regoin/region/ "$2"; exit 3')
        await pilot.press("ctrl+e")
        await app.logs("ended with an error (exit code 3).")
        await app.logs("Reloaded prompts.toml")

        monkeypatch.setenv("VISUAL", "no-such-editor")
        await pilot.press("ctrl+e")
        await app.logs("cannot be started (No such file or directory). Check VISUAL and EDITOR.")
        monkeypatch.setenv("VISUAL", "'odd")
        await pilot.press("ctrl+e")
        await app.logs("cannot be started (No closing quotation)")
        monkeypatch.setenv("VISUAL", " ")
        monkeypatch.delenv("EDITOR", raising=False)
        await pilot.press("ctrl+e")
        await app.logs("No editor is set. Set VISUAL or EDITOR")


async def test_the_built_in_library_is_copied_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "own" / "prompts.toml"
    app = WithTerminal(tmp_path, LibraryChoice(default_path(), copy_to=own))
    editor(tmp_path, monkeypatch, 'sed -i s/chest-normal-adult/new/ "$2"')
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+e")
        await app.logs("Library copied to")
        assert load(own).get("new")
        assert "new" not in {prompt.id for prompt in load(default_path()).prompts}
    app.finish()


async def test_without_a_terminal_there_is_a_message(
    workbench: Callable[..., Workbench], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("VISUAL", "true")
    app = workbench()
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("ctrl+e")
        await app.logs("This terminal cannot be given to an editor.")
