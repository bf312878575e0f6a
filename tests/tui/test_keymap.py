"""One key has one meaning, wherever it is bound."""

from __future__ import annotations

from collections import Counter

import pytest
from support.bindings import our_classes
from support.manual_tables import KEY_GROUPS

from xray_tui.keymap import MEANINGS
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.bindings import declared
from xray_tui.tui.workbench.screen import WorkbenchScreen

EXCEPTIONS = {
    ("BlindScreen", "r"): "answers the one question of a blind reading: real",
    ("BlindScreen", "s"): "answers the one question of a blind reading: synthetic",
}
"""Bindings that name no meaning. The keys of a question's answers are not declared."""

ANYWHERE = {"palette": "Textual declares it", "copy": "to come", "open_outside": "to come"}
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
    assert set(MEANINGS) - {binding.id for _, binding in bindings} <= set(ANYWHERE)
    assert EXCEPTIONS.keys() <= {(owner.__name__, binding.key) for owner, binding in bindings}


@pytest.mark.parametrize("pane", PANES)
def test_no_key_of_a_pane_hides_one_that_works_in_every_pane(pane: str) -> None:
    everywhere = {one.id for kind in (WorkbenchScreen, BaseApp) for one in declared(kind)}
    if pane == "Workbench: in every pane":
        return
    for owner in KEY_GROUPS[pane]:
        hidden = {one.id for one in declared(owner)} & everywhere
        assert hidden <= SHARED, owner
