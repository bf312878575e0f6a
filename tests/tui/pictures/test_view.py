"""Views of a picture: zoom, pan, window and level, and the pixels that are drawn."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image
from support.preview_samples import gradient

from xray_tui.tui.pictures import view as viewing
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.pictures.view import FIT, Frame, Place, View, apply

CELL = CellSize(10, 20)
HALF = CellSize(1, 2)
LARGE = Frame((512, 512), (200, 100))
SMALL = Frame((64, 64), (180, 200))  # fits 2.8 times


def zooms(frame: Frame, start: int, change: str, times: int = 4) -> list[int]:
    view, seen = View(zoom=start), []
    for _ in range(times):
        view = getattr(viewing, change)(view, frame)
        seen.append(view.zoom)
    return seen


def test_zoom_steps_through_the_scales_in_order_of_size() -> None:
    assert zooms(LARGE, FIT, "zoom_in") == [1, 2, 4, 4]
    assert zooms(LARGE, 4, "zoom_out") == [2, 1, FIT, FIT]
    assert zooms(SMALL, FIT, "zoom_in") == [4, 4, 4, 4]  # 1:1 and 2:1 would be smaller
    assert zooms(SMALL, 4, "zoom_out") == [FIT, 2, 1, 1]
    assert zooms(Frame((100, 100), (100, 100)), FIT, "zoom_in", 1) == [2]  # 1:1 looks the same


def test_fit_keeps_the_centre_for_the_next_zoom() -> None:
    there = viewing.zoom_to_fit(View(zoom=4, centre=(0.2, 0.9)))
    assert (there.zoom, there.centre) == (FIT, (0.2, 0.9))


def test_panning_moves_by_shares_of_the_visible_part_and_stops_at_the_edge() -> None:
    view = View(zoom=1)
    assert LARGE.visible(1) == (200 / 512, 100 / 512)
    right = viewing.pan(view, 0.5, 0, LARGE)
    assert right.centre == pytest.approx((0.5 + 100 / 512, 0.5))
    for _ in range(9):
        right = viewing.pan(right, 0.5, 0, LARGE)
    assert LARGE.part(right) == (312, 206, 512, 306)
    left = viewing.pan(right, -0.5, 0, LARGE)  # at once: presses beyond the edge are not counted
    assert LARGE.part(left) == (212, 206, 412, 306)
    assert LARGE.part(viewing.pan(view, -9, -9, LARGE)) == (0, 0, 200, 100)


@pytest.mark.parametrize("step", [1, -1])
@pytest.mark.parametrize("zoom", [FIT, 1, 2, 4])
def test_zooming_around_a_place_keeps_what_is_there(zoom: int, step: int) -> None:
    shares = (0.125, -0.25)
    view = View(zoom=zoom)
    width, height = (min(room, 512 * LARGE.scale(zoom)) for room in LARGE.box)
    place = Place(shares, (shares[0] * width, shares[1] * height))
    zoomed = viewing.zoom_around(view, step, place, LARGE)
    assert zoomed.zoom == (viewing.zoom_in if step > 0 else viewing.zoom_out)(view, LARGE).zoom
    if FIT != zoomed.zoom != zoom:
        for axis in (0, 1):
            before = LARGE.middle(view)[axis] + shares[axis] * LARGE.visible(zoom)[axis]
            after = zoomed.centre[axis] + place.pixels[axis] / zoomed.zoom / LARGE.size[axis]
            assert after == pytest.approx(before)


def test_zooming_around_a_place_near_the_edge_shows_no_gap() -> None:
    corner = Place((-0.5, -0.5), (-50.0, -50.0))
    zoomed = viewing.zoom_around(View(), 1, corner, LARGE)
    assert LARGE.part(zoomed)[:2] == (0, 0) and zoomed.centre == LARGE.middle(zoomed)


def test_a_dragged_picture_moves_by_the_pixels_of_the_drag_up_to_its_edge() -> None:
    view = View(zoom=2)
    left, top, right, bottom = LARGE.part(view)
    moved = LARGE.part(viewing.drag(view, 20, -40, LARGE))
    assert moved == (left - 10, top + 20, right - 10, bottom + 20)
    assert LARGE.part(viewing.drag(view, 9999, 9999, LARGE))[:2] == (0, 0)


def test_a_picture_that_is_wholly_visible_does_not_move() -> None:
    assert viewing.pan(View(), 0.25, 0.25, LARGE).centre == (0.5, 0.5)
    tall = Frame((50, 512), (200, 100))
    moved = viewing.pan(View(zoom=1), 0.25, 0.25, tall)
    assert moved.centre[0] == 0.5 and moved.centre[1] > 0.5


def test_a_centre_too_near_the_edge_is_moved_inwards() -> None:
    assert LARGE.middle(View(zoom=1, centre=(0.0, 1.0))) == (100 / 512, 1 - 50 / 512)
    assert LARGE.part(View(zoom=1, centre=(0.0, 1.0))) == (0, 412, 200, 512)


def test_window_and_level_stay_in_their_range() -> None:
    view = View()
    assert view.edges == (0, 255) and not view.changes_greys
    narrow = viewing.change_window(view, -2)
    assert narrow.window == 224 and narrow.edges == (16, 239) and narrow.changes_greys
    assert viewing.change_window(view, -100).window == viewing.NARROWEST_WINDOW
    assert viewing.change_window(view, 1) == view
    assert viewing.change_level(view, 100).level == 256
    assert viewing.change_level(view, -100).level == 0
    assert View(level=0).edges == (0, 127)
    assert viewing.greys_text(View(window=160, level=96, inverted=True)) == (
        "window 160 level 96 · inverted"
    )


def shown(view: View, greys: list[int]) -> list[int]:
    picture = Image.new("L", (len(greys), 1))
    picture.putdata(greys)
    return list(apply(picture, view, (80, 24), HALF).tobytes())


def test_the_window_maps_the_greys() -> None:
    assert shown(View(), [0, 1, 128, 255]) == [0, 1, 128, 255]
    assert shown(View(inverted=True), [0, 1, 128, 255]) == [255, 254, 127, 0]
    narrow = View(window=101, level=100)  # from 50 to 150 in steps of 2.55
    assert shown(narrow, [0, 49, 50, 60, 100, 149, 150, 255]) == [0, 0, 1, 27, 129, 254, 255, 255]
    upside_down = shown(replace(narrow, inverted=True), [0, 60, 150])
    assert upside_down == [255, 228, 0]


def test_fit_returns_the_whole_image() -> None:
    picture = gradient(300, 200)
    assert apply(picture, View(), (10, 10), CELL) is picture


@pytest.mark.parametrize("zoom", [1, 2, 4])
@pytest.mark.parametrize("cell", [CELL, HALF, CellSize(7, 15)])
def test_each_pixel_is_enlarged_by_the_zoom(zoom: int, cell: CellSize) -> None:
    picture = Image.effect_noise((512, 512), 60)
    drawn = np.asarray(apply(picture, View(zoom, (0.3, 0.6)), (21, 11), cell))
    width, height = 21 * cell.width, 11 * cell.height
    assert drawn.shape == (height, width)
    left, top, right, bottom = Frame(picture.size, (width, height)).part(View(zoom, (0.3, 0.6)))
    part = np.asarray(picture)[top:bottom, left:right]
    assert (drawn == part.repeat(zoom, 0).repeat(zoom, 1)[:height, :width]).all()
    assert abs((left + right) / 2 / 512 - 0.3) < 0.003


def test_a_small_image_fills_whole_cells_with_black_around_it() -> None:
    picture = Image.new("L", (25, 30), 200)
    drawn = np.asarray(apply(picture, View(zoom=1, inverted=True), (80, 24), CELL))
    assert drawn.shape == (40, 30)
    assert (drawn[5:35, 2:27] == 55).all() and drawn.sum() == 55 * 25 * 30


def test_pictures_of_extreme_sizes_are_drawn() -> None:
    for size in ((1, 1), (1, 4096), (4096, 1), (3, 2)):
        for zoom in (1, 2, 4):
            drawn = apply(gradient(8, 8).resize(size), View(zoom, (0, 1)), (3, 2), CELL)
            assert drawn.width % 10 == 0 and drawn.height % 20 == 0
            assert 0 < drawn.width <= 30 and 0 < drawn.height <= 40
