"""Broken libraries: each message names file, line, prompt, key and the allowed values."""

import os
import time
from pathlib import Path

import pytest

from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.library import load, parse

SOURCE = Path("lib/prompts.toml")

# The text to replace in the good file, its replacement, the line and words of the message.
BROKEN = {
    "unknown top key": (
        "[defaults]\n",
        "prompt = 1\n[defaults]\n",
        3,
        ["prompt:", "defaults, prompts"],
    ),
    "unknown key": ("bundled = true", "bundle = true", 17, ["bundle:", "did you mean bundled?"]),
    "unknown key of the defaults": (
        'negative = "blurry"',
        "neg = 1",
        4,
        ["defaults.neg:", "known"],
    ),
    "text is a number": ('view = "PA"', "view = 3", 14, ["view:", "text in quotes", "a number"]),
    "text is a date": ('view = "PA"', "view = 1979-05-27", 14, ["view:", "a date"]),
    "list is a text": ('["No Finding"]', '"x"', 15, ["findings:", "list", "not text"]),
    "item is a number": ('"Support Devices",', "7,", 44, ["findings, item 2:", "a number"]),
    "flag is a text": ("bundled = true", 'bundled = "yes"', 17, ["bundled:", "true or false"]),
    "slots are a list": ('{ side = ["Left", "Right"] }', "[]", 47, ["slots:", "table"]),
    "defaults are a text": (
        '[defaults]\nnegative = "blurry"\n[defaults.parameters]\nsteps = 12\n',
        'defaults = "x"\n',
        3,
        ["defaults:", "table"],
    ),
    "key left out": ('label = "healthy"\n', "", 24, ["label:", "missing"]),
    "duplicate id": ('id = "hand"', 'id = "chest-normal"', 38, ["id:", "prompt number 1"]),
    "slot without values": ('sex = ["woman", "man"]\n', "", 18, ["slots.sex:", "{sex}", "list"]),
    "slot not in the text": ("a {sex}.", "person.", 20, ["slots.sex:", "does not use"]),
    "no values": ('["woman", "man"]', "[]", 20, ["slots.sex:", "empty list", "one value"]),
    "empty value": ('["woman", "man"]', '["woman", " "]', 20, ["slots.sex, item 2:", "empty"]),
    "braces in a value": ('"man"]', '"{man}"]', 20, ["slots.sex, item 2:", "a brace"]),
    "value is a number": ('"man"]', "4]", 20, ["slots.sex, item 2:", "text in quotes"]),
    "bad slot name": ("sex = [", '"Sex 2" = [', 20, ["slots.Sex 2:", "a-z"]),
    "empty label": (
        'label = "normal"\nview = "PA"',
        'label = ""\nview = "PA"',
        13,
        ["label:", "a-z"],
    ),
    "empty view": ('view = "PA"', 'view = ""', 14, ["view:", "empty"]),
    "blank text": ("'''\nKnee radiograph,\n{{healthy}}.'''", '" "', 30, ["text:", "empty"]),
    "path as region": (
        'region = "knee"',
        'region = "../knee"',
        26,
        ["region:", '"../knee"', "a-z"],
    ),
    "capitals in an id": ('id = "knee-healthy"', 'id = "Knee"', 25, ["id:", '"Knee"', "a-z"]),
    "line end in an id": ('id = "hand"', 'id = "hand\\n"', 38, ["id:", "hand␊", "a-z"]),
    "too long an id": ('id = "hand"', f'id = "{"h" * 65}"', 38, ["id:", "64"]),
    "device name": ('region = "hand"', 'region = "com1"', 39, ["region:", "com1", "Windows"]),
    "bad parameter": ("steps = 12", "steps = 0", 6, ["defaults.parameters:", "steps = 0", "1"]),
    "parameter of wrong type": ("steps = 12", 'steps = "9"', 6, ['steps = "9"', "whole number"]),
    "parameter not a number": (
        "= 3.5",
        "= nan",
        35,
        ["parameters:", "guidance_scale = nan", "finite"],
    ),
    "huge parameter": ("steps = 12", f"steps = {'9' * 100}", 6, ["steps = 9999", "200"]),
    "unknown parameter": ("steps = 12", "step = 12", 6, ["step: is not a parameter", "steps"]),
    "open brace": ("{side} hand", "{side hand", 46, ["text:", "character 1", "{{"]),
    "close brace": ("{side} hand", "{side} hand}", 46, ["text:", "character 12", "}}"]),
    "format in a slot": ("{side} hand", "{side!r} hand", 46, ["text:", "{name}"]),
    "too long a text": ("{side} hand", "{side}" + "x" * 2000, 46, ["text:", "2006", "2000"]),
    "too long a value": ('"man"]', f'"{"m" * 301}"]', 20, ["slots.sex, item 2:", "301", "300"]),
    "too many values": ('["woman", "man"]', str(["m"] * 201), 20, ["slots.sex:", "201", "200"]),
    "too many findings": ('["No Finding"]', str(["f"] * 51), 15, ["findings:", "51", "50"]),
    "no quotes": ('view = "PA"', "view = PA", 14, ["number 1: view:", "not valid TOML", "quotes"]),
    "quotes left open": ('view = "PA"', 'view = "PA', 14, ["view:", "TOML", "close the quotes"]),
    "key twice": ('view = "PA"', 'view = "PA"\nview = "AP"', 15, ["view:", "TOML", "twice"]),
    "key twice, apart": ("bundled = true", 'id = "x"', 17, ["number 1: id:", "TOML", "twice"]),
    "table twice": ("# ---- chest", "[defaults]\n# ", 8, ["defaults:", "TOML", "twice"]),
    "raw escape": ('view = "PA"', 'view = "\x1b[31m"', 14, ["view:", "TOML", "␛[31m"]),
    "unknown escape": ('view = "PA"', 'view = "C:\\xrays"', 14, ["view:", "backslash"]),
    "too deep": ('["No Finding"]', "[" * 3000 + "]" * 3000, 15, ["findings:", "5 levels"]),
    "too many parts": ('view = "PA"', "view" + ".a" * 5000 + " = 1", 14, ["4 parts"]),
    "too long a key": ('view = "PA"', f'"{"v" * 300}" = 1', 14, ["key of 302 characters", "200"]),
    "too long a number": ("steps = 12", f"steps = {'9' * 5000}", 6, ["5000 characters", "200"]),
    "too long a line": ("# My library.", "#" * 30_000, 1, ["30,000 characters", "20,000"]),
    "lone surrogate": ("# My library.", "\n# \ud800", 2, ["surrogate"]),
}


