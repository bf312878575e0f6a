"""Edits leave the rest of the file as it is, can be undone, and never damage the file."""

import random
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import xray_tui
from xray_tui.errors import PromptLibraryChangedError, PromptLibraryError
from xray_tui.prompts.editing import LibraryEditor
from xray_tui.prompts.library import default_path, load, parse
from xray_tui.prompts.schema import Prompt

GOOD = Path(__file__).with_name("good.toml").read_text(encoding="utf-8")
REQUIRED = {"region": "r", "label": "l", "view": "v", "findings": ["f"], "text": "t"}


def prompt_of(**values: object) -> Prompt:
    return Prompt.build(REQUIRED | {"id": "new"} | values)


def changed(prompt: Prompt, **values: object) -> Prompt:
    return Prompt.build(prompt.model_dump() | values)


def lines_removed(before: str, after: str) -> list[str]:
    left = after.split("\n")
    return [line for line in before.split("\n") if line not in left]


free_text = st.text(st.characters(exclude_characters="{}", codec="utf-8"), max_size=30)
some_text = free_text.map(lambda text: f"{text}.")


@st.composite
def prompts(draw: st.DrawFn) -> Prompt:
    slots = draw(
        st.dictionaries(
            st.sampled_from(["a", "b", "side"]), st.lists(some_text, min_size=1, max_size=3)
        )
    )
    return Prompt.build(
        {
            "id": draw(st.from_regex(r"[a-z0-9][a-z0-9_-]{0,9}", fullmatch=True)) + "-x",
            "region": "r",
            "label": "l",
            "view": draw(some_text),
            "findings": draw(st.lists(some_text, max_size=2)),
            "text": draw(some_text) + "".join(f"{{{name}}}" for name in slots),
            "slots": slots,
            "negative": draw(st.none() | free_text),
            "notes": draw(free_text),
            "bundled": draw(st.booleans()),
            "parameters": draw(
                st.fixed_dictionaries(
                    {},
                    optional={
                        "steps": st.integers(1, 200),
                        "guidance_scale": st.floats(0, 30),
                        "negative_prompt": free_text,
                    },
                )
            ),
        }
    )


