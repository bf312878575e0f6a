"""Ad-hoc prompts: what one line of text stands for."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.tui_samples import a_library, a_prompt

from xray_tui.errors import PromptLibraryError
from xray_tui.names import name_problem
from xray_tui.prompts.scratch import as_line, is_ad_hoc, line_of, restored, scratch_prompt
from xray_tui.prompts.slots import render
from xray_tui.prompts.wording import example


def test_a_line_becomes_a_prompt_in_the_scratch_folder() -> None:
    prompt = scratch_prompt("  AP chest radiograph. ")
    assert (prompt.text, prompt.region, prompt.label) == (
        "AP chest radiograph.",
        "scratch",
        "scratch",
    )
    assert is_ad_hoc(prompt)
    assert not name_problem(prompt.id)
    assert not is_ad_hoc(a_prompt())


def test_the_same_line_has_the_same_id_and_another_line_another_one() -> None:
    ids = [scratch_prompt(line).id for line in ("one", "one ", "two", "{a|b}", "{a|c}")]
    assert ids[0] == ids[1]
    assert len(set(ids)) == 4


def test_line_breaks_and_what_earlier_versions_made_of_them_are_spaces() -> None:
    wanted = scratch_prompt("one {left|right} two")
    for line in (
        "one\r{left|right}\r\ntwo\r",
        "one\n{left|right}\n\ntwo",
        "one␍{left|right}␍␊two␍",
    ):
        assert scratch_prompt(line) == wanted


def test_choices_and_slots_of_the_library() -> None:
    prompt = scratch_prompt("{left|right} knee of a {sex}, {{x}}, {mild | severe}", a_library())
    assert prompt.text == "{choice_1} knee of a {sex}, {{x}}, {choice_2}"
    assert prompt.slots == {
        "choice_1": ("left", "right"),
        "choice_2": ("mild", "severe"),
        "sex": ("woman", "man"),
    }
    library = a_library(a_prompt(text="{choice_1}", slots={"choice_1": ("x",)}))
    assert scratch_prompt("{choice_1} {a|b}", library).text == "{choice_1} {choice_2}"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("", "empty"),
        ("   ", "empty"),
        ("a { b", "brace at character 3"),
        ("a {grade}", "no prompt has a slot {grade}; write its values into the line"),
        ("{a|}", "{a|} has an empty value; write {left|right}"),
        ("x" * 2001, "2000"),
    ],
)
def test_refused_lines_say_why(line: str, words: str) -> None:
    with pytest.raises(PromptLibraryError, match=r".+") as error:
        scratch_prompt(line, a_library())
    assert words in str(error.value)


def test_a_label_is_checked_as_in_the_library() -> None:
    assert scratch_prompt("a", label="odd").label == "odd"
    with pytest.raises(PromptLibraryError, match="Not A Folder"):
        scratch_prompt("a", label="Not A Folder")


@given(st.text(min_size=1, max_size=60))
def test_the_text_of_any_image_can_be_typed(text: str) -> None:
    line = as_line(text)
    if line:
        assert render(scratch_prompt(line).text, {}) == " ".join(text.split())


@pytest.mark.parametrize(
    "line", ["plain {{text}}", "{left|right} knee", r"{a\|b|c}", "{a|b} of {c|d}"]
)
def test_the_line_of_an_ad_hoc_prompt_gives_the_same_prompt(line: str) -> None:
    prompt = scratch_prompt(line)
    assert scratch_prompt(line_of(prompt)) == prompt


def test_the_line_of_a_prompt_of_the_library_keeps_its_slots() -> None:
    prompt = a_prompt(text="{sex} of {age}", slots={"sex": ("woman", "man"), "age": ("40",)})
    assert line_of(prompt) == "{woman|man} of 40"
    assert example(scratch_prompt(line_of(prompt))) == "woman of 40"


def test_the_prompts_that_a_job_stored_are_restored() -> None:
    prompt = scratch_prompt("{a|b} chest")
    stored = {"ad_hoc": [prompt.model_dump(mode="json"), {"id": 3}, "odd"]}
    assert list(restored(stored)) == [prompt]
    assert list(restored({"ad_hoc": 3})) == []
