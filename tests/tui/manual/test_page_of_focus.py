"""F1 opens the page about the focused widget, on every screen."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.manual_tables import KEY_GROUPS
from support.review_pilot import open_review
from textual.dom import DOMNode
from textual.screen import Screen

from xray_tui import tui
from xray_tui.manual.pages import TOPICS, page_path
from xray_tui.manual.rendering import PLAIN_STYLES, render_page
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.dialogs.entry import EntryScreen
from xray_tui.tui.dialogs.question import QuestionScreen
from xray_tui.tui.manual.page_of_focus import page_of_focus
from xray_tui.tui.manual.page_view import PageView
from xray_tui.tui.manual.screen import ManualScreen, SearchInput, TopicList
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.review.query.input import QueryInput
from xray_tui.tui.workbench.log_view import LogView
from xray_tui.tui.workbench.queue_view import QueueView

IMAGES = 3
DIALOGS = (EntryScreen, QuestionScreen)
"""Dialogs that have no page of their own: F1 opens the page of the screen below."""


def our_nodes() -> Iterator[type]:
    """Every class of a widget, screen or app that ``xray_tui.tui`` defines."""
    for info in pkgutil.walk_packages(tui.__path__, f"{tui.__name__}."):
        for _, kind in inspect.getmembers(importlib.import_module(info.name), inspect.isclass):
            if kind.__module__ == info.name and issubclass(kind, DOMNode):
                yield kind


SCREENS = [
    kind for kind in our_nodes() if issubclass(kind, Screen) and vars(kind).get("HELP_TITLE")
]
DECLARED = sorted(
    {vars(kind)["MANUAL_PAGE"] for kind in our_nodes() if "MANUAL_PAGE" in vars(kind)}
)


@pytest.mark.parametrize("screen", SCREENS, ids=lambda screen: screen.__name__)
def test_every_screen_with_keys_names_its_page(screen: type) -> None:
    exempt = (
        issubclass(screen, (*DIALOGS, ManualScreen))
        or getattr(screen, "closes_by_itself", False) is True
    )
    assert exempt or getattr(screen, "MANUAL_PAGE", "")


@pytest.mark.parametrize("page", DECLARED)
def test_every_page_and_section_named_exists(page: str) -> None:
    name, _, section = page.partition("#")
    assert name in TOPICS
    text = page_path(name).read_text(encoding="utf-8")
    assert not section or section in render_page(text, 60, PLAIN_STYLES).anchors


def test_every_widget_with_keys_is_in_the_list_of_keys() -> None:
    listed = {owner for owners in KEY_GROUPS.values() for owner in owners}
    for kind in our_nodes():
        if vars(kind).get("BINDINGS"):
            assert any(issubclass(owner, kind) for owner in listed), kind
    assert {PageView, SearchInput, TopicList} <= listed


async def test_each_pane_of_the_workbench_has_its_page(workbench) -> None:
    app = workbench()
    async with app.run_test(size=(120, 36)) as pilot:
        assert page_of_focus(app) == ("prompts", "")
        for pane, page in (
            (ParameterForm, ("parameters", "")),
            (Preview, ("first-image", "accept-or-reject")),
            (QueueView, ("jobs", "")),
            (LogView, ("troubleshooting", "")),
        ):
            nodes = app.workbench.query_one(pane).walk_children(with_self=True)
            app.workbench.set_focus(next(node for node in nodes if node.can_focus))
            assert page_of_focus(app) == page
        declared = {
            (binding.key, binding.description) for _, binding in described_bindings(app.screen)
        }
        assert ("f1", "Manual") in declared  # so the help screen and the palette list it
        await pilot.press("f1")
        assert isinstance(app.screen, ManualScreen) and app.screen.page_name == "troubleshooting"
        await pilot.press("f1")
        assert app.screen is app.workbench


async def test_the_parts_of_the_review_have_their_pages(root: Path) -> None:
    async with open_review(root) as review:
        assert page_of_focus(review.app) == ("review", "")
        await review.press("enter")
        assert page_of_focus(review.app) == ("review", "loupe")
        await review.press("c")
        assert page_of_focus(review.app) == ("review", "compare")
        await review.press("escape", "slash")
        assert isinstance(review.app.focused, QueryInput)
        assert page_of_focus(review.app) == ("filters", "")
        await review.press("escape", "N")
        assert isinstance(review.app.screen, EntryScreen)
        assert page_of_focus(review.app) == ("review", "")
        await review.press("escape", "question_mark")
        assert page_of_focus(review.app) == ("keys", "")
