"""The gallery: cells, keys, marks and mouse, and how much it reads, decodes and paints."""

from __future__ import annotations

import threading
from array import array
from typing import Any

import pytest
from support.gallery_samples import GalleryHost
from support.textual_internals import post_mouse_event, screen_rows
from support.tui_samples import HOSTILE, assert_harmless, until
from textual.events import MouseScrollDown
from textual.geometry import Offset, Region, Size
from textual.pilot import Pilot
from textual.widgets import Static

from xray_tui.dataset.opinions import Opinion
from xray_tui.tui.output.placements import Placement, is_mark, placed
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.review.gallery import grid as gallery_grid
from xray_tui.tui.review.gallery.gallery import Gallery
from xray_tui.tui.review.gallery.shape import most_columns, shape_for, usual_columns

CELL = CellSize(10, 20)
COLUMNS = 4
"""Columns of cells in a terminal of 80 columns."""


async def settle(pilot: Pilot[Any]) -> None:
    """Wait until all pictures are drawn and painted."""
    await pilot.app.workers.wait_for_complete()
    await pilot.pause()


# -- shape -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("view", [(45, 20), (79, 22), (85, 33), (119, 34), (165, 57), (199, 58)])
def test_cells_fill_the_view(view: tuple[int, int]) -> None:
    shape = shape_for(Size(*view), usual_columns(view[0]), CELL)
    assert 14 <= shape.cell.width <= 26
    assert shape.whole_rows >= 2
    assert (
        view[0] - shape.columns * shape.cell.width < 2 * shape.columns
    )  # few columns are left over
    assert view[1] - shape.whole_rows * shape.cell.height < shape.cell.height
    columns, rows = shape.box
    assert columns / 3 <= rows <= columns / 2  # a square, or slightly lower


def test_each_corner_of_a_cell_belongs_to_that_cell() -> None:
    shape = shape_for(Size(85, 33), 4, CELL)
    for index in range(12):
        region = shape.region(index)
        for x, y in (region.offset, (region.right - 1, region.bottom - 1)):
            assert shape.index_at(x, y) == index


def test_even_a_narrow_pane_has_a_cell() -> None:
    for view in ((1, 1), (5, 3), (20, 6)):
        shape = shape_for(Size(*view), min(usual_columns(view[0]), most_columns(view[0])), CELL)
        assert shape.columns == 1 and shape.box.width >= 1 and shape.box.height >= 1


# -- cells -----------------------------------------------------------------------------------------


async def test_captions_show_decision_rating_tags_and_checks() -> None:
    app = GalleryHost()
    app.opinions = {
        1: Opinion("accepted", 4),
        2: Opinion("rejected", tags=("grid-noise", "wrong-label")),
    }
    app.changes = {3: {"checks": ("blank",), "label": "bacterial-pneumonia"}, 4: {"label": ""}}
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(5)
        await settle(pilot)
        captions = app.text.splitlines()[9]
        assert "✓ ★4 label-1" in captions
        assert "✗ #2 label-2" in captions
        assert "· ! bacterial-p…" in captions
        assert "· 4" in captions  # without a label, the name of the file
        app.opinions[1] = Opinion("rejected", 1)
        app.gallery.refresh_rows([1])
        await pilot.pause()
        assert "✗ ★1 label-1" in app.text


async def test_wide_cells_show_stars_and_seed() -> None:
    app = GalleryHost()
    app.opinions = {1: Opinion("accepted", 4)}
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(5)
        await pilot.press("plus", "plus")
        assert app.gallery._shape.columns == 2
        await settle(pilot)
        assert "✓ ★★★★ label-1" in app.text and "1001" in app.text
        await pilot.press(*["plus"] * 5)
        assert app.gallery._shape.columns == 1
        await pilot.press("minus")  # earlier presses without effect do not count
        assert app.gallery._shape.columns == 2


async def test_rejected_pictures_are_dimmed_in_both_themes() -> None:
    app = GalleryHost()
    app.opinions = {2: Opinion("rejected")}
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(3)
        for theme in ("reading-room", "daylight"):
            app.theme = theme
            await settle(pilot)
            line = screen_rows(app.screen)[4]
            cell = app.gallery._shape.region
            kept, dimmed = (_grey(line, cell(index).x + 4) for index in (0, 1))
            assert abs(kept - 200) < 4
            background = app.gallery._colours().background
            assert abs(dimmed - background) < abs(kept - background)


def _grey(line: Any, x: int) -> int:
    (segment,) = line.crop(x, x + 1)
    return segment.style.color.triplet.red


