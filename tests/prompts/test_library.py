"""Loading a valid library, and the built-in library."""

import re
from pathlib import Path

import pytest

from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.files import fingerprint
from xray_tui.prompts.library import default_path, load, parse
from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.slots import render
from xray_tui.prompts.wording import choose, example
from xray_tui.text import clean

SOURCE = Path("prompts.toml")
HOSTILE = "\x1b[31m [red]x[/] [/] \u202e\x7f\x9b \x00"


def hostile_toml() -> str:
    escaped = "".join(f"\\u{ord(char):04x}" if not char.isprintable() else char for char in HOSTILE)
    return (
        f'[defaults]\nnegative = "{escaped}"\n[[prompts]]\nid = "a"\nregion = "b"\nlabel = "c"\n'
        f'view = "{escaped}"\nfindings = ["{escaped}"]\ntext = "{escaped} {{x}}"\n'
        f'negative = "{escaped}"\nnotes = "{escaped}"\n[prompts.slots]\nx = ["{escaped}"]\n'
    )


def test_the_built_in_library_has_enough_prompts() -> None:
    library = load(default_path())
    source = Path(__file__).parents[2] / "prompts.toml"
    assert default_path().read_bytes() == source.read_bytes()  # the package has the same file
    assert len(library.prompts) >= 24
    assert 10 <= len(library.bundled()) < len(library.prompts)
    assert {"chest", "knee"} <= {prompt.region for prompt in library.bundled()}


def test_built_in_prompts_render_without_braces() -> None:
    for prompt in load(default_path()).prompts:
        assert "{" not in example(prompt)
        for index in range(20):
            text = render(prompt.text, choose(prompt, 7, index))
            assert text.strip() and "{" not in text


def test_built_in_prompts_have_different_texts() -> None:
    texts = [example(prompt) for prompt in load(default_path()).prompts]
    assert len(set(texts)) == len(texts)


def test_a_valid_file_is_read_completely(good: str) -> None:
    library = parse(good, SOURCE)
    chest, knee, hand = library.prompts
    assert library.source == SOURCE
    assert library.defaults.parameters == {"steps": 12}
    assert chest.slots == {"view": ("PA", "AP"), "sex": ("woman", "man")}
    assert chest.bundled and library.bundled() == (chest,)
    assert knee.parameters == {"guidance_scale": 3.5}
    assert render(knee.text, {}) == "Knee radiograph,\n{healthy}."
    assert hand.findings == ("No Finding", "Support Devices")
    assert hand.slots == {"side": ("Left", "Right")}


def test_a_prompts_own_negative_prompt_takes_precedence_even_if_empty(good: str) -> None:
    library = parse(good, SOURCE)
    assert [library.negative_of(prompt) for prompt in library.prompts] == ["blurry", "", "blurry"]


def test_get_finds_by_id_and_suggests_similar_ids(good: str) -> None:
    library = parse(good, SOURCE)
    assert library.get("hand").region == "hand"
    with pytest.raises(PromptLibraryError, match="knee-healthy"):
        library.get("knee-healty")
    with pytest.raises(PromptLibraryError, match="␛"):
        library.get("\x1b[31m")


def test_windows_line_endings_are_accepted(good: str) -> None:
    assert parse(good.replace("\n", "\r\n"), SOURCE) == parse(good, SOURCE)


def test_escape_sequences_and_brackets_are_legal_in_every_text_field() -> None:
    library = parse(hostile_toml(), SOURCE)
    (prompt,) = library.prompts
    assert prompt.view == prompt.negative == prompt.notes == library.defaults.negative == HOSTILE
    assert prompt.findings == (HOSTILE,) and prompt.slots == {"x": (HOSTILE,)}
    assert example(prompt) == f"{HOSTILE} {HOSTILE}"


@pytest.mark.parametrize(
    "key", ["id", "region", "label", "view", "findings", "text", "negative", "notes", "x"]
)
def test_messages_about_hostile_text_are_safe_to_show(key: str) -> None:
    """One key is wrong; all the others still contain hostile text."""
    long = "\\u001b[2J[/]{" * 300
    text = re.sub(rf"(?m)^{key} = .*$", lambda _: f'{key} = "{long}"', hostile_toml())
    text += f'[defaults.parameters]\n"{long[:100]}" = "{long}"\n'
    with pytest.raises(PromptLibraryError) as caught:
        parse(text, Path("/tmp/\x1b[31m/prompts.toml"))
    message = str(caught.value)
    assert clean(message, keep_newlines=True) == message
    assert key in message
    assert "␛" in message
    assert max(map(len, message.split("\n"))) < 700


def test_a_prompt_built_from_form_values_is_checked_too() -> None:
    values = {"id": "a", "region": "b", "label": "c", "view": "PA", "findings": ["x"], "text": "t"}
    prompt = Prompt.build(values | {"parameters": {"steps": 3, "width": None}})
    assert prompt.findings == ("x",)
    assert prompt.parameters == {"steps": 3}  # None is "not set"
    with pytest.raises(PromptLibraryError) as caught:
        Prompt.build(values | {"id": "A B", "slots": {"x": ["y"]}, "parameters": {"steps": 0}})
    lines = str(caught.value).split("\n")
    assert [line.split(":")[0] for line in lines] == ["id", "slots.x", "parameters"]


def test_the_fingerprint_changes_with_the_file(good_file: Path) -> None:
    before = fingerprint(good_file)
    assert before == fingerprint(good_file) != (0, 0, 0)
    good_file.write_text(good_file.read_text() + "# more\n")
    assert fingerprint(good_file) != before
    good_file.unlink()
    assert fingerprint(good_file) == (0, 0, 0)
    assert fingerprint(Path("a\x00b")) == (0, 0, 0)
