"""Which prompt library is used, and copying the built-in one before it is edited."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.config import Settings
from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.library import default_path
from xray_tui.prompts.library_choice import LibraryChoice, choose_library


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The current folder, empty; the configuration folder next to it does not exist."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.delenv("XRAY_TUI_CONFIG", raising=False)
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    return folder


def library_in(folder: Path) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(default_path(), folder / "prompts.toml"))


def test_the_library_comes_from_the_first_place_that_has_one(folder: Path) -> None:
    configuration = folder.parent / "xray-tui"
    own = configuration / "prompts.toml"
    assert choose_library(Settings()) == LibraryChoice(default_path(), copy_to=own)
    library_in(configuration)
    assert choose_library(Settings()) == LibraryChoice(own)
    here = library_in(folder)
    assert choose_library(Settings()) == LibraryChoice(here)
    settings = Settings(prompts=Path("set.toml"))
    assert choose_library(settings) == LibraryChoice(Path("set.toml"))
    assert choose_library(settings, Path("named.toml")) == LibraryChoice(Path("named.toml"))


def test_a_folder_and_a_dangling_link_are_no_library(folder: Path) -> None:
    (folder / "prompts.toml").mkdir()
    assert choose_library(Settings()).path == default_path()
    (folder / "prompts.toml").rmdir()
    (folder / "prompts.toml").symlink_to("missing")
    assert choose_library(Settings()).path == default_path()


def test_the_copy_is_the_whole_built_in_library_and_replaces_no_file(folder: Path) -> None:
    choice = choose_library(Settings())
    own = choice.own()
    assert own == LibraryChoice(folder.parent / "xray-tui" / "prompts.toml")
    assert own.path.read_bytes() == default_path().read_bytes()
    assert own.own() == own
    own.path.write_text("# mine")
    assert choice.own() == own and own.path.read_text() == "# mine"


def test_a_copy_that_cannot_be_written_names_what_to_do_and_that_works(
    folder: Path, tmp_path: Path
) -> None:
    blocked = tmp_path / "file" / "prompts.toml"
    blocked.parent.write_text("")
    choice = LibraryChoice(default_path(), copy_to=blocked)
    with pytest.raises(PromptLibraryError) as caught:
        choice.own()
    advice = f"copy {default_path()} to prompts.toml in a folder of yours and start xray-tui there."
    assert str(caught.value).endswith(advice)
    assert choose_library(Settings()).path != folder / "prompts.toml"
    shutil.copy(default_path(), "prompts.toml")
    assert choose_library(Settings()).own().path == folder / "prompts.toml"


def test_the_commands_use_the_library_of_the_current_folder(folder: Path) -> None:
    runner = CliRunner()
    (folder / "prompts.toml").write_text(
        '[[prompts]]\nid = "mine"\nregion = "chest"\nlabel = "x"\nview = "PA"\n'
        'findings = []\ntext = "t"\n'
    )
    listed = runner.invoke(app, ["prompts", "list"])
    assert "1 prompt in" in listed.stdout and "mine" in listed.stdout
    checked = runner.invoke(app, ["prompts", "check"])
    assert checked.exit_code == 0 and str(folder / "prompts.toml") in checked.stdout
    refused = runner.invoke(app, ["generate", "knee-healthy", "--dataset", "out"])
    assert f'{folder / "prompts.toml"}: no prompt "knee-healthy"' in str(refused.exception)
