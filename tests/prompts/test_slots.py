"""Slots: their names, the choice of values, and rendering."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.advice import advised

from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.slots import render, slot_names
from xray_tui.prompts.wording import choose, example

names = st.from_regex(r"[a-z][a-z0-9_]{0,8}", fullmatch=True)
values = st.text(st.characters(codec="utf-8", exclude_characters="{}"), max_size=20).map(
    lambda text: f"{text}."
)
tables = st.dictionaries(names, st.lists(values, min_size=1, max_size=4), max_size=4)


def prompt_of(text: str, slots: dict[str, list[str]], prompt_id: str = "p") -> Prompt:
    return Prompt.build(
        {"id": prompt_id, "region": "r", "label": "l", "view": "v", "findings": [], "text": text}
        | {"slots": slots}
    )


def text_of(slots: dict[str, list[str]]) -> str:
    return "x" + " ".join(f"{{{name}}}" for name in slots)


def test_slot_names_are_unique_and_in_order_of_use() -> None:
    assert slot_names("{b} {a} {b} {{c}} {a_1}") == ("b", "a", "a_1")
    assert slot_names("none") == ()


@pytest.mark.parametrize(
    ("text", "rendered"),
    [("{{a}}", "{a}"), ("{{{a}}}", "{1}"), ("{a}{{", "1{"), ("}}{{", "}{"), ("", "")],
)
def test_doubled_braces_are_literal(text: str, rendered: str) -> None:
    assert render(text, {"a": "1"}) == rendered


@pytest.mark.parametrize(
    "text", ["{", "}", "{}", "{a", "a}", "{A}", "{a b}", "{a.b}", "{0}", "{{a}", "{a}}", "{a!r}"]
)
def test_other_braces_are_refused(text: str) -> None:
    with pytest.raises(PromptLibraryError, match="brace at character"):
        slot_names(text)


def test_a_choice_in_a_prompt_of_the_library_is_advised_to_be_a_slot() -> None:
    with pytest.raises(PromptLibraryError, match=r"\{left\|right\}") as error:
        slot_names("the {left|right} knee")
    advised("write a slot such as {side}, and list its values under slots", str(error.value))
    assert render("the {side} knee", {"side": "left"}) == "the left knee"


def test_a_slot_without_a_value_is_named() -> None:
    with pytest.raises(PromptLibraryError, match=r"\{side\}"):
        render("{side} hand", {})


@given(st.text(max_size=60))
def test_a_text_with_doubled_braces_is_rendered_as_it_was(text: str) -> None:
    assert render(text.replace("{", "{{").replace("}", "}}"), {}) == text


@given(st.text(alphabet="{}ab_0 \n", max_size=30))
def test_a_text_is_either_rendered_or_refused(text: str) -> None:
    try:
        used = slot_names(text)
    except PromptLibraryError:
        return
    values = dict.fromkeys(used, "X")
    assert render(text, values) == text.format(**values)  # Python's own rules for braces


@given(tables, st.integers(0, 2**32 - 1), st.integers(0, 10**6))
def test_a_choice_is_one_of_the_values_and_reproducible(
    slots: dict[str, list[str]], seed: int, index: int
) -> None:
    prompt = prompt_of(text_of(slots), slots)
    chosen = choose(prompt, seed, index)
    assert list(chosen) == list(slot_names(prompt.text))
    assert all(value in slots[name] for name, value in chosen.items())
    assert render(prompt.text, chosen) == "x" + " ".join(chosen.values())
    reordered = prompt_of(prompt.text, dict(reversed(slots.items())))
    assert choose(reordered, seed, index) == chosen


@given(tables)
def test_the_example_uses_the_first_values(slots: dict[str, list[str]]) -> None:
    assert example(prompt_of(text_of(slots), slots)) == "x" + " ".join(v[0] for v in slots.values())


def test_choices_are_the_same_on_every_machine() -> None:
    prompt = prompt_of("{view} {sex}", {"view": ["PA", "AP"], "sex": ["woman", "man", "child"]})
    assert [tuple(choose(prompt, 42, index).values()) for index in range(4)] == [
        ("AP", "woman"),
        ("PA", "woman"),
        ("PA", "man"),
        ("AP", "child"),
    ]


def test_choices_vary_with_id_seed_and_index() -> None:
    slots = {"a": [str(number) for number in range(50)]}
    prompt, other = prompt_of("{a}", slots), prompt_of("{a}", slots, "q")
    by_index = {choose(prompt, 1, index)["a"] for index in range(100)}
    by_seed = {choose(prompt, seed, 1)["a"] for seed in range(100)}
    assert len(by_index) > 30 and len(by_seed) > 30
    assert [choose(prompt, 1, i) for i in range(9)] != [choose(other, 1, i) for i in range(9)]
