"""A sheet: every image is on it once, in its place, and pages end between rows."""

from __future__ import annotations

import numpy as np
import pytest
from PIL import Image

from xray_tui.dataset.export.selection import Chosen
from xray_tui.dataset.sheet.choosing import LabelImages
from xray_tui.dataset.sheet.drawing import PAGE_HEIGHT, WIDTH, Layout, SheetText

TEXT = SheetText("A title that says 肺", ["a line " * 80])


def group(label: str, count: int) -> LabelImages:
    prompt = f"{label}-{'a-long-name' * 9}"
    found = [
        Chosen(number, f"{label}/{number}", "chest", label, prompt, 2**32 - 1, "")
        for number in range(count)
    ]
    return LabelImages("chest", label, found, 12_345)


def layout(columns: int, *counts: int) -> Layout:
    labels = [group(f"label-{number}", count) for number, count in enumerate(counts)]
    return Layout(TEXT, labels, columns)


class Reader:
    """Gives images of one grey each: 40, 41, 42, …"""

    def __init__(self, size: tuple[int, int] = (32, 32)) -> None:
        self._size = size
        self.read: list[str] = []

    def __call__(self, image: Chosen) -> Image.Image:
        self.read.append(image.file)
        return Image.new("L", self._size, 39 + len(self.read))


def square(page: Image.Image, grey: int) -> tuple[int, int, int, int]:
    """Left, top, width and height of the area of this grey; letters have few pixels of it."""
    found = np.asarray(page) == grey
    rows, columns = (np.flatnonzero(found.sum(axis) > 60) for axis in (1, 0))
    return int(columns[0]), int(rows[0]), int(np.ptp(columns)) + 1, int(np.ptp(rows)) + 1


def test_images_are_in_rows_with_each_label_below_the_other() -> None:
    reader = Reader()
    page = layout(3, 4, 1).draw_one(reader)
    assert (page.mode, page.width) == ("L", WIDTH)
    assert reader.read == [*(f"label-0/{number}" for number in range(4)), "label-1/0"]
    lefts, tops, widths, heights = zip(*(square(page, grey) for grey in range(40, 45)), strict=True)
    assert set(widths) == set(heights) == {503}
    assert lefts[0] < lefts[1] < lefts[2] and lefts[3] == lefts[4] == lefts[0]
    assert tops[0] == tops[1] == tops[2] < tops[3] < tops[4]
    assert int(np.asarray(page)[:, -40:].min()) == 255  # nothing reaches into the margin


@pytest.mark.parametrize("size", [(20, 60), (60, 20)])
def test_an_image_keeps_its_shape(size: tuple[int, int]) -> None:
    page = layout(4, 1).draw_one(Reader(size))
    _, _, width, height = square(page, 40)
    assert width / height == pytest.approx(size[0] / size[1], rel=0.05)


def test_pages_have_the_size_of_paper_and_all_images() -> None:
    reader = Reader((8, 8))
    whole = layout(5, 18, 1, 33)
    pages = whole.draw_pages(reader)
    assert len(pages) == len(whole.pages()) >= 2
    assert {page.size for page in pages} == {(WIDTH, PAGE_HEIGHT)}
    assert len(reader.read) == len(set(reader.read)) == 18 + 1 + 33
    for page in pages:
        assert int(np.asarray(page)[-40:].min()) == 255  # no row is cut


@pytest.mark.parametrize("columns", [1, 16])
def test_any_number_of_columns_fits(columns: int) -> None:
    whole = layout(columns, 1, 2)
    pages = whole.draw_pages(Reader((8, 8)))
    assert all(page.size == (WIDTH, PAGE_HEIGHT) for page in pages)
    assert len(pages) == (3 if columns == 1 else 1)
    assert whole.height == whole.draw_one(Reader((8, 8))).height


def test_a_label_that_continues_on_the_next_page_is_named_there() -> None:
    first, second = layout(2, 6).pages()
    assert [row.note for row in first] == ["6 of 12,345", ""]
    assert [(row.label, row.note) for row in second] == [("chest / label-0", "continued")]
