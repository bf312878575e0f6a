"""Keys are declared once: footer, help and palette agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from rich.cells import cell_len
from support.bindings import our_classes
from support.panes import PANES, PanesApp

from xray_tui.key_names import key_names
from xray_tui.tui.bindings import declared, described_bindings, idle_actions
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.parameters.parameter_row import FieldSelect
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.widgets.key_footer import KeyFooter


@pytest.mark.parametrize("owner", our_classes())
def test_every_binding_has_a_description_and_an_action(owner: type) -> None:
    bindings = list(declared(owner))
    assert bindings
    for binding in bindings:
        assert binding.description, binding
        action = binding.action.partition("(")[0]
        if "." not in action:
            assert callable(getattr(owner, f"action_{action}", None)), binding
    title = getattr(owner, "HELP_TITLE", None)
    assert title or any(issubclass(pane, owner) and pane.HELP_TITLE for pane in PANES)


async def test_owners_with_the_same_title_are_grouped_and_no_key_is_listed_twice() -> None:
    app = PanesApp()
    async with app.run_test():
        pairs = list(described_bindings(app.screen))
        titles = [owner.title for owner, _ in pairs]
        assert list(dict.fromkeys(titles)) == [
            "Everywhere", "Prompts", "Parameters", "Preview", "Queue", "Log"
        ]  # fmt: skip
        assert titles == sorted(titles, key=list(dict.fromkeys(titles)).index)
        lines = [(owner.title, binding.key, binding.description) for owner, binding in pairs]
        assert len(lines) == len(set(lines))


@pytest.mark.parametrize(
    "width", [30, 80, *(pytest.param(width, marks=pytest.mark.slow) for width in (120, 200))]
)
async def test_the_footer_of_any_pane_shows_the_best_keys_that_fit(
    width: int, tmp_path: Path
) -> None:
    app = PanesApp()
    async with app.run_test(size=(width, 24)) as pilot:
        app.fill(tmp_path)
        for kind in PANES:
            app.pane(kind).focus()
            await pilot.pause()
            line = app.screen.query_one(KeyFooter).text.rstrip()
            assert cell_len(line) <= width
            assert line.endswith("q Quit") and " more  q" in line, line
            count = int(line.rpartition("? ")[2].split()[0])
            active = app.screen.active_bindings.values()
            shown = {
                entry.binding.action
                for entry in active
                if f" {entry.binding.description}" in f" {line}"
            }
            known = {
                one.binding.action
                for one in active
                if one.binding.id and one.enabled
                if one.binding.action not in idle_actions(one.node)
            }
            assert count >= len(known - shown) - 3  # keys of a group have one text
            if width == 200:
                assert "g Generate" in line and "f1 Manual" in line


async def test_a_command_of_the_palette_acts_in_the_pane_it_belongs_to() -> None:
    app = PanesApp()
    async with app.run_test():
        owner, binding = next(
            (owner, binding)
            for owner, binding in described_bindings(app.screen)
            if (owner.title, binding.description) == ("Preview", "Invert")
        )
        assert isinstance(owner.node, Preview)
        await owner.runner(binding)()
        assert "inverted" in str(owner.node.border_title)


async def test_a_command_acts_on_the_focused_field() -> None:
    app = PanesApp()
    async with app.run_test() as pilot:
        form = app.pane(ParameterForm)
        assert isinstance(form, ParameterForm)
        last = list(form.query(FieldSelect))[-1]
        last.focus()
        await pilot.pause()
        nodes = [owner.node for owner, _ in described_bindings(app.screen)]
        assert last in nodes
        assert [node for node in nodes if isinstance(node, FieldSelect)].count(last) == 3


async def test_keys_typed_into_a_filter_are_text() -> None:
    app = PanesApp()
    async with app.run_test() as pilot:
        pane = app.pane(PromptList)
        assert isinstance(pane, PromptList)
        pane.action_filter()
        await pilot.pause()
        assert "slash" not in app.screen.active_bindings
        assert "question_mark" not in app.screen.active_bindings


@pytest.mark.parametrize(
    ("keys", "shown"),
    [
        ("slash", "/"),
        ("left,h", "←  h"),
        ("ctrl+down", "ctrl+↓"),
        ("escape,question_mark,q", "esc  ?  q"),
        ("delete", "delete"),
    ],
)
def test_keys_are_named_as_in_the_manual(keys: str, shown: str) -> None:
    assert key_names(keys) == shown