@contextmanager
def temporary_library(text: str = GOOD) -> Iterator[Path]:
    """A separate library for each example; hypothesis would share the ``tmp_path`` fixture."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "prompts.toml"
        path.write_bytes(text.encode())
        yield path


# ---- edits ----


def test_an_added_prompt_comes_last_and_the_rest_keeps_its_bytes(
    good_file: Path, good: str
) -> None:
    prompt = prompt_of(text="{a}", slots={"a": ["1", "2"]}, parameters={"eta": 0.5})
    LibraryEditor(good_file).add(prompt)
    assert good_file.read_text().startswith(good)
    assert load(good_file).prompts[-1] == prompt


def test_a_replaced_key_keeps_the_comments_around_it(good_file: Path, good: str) -> None:
    editor = LibraryEditor(good_file)
    editor.replace("chest-normal", changed(editor.library.get("chest-normal"), id="chest-ok"))
    assert good_file.read_text() == good.replace(
        'id = "chest-normal"  # the first', 'id = "chest-ok"  # the first'
    )


def test_only_differing_keys_are_rewritten(good_file: Path, good: str) -> None:
    editor = LibraryEditor(good_file)
    new = changed(
        editor.library.get("chest-normal"),
        text="{view} of a {sex} with {device}.",
        notes="mine",
        slots={"view": ["PA", "AP"], "sex": ["man"], "device": ["x" * 60, "y" * 60]},
        bundled=False,
    )
    editor.replace("chest-normal", new)
    assert load(good_file).prompts[0] == new
    assert lines_removed(good, good_file.read_text()) == [
        'text = "{view} chest radiograph of a {sex}."',
        "bundled = true",
        'sex = ["woman", "man"]',
    ]
    assert max(map(len, good_file.read_text().split("\n"))) < 80  # long lists are broken up


def test_inline_tables_and_dotted_keys_are_edited_in_place(good_file: Path, good: str) -> None:
    editor = LibraryEditor(good_file)
    editor.replace("hand", changed(editor.library.get("hand"), slots={"side": ["Both"]}))
    editor.replace(
        "knee-healthy",
        changed(editor.library.get("knee-healthy"), parameters={"guidance_scale": 4.5}),
    )
    removed = lines_removed(good, good_file.read_text())
    assert removed == ["parameters.guidance_scale = 3.5", 'slots = { side = ["Left", "Right"] }']


def test_replacing_a_prompt_by_itself_changes_nothing(good_file: Path, good: str) -> None:
    editor = LibraryEditor(good_file)
    editor.replace("hand", editor.library.get("hand"))
    assert good_file.read_text() == good
    assert not editor.next_undo


def test_duplicates_get_new_ids_and_follow_the_original(good_file: Path) -> None:
    editor = LibraryEditor(good_file)
    assert editor.duplicate("knee-healthy").id == "knee-healthy-copy"
    assert editor.duplicate("knee-healthy").id == "knee-healthy-copy-2"
    assert editor.duplicate("knee-healthy").id == "knee-healthy-copy-3"
    ids = [prompt.id for prompt in load(good_file).prompts]
    assert ids[:3] == ["chest-normal", "knee-healthy", "knee-healthy-copy-3"]
    assert good_file.read_text().count("# Kellgren-Lawrence") == 4  # comments are copied, too


def test_a_duplicate_of_a_long_id_still_fits(good_file: Path) -> None:
    editor = LibraryEditor(good_file)
    editor.add(prompt_of(id="x" * 64))
    assert editor.duplicate("x" * 64).id == "x" * 59 + "-copy"


def test_deleting_keeps_the_headings_of_other_prompts(good_file: Path, good: str) -> None:
    LibraryEditor(good_file).delete("chest-normal")
    text = good_file.read_text()
    assert "# ---- chest ----" in text and "# ---- knee ----" in text and "# My library." in text
    assert "chest-normal" not in text
    start, end = good.index("[[prompts]]"), good.index("# ---- knee")
    assert text == good[: start - 1] + good[end - 1 :]


def test_attached_comments_are_deleted_with_their_prompt(good: str) -> None:
    text = good.replace('[[prompts]]\nid = "hand"', '# about the hand\n[[prompts]]\nid = "hand"')
    with temporary_library(text) as path:
        LibraryEditor(path).delete("knee-healthy")
        assert "# about the hand" in path.read_text()
        LibraryEditor(path).delete("hand")
        assert "# about the hand" not in path.read_text()


def test_a_comment_at_the_start_of_the_file_stays(tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    entry = (
        '[[prompts]]\nid = "{}"\nregion = "r"\nlabel = "l"\nview = "v"\nfindings = []\ntext = "t"\n'
    )
    path.write_text("# Mine\n" + entry.format("a") + entry.format("b"))
    LibraryEditor(path).delete("a")
    assert path.read_text() == "# Mine\n" + entry.format("b")


def test_defaults_below_the_prompts_stay_below(good_file: Path) -> None:
    head, defaults, entries = GOOD.partition("[defaults]\n")
    body, mark, rest = entries.partition("# ---- chest")
    good_file.write_text(head + mark + rest + "\n# the defaults\n" + defaults + body)
    before = good_file.read_text()
    editor = LibraryEditor(good_file)
    editor.add(prompt_of())
    assert good_file.read_text().endswith("\n# the defaults\n" + defaults + body)
    assert editor.library.prompts[-1].id == "new"
    editor.delete("new")
    assert good_file.read_text() == before


def test_windows_line_endings_stay(good_file: Path, good: str) -> None:
    good_file.write_bytes(good.replace("\n", "\r\n").encode())
    editor = LibraryEditor(good_file)
    editor.add(prompt_of())
    content = good_file.read_bytes()
    assert content.count(b"\n") == content.count(b"\r\n")
    editor.delete("new")
    assert good_file.read_bytes() == good.replace("\n", "\r\n").encode()


def test_mixed_line_endings_stay_outside_the_edit(good_file: Path, good: str) -> None:
    mixed = good.replace("\n", "\r\n", 12).encode()
    good_file.write_bytes(mixed)
    LibraryEditor(good_file).add(prompt_of())
    assert good_file.read_bytes().startswith(mixed)


def test_a_prompt_can_follow_a_last_line_without_line_feed(good_file: Path, good: str) -> None:
    good_file.write_text(good.rstrip("\n"))
    LibraryEditor(good_file).add(prompt_of())
    assert good_file.read_text().startswith(good + "\n[[prompts]]\n")


def test_edits_of_the_built_in_library_can_be_reverted_exactly(tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    shutil.copy(default_path(), path)
    original = path.read_bytes()
    editor = LibraryEditor(path)
    for prompt in editor.library.prompts[:8]:
        copy = editor.duplicate(prompt.id)
        editor.replace(copy.id, changed(copy, notes="a note", parameters={"steps": 7}))
        editor.delete(copy.id)
        assert path.read_bytes() == original
    while editor.next_undo:
        editor.undo()
    assert path.read_bytes() == original


@settings(max_examples=60)
@given(prompts())
def test_any_prompt_can_be_added_and_deleting_it_restores_the_bytes(
    prompt: Prompt,
) -> None:
    with temporary_library() as path:
        editor = LibraryEditor(path)
        editor.add(prompt)
        assert load(path).prompts[-1] == prompt
        editor.delete(prompt.id)
        assert path.read_bytes() == GOOD.encode()


@settings(max_examples=60)
@given(prompts(), st.integers(0, 2))
def test_any_prompt_can_replace_any_other(prompt: Prompt, number: int) -> None:
    with temporary_library() as path:
        editor = LibraryEditor(path)
        before = editor.library.prompts
        editor.replace(before[number].id, prompt)
        assert load(path).prompts == (*before[:number], prompt, *before[number + 1 :])
        for comment in ("# My library.", "# ---- chest ----", "# ---- knee ----"):
            assert comment in path.read_text()
        editor.undo()
        assert path.read_bytes() == GOOD.encode()


@settings(max_examples=15)
@given(st.randoms(use_true_random=False), st.integers(1, 10))
def test_undo_and_redo_restore_every_state(draw: random.Random, steps: int) -> None:
    with temporary_library() as path:
        editor = LibraryEditor(path)
        states = [path.read_bytes()]
        for number in range(steps):
            random_edit(editor, draw, number)
            states.append(path.read_bytes())
        for state in reversed(states[:-1]):
            editor.undo()
            assert path.read_bytes() == state
        assert not editor.next_undo
        for state in states[1:]:
            editor.redo()
            assert path.read_bytes() == state
            assert editor.library == load(path)
        assert not editor.next_redo


def random_edit(editor: LibraryEditor, draw: random.Random, number: int) -> None:
    prompt = draw.choice(editor.library.prompts)
    action = draw.randrange(4) if len(editor.library.prompts) > 1 else draw.randrange(3)
    if action == 0:
        editor.add(prompt_of(id=f"new-{number}"))
    elif action == 1:
        editor.duplicate(prompt.id)
    elif action == 2:
        editor.replace(prompt.id, changed(prompt, notes=f"note {number}"))
    else:
        editor.delete(prompt.id)


def test_a_change_after_undo_clears_redo(good_file: Path) -> None:
    editor = LibraryEditor(good_file)
    assert not editor.next_undo and not editor.next_redo
    editor.delete("hand")
    editor.undo()
    assert editor.next_redo == "deletion of hand"
    editor.delete("knee-healthy")
    assert not editor.next_redo
    for action in (editor.undo, editor.redo):
        action()
    with pytest.raises(PromptLibraryError, match="nothing to redo"):
        editor.redo()


def test_a_new_id_is_told_also_when_it_is_undone(good_file: Path) -> None:
    editor = LibraryEditor(good_file)
    prompt = editor.library.get("hand").model_copy(update={"id": "wrist"})
    editor.replace("hand", prompt)
    assert editor.renamed == {"hand": "wrist"}
    editor.undo()
    assert editor.renamed == {"wrist": "hand"}
    editor.redo()
    assert editor.renamed == {"hand": "wrist"}
    editor.replace("wrist", prompt)
    assert editor.renamed == {}
    editor.delete("knee-healthy")
    assert editor.renamed == {}


# ---- refusals ----


@pytest.fixture
def untouched(good_file: Path) -> Iterator[Path]:
    """The valid file, which must be unchanged after the test."""
    before = good_file.read_bytes()
    yield good_file
    assert good_file.read_bytes() == before
    assert [path.name for path in good_file.parent.iterdir()] == ["prompts.toml"]


def test_an_id_in_use_is_refused(untouched: Path) -> None:
    editor = LibraryEditor(untouched)
    with pytest.raises(PromptLibraryError, match='another prompt has the id "hand"'):
        editor.add(prompt_of(id="hand"))
    with pytest.raises(PromptLibraryError, match="another prompt has"):
        editor.replace("knee-healthy", prompt_of(id="hand"))
    assert not editor.next_undo


def test_an_unknown_id_is_refused(untouched: Path) -> None:
    editor = LibraryEditor(untouched)
    for action in (editor.delete, editor.duplicate, lambda name: editor.replace(name, prompt_of())):
        with pytest.raises(PromptLibraryError, match="knee-healthy"):
            action("knee-healty")


def test_a_prompt_is_validated_before_it_is_written(untouched: Path) -> None:
    editor = LibraryEditor(untouched)
    hand = editor.library.get("hand")
    for update, key in (
        ({"region": "../up"}, "region"),
        ({"text": "{no}"}, "slots.no"),
        ({"parameters": {"steps": 0}}, "steps = 0"),
        ({"view": 7}, "view"),
        ({"notes": "\ud800"}, "notes"),
    ):
        with pytest.raises(PromptLibraryError, match=key):
            editor.replace("hand", hand.model_copy(update=update))


def test_the_only_prompt_cannot_be_deleted(tmp_path: Path) -> None:
    with temporary_library() as path:
        editor = LibraryEditor(path)
        editor.delete("hand")
        editor.delete("knee-healthy")
        with pytest.raises(PromptLibraryError, match="only prompt"):
            editor.delete("chest-normal")


def test_an_edit_beyond_the_size_limit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "prompts.toml"
    path.write_text(GOOD + f"#{'x' * 9998}\n" * 399 + "#" * (9990 - len(GOOD)))
    editor = LibraryEditor(path)
    with pytest.raises(
        PromptLibraryError, match=r"not saved; the library would have problems:\n.*larger"
    ):
        editor.add(prompt_of())
    assert not editor.next_undo


def test_a_file_that_another_program_changed_is_not_overwritten(good_file: Path, good: str) -> None:
    editor = LibraryEditor(good_file)
    editor.delete("hand")
    foreign = good_file.read_text().replace("blurry", "BLURRY")  # the same size
    good_file.write_text(foreign)
    for action in (lambda: editor.delete("knee-healthy"), editor.undo):
        with pytest.raises(PromptLibraryError, match=r"changed by another program"):
            action()
    assert good_file.read_text() == foreign
    editor.reload()
    assert editor.library.defaults.negative == "BLURRY" and not editor.next_undo
    editor.delete("knee-healthy")
    assert "BLURRY" in good_file.read_text()


def test_a_deleted_file_is_restored_only_on_request(good_file: Path, good: str) -> None:
    editor = LibraryEditor(good_file)
    good_file.unlink()
    with pytest.raises(PromptLibraryChangedError, match="was moved or deleted"):
        editor.delete("hand")
    assert not good_file.exists()
    editor.recover()
    assert good_file.read_text() == good


def test_a_broken_file_cannot_be_edited(good_file: Path) -> None:
    good_file.write_text("x")
    with pytest.raises(PromptLibraryError, match=r"prompts\.toml:1: "):
        LibraryEditor(good_file)


def test_a_read_only_file_is_not_edited(untouched: Path) -> None:
    untouched.chmod(0o444)
    with pytest.raises(PromptLibraryError, match=r"the file is read-only; .*--prompts"):
        LibraryEditor(untouched).delete("hand")
    untouched.chmod(0o644)


def test_a_file_in_a_read_only_folder_is_not_edited(untouched: Path) -> None:
    untouched.parent.chmod(0o555)
    with pytest.raises(PromptLibraryError, match="its folder is read-only"):
        LibraryEditor(untouched).delete("hand")
    untouched.parent.chmod(0o755)


def test_a_library_in_an_installed_package_is_not_edited(tmp_path: Path) -> None:
    path = tmp_path / "site-packages" / "xray_tui" / "prompts" / "prompts.toml"
    path.parent.mkdir(parents=True)
    path.write_text(GOOD)
    editor = LibraryEditor(path)
    assert editor.read_only_reason
    with pytest.raises(PromptLibraryError, match=r"copy it to \./prompts\.toml and pass --prompts"):
        editor.delete("hand")
    assert path.read_text() == GOOD


TOML = ("toml_text", "toml_scanner", "toml_positions")


def test_the_library_in_a_wheel_is_the_default_and_is_not_edited(tmp_path: Path) -> None:
    """A fresh process uses a copy of the package that is laid out as in a wheel."""
    package = Path(xray_tui.__file__).parent
    for name in ("__init__", "errors", "names", "text", "parameters", *TOML):
        (tmp_path / "xray_tui").mkdir(exist_ok=True)
        shutil.copy(package / f"{name}.py", tmp_path / "xray_tui" / f"{name}.py")
    shutil.copytree(package / "prompts", tmp_path / "xray_tui" / "prompts", dirs_exist_ok=True)
    shutil.copy(default_path(), tmp_path / "xray_tui" / "prompts" / "prompts.toml")
    code = (
        "from xray_tui.prompts.library import default_path\n"
        "from xray_tui.prompts.editing import LibraryEditor\n"
        "print(default_path())\n"
        "print(LibraryEditor(default_path()).read_only_reason)\n"
        "LibraryEditor(default_path()).duplicate('knee-healthy')\n"
    )
    run = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    path, reason = run.stdout.splitlines()
    assert Path(path) == tmp_path / "xray_tui" / "prompts" / "prompts.toml"
    assert reason.endswith("copy it to ./prompts.toml and pass --prompts ./prompts.toml")
    assert f"PromptLibraryError: {reason}" in run.stderr
    assert Path(path).read_bytes() == default_path().read_bytes()


def test_any_other_library_may_be_edited(good_file: Path) -> None:
    assert LibraryEditor(good_file).read_only_reason == ""


@pytest.mark.parametrize(
    "text",
    [
        'prompts = [{id="a",region="r",label="l",view="v",findings=[],text="t"},'
        '{id="b",region="r",label="l",view="v",findings=[],text="t"}]\n',
        '[[prompts]]\nid="a"\nregion="r"\nlabel="l"\nview="v"\nfindings=[]\ntext="{x}"\n'
        '[defaults]\nnegative="n"\n[prompts.slots]\nx=["1"]\n'
        '[[prompts]]\nid="b"\nregion="r"\nlabel="l"\nview="v"\nfindings=[]\ntext="t"\n',
    ],
    ids=["inline", "scattered"],
)
def test_a_layout_that_cannot_be_edited_safely_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "prompts.toml"
    path.write_text(text)
    editor = LibraryEditor(path)
    with pytest.raises(PromptLibraryError, match="text editor"):
        editor.delete("a")
    assert path.read_text() == text


# ---- writing ----


def test_links_and_permissions_are_kept(good_file: Path, tmp_path: Path) -> None:
    good_file.chmod(0o640)
    link = tmp_path / "link.toml"
    link.symlink_to(good_file)
    LibraryEditor(link).delete("hand")
    assert link.is_symlink() and good_file.stat().st_mode & 0o777 == 0o640
    assert len(parse(good_file.read_text(), good_file).prompts) == 2


def test_the_file_is_replaced_not_overwritten(good_file: Path, good: str) -> None:
    with good_file.open() as reader:
        LibraryEditor(good_file).delete("hand")
        assert reader.read() == good  # a program that has it open still reads a whole file
    assert [path.name for path in good_file.parent.iterdir()] == ["prompts.toml"]