@pytest.mark.parametrize(("old", "new", "line", "words"), BROKEN.values(), ids=BROKEN)
def test_a_broken_file_is_explained(
    good: str, old: str, new: str, line: int, words: list[str]
) -> None:
    broken = good.replace(old, new, 1)
    assert broken != good
    with pytest.raises(PromptLibraryError) as caught:
        parse(broken, SOURCE)
    message = str(caught.value)
    assert any(
        text.startswith(f"{SOURCE}:{line}: ") and all(word in text for word in words)
        for text in message.split("\n")
    ), message
    assert "Traceback" not in message and "pydantic" not in message


def test_the_prompt_is_named_by_id_and_number(good: str) -> None:
    with pytest.raises(PromptLibraryError) as caught:
        parse(good.replace('label = "healthy"', 'label = ""'), SOURCE)
    assert 'prompts.toml:27: prompt "knee-healthy" (number 2): label: ' in str(caught.value)


def test_problems_are_reported_in_the_order_of_the_file(good: str) -> None:
    broken = good.replace("steps = 12", "steps = 0").replace('"PA"\n', "1\n").replace("}]", "")
    broken = broken.replace('region = "hand"', 'region = "HAND"').replace('id = "hand"', "id = 1")
    with pytest.raises(PromptLibraryError) as caught:
        parse(broken, SOURCE)
    lines = [int(text.split(":")[1]) for text in str(caught.value).split("\n")]
    assert lines == [6, 14, 38, 39]


