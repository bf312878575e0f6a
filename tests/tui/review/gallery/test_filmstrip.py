"""The filmstrip: the neighbours of an image, with its mark, signs and mouse, and what it reads."""

from __future__ import annotations

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from support.gallery_samples import a_row
from support.review_fixtures import images, root
from support.review_pilot import ReviewPilot, open_review
from support.textual_internals import screen_text
from support.tui_samples import ThemedApp
from textual.app import ComposeResult
from textual.geometry import Offset
from textual.pilot import Pilot

from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.output.placements import is_mark, placed
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.review.gallery.filmstrip import Filmstrip

__all__ = ["images", "root"]

IMAGES = 24
LINE = "━"


class Host(ThemedApp):
    """A filmstrip of invented records. It has room for nine thumbnails of eight columns."""

    def __init__(self, renderer: Renderer) -> None:
        super().__init__("reading-room")
        self._renderer = renderer
        self.opinions: dict[int, Opinion] = {}
        self.decoded: list[int] = []
        self.chosen: list[int] = []

    def compose(self) -> ComposeResult:
        yield Filmstrip(self._rows, self._thumbnail, self.chosen.append, self._renderer)

    @property
    def strip(self) -> Filmstrip:
        return self.query_one(Filmstrip)

    @property
    def shown(self) -> list[int]:
        return [row.record_id for row in self.strip._rows]

    @property
    def lines(self) -> list[str]:
        return screen_text(self.screen).splitlines()[:5]

    def _rows(self, ids: Sequence[int]) -> list[GalleryRow]:
        return [a_row(one, opinion=self.opinions.get(one, Opinion())) for one in ids]

    def _thumbnail(self, row: GalleryRow, pixels: int) -> Image.Image:
        self.decoded.append(row.record_id)
        return Image.new("L", (32, 32), row.record_id)


async def settle(pilot: Pilot[Any]) -> None:
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


async def test_the_neighbours_are_shown_and_stay_as_long_as_possible() -> None:
    app, ids = Host(renderer_named("halfcell")), range(100, 200)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.strip.show(ids, 0)
        assert app.shown == [*range(100, 109)]
        for index in range(8):
            app.strip.show(ids, index)
            assert app.shown == [*range(100, 109)]
        app.strip.show(ids, 8)  # the last of them: the next follow
        assert app.shown == [*range(107, 116)]
        app.strip.show(ids, 99)
        assert app.shown == [*range(191, 200)]
        dice = random.Random(1)
        for _ in range(200):
            index = dice.choice((dice.randrange(100), max(0, index - 1), min(99, index + 1)))
            app.strip.show(ids, index)
            assert {ids[index], ids[max(0, index - 1)], ids[min(99, index + 1)]} <= {*app.shown}
        for few in (range(0), range(1), range(5)):
            app.strip.show(few, len(few) - 1)
            assert app.shown == [*few]
            await pilot.pause()


async def test_the_mark_and_the_signs_are_below_their_images() -> None:
    app = Host(renderer_named("halfcell"))
    app.opinions = {2: Opinion("accepted"), 3: Opinion("rejected")}
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.strip.show(range(1, 9), 1)
        app.strip.load()
        await settle(pilot)
        regions = app.strip._regions
        signs = [app.lines[4][place.x : place.right].strip() for place in regions]
        assert signs[:4] == ["·", f"{LINE * 2} ✓ {LINE * 3}", "✗", "·"]
        for place in regions:
            assert app.lines[0][place.x : place.right] == "▀" * 8
        await pilot.click(Filmstrip, offset=regions[5].offset + Offset(2, 1))
        assert app.chosen == [6]
        assert sorted(app.decoded) == [*range(1, 9)]
        app.strip.show(range(1, 9), 2)
        app.strip.load()
        await settle(pilot)
        assert len(app.decoded) == 8  # nothing is read twice


async def test_pictures_are_loaded_only_when_the_large_one_is_shown() -> None:
    app = Host(renderer_named("halfcell"))
    async with app.run_test(size=(80, 24)) as pilot:
        await settle(pilot)
        app.strip.show(range(1, 9), 1)
        await settle(pilot)
        assert app.decoded == [] and f"{LINE} · {LINE}" in app.lines[4]


@pytest.mark.parametrize("mode", ["sixel", "kitty"])
async def test_the_pictures_are_pixels_where_the_terminal_can(mode: str) -> None:
    app = Host(renderer_named(mode))
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.pause()
        app.strip.show(range(1, 9), 1)
        app.strip.load()
        await settle(pilot)
        before = screen_text(app.screen)
        marks = {character for character in before if is_mark(character)}
        assert len(marks) == 8
        for number, place in enumerate(app.strip._regions):
            placement = placed(app.lines[1][place.x])
            assert placement is not None and placement.region == place.shrink((0, 0, 1, 0)), number
        app.strip.show(range(1, 9), 2)
        await pilot.pause()
        assert {character for character in screen_text(app.screen) if is_mark(character)} == marks


# -- in the review ---------------------------------------------------------------------------------


def strip_of(review: ReviewPilot) -> Filmstrip:
    return review.screen.query_one(Filmstrip)


async def test_a_high_terminal_has_a_filmstrip_under_the_loupe(root: Path) -> None:
    async with open_review(root, (120, 44)) as review:
        await review.press("enter")
        await review.until(lambda: strip_of(review)._rows and LINE in review.text)
        shown = [row.record_id for row in strip_of(review)._rows]
        assert shown == review.ids[: len(shown)] and len(shown) >= 8
        await review.press("x", "right")
        await review.shows("✗")
        assert strip_of(review)._rows[0].opinion.decision == "rejected"
        assert strip_of(review)._index == 2
        place = strip_of(review)._regions[4]
        await review._pilot.click(Filmstrip, offset=place.offset + Offset(1, 1))
        await review.until(lambda: review.screen.views.gallery.cursor_index == 4)
        for size in ((120, 36), (80, 24)):
            await review.resize(*size)
            await review.until(lambda: not strip_of(review).display)
            assert LINE not in review.text
        await review.resize(200, 60)
        await review.until(lambda: LINE in review.text)
        assert strip_of(review).size.height > 5  # larger thumbnails
        assert review.ids[4] in [row.record_id for row in strip_of(review)._rows]


async def test_the_filmstrip_follows_the_filter(root: Path) -> None:
    async with open_review(root, (120, 44)) as review:
        await review.press("right", "right", "p", "enter")
        await review.until(lambda: LINE in review.text)
        await review.press("left", "slash", "is:accepted", "enter")
        await review.until(lambda: [row.record_id for row in strip_of(review)._rows] == [3])
