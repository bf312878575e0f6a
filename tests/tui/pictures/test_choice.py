"""Choosing in the palette how pictures are drawn, while the app runs."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.advice import advised
from support.review_pilot import ReviewPilot, open_review

from xray_tui.tui.pictures import terminal
from xray_tui.tui.pictures.choice import warn_of_pictures
from xray_tui.tui.pictures.terminal import default_renderer, prepare_pictures
from xray_tui.tui.pictures.terminal_query import TerminalReply

IMAGES = 3


@pytest.fixture(autouse=True)
def _automatic_again() -> Iterator[None]:
    yield
    prepare_pictures("auto")


async def choose(review: ReviewPilot, title: str) -> None:
    """Run a command of the palette, by its title."""
    commands = {one.title: one for one in review.app.get_system_commands(review.app.screen)}
    review.app.call_later(commands[title].callback)
    await review.press()


async def test_pictures_change_at_once_and_the_status_line_names_how(root: Path) -> None:
    async with open_review(root) as review:
        await review.shows("quadrants", "▚")
        await choose(review, "Pictures: shades")
        await review.shows("shades", "▓")
        assert "▚" not in review.text and "drawn with shades" in review.toasts
        await review.press("enter")
        await review.shows("pixels", "▓")
        await choose(review, "Pictures: half cells")
        await review.shows("half cells", "▀▀▀")
        assert "▓" not in review.text
        helps = {one.title: one.help for one in review.app.get_system_commands(review.app.screen)}
        assert helps["Pictures: half cells"] == "in use"
        assert helps["Pictures: Sixel"] != "in use"


async def test_a_way_that_this_terminal_does_not_offer_is_doubted(
    root: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(terminal._terminal, "reply", TerminalReply())
    terminal.change_pictures("kitty")
    async with open_review(root) as review:
        warn_of_pictures(review.app)  # as at the start with --preview kitty
        await review.shows("does not say that it shows kitty graphics")
        doubt = review.toasts
        advised("choose Pictures: automatic in the palette (ctrl+p)", doubt)
        await choose(review, "Pictures: automatic")
        await review.shows("quadrants", "▚")
        assert default_renderer().name == "quadrant"
