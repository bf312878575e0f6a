"""Keys are declared once: footer, help and palette agree."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from pathlib import Path

import pytest
from support.panes import PANES, PanesApp
from textual.dom import DOMNode
from textual.pilot import Pilot
from textual.widgets import Footer

from xray_tui import tui
from xray_tui.tui.bindings import declared, described_bindings, key_names
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.parameters.parameter_row import FieldSelect
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.textual_internals import FooterKey


def our_classes() -> list[type]:
    """Every widget and screen of the package that declares bindings."""
    found: set[type] = set()
    for info in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        module = importlib.import_module(info.name)
        found |= {
            kind
            for _, kind in inspect.getmembers(module, inspect.isclass)
            if kind.__module__ == info.name and issubclass(kind, DOMNode)
        }
    with_bindings = (kind for kind in found if vars(kind).get("BINDINGS"))
    return sorted(with_bindings, key=lambda kind: kind.__name__)


async def footer_keys(app: PanesApp, pilot: Pilot) -> list[FooterKey]:
    """The keys in the footer, once it shows those of the focused widget."""
    for _ in range(100):
        await pilot.pause()
        active = app.screen.active_bindings.values()
        wanted = {entry.binding.action for entry in active if entry.binding.show}
        keys = list(app.screen.query(FooterKey))
        if {key.action for key in keys} == wanted:
            return keys
    raise AssertionError("the footer shows other keys")


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


async def test_every_key_in_the_footer_of_any_pane_is_in_the_help() -> None:
    app = PanesApp()
    async with app.run_test(size=(200, 30)) as pilot:
        known = {
            (key, binding.action)
            for _, binding in described_bindings(app.screen)
            for key in binding.key.split(",")
        }
        for kind in PANES:
            app.pane(kind).focus()
            shown = {(key.key, key.action) for key in await footer_keys(app, pilot)}
            assert shown and shown <= known, kind


@pytest.mark.parametrize("kind", PANES)
async def test_the_footer_fits_into_80_columns(kind: type, tmp_path: Path) -> None:
    app = PanesApp()
    async with app.run_test(size=(80, 24)) as pilot:
        app.fill(tmp_path)
        app.pane(kind).focus()
        await footer_keys(app, pilot)
        await pilot.pause()
        assert app.screen.query_one(Footer).virtual_size.width <= 80
        assert max(key.region.right for key in app.screen.query_one(Footer).children) <= 80


async def test_a_command_of_the_palette_acts_in_the_pane_it_belongs_to() -> None:
    app = PanesApp()
    async with app.run_test():
        owner, binding = next(
            (owner, binding)
            for owner, binding in described_bindings(app.screen)
            if (owner.title, binding.description) == ("Preview", "Invert greyscale")
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
