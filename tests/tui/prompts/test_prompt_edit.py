"""The prompt editor: reading the form, refusing invalid fields, and leaving."""

from __future__ import annotations

from typing import Any

import pytest
from support.tui_samples import (
    ThemedApp,
    a_library,
    a_prompt,
    assert_harmless,
    hostile_prompt,
)
from textual import events
from textual.widgets import Checkbox, Static

from xray_tui.prompts.chexpert import CHEXPERT
from xray_tui.prompts.schema import Prompt
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.prompts.prompt_draft import read_draft, texts_of
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_fields import ListSuggester, PromptField
from xray_tui.tui.prompts.prompt_offers import usual_view, with_missing_slots


class Host(ThemedApp):
    """Opens the editor on ``prompt`` of a library of six."""

    def __init__(self, prompt: Prompt | None, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._prompt = prompt
        self.results: list[Prompt | None] = []

    def on_mount(self) -> None:
        self.push_screen(PromptEditScreen(self._prompt, a_library()), self.results.append)

    def field(self, name: str) -> PromptField:
        return self.screen.query_one(f"#field-{name}", PromptField)

    def problem(self, name: str) -> str | None:
        line = self.field(name).query_one(".problem", Static)
        return str(line.render()) if line.display else None

    def shown(self, selector: str) -> str:
        return str(self.screen.query_one(selector, Static).render())


def read(original: Prompt | None = None, **texts: str) -> Any:
    """The draft of the form of a plain prompt, with some texts changed."""
    start = texts_of(original or a_prompt())
    return read_draft(start | texts, bundled=False, original=original, taken={"taken-id"})


def test_reading_an_unchanged_form_returns_the_same_prompt() -> None:
    prompt = a_prompt(
        findings=("Pneumonia", "Lung Opacity"),
        text="{view} of a {sex}, {{plain}}",
        slots={"view": ("PA",), "sex": ("woman | girl", "man")},
        negative="lettering",
        parameters={"steps": 30, "guidance_scale": 2.5, "scheduler": "euler"},
        notes="two\nlines",
    )
    draft = read_draft(texts_of(prompt), bundled=prompt.bundled)
    assert draft.prompt == prompt
    assert draft.example == "PA of a woman | girl, {plain}"
    assert draft.slots == {"view": 1, "sex": 2}


def test_untouched_fields_keep_their_exact_values() -> None:
    prompt = hostile_prompt()
    draft = read(prompt, label="other")
    assert draft.prompt == prompt.model_copy(update={"label": "other"})


@pytest.mark.parametrize(
    ("field", "text", "message"),
    [
        ("id", "Chest X", "a-z"),
        ("id", "", "Required"),
        ("id", "taken-id", "another prompt"),
        ("region", "../x", "a-z"),
        ("label", "con", "Windows"),
        ("view", " ", "Required"),
        ("text", "a {sex", "brace"),
        ("slots", "", "sex: the text uses {sex}; list its values"),
        ("slots", "sex = a\nage = b", "age: "),
        ("slots", "sex woman", "line 1: write name = value | value"),
        ("slots", "sex = a\nsex = b", "line 2: sex is listed twice"),
        ("slots", "sex = ", "empty"),
        ("parameters", "steps = 500", 'Steps: "500" is not within 1 to 200'),
        ("parameters", "stepz = 5", "did you mean steps?"),
        ("parameters", "width = ", "remove the line"),
        ("notes", "x" * 3000, "2000"),
    ],
)
def test_each_invalid_field_has_a_message(field: str, text: str, message: str) -> None:
    draft = read(**{field: text})
    assert draft.prompt is None
    assert list(draft.problems) == [field]
    assert message in draft.problems[field]


async def test_findings_are_completed_to_chexpert_names() -> None:
    suggester = ListSuggester(CHEXPERT)
    assert await suggester.get_suggestion("Pleural E") == "Pleural Effusion"
    assert await suggester.get_suggestion("Edema, card") == "Edema, cardiomegaly"
    assert await suggester.get_suggestion("Edema,") is None
    assert await suggester.get_suggestion("zzz") is None


async def test_a_new_prompt_can_be_written_with_the_keyboard_alone() -> None:
    app = Host(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*"ankle-sprain", "enter", *"ankle", "enter", *"sprain", "down", *"AP")
        await pilot.press("enter", *"Fra", "right", "enter", *"Ankle of a {sex}, {grade}.")
        await pilot.pause()
        assert app.problem("slots") == "sex: the text uses {sex}; list its values"
        await pilot.press("enter")
        await pilot.pause()
        assert app.field("slots").text == "sex = woman | man\ngrade = "
        await pilot.press(*"mild|severe")
        await pilot.pause()
        assert app.problem("slots") is None
        assert "Ankle of a woman, mild." in app.shown("#example-text")
        assert "4 different texts" in app.shown("#example-text")
        typed = app.field("slots").editor.text
        app.field("slots").editor.text = "sex = woman\ngrade = mild"
        await pilot.pause()
        assert "— 1 text" in app.shown("#example-text")
        app.field("slots").editor.text = typed
        await pilot.pause()
        app.field("notes").editor.focus()
        await pilot.press("tab", "space", "ctrl+s")
        await pilot.pause()
    (prompt,) = app.results
    assert prompt == a_prompt(
        "ankle-sprain",
        region="ankle",
        label="sprain",
        view="AP",
        findings=("Fracture",),
        text="Ankle of a {sex}, {grade}.",
        slots={"sex": ("woman", "man"), "grade": ("mild", "severe")},
        bundled=True,
    )


async def test_the_usual_view_is_offered_and_is_no_change() -> None:
    app = Host(None)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("enter", "enter", "enter")
        await pilot.pause()
        assert app.field("view").text == "PA"
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None], "nothing was typed, so there is nothing to ask"