def test_a_message_has_at_most_twenty_lines_of_problems() -> None:
    with pytest.raises(PromptLibraryError) as caught:
        parse("[[prompts]]\n" * 5000, SOURCE)
    lines = str(caught.value).split("\n")
    assert len(lines) == 21
    assert lines[-1] == "… and more"


@pytest.mark.parametrize("text", ["", "# nothing\n", "prompts = []\n", "[defaults]\n"])
def test_a_library_without_prompts_is_refused(text: str) -> None:
    with pytest.raises(PromptLibraryError, match=r"prompts\.toml:1: prompts: .*no prompts"):
        parse(text, SOURCE)


@pytest.mark.parametrize("text", ["prompts = 3", 'prompts = "x"', "[prompts]\nid = 'a'"])
def test_prompts_must_be_a_list(text: str) -> None:
    with pytest.raises(PromptLibraryError, match=r"prompts: is not a list"):
        parse(text, SOURCE)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(PromptLibraryError, match=r"none\.toml: there is no such file"):
        load(tmp_path / "none.toml")


def test_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PromptLibraryError, match="is a folder"):
        load(tmp_path)


def test_a_path_below_a_file_cannot_be_read(good_file: Path) -> None:
    with pytest.raises(PromptLibraryError, match="cannot be read"):
        load(good_file / "prompts.toml")


def test_a_path_with_a_null_character_cannot_be_read() -> None:
    with pytest.raises(PromptLibraryError, match="a␀b: cannot be read"):
        load(Path("a\x00b"))


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no named pipes here")
def test_a_named_pipe_does_not_hang(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    with pytest.raises(PromptLibraryError, match="not a plain file"):
        load(tmp_path / "pipe")


def test_a_file_that_is_not_utf8_is_refused(good_file: Path) -> None:
    good_file.write_bytes(good_file.read_bytes().replace(b'"AP"\n', b'"\xff"\n'))
    with pytest.raises(PromptLibraryError, match=r"prompts\.toml:28: not UTF-8 .*0xff"):
        load(good_file)


def test_a_byte_order_mark_is_refused(good_file: Path) -> None:
    good_file.write_bytes(b"\xef\xbb\xbf" + good_file.read_bytes())
    with pytest.raises(PromptLibraryError, match=r"prompts\.toml:1: .*byte order mark"):
        load(good_file)


def test_a_file_over_four_megabytes_is_refused(good_file: Path) -> None:
    good_file.write_bytes(b"#\n" * 2_000_001)
    with pytest.raises(PromptLibraryError, match="larger than 4,000,000 bytes; use a slot"):
        load(good_file)


ENTRY = (
    '[[prompts]]\nid="p%d"\nregion="r"\nlabel="l"\nview="v"\nfindings=[]\ntext="{a}"\n'
    'slots={a=["x"]}\n'
)
HOSTILE = {
    "many good prompts": "".join(ENTRY % number for number in range(9000)),
    "many empty prompts": "[[prompts]]\n" * 83_000,
    "many keys": "".join(f"k{number}=1\n" for number in range(90_000)),
    "many items": "a=[\n" + "1,\n" * 300_000 + "]",
    "many headers": "".join(f"[a{n}.b.c.d]\na.b.c.d=1\n" for n in range(30_000)),
    "long dotted keys": ("a." * 9000 + "b=1\n") * 50,
    "many brackets": "a=" + "[\n" * 400_000,
    "open block string": 'a="""' + '\\"""\n' * 190_000,
    "many quotes": 'a="""' + '""\n' * 300_000 + '"""',
    "many comments": "#\n" * 499_000,
    "many braces": "[[prompts]]\nid='x'\ntext='" + "{{" * 9000 + "'\n",
}


@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE)
def test_a_hostile_file_is_refused_quickly(text: str) -> None:
    """Measures processor time, because other processes may slow this one down."""
    start = time.process_time()
    with pytest.raises(PromptLibraryError):
        parse(text[:1_000_000], SOURCE)
    assert time.process_time() - start < 2
