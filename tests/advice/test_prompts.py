"""Libraries of prompts that cannot be edited or read: following the advice helps."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from support.advice import advised
from support.tui_samples import a_prompt

from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.editing import LibraryEditor
from xray_tui.prompts.files import MAX_BYTES
from xray_tui.prompts.library import load, parse

ONE = """[[prompts]]
id = "one"
region = "chest"
label = "normal"
view = "PA"
findings = []
text = "chest"
"""


def refusal(act: Callable[[], object]) -> str:
    with pytest.raises(PromptLibraryError) as caught:
        act()
    return str(caught.value)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "prompts.toml"
    path.write_text(ONE, encoding="utf-8")
    return path


def test_the_only_prompt_is_deleted_after_another_one_was_added(file: Path) -> None:
    editor = LibraryEditor(file)
    advised("cannot be deleted; add another one first", refusal(lambda: editor.delete("one")))
    editor.add(a_prompt("two"))
    editor.delete("one")
    advised("; choose another id", refusal(lambda: editor.add(a_prompt("two"))))
    editor.add(a_prompt("three"))
    assert [prompt.id for prompt in load(file).prompts] == ["two", "three"]


@pytest.mark.parametrize("remedy", ["writable", "copy"])
def test_a_read_only_file_is_made_writable_or_copied(
    file: Path, tmp_path: Path, remedy: str
) -> None:
    file.chmod(0o444)
    editor = LibraryEditor(file)
    message = refusal(lambda: editor.add(a_prompt("two")))
    advised(" is read-only; make it writable and save again, or copy the file and ", message)
    if remedy == "writable":
        file.chmod(0o644)
    else:
        copy = tmp_path / "copy.toml"
        copy.write_bytes(file.read_bytes())
        editor = LibraryEditor(copy)
    editor.add(a_prompt("two"))


def test_the_built_in_library_is_copied(file: Path, tmp_path: Path) -> None:
    installed = tmp_path / "site-packages" / "prompts.toml"
    installed.parent.mkdir()
    installed.write_bytes(file.read_bytes())
    message = refusal(lambda: LibraryEditor(installed).add(a_prompt("two")))
    advised("is read-only; copy it to ./prompts.toml and pass --prompts ./prompts.toml", message)
    file.write_bytes(installed.read_bytes())
    LibraryEditor(file).add(a_prompt("two"))


def test_an_edit_that_would_change_other_parts_is_made_in_a_text_editor(file: Path) -> None:
    inline = ONE.replace("[[prompts]]\n", "prompts = [{ ").replace("\n", ", ") + "}]\n"
    file.write_text(inline.replace(", }", " }"), encoding="utf-8")
    message = refusal(lambda: LibraryEditor(file).add(a_prompt("two")))
    advised("with its tables right below it; use a text editor", message)
    file.write_text(ONE, encoding="utf-8")
    LibraryEditor(file).add(a_prompt("two"))


def test_a_library_that_is_too_large_is_split(file: Path, tmp_path: Path) -> None:
    many = [ONE.replace('"one"', f'"p{n}"') + f'notes = "{"x" * 1900}"\n' for n in range(2200)]
    file.write_text("".join(many), encoding="utf-8")
    assert file.stat().st_size > MAX_BYTES
    advised(
        "or move prompts to another file and open it with --prompts", refusal(lambda: load(file))
    )
    other = tmp_path / "other.toml"
    other.write_text("".join(many[:1100]), encoding="utf-8")
    assert len(load(other).prompts) == 1100


def test_half_a_character_is_written_whole() -> None:
    broken = ONE.replace('text = "chest', 'text = "chest \ud83d')
    message = refusal(lambda: parse(broken, Path("prompts.toml")))
    advised("half a character (a lone surrogate); write the whole character", message)
    parse(ONE.replace('text = "chest', 'text = "chest \U0001fac1'), Path("prompts.toml"))
