"""The comparison: linked zoom, cursor, values that differ, arrangement, damaged files."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.preview_samples import HALF_CELLS, gradient
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless, until
from textual.app import ComposeResult
from textual.pilot import Pilot

from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.terminal_query import CellSize
from xray_tui.tui.pictures.view import View
from xray_tui.tui.review.compare import Compare, CompareItem, arrangement
from xray_tui.tui.widgets.key_footer import KeyFooter

PROMPT = "PA chest radiograph of a {}. Clear lungs, normal heart size."


class Host(ThemedApp):
    """A comparison above a footer."""

    def __init__(self, theme: str = "reading-room") -> None:
        super().__init__(theme)

    def compose(self) -> ComposeResult:
        yield Compare(HALF_CELLS)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.compare.focus()

    def on_compare_highlighted(self, event: Compare.Highlighted) -> None:
        self.messages.append(event)

    @property
    def compare(self) -> Compare:
        return self.query_one(Compare)

    @property
    def drawings(self) -> list[tuple[int, int]]:
        """The sizes of the pictures shown, in cells."""
        shown = (view.drawing for view in self.query(PictureView).results())
        return [(drawing.columns, drawing.rows) for drawing in shown if drawing is not None]

    @property
    def text(self) -> str:
        return screen_text(self.screen)


def items(folder: Path, count: int) -> list[CompareItem]:
    items = []
    for number in range(count):
        path = folder / f"{number}.png"
        gradient(256, 256).rotate(90 * number).save(path)
        details = {
            "seed": str(number),
            "steps": "20",
            "guidance": "3" if number else "2",
            "text": PROMPT.format("man" if number else "young woman"),
        }
        items.append(CompareItem(10 + number, path, f"{number + 1} ✓ chest-normal", details))
    return items


async def test_images_are_side_by_side_with_the_values_that_differ(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.compare.show(items(tmp_path, 2))
        await until(pilot, lambda: len(app.drawings) == 2)
        first = next(line for line in app.text.splitlines() if "chest-normal" in line)
        assert "1 ✓ chest-normal" in first and "2 ✓ chest-normal" in first
        for part in ("seed 0", "seed 1", "guidance 2", "… a young woman. Clear …"):
            assert part in app.text
        assert "steps" not in app.text
        assert "all parameters are the same" not in app.text
        app.compare.show(
            [CompareItem(n, tmp_path / "0.png", "same", {"seed": "1"}) for n in (1, 2)]
        )
        await until(pilot, lambda: "all parameters are the same" in app.text)


async def test_four_images_show_all_values_that_differ_if_there_is_room(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test(size=(86, 36)) as pilot:
        for item in (compared := items(tmp_path, 4)):
            item.details.update(scheduler=f"dpm++-2m-{item.record_id}", device=str(item.record_id))
        app.compare.show(compared)
        await until(pilot, lambda: len(app.drawings) == 4)
        for number in range(4):
            for part in (f"seed {number} ", f"dpm++-2m-1{number} ", f"device 1{number} "):
                assert part in app.text
        assert app.text.count("text … a man. Clear …") == 3
        assert {rows for _, rows in app.drawings} == {13}


async def test_a_caption_that_is_cut_ends_in_an_ellipsis(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test(size=(80, 24)) as pilot:
        for item in (compared := items(tmp_path, 2)):
            item.details["versions"] = " ".join(f"{name}-{item.record_id}" for name in range(40))
        app.compare.show(compared)
        await until(pilot, lambda: len(app.drawings) == 2)
        assert "guidance 2" in app.text and "39-10" not in app.text
        last = app.text.splitlines()[-3]
        assert last.count(" …") == 2 and last.rstrip().endswith(" …")


@pytest.mark.parametrize("count", [2, 3, 4])
async def test_pictures_of_one_size_are_drawn_at_one_size(tmp_path: Path, count: int) -> None:
    """Their places may differ by a column or a row."""
    app, places = Host(), set()
    async with app.run_test(size=(80, 24)) as pilot:
        app.compare.show(items(tmp_path, count))
        for size in ((80, 24), (81, 25), (60, 40), (61, 41), (119, 35)):
            await pilot.resize_terminal(*size)
            await pilot.app.workers.wait_for_complete()
            await pilot.pause()
            assert len(app.drawings) == count
            assert len(set(app.drawings)) == 1, size
            views = [view for view in app.query(PictureView).results() if view.size]
            room = min(view.size.width for view in views), min(view.size.height for view in views)
            drawn = app.drawings[0]
            assert drawn[0] in (room[0], 2 * drawn[1]) and drawn[1] <= room[1]
            assert room[0] == drawn[0] or room[1] == drawn[1]  # not smaller than needed
            places.add(len({view.size for view in views}))
    assert 2 in places


async def test_all_images_share_zoom_and_window(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.compare.show(items(tmp_path, 4))
        await until(pilot, lambda: len(app.drawings) == 4)
        await pilot.press("plus", "right", "down", "left", "i", "[")
        view = app.compare.view
        assert view.zoom == 1 and view.inverted and view.centre[1] > 0.5
        assert {picture.view for picture in app.query(PictureView).results()} == {view}
        await until(pilot, lambda: min(rows for _, rows in app.drawings) > 14)
        assert "1:1 at " in app.text and "inverted" in app.text
        assert app.compare.highlighted is not None and app.compare.highlighted.record_id == 10
        await pilot.press("=")
        assert {picture.view for picture in app.query(PictureView).results()} == {View()}


async def test_the_cursor_wraps_around_and_is_reported(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("tab", "left")  # no images yet
        assert app.compare.highlighted is None
        app.compare.show(items(tmp_path, 4))
        await pilot.press("tab", "right", "l", "tab", "shift+tab", "left", "h")
        await pilot.pause()
        reported = [message.record_id for message in app.messages]
        assert reported == [10, 11, 12, 13, 10, 13, 12, 11]
        marked = [image.has_class("-cursor") for image in app.query("ComparedImage")]
        assert marked == [False, True, False, False]
        await pilot.click(app.query("ComparedImage").last())
        assert app.compare.highlighted is not None and app.compare.highlighted.record_id == 13
        app.compare.show(items(tmp_path, 2))
        assert app.compare.highlighted.record_id == 10


async def test_a_damaged_image_shows_a_message_and_the_others_are_drawn(tmp_path: Path) -> None:
    compared = items(tmp_path, 3)
    compared[0].path.unlink()
    compared[2].path.write_text("hello")
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.compare.show(compared)
        await until(pilot, lambda: "gone" in app.text and "not a PNG" in app.text and app.drawings)
        await pilot.press("plus")  # zooms although the first image is damaged
        assert app.compare.view.zoom == 1
        app.compare.show([CompareItem(1, tmp_path / "\x1b[x].png", HOSTILE, {HOSTILE: HOSTILE}),
                          CompareItem(2, tmp_path / "1.png", "fine", {})])  # fmt: skip
        await until(pilot, lambda: "fine" in app.text and "[/] x [/red] y" in app.text)
        assert_harmless(app)


@pytest.mark.parametrize(
    ("count", "size", "wanted", "columns", "rows"),
    [
        (1, (120, 34), 3, 1, 3),
        (2, (80, 22), 3, 2, 3),
        (2, (80, 22), 9, 2, 4),  # with more rows, the pictures would be small
        (2, (40, 60), 9, 1, 9),  # these rows are free for captions
        (3, (200, 30), 3, 3, 3),
        (4, (80, 22), 9, 4, 9),
        (4, (200, 58), 3, 2, 3),
        (4, (200, 58), 9, 4, 9),  # in two rows, the pictures would be smaller
        (4, (40, 60), 3, 1, 2),
        (4, (12, 5), 3, 4, 3),
    ],
)
def test_images_are_as_large_as_possible(
    count: int, size: tuple[int, int], wanted: int, columns: int, rows: int
) -> None:
    found = arrangement(count, size, CellSize(10, 20), lambda _: wanted)
    assert found == (columns, max(1, size[0] // columns - 3), rows)


def test_captions_are_measured_at_their_final_width() -> None:
    columns, width, rows = arrangement(4, (86, 33), CellSize(10, 20), lambda width: 80 // width)
    assert (columns, width, rows) == (2, 40, 2)


@pytest.mark.parametrize(
    ("count", "size", "theme"),
    [
        (4, (80, 24), "reading-room"),
        (2, (120, 36), "daylight"),
        pytest.param(4, (200, 60), "reading-room", marks=pytest.mark.slow),
    ],
)
def test_the_comparison_looks_right(
    snap_compare, tmp_path: Path, count: int, size: tuple[int, int], theme: str
) -> None:
    async def fill(pilot: Pilot) -> None:
        pilot.app.compare.show(items(tmp_path, count))
        await pilot.press("tab")
        await until(pilot, lambda: len(pilot.app.drawings) == count)

    assert snap_compare(Host(theme), run_before=fill, terminal_size=size)