async def test_a_cell_without_picture_says_why() -> None:
    app = GalleryHost()
    app.broken = {1: "1.png: cannot be read (it is damaged)", 2: HOSTILE * 9}
    app.changes = {2: {"label": HOSTILE, "file": HOSTILE}}
    app.gone = {3}
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(5)
        await settle(pilot)
        assert "cannot be read" in app.text and "1.png" not in app.text
        assert "no longer in the" in app.text and "…" in app.text
        assert_harmless(app)
        app.broken.clear()
        app.gallery.refresh_rows([1])  # repaired in the meantime
        await settle(pilot)
        assert "cannot be read" not in app.text


async def test_without_colours_pictures_are_shades() -> None:
    app = GalleryHost(renderer=renderer_named("unicode"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(3)
        await settle(pilot)
        assert "▓▓▓▓" in app.text and "▀" not in app.text
        assert "█▓" in app.text and "▄▄▄" in app.text  # the cursor's frame


# -- pixels ----------------------------------------------------------------------------------------


def pictures_on(app: GalleryHost) -> dict[Placement, set[Offset]]:
    """The placements on the screen, with the cells that have their mark."""
    found: dict[Placement, set[Offset]] = {}
    for y, line in enumerate(app.text.splitlines()):
        for x, character in enumerate(line):
            if is_mark(character):
                placement = placed(character)
                assert placement is not None, "its picture is gone"
                found.setdefault(placement, set()).add(Offset(x, y))
    return found


def assert_pictures_are_in_their_places(app: GalleryHost) -> None:
    """Each cell of the screen belongs to the placement whose mark it has."""
    screen = Region(0, 0, *app.size)
    for placement, cells in pictures_on(app).items():
        region = placement.region.intersection(screen)
        assert cells <= {Offset(x, y) for y in region.line_range for x in region.column_range}
        assert len({x for x, _ in cells}) == region.width


@pytest.mark.parametrize("mode", ["sixel", "kitty"])
async def test_thumbnails_are_pixels_where_the_terminal_can(mode: str) -> None:
    app = GalleryHost(renderer=renderer_named(mode))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(40)
        await settle(pilot)
        seen = len(app.gallery._in_view())
        assert len(pictures_on(app)) == seen and "▀" not in app.text
        assert_pictures_are_in_their_places(app)
        before = {*pictures_on(app)}
        await pilot.press("right", "v")
        assert {*pictures_on(app)} == before  # nothing to send but the frames
        for key in ("pagedown", "down", "down", "plus", "minus", "minus", "end", "home"):
            await pilot.press(key)
            await settle(pilot)
            assert len(pictures_on(app)) == len(app.gallery._in_view()), key
            assert_pictures_are_in_their_places(app)


async def test_thumbnails_move_with_the_gallery() -> None:
    app = GalleryHost(renderer=renderer_named("sixel"))
    async with app.run_test(size=(80, 30)) as pilot:
        app.show(40)
        await settle(pilot)
        line = Static("one\ntwo")
        await app.mount(line, after=app.gallery)
        await settle(pilot)
        size, before = app.gallery.size, {*pictures_on(app)}
        app.screen.move_child(line, before=app.gallery)
        await settle(pilot)
        assert app.gallery.size == size and not before & {*pictures_on(app)}
        assert pictures_on(app)
        assert_pictures_are_in_their_places(app)


async def test_a_decision_sends_its_own_picture_only() -> None:
    app = GalleryHost(renderer=renderer_named("sixel"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(5)
        await settle(pilot)
        before = {*pictures_on(app)}
        app.opinions[2] = Opinion("rejected")
        app.gallery.refresh_rows([2])
        await settle(pilot)
        changed = {*pictures_on(app)} - before
        assert [placement.region.x // 20 for placement in changed] == [1]
        faded = next(iter(changed)).picture.pixels.getextrema()
        assert max(faded) < 100  # of 200
        app.opinions.clear()
        app.gallery.refresh_rows([2])
        await settle(pilot)
        assert {*pictures_on(app)} == before


async def test_the_flash_of_a_decision_leaves_the_picture_alone() -> None:
    app = GalleryHost(renderer=renderer_named("sixel"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(5)
        await settle(pilot)
        before = pictures_on(app)
        app.gallery.flash([1], "accepted")
        await pilot.pause()
        assert " ✓ " in app.text and pictures_on(app) == before


async def test_large_cells_ask_for_large_thumbnails() -> None:
    for mode, least, most in (("sixel", 150, 300), ("halfcell", 1, 96)):
        app = GalleryHost(renderer=renderer_named(mode))
        async with app.run_test(size=(80, 24)) as pilot:
            app.show(5)
            await settle(pilot)
            assert least <= max(app.pixels) <= most
            before = max(app.pixels)
            await pilot.press(*["plus"] * 3)
            await settle(pilot)
            assert max(app.pixels) > before


async def test_pixels_need_no_colours(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    app = GalleryHost(renderer=renderer_named("sixel"))
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(5)
        await settle(pilot)
        assert len(pictures_on(app)) == 5


# -- cursor ----------------------------------------------------------------------------------------


async def test_keys_move_the_cursor() -> None:
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(30)
        page = app.gallery._shape.page
        assert (app.gallery._shape.columns, page) == (COLUMNS, 2 * COLUMNS)
        for key, expected in (
            ("right", 1), ("l", 2), ("left", 1), ("h", 0), ("h", 0), ("up", 0),
            ("down", 4), ("j", 8), ("k", 4),
            ("pagedown", 4 + page), ("pageup", 4), ("pageup", 0),
            ("end", 29), ("down", 29), ("right", 29), ("end", 29), ("home", 0),
            ("G", 29), ("up", 25), ("left", 24), ("left", 23), ("down", 27), ("home", 0),
        ):  # fmt: skip
            await pilot.press(key)
            assert app.gallery.cursor_index == expected, key
            assert app.last(Gallery.Highlighted).record_id == expected + 1
            top = app.gallery.scroll_offset.y
            region = app.gallery._shape.region(expected)
            assert top % region.height == 0  # whole rows
            assert top <= region.y and region.bottom <= top + app.gallery.size.height


async def test_down_from_above_a_gap_goes_to_the_last_image() -> None:
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(6)
        await pilot.press("end", "down")
        assert app.gallery.cursor_id == 6


async def test_methods_that_move_the_cursor() -> None:
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(30, keep=7)
        assert app.gallery.cursor_id == 7
        assert app.gallery.go(1) and app.gallery.cursor_id == 8
        assert app.gallery.move_to(29) and not app.gallery.move_to(31)
        assert app.gallery.go(5) and not app.gallery.go(1)
        app.gallery.show([3, 30, 2], keep=30)
        assert app.gallery.cursor_index == 1
        app.gallery.show([3, 2], keep=30)  # 30 is gone: the cursor is where it was
        assert app.gallery.cursor_id == 2
        await pilot.pause()
        before = len(app.messages)
        app.gallery.show([2], keep=2)  # the same image: nothing to report
        await pilot.pause()
        assert len(app.messages) == before
        app.gallery.empty_text = "No image matches."
        app.gallery.show([])
        await pilot.press("down", "enter", "v", "V", "shift+down", "pagedown")
        assert app.gallery.cursor_id is None
        assert app.last(Gallery.Highlighted).record_id is None
        assert "No image matches." in app.text


async def test_a_resize_keeps_the_cursor_in_view() -> None:
    app = GalleryHost()
    async with app.run_test(size=(120, 36)) as pilot:
        app.show(200, keep=150)
        for size in ((80, 24), (30, 12), (200, 60)):
            await pilot.resize_terminal(*size)
            await settle(pilot)
            assert "label-150" in app.text, size


async def test_enter_and_the_mouse_move_open_and_mark() -> None:
    app = GalleryHost()

    def place(index: int) -> Offset:
        return app.gallery._shape.region(index).offset + Offset(3, 3)

    async with app.run_test(size=(80, 24)) as pilot:
        app.show(40)
        await pilot.pause()
        await pilot.click(Gallery, offset=place(5))
        assert app.gallery.cursor_id == 6
        await pilot.press("enter")
        assert app.opened == [6]
        await pilot.double_click(Gallery, offset=place(2))
        assert app.opened == [6, 3]
        await pilot.click(Gallery, offset=(3, 3), control=True)
        assert app.gallery.marked == {1}
        await post_mouse_event(pilot, MouseScrollDown, Gallery, (3, 3))
        assert app.gallery.scroll_offset.y == app.gallery._shape.cell.height
        assert app.gallery.cursor_id == 1


# -- marks -----------------------------------------------------------------------------------------


async def test_keys_mark_images() -> None:
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(20)
        await pilot.press("v")
        assert app.gallery.marked == {1} and "◆· label-1" in app.text
        assert app.gallery.cursor_id == 2  # the cursor moves to the next image
        await pilot.press("right", "shift+right", "shift+down")
        assert app.gallery.marked == {1, 3, 4, 5, 6, 7, 8}
        await pilot.press("shift+up", "shift+left", "shift+left")  # back past the start
        assert app.gallery.marked == {1, 2, 3}
        await pilot.press("down", "shift+right")  # another range
        assert app.gallery.marked == {1, 2, 3, 6, 7}
        assert app.last(Gallery.MarksChanged).count == 5
        app.gallery.show([7, 8, 9, 1])  # hidden images must not be judged
        assert app.gallery.marked == {1, 7}
        await pilot.pause()
        assert app.last(Gallery.MarksChanged).count == 2
        await pilot.press("V")
        assert app.gallery.marked == {1, 7, 8, 9}
        await pilot.press("V")
        assert app.gallery.marked == frozenset() and "◆" not in app.text
        assert app.gallery.hidden_marks == {2, 3, 6}
        app.show(20)
        assert app.gallery.marked == {2, 3, 6} and not app.gallery.hidden_marks
        app.gallery.show([7])
        app.gallery.clear_marks()
        app.show(20)
        assert not app.gallery.marked


# -- cost ------------------------------------------------------------------------------------------


async def test_only_images_near_the_view_are_read_and_decoded() -> None:
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(100_000)
        await settle(pilot)
        seen, page = len(app.gallery._in_view()), app.gallery._shape.page
        assert app.read == app.decoded == list(range(1, seen + page + 1))
        assert threading.main_thread() not in app.threads
        await pilot.press("right", "down", "V")
        await settle(pilot)
        assert len(app.read) == seen + page  # nothing is read twice
        await pilot.press("G")
        await settle(pilot)
        assert set(app.read[seen + page :]) <= set(range(100_000 - 4 * page, 100_001))
        assert isinstance(app.gallery._list.ids, array)


async def test_images_that_scrolled_out_of_view_are_not_decoded() -> None:
    app = GalleryHost()
    gate, decode = threading.Event(), app._thumbnail

    def slow(row: Any, pixels: int) -> Any:
        gate.wait(5)
        return decode(row, pixels)

    app._thumbnail = slow  # type: ignore[method-assign]
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(1000)
        await pilot.press("G", "home", "end")
        gate.set()
        await settle(pilot)
        first, *others = app.decoded  # the first was in progress already
        assert first == 1 and min(others) > 900
        seen = app.gallery._in_view()
        assert others[: len(seen)] == [index + 1 for index in seen]  # before the next page


async def test_a_hidden_gallery_follows_the_cursor_but_draws_no_pictures() -> None:
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(1000)
        await settle(pilot)
        app.gallery.display = False
        await pilot.pause()
        app.decoded.clear()
        app.gallery.move_to(500)
        await settle(pilot)
        assert app.decoded == []
        await pilot.resize_terminal(120, 36)
        app.gallery.display = True
        await pilot.pause()
        await settle(pilot)
        assert 500 in app.decoded and "label-500" in app.text
        assert app.gallery._shape.view.height == 36


async def test_moving_paints_two_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    app, painted = GalleryHost(), []
    draw = gallery_grid.draw_cell

    def recorded(state: Any, *rest: Any) -> Any:
        painted.append(state.row.record_id)
        return draw(state, *rest)

    monkeypatch.setattr(gallery_grid, "draw_cell", recorded)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(100)
        await settle(pilot)
        painted.clear()
        await pilot.press("right")
        assert sorted(painted) == [1, 2]
        painted.clear()
        app.gallery.refresh_rows([3, 90])
        await pilot.pause()
        assert painted == [3]
        painted.clear()
        app.show(100, keep=4)  # the same list
        await pilot.pause()
        assert sorted(painted) == [2, 4]


async def test_an_image_just_judged_flashes(monkeypatch: pytest.MonkeyPatch) -> None:
    app, painted = GalleryHost(), []
    draw = gallery_grid.draw_cell

    def recorded(state: Any, *rest: Any) -> Any:
        painted.append((state.row.record_id, state.flash))
        return draw(state, *rest)

    monkeypatch.setattr(gallery_grid, "draw_cell", recorded)
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(100)
        await settle(pilot)
        painted.clear()
        app.gallery.flash([2, 90], "rejected")
        await pilot.pause()
        assert painted == [(2, "rejected")] and " ✗ " in app.text
        app.gallery.flash([3], "accepted")  # before the first flash has ended
        await until(pilot, lambda: painted[-1] == (3, None))
        assert sorted(painted[1:3]) == [(2, None), (3, "accepted")]
        assert " ✓ " not in app.text and len(painted) == 4


async def test_a_list_that_becomes_shorter_in_a_tiny_terminal_can_be_marked() -> None:
    """The monkey ran into IndexError."""
    app = GalleryHost()
    async with app.run_test(size=(80, 24)) as pilot:
        app.show(100)
        await settle(pilot)
        await pilot.resize_terminal(1, 1)
        await pilot.pause()
        app.show(2)
        app.gallery.action_mark()
        assert len(app.gallery.marked) == 1
