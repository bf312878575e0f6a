"""The mouse in loupe and comparison: the wheel zooms around the pointer, a drag pans."""

from __future__ import annotations

from pathlib import Path

from support import mouse
from support.review_datasets import save_images
from support.review_pilot import ReviewPilot, open_review
from textual.geometry import Offset

from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.view import FIT, View
from xray_tui.tui.review.compare import Compare
from xray_tui.tui.review.loupe import Loupe
from xray_tui.tui.review.viewer import Viewer
from xray_tui.tui.textual_internals import TokenParser


async def use_mouse(anna: ReviewPilot, *sequences: str) -> None:
    parser = TokenParser()
    for sequence in sequences:
        for token in sequence.replace("\x1b", "\n\x1b").split():
            for message in parser.parse(token):
                anna.app.post_message(message)
        await anna.press()


async def open_viewer(anna: ReviewPilot, key: str, kind: type[Viewer]) -> Viewer:
    await anna.press(key)
    viewer = anna.screen.query_one(kind)
    await anna.until(lambda: viewer.frame)
    await anna.press()
    return viewer


def middle(picture: PictureView) -> Offset:
    return picture.region.offset + Offset(picture.size.width // 2, picture.size.height // 2)


async def test_the_wheel_zooms_in_and_out_around_the_pointer(tmp_path: Path) -> None:
    save_images(tmp_path / "D", 2)
    async with open_review(tmp_path / "D") as anna:
        loupe = await open_viewer(anna, "enter", Loupe)
        (picture,) = loupe.pictures
        up, down = (mouse.wheel(middle(picture) + Offset(9, 5), up=up) for up in (True, False))
        await use_mouse(anna, up)
        zoomed = loupe.view
        assert zoomed.zoom != FIT and zoomed.centre[1] > 0.5  # downwards
        await anna.shows(f"{zoomed.zoom}:1 at ")
        await use_mouse(anna, up)
        assert loupe.view.zoom > zoomed.zoom and min(loupe.view.centre) > 0.5
        for _ in range(4):
            await use_mouse(anna, down)
        assert loupe.view.zoom == FIT
        title = loupe.region.offset
        await anna.press("f")
        await use_mouse(anna, mouse.wheel(title, up=True))  # above the picture: as the key does
        assert loupe.view.zoom == zoomed.zoom


async def test_a_drag_moves_a_zoomed_image_and_another_does_nothing(tmp_path: Path) -> None:
    save_images(tmp_path / "D", 2)
    async with open_review(tmp_path / "D") as anna:
        loupe = await open_viewer(anna, "enter", Loupe)
        (picture,) = loupe.pictures
        start = middle(picture)
        dragged = start + Offset(-4, -2)
        movement = (mouse.press(start), mouse.drag(dragged), mouse.release(dragged))
        await use_mouse(anna, *movement)
        assert loupe.view == View() and anna.app.mouse_captured is None  # all of it is visible
        await anna.zoom_in()
        before = loupe.view.centre
        await use_mouse(anna, movement[0], movement[2])
        assert loupe.view.centre == before  # a click
        await use_mouse(anna, *movement)
        across, down = loupe.view.centre
        assert across > before[0] and down > before[1]
        await use_mouse(anna, mouse.drag(start))  # no longer held
        assert loupe.view.centre == (across, down) and anna.app.mouse_captured is None
        outside = loupe.region.offset
        await use_mouse(anna, movement[0], mouse.drag(dragged), mouse.drag(outside))
        assert loupe.view.centre[0] > across + 0.1
        await anna.press("escape")
        await anna.until(lambda: anna.app.mouse_captured is None)


async def test_in_the_comparison_all_images_follow_and_a_click_selects(tmp_path: Path) -> None:
    save_images(tmp_path / "D", 2)
    async with open_review(tmp_path / "D") as anna:
        compare = await open_viewer(anna, "c", Compare)
        first, second, *_ = compare.pictures
        start = middle(second)
        await use_mouse(anna, *[mouse.wheel(start + Offset(3, 2), up=True)] * 3)
        zoomed = compare.view
        assert zoomed.zoom != FIT and min(zoomed.centre) > 0.5
        there = start + Offset(5, 0)
        await use_mouse(anna, mouse.press(start), mouse.drag(there), mouse.release(there))
        assert compare.view.centre[0] < zoomed.centre[0]
        assert first.view == second.view == compare.view
        assert compare.highlighted == compare.items[0]  # a drag is no click
        await use_mouse(anna, mouse.click(start))
        assert compare.highlighted == compare.items[1]
