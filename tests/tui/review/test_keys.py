"""Footer and help of the review: keys are never cut off, and do what their labels say."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from rich.cells import cell_len
from support.review_pilot import ReviewPilot, open_review

from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.review.gallery.gallery import Gallery
from xray_tui.tui.review.panel.record_panel import RecordPanel
from xray_tui.tui.widgets.key_footer import KeyFooter

IMAGES = 6


def footer(anna: ReviewPilot) -> str:
    return anna.text.splitlines()[-1]


def is_cut(anna: ReviewPilot) -> bool:
    line = anna.screen.query_one(KeyFooter)
    return cell_len(line.text.rstrip()) > line.size.width


@pytest.mark.parametrize("hosted", [False, True])
@pytest.mark.parametrize("width", [80, 120])
async def test_the_footer_is_never_cut_and_shows_how_to_leave(
    root: Path, width: int, hosted: bool
) -> None:
    async with open_review(root, (width, 24)) as anna:
        if hosted:
            host: Any = SimpleNamespace(has_form=True)
            anna.screen.host = host
        anna.screen.refresh_bindings()
        await anna.until(lambda: ("f2 Back" in footer(anna)) == hosted)
        assert not is_cut(anna)
        for key, shows in (("enter", "Zoom"), ("c", "tab Next")):
            await anna.press(key)
            await anna.until(lambda shows=shows: shows in footer(anna))
            assert footer(anna).startswith("esc Gallery") and "more" in footer(anna)
            assert not is_cut(anna)
            await anna.zoom_in()
            await anna.until(lambda: "Pan" in footer(anna))
            assert footer(anna).startswith("esc Gallery") and "more" in footer(anna)
            assert not is_cut(anna)


async def test_the_footer_follows_the_width(root: Path) -> None:
    async with open_review(root, (80, 24)) as anna:
        await anna.press("enter")
        await anna.until(lambda: "i Invert" not in footer(anna) and "Zoom" in footer(anna))
        await anna.resize(140, 24)
        await anna.until(lambda: "i Invert" in footer(anna) and "q Quit" in footer(anna))


async def test_a_wide_footer_shows_the_best_of_the_review(root: Path) -> None:
    best = "S Statistics  D Duplicates  B Blind reading  T Tag  N Note  R Relabel"
    async with open_review(root, (200, 24)) as anna:
        await anna.until(lambda: best in footer(anna) and "a Advance" in footer(anna))
        assert "I Info" in footer(anna) and not is_cut(anna)


async def test_the_footer_offers_no_key_for_images_while_there_are_none(root: Path) -> None:
    of_images = (
        "enter Open",
        "space Mark",
        "p Accept",
        "x Reject",
        "c Compare",
        "T Tag",
    )
    async with open_review(root, (200, 24)) as anna:
        await anna.until(lambda: all(key in footer(anna) for key in of_images))
        assert "e Edit" not in footer(anna)  # the form is in the workbench
        await anna.press("slash", "is:accepted", "enter")
        await anna.until(lambda: "No images match" in anna.text)
        await anna.until(lambda: not any(key in footer(anna) for key in of_images))
        assert "/ Filter" in footer(anna)
        await anna.press("escape")
        await anna.until(lambda: all(key in footer(anna) for key in of_images))


async def test_without_a_workbench_the_help_lists_no_key_to_it(root: Path) -> None:
    async with open_review(root, (120, 120)) as anna:
        listed = [binding.description for _, binding in described_bindings(anna.screen)]
        assert {"Gallery", "Images"} <= set(listed)
        await anna.press("question_mark")
        await anna.shows("back to all images")
        assert "to the workbench" not in anna.text


@pytest.mark.parametrize("key", ["escape", "enter"])
async def test_a_key_returns_from_the_panel_to_the_images(root: Path, key: str) -> None:
    async with open_review(root) as anna:
        await anna.press("space", "tab")
        assert isinstance(anna.app.focused, RecordPanel)
        await anna.until(lambda: footer(anna).startswith("esc Images"))
        await anna.press(key)
        assert isinstance(anna.app.focused, Gallery)
        assert anna.screen.views.gallery.marked  # the key did nothing else
