"""The line of every key, and agreement with tomllib about the keys."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from xray_tui.prompts.library import default_path
from xray_tui.toml_positions import KeyPath
from xray_tui.toml_scanner import scan

GOOD = Path(__file__).with_name("prompts") / "good.toml"

ODD = r'''
"quoted key" . b = 1 # c = 2
'a.b'.c = """x
[not.a.header] = 1 \""" ""\
y""""
d = { e = [ { f = 1 }, { f = 2, "g\u0041" = "}" } ], h = {} }
list = [ # [
  "]", '[', """
  ,""",

  # nothing
  [ 1,
    2 ],
  { i = 1 },
]
date = 1979-05-27 07:32:00.5
number = -1.5e+10
literal = \'\'\'
''x'\'\'\'\'
[[ outer . inner ]]
j = 1
  [ outer.inner.deep ]
  k = ""
[[outer.inner]]
[[outer.inner.more]]
l = ''
'''.replace("\\'", "'")
TEXTS = {"shipped": default_path().read_text(), "good": GOOD.read_text(), "odd": ODD}


def keys(value: Any, path: KeyPath = ()) -> Iterator[KeyPath]:
    """All paths that end in a key."""
    items = value.items() if isinstance(value, dict) else enumerate(value)
    for key, item in items:
        if isinstance(value, dict):
            yield (*path, key)
        if isinstance(item, dict | list):
            yield from keys(item, (*path, key))


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_keys_agree_with_tomllib_and_are_on_their_lines(text: str) -> None:
    found = scan(text)
    expected = set(keys(tomllib.loads(text)))
    assert found.excess is None
    assert {path for path in found.lines if isinstance(path[-1], str)} == expected
    lines = text.split("\n")
    for path in expected:
        name = str(path[-1]).replace("A", r"\u0041")
        assert name in lines[found.line_of(path) - 1], path


def test_lines_of_an_odd_file() -> None:
    found = scan(ODD)
    at = found.line_of
    assert at(("quoted key", "b")) == 2
    assert at(("a.b", "c")) == 3
    assert at(("d", "e", 1, "gA")) == 6
    assert [at(("list", item)) for item in range(5)] == [8, 8, 8, 12, 14]
    assert at(("outer", "inner", 0, "deep", "k")) == 23
    assert at(("outer", "inner", 1, "more", 0, "l")) == 26
    assert at(("outer", "inner", 1, "absent")) == at(("outer", "inner", 1)) == 24
    assert at(("absent",)) == 1


def test_a_section_ends_with_its_last_line_of_content() -> None:
    sections = [
        (section.path, section.first, section.last) for section in scan(TEXTS["good"]).sections
    ]
    assert sections == [
        (("defaults",), 3, 4),
        (("defaults", "parameters"), 5, 6),
        (("prompts", 0), 10, 17),
        (("prompts", 0, "slots"), 18, 20),
        (("prompts", 1), 24, 35),
        (("prompts", 2), 37, 47),
    ]


@pytest.mark.parametrize("text", ["[", "[[", "[]", "a", "= 1", "a = ]", "[a\n= 1", '"""', "{", "}"])
def test_text_that_is_not_toml_stops_the_scan_without_an_error(text: str) -> None:
    assert scan(text).excess is None
    assert scan(f"ok = 1\n{text}").line_of(("ok",)) == 1
