"""Texts that people write: settings, prompts, filters and names, mended as the message says."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.advice import Advice, advised, assert_helps

from xray_tui.config import load_settings
from xray_tui.dataset.query.fields import FIELDS
from xray_tui.dataset.query.parsing import QueryError
from xray_tui.dataset.query.parsing import parse as parse_filter
from xray_tui.dataset.query.saved_filters import FILTERS, MAX_BYTES, SavedFilters
from xray_tui.errors import DatasetError, ParameterError, PromptLibraryError, SettingsError
from xray_tui.names import name_problem
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import GenerationParameters
from xray_tui.prompts.library import load, parse

REVIEWER = 'reviewer = "anna"'
SETTINGS = (
    Advice(
        "is not a key; use g, G, ?, f5, ctrl+g, shift+up or similar",
        '[keys]\ngenerate = "nokey"',
        '[keys]\ngenerate = "ctrl+g"',
    ),
    Advice(
        " another key, too",
        '[keys]\ngenerate = "Z"',
        '[keys]\ngenerate = "Z"\nredo = "ctrl+y"',
    ),
    Advice("; choose another key", '[keys]\naccept = "k"', '[keys]\naccept = "ctrl+g"'),
    Advice("write a path, or . for the current folder", 'dataset = ""', 'dataset = "."'),
    Advice(
        "there is no such home folder; write the whole path",
        'dataset = "~nobody-here/x"',
        'dataset = "/home/nobody-here/x"',
    ),
    Advice("write [generation] on a line above it", "steps = 20", "[generation]\nsteps = 20"),
    Advice(
        "write [generation] on a line of its own, and its keys below it",
        "generation = 20",
        "[generation]\nsteps = 20",
    ),
    Advice(" printable characters", 'reviewer = ""', REVIEWER),
    Advice("write text in quotes: key = ", "reviewer = anna", REVIEWER),
    Advice("close the quotes on the same line", 'reviewer = "an\nna"', REVIEWER),
    Advice("end the text with the same quotes that start it", 'reviewer = "anna', REVIEWER),
    Advice("is empty; write a command, or leave it out for ", 'viewer = ""', ""),
    Advice("is empty; write a command, or leave it out", 'on_job_end = ""', ""),
    Advice("end the list with ]", 'reviewer = ["anna"', REVIEWER),
    Advice("write key = ", 'reviewer "anna"', REVIEWER),
    Advice("write a backslash as ", 'dataset = "C:\\data"', 'dataset = "C:\\\\data"'),
    Advice("save it as UTF-8 without one", f"\ufeff{REVIEWER}", REVIEWER),
    Advice("check that it is a settings file", "#" * 100_001, REVIEWER),
    Advice("is empty; write a value, or leave it out", '[generation]\nmodel = ""', "[generation]"),
)


@pytest.mark.parametrize("advice", SETTINGS, ids=lambda advice: advice.text)
def test_settings_mended_as_advised_are_read(tmp_path: Path, advice: Advice) -> None:
    def use(text: str) -> None:
        path = tmp_path / "config.toml"
        path.write_text(text, encoding="utf-8")
        load_settings({"XRAY_TUI_CONFIG": str(path)})

    assert_helps(advice, use)


def test_the_other_advice_on_settings_helps(tmp_path: Path) -> None:
    file = tmp_path / "config.toml"
    with pytest.raises(SettingsError) as caught:
        load_settings({"XRAY_TUI_CONFIG": str(tmp_path)})
    advised("give the path of a config.toml", str(caught.value))
    for content in (REVIEWER.encode("utf-16"), b'reviewer = "\xf6"'):
        file.write_bytes(content)
        with pytest.raises(SettingsError) as caught:
            load_settings({"XRAY_TUI_CONFIG": str(file)})
        advised("; save the file as UTF-8", str(caught.value))
    file.write_text(REVIEWER, encoding="utf-8")
    assert load_settings({"XRAY_TUI_CONFIG": str(file)}).reviewer == "anna"

    environment = {"XRAY_TUI_CONFIG": str(file), "XRAY_TUI_STEPS": ""}
    with pytest.raises(SettingsError) as caught:
        load_settings(environment)
    advised("is empty; give it a value, or unset it", str(caught.value))
    assert load_settings({**environment, "XRAY_TUI_STEPS": "9"}).generation == {"steps": 9}
    del environment["XRAY_TUI_STEPS"]
    load_settings(environment)


def prompts(**changes: str) -> str:
    """A library of one prompt, with keys replaced by TOML; ``more`` is added at its end."""
    keys = {
        "id": '"effusion"',
        "region": '"chest"',
        "label": '"effusion"',
        "view": '"PA"',
        "findings": "[]",
        "text": '"chest of a {sex}"',
        "slots": '{ sex = ["woman", "man"] }',
    }
    more = changes.pop("more", "")
    lines = [f"{key} = {value}" for key, value in (keys | changes).items()]
    return "\n".join(["[[prompts]]", *lines, more])


RIGHT = prompts()
PROMPTS = (
    Advice("write one or more [[prompts]] entries", "[defaults]", RIGHT),
    Advice("is also the id of prompt number ", f"{RIGHT}\n{RIGHT}", RIGHT),
    Advice("is empty; enter a text", prompts(view='""'), RIGHT),
    Advice(
        "is not a slot name; use 1 to 32 characters", prompts(slots='{ "Se x" = ["a"] }'), RIGHT
    ),
    Advice("; use it or remove it", prompts(text='"chest"'), RIGHT),
    Advice("; use it or remove it", prompts(text='"chest"'), prompts(text='"chest"', slots="{}")),
    Advice("}; list its values", prompts(slots="{}"), RIGHT),
    Advice("is an empty list; give at least one value", prompts(slots="{ sex = [] }"), RIGHT),
    Advice(
        "a literal brace as {{ or }}", prompts(text='"{sex} } {"'), prompts(text='"{sex} }} {{"')
    ),
    Advice("; use 1 to ", prompts(id='"Effusion!"'), prompts(id='"effusion-1"')),
    Advice("is a device name on Windows; use another name", prompts(id='"con"'), RIGHT),
)


@pytest.mark.parametrize("advice", PROMPTS, ids=lambda advice: advice.text)
def test_prompts_mended_as_advised_are_read(advice: Advice) -> None:
    assert_helps(advice, lambda text: parse(text, Path("prompts.toml")))


def test_the_name_that_is_advised_for_a_device_name_is_accepted() -> None:
    problem = name_problem("lpt1")
    assert not name_problem(problem.rpartition(" ")[2])


def test_the_other_advice_on_prompt_files_helps(tmp_path: Path) -> None:
    file = tmp_path / "prompts.toml"
    with pytest.raises(PromptLibraryError) as caught:
        load(tmp_path)
    advised("give the path of a prompts.toml file", str(caught.value))
    with pytest.raises(PromptLibraryError) as caught:
        load(file)
    advised("there is no such file; check the path", str(caught.value))
    file.write_text(RIGHT, encoding="utf-8")
    assert load(file).prompts


def condition_values(number: int) -> str:
    return "label:" + ",".join("a" for _ in range(number))


FILTER_TEXTS = (
    Advice(
        "give several fields as in sort:label,-date", "sort:label sort:-date", "sort:label,-date"
    ),
    Advice("too many terms; use at most ", "label:a " * 51, "label:a " * 50),
    Advice("use sort:-date for the latest first", "-sort:date", "sort:-date"),
    Advice("sort needs a colon, as in sort:-date", "sort>date", "sort:-date"),
    Advice("images cannot be sorted by ", "sort:colour", "sort:label"),
    Advice("a saved filter cannot be negated; write out its terms", "-@best", "-rating>=4"),
    Advice("use a term such as label:normal", "-", "label:normal"),
    Advice("use a term such as label:normal", '""', "label:normal"),
    Advice(", or quotes", "colour:red", '"colour:red"'),
    Advice(", and a leading - for not", "label<a", "-label:a"),
    Advice("too many values; use at most ", condition_values(101), condition_values(100)),
    Advice("the value is too long; use at most ", "x" * 201, "x" * 200),
    Advice("use a whole number from 0 to ", "rating:6", "rating:5"),
    Advice("use a-z, 0-9, - and _, and * ", "label:é", "label:e*"),
    Advice("at the start or the end for any text", "tag:a*b", "tag:*b"),
    Advice("use a day such as 2026-11-24", "date:today", "date:2026-11-24"),
    Advice("use a name, and * for any text", "reviewer:", "reviewer:b*"),
    Advice("use words that it contains", "note:", "note:dark"),
    Advice("use the id of a job, or its beginning", "job:é", "job:20261129"),
    Advice("use a scheduler such as dpm++-2m, and * for any text", "scheduler:", "scheduler:dpm*"),
)


@pytest.mark.parametrize("advice", FILTER_TEXTS, ids=lambda advice: advice.text)
def test_filters_mended_as_advised_are_read(advice: Advice) -> None:
    assert_helps(advice, lambda text: parse_filter(text, {"best": "rating>=4"}))


SAVED = {"best": "rating>=4", "mine": "is:accepted"}


@pytest.mark.parametrize(("line", "term"), [("sort:colour", "sort:{}"), ("@worst", "{}")])
def test_the_sorts_and_saved_filters_that_are_advised_exist(line: str, term: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse_filter(line, SAVED)
    for name in str(caught.value).partition("; use ")[2].split(", "):
        parse_filter(term.format(name), SAVED)


def test_the_fields_that_are_advised_exist() -> None:
    with pytest.raises(QueryError) as caught:
        parse_filter("colour:red", SAVED)
    names = str(caught.value).partition("; use ")[2].removesuffix(", or quotes").split(", ")
    assert set(names) == {*FIELDS, "is", "sort"}


def test_advice_on_saved_filters_helps(tmp_path: Path) -> None:
    file = tmp_path / FILTERS
    file.parent.mkdir()
    saved = SavedFilters(tmp_path)
    with pytest.raises(DatasetError) as caught:
        saved.save("all", " ")
    advised("nothing to save; write a filter first", str(caught.value))
    saved.save("all", "rating>=4")

    file.write_text('a = "@all"', encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        saved.read()
    advised("a saved filter cannot use another one; write out its terms", str(caught.value))

    long = "".join(f'f{number} = "{"x" * 190}"\n' for number in range(MAX_BYTES // 200))
    file.write_text(long, encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        for number in range(20):
            saved.save(f"more-{number}", "y" * 190)
    advised("has too many filters; delete some first", str(caught.value))
    for name in ("f1", "f2"):
        saved.remove(name)
    saved.save("more", "y" * 190)

    file.write_text(long * 2, encoding="utf-8")
    with pytest.raises(DatasetError) as caught:
        saved.read()
    advised(" bytes; delete some filters", str(caught.value))
    file.write_text('a = "rating>=4"', encoding="utf-8")
    assert saved.read() == {"a": "rating>=4"}


def test_a_field_without_a_value_says_what_to_enter() -> None:
    spec = field_specs()["steps"]
    with pytest.raises(ParameterError) as caught:
        spec.parse("")
    advised(": enter a value", str(caught.value))
    assert spec.parse("20") == 20
    GenerationParameters.build({"steps": 20})
