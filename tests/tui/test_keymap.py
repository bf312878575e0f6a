"""One key has one meaning, wherever it is bound."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
from support.bindings import our_classes
from support.manual_tables import KEY_GROUPS
from support.panes import PanesApp
from textual.screen import Screen

from xray_tui.chosen_keys import checked_keys
from xray_tui.keymap import MEANINGS
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.bindings import declared, described_bindings
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_filter import FilterInput
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.prompts.prompt_tree import PromptTree
from xray_tui.tui.widgets.key_footer import KeyFooter
from xray_tui.tui.workbench.screen import WorkbenchScreen

EXCEPTIONS = {
    ("BlindScreen", "r"): "answers the one question of a blind reading: real",
    ("BlindScreen", "s"): "answers the one question of a blind reading: synthetic",
}
"""Bindings that name no meaning. The keys of a question's answers are not declared."""

ANYWHERE = {"palette": "Textual declares it"}
"""Meanings that no class of ours declares."""

SHARED = {"next_part", "previous_part"}
"""Meanings that a pane and the workbench may both bind, as the pane only refines them."""

PANES = [heading for heading in KEY_GROUPS if heading.startswith("Workbench: ")]


def test_a_key_has_one_meaning() -> None:
    counts = Counter(key for meaning in MEANINGS.values() for key in meaning.keys.split(","))
    assert [key for key, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("owner", our_classes())
def test_every_binding_names_the_meaning_of_its_keys(owner: type) -> None:
    for binding in declared(owner):
        if (owner.__name__, binding.key) in EXCEPTIONS:
            continue
        assert binding.id in MEANINGS, f"use bound() of xray_tui/tui/bindings.py: {binding}"
        assert set(binding.key.split(",")) <= set(MEANINGS[binding.id].keys.split(","))


def test_every_meaning_and_every_exception_is_used() -> None:
    bindings = [(owner, binding) for owner in our_classes() for binding in declared(owner)]
    assert set(MEANINGS) - {binding.id for _, binding in bindings} == set(ANYWHERE)
    assert EXCEPTIONS.keys() <= {(owner.__name__, binding.key) for owner, binding in bindings}


@pytest.mark.parametrize("pane", PANES)
def test_no_key_of_a_pane_hides_one_that_works_in_every_pane(pane: str) -> None:
    everywhere = {one.id for kind in (WorkbenchScreen, BaseApp) for one in declared(kind)}
    for owner in KEY_GROUPS[pane]:
        if issubclass(owner, Screen):  # no pane
            continue
        hidden = {one.id for one in declared(owner)} & everywhere
        assert hidden <= SHARED, owner


class Deciding(PanesApp):
    """Notes the decisions asked for."""

    def on_preview_decision_requested(self, event: Preview.DecisionRequested) -> None:
        self.messages.append(event)


async def test_chosen_keys_act_and_are_shown_in_footer_help_and_palette(tmp_path: Path) -> None:
    chosen = {"toggle": "ctrl+t", "accept": "x", "reject": "p", "invert": "b", "maximise": "O"}
    app = Deciding(keys=checked_keys(chosen))
    async with app.run_test(size=(120, 24)) as pilot:
        app.fill(tmp_path)
        await pilot.press("ctrl+t", "space")
        prompts = app.pane(PromptList)
        assert len(prompts.query_one(PromptTree).marked) == 1
        line = app.screen.query_one(KeyFooter).text
        assert "ctrl+t Mark" in line and "space" not in line
        listed = {
            (owner.title, binding.description): binding.key
            for owner, binding in described_bindings(app.screen)
        }
        assert listed["Prompts", "Mark"] == listed["Queue", "Pause job"] == "ctrl+t"
        assert listed["Preview", "Accept"] == "x" and listed["Preview", "Invert"] == "b"
        app.pane(Preview).focus()
        await pilot.press("p", "b", "i")
        await pilot.pause()
        assert [one.decision for one in app.messages] == ["rejected"]
        assert "inverted" in str(app.pane(Preview).border_title)
        prompts.action_filter()
        await pilot.press(*"xpO")
        assert prompts.query_one(FilterInput).value == "xpO"
        assert "O Maximise" not in app.screen.query_one(KeyFooter).text


def test_every_meaning_says_where_its_keys_are() -> None:
    for name, meaning in MEANINGS.items():
        places = {
            place_of(heading)
            for heading, owners in KEY_GROUPS.items()
            for owner in owners
            if any(binding.id == name for binding in declared(owner))
        }
        common = name in ANYWHERE or "everywhere" in places or len(places) > 5
        expected = {"everywhere"} if common else places
        assert set(meaning.where.split(", ")) == expected, name


def place_of(heading: str) -> str:
    """What users call the screen or pane that the manual's keys have under ``heading``."""
    place = heading.removeprefix("Workbench: ").lower()
    common = ("review", "blind reading", "manual")
    found = next((start for start in common if place.startswith(start)), place)
    return "workbench" if found == "in every pane" else found