async def test_the_caret_is_at_the_end_of_each_text() -> None:
    app = Host(a_prompt(notes="one\ntwo"))
    async with app.run_test(size=(80, 24)) as pilot:
        for name in ("id", "findings", "text", "slots", "notes"):
            app.field(name).editor.focus()
            await pilot.press("x")
            assert app.field(name).text.endswith("x"), name
        await pilot.press("enter", "y")
        assert app.field("notes").text == "one\ntwox\ny"


@pytest.mark.parametrize(
    ("region", "view"), [("chest", "PA"), ("knee ", "lateral"), ("foot", "PA"), ("", "PA")]
)
def test_the_usual_view_is_that_of_the_region_or_of_most_prompts(region: str, view: str) -> None:
    prompts = [a_prompt("a"), a_prompt("b"), a_prompt("c", region="knee", view="lateral")]
    assert usual_view(region, prompts) == view
    assert usual_view(region, []) == ""


@pytest.mark.parametrize(
    ("slots", "text", "offered"),
    [
        ("", "no slot", ""),
        ("", "{sex} {{x}}", "sex = woman | man"),
        ("sex = a", "{sex}", "sex = a"),
        ("odd line\n", "{new}", "odd line\nnew = "),
        ("", "{broken", ""),
    ],
)
def test_slots_of_the_text_are_offered(slots: str, text: str, offered: str) -> None:
    assert with_missing_slots(slots, text, a_library().prompts) == offered


async def test_saving_an_invalid_prompt_goes_to_the_first_invalid_field() -> None:
    app = Host(None)
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.problem("id") is None  # no problem is shown before the user types
        await pilot.press(*"x", "ctrl+s")
        await pilot.pause()
        assert app.results == []
        assert app.problem("id") is None and app.problem("region") == "Required"
        assert app.focused is app.field("region").editor
        app.field("id").editor.focus()
        await pilot.press(*" y")
        await pilot.pause()
        assert "a-z" in (app.problem("id") or "")


async def test_a_key_typed_just_before_saving_is_saved() -> None:
    app = Host(a_prompt())
    async with app.run_test(size=(100, 40)) as pilot:
        for key, character in (("end", None), ("2", "2"), ("ctrl+s", None)):  # in one burst
            app.post_message(events.Key(key, character))
        await pilot.pause()
        await pilot.pause()
    (saved,) = app.results
    assert saved is not None and saved.id == "chest-normal2"


async def test_escape_asks_only_when_changes_would_be_lost() -> None:
    app = Host(a_prompt())
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("tab", "x", "escape")
        await pilot.pause()
        assert isinstance(app.screen, QuestionScreen)
        await pilot.press("k")
        await pilot.pause()
        assert isinstance(app.screen, PromptEditScreen) and app.results == []
        assert app.screen.at_stake() == "The prompt is not saved."
        await pilot.press("escape", "d")
        await pilot.pause()
        assert app.results == [None]
        again = PromptEditScreen(a_prompt())
        app.push_screen(again, app.results.append)
        await pilot.pause()
        assert again.at_stake() == ""
        await pilot.press("escape")
        await pilot.pause()
        assert app.results == [None, None]


async def test_saving_without_a_change_returns_the_same_prompt_even_with_hostile_text() -> None:
    prompt = hostile_prompt()
    app = Host(prompt)
    async with app.run_test(size=(80, 40)) as pilot:
        assert_harmless(app)
        screen = app.screen
        assert isinstance(screen, PromptEditScreen) and not screen.changed
        await pilot.press("ctrl+s")
        await pilot.pause()
    assert app.results == [prompt]


async def test_the_hint_follows_the_focus() -> None:
    app = Host(a_prompt())
    async with app.run_test(size=(80, 24)) as pilot:
        assert "file names" in app.shown("#hint")
        app.field("findings").editor.focus()
        await pilot.press("end", *", Sup")
        await pilot.pause()
        assert app.shown("#hint").endswith("Support Devices")
        app.screen.query_one(Checkbox).focus()
        await pilot.pause()
        assert "space" in app.shown("#hint")


@pytest.mark.parametrize(
    ("prompt", "size", "theme", "keys"),
    [
        (None, (80, 24), "reading-room", ["x", "ctrl+s"]),
        (a_prompt(negative="lettering"), (120, 36), "daylight", ["tab"] * 4 + [*", car"]),
        (a_prompt(), (80, 24), "daylight", ["tab"] * 8 + [*"steps = 500"]),
    ],
    ids=["new", "findings", "parameters"],
)
def test_the_editor_looks_right(snap_compare, prompt, size, theme: str, keys: list[str]) -> None:
    assert snap_compare(Host(prompt, theme), press=keys, terminal_size=size)
