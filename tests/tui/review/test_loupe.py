"""The loupe: keys for zoom, pan, window and level, status and histogram, damaged files."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from PIL import Image
from support.preview_samples import HALF_CELLS, gradient
from support.textual_internals import screen_rows
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless, until
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.pilot import Pilot

from xray_tui.tui.pictures import picture_view, render_worker
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.view import FIT, View
from xray_tui.tui.review import viewer
from xray_tui.tui.review.gallery.filmstrip import Filmstrip
from xray_tui.tui.review.histogram import Histogram, bars
from xray_tui.tui.review.loupe import Loupe
from xray_tui.tui.widgets.key_footer import KeyFooter


class Host(ThemedApp):
    """A loupe; records the arrow keys that the loupe leaves to the screen."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding(f"{key},{letter}", f"arrow('{key}')", show=False)
        for key, letter in (("left", "h"), ("down", "j"), ("up", "k"), ("right", "l"))
    ]

    def __init__(self, renderer: Renderer = HALF_CELLS, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._renderer = renderer
        self.arrows: list[str] = []

    def compose(self) -> ComposeResult:
        none = Filmstrip(lambda ids: [], lambda row, pixels: Image.new("L", (1, 1)), print)
        yield Loupe(none, self._renderer)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.loupe.focus()

    def action_arrow(self, key: str) -> None:
        self.arrows.append(key)

    @property
    def loupe(self) -> Loupe:
        return self.query_one(Loupe)

    @property
    def picture(self) -> PictureView:
        return self.query_one(PictureView)

    @property
    def text(self) -> str:
        strips = screen_rows(self.screen)
        return "\n".join("".join(s.text for s in strip if not s.control) for strip in strips)


def save(folder: Path, *levels: int, size: int = 128) -> list[Path]:
    """Save plain images of these greys with a gradient in a corner."""
    paths = []
    for level in levels:
        picture = Image.new("L", (size, size), level)
        picture.paste(gradient(size // 4, size // 4), (0, 0))
        paths.append(folder / f"{level}.png")
        picture.save(paths[-1])
    return paths


def grey_in_the_middle(app: Host) -> int | None:
    """The grey on the screen in the middle of the picture."""
    drawing = app.picture.drawing
    if drawing is None:
        return None
    row = drawing.strips[drawing.rows // 2]
    segment = next(iter(row.crop(drawing.columns // 2, drawing.columns // 2 + 1)))
    return segment.style.color.triplet.red


async def test_an_image_is_shown_with_title_status_and_histogram(tmp_path: Path) -> None:
    (path,) = save(tmp_path, 100)
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.loupe.show(path, "3/20 · chest-normal")
        await until(pilot, lambda: grey_in_the_middle(app) == 100)
        assert "3/20 · chest-normal" in app.text and "128×128 pixels" in app.text
        assert "fit" in app.text and "window 256 level 128" in app.text
        assert app.picture.drawing is not None
        assert app.picture.drawing.rows == app.picture.size.height == 31
        assert "█" in app.text  # the bar of the most frequent grey


async def test_keys_change_the_view_and_equals_resets_it(tmp_path: Path) -> None:
    (path,) = save(tmp_path, 100, size=512)
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.loupe.show(path, "one")
        await until(pilot, lambda: grey_in_the_middle(app) == 100)
        await pilot.press("i")
        await until(pilot, lambda: grey_in_the_middle(app) == 155)
        assert "inverted" in app.text
        await pilot.press("i", "[", "[", "]", "}", "{", "{")
        assert app.loupe.view == View(window=240, level=120)
        await until(pilot, lambda: grey_in_the_middle(app) not in (100, 155))
        assert "window 240 level 120" in app.text
        await pilot.press("+", "+")
        assert app.loupe.view.zoom == 2 and "2:1 at 50 %, 50 %" in app.text
        await pilot.press("-")
        assert app.loupe.view.zoom == 1
        await pilot.press("f")
        assert app.loupe.view.zoom == FIT
        await pilot.press("=")
        assert app.loupe.view == View()
        await until(pilot, lambda: grey_in_the_middle(app) == 100)


async def test_arrow_keys_pan_a_zoomed_image_and_otherwise_reach_the_screen(tmp_path: Path) -> None:
    (path,) = save(tmp_path, 100, size=256)
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("left", "plus", "shift+left")  # no picture yet
        app.loupe.show(path, "one")
        await until(pilot, lambda: app.picture.drawing)
        assert "Pan" not in app.text
        await pilot.press("right", "j", "shift+right", "K")
        assert app.arrows == ["left", "right", "down"] and app.loupe.view == View()
        await pilot.press("plus", "right", "l", "k")
        across, down = app.loupe.view.centre
        assert across > 0.5 > down and len(app.arrows) == 3
        await until(pilot, lambda: "Pan" in app.text)
        await pilot.press("shift+left", "H", "J")
        assert app.loupe.view.centre == pytest.approx((0.5, 0.5))
        await pilot.press(*["left"] * 4)  # at the edge, they still do not go to another image
        assert len(app.arrows) == 3
        await until(pilot, lambda: grey_in_the_middle(app) == 100)
        await pilot.press(*["up"] * 8)
        await until(pilot, lambda: grey_in_the_middle(app) != 100)  # the gradient in the corner
        await pilot.press("f", "right")
        assert app.arrows[3:] == ["right"]


async def test_the_view_stays_from_image_to_image(tmp_path: Path) -> None:
    first, second = save(tmp_path, 100, 160, size=512)
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.loupe.show(first, "one")
        await until(pilot, lambda: app.picture.drawing)
        await pilot.press("plus", "down", "i")
        view = app.loupe.view
        app.loupe.show(second, "two")
        await until(pilot, lambda: grey_in_the_middle(app) == 95)
        assert app.loupe.view == view and view.zoom == 1 and view.inverted


async def test_images_ahead_are_loaded_in_advance(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = save(tmp_path, 20, 60, 100)
    drawn: list[str] = []
    draw = render_worker._draw
    monkeypatch.setattr(
        render_worker,
        "_draw",
        lambda picture, request: (drawn.append(request.source.path.stem), draw(picture, request))[
            1
        ],
    )
    app = Host()
    async with app.run_test() as pilot:
        app.loupe.show(paths[0], "one", paths[1:])
        await until(pilot, lambda: drawn[-3:] == ["20", "60", "100"])
        drawn.clear()
        for path in paths:
            path.unlink()
        app.loupe.show(paths[2], "three", [paths[1]])
        await pilot.pause()
        assert grey_in_the_middle(app) == 100
        await pilot.press("i")  # draws again without reading again
        await until(pilot, lambda: grey_in_the_middle(app) == 155)
        await until(pilot, lambda: drawn == ["100", "60"])


async def test_a_title_is_never_shown_above_another_image(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = save(tmp_path, 100, 160)
    monkeypatch.setattr(viewer, "READING_DELAY", 0.05)
    app = Host()
    async with app.run_test() as pilot:
        app.loupe.show(first, "one")
        await until(pilot, lambda: grey_in_the_middle(app) == 100)
        held = True
        monkeypatch.setattr(picture_view, "line_is_busy", lambda app: held)
        app.loupe.show(second, "two")
        await until(pilot, lambda: "Reading the image" in app.text)
        assert grey_in_the_middle(app) is None and "two" in app.text
        held = False
        await until(pilot, lambda: grey_in_the_middle(app) == 160)
        await pilot.pause(0.1)
        assert grey_in_the_middle(app) == 160
        app.loupe.show(first, "one")
        app.loupe.show_text("No image.")
        await pilot.pause(0.1)
        assert "No image." in app.text


async def test_damaged_missing_and_huge_files_show_a_message_and_keys_still_work(
    tmp_path: Path,
) -> None:
    (good,) = save(tmp_path, 100)
    files = {name: tmp_path / name for name in ("text.png", "cut.png", "wide.png", "none.png")}
    files["text.png"].write_text("hello")
    files["cut.png"].write_bytes(good.read_bytes()[:150])
    Image.new("1", (5000, 1)).save(files["wide.png"])
    reasons = ("not a PNG", "damaged", "too large", "the file is gone")
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        for path, reason in zip(files.values(), reasons, strict=True):
            app.loupe.show(path, "broken", [good])
            await until(pilot, lambda reason=reason: reason in app.text)
            assert "128×128" not in app.text  # the size of the previous image
            await pilot.press("plus", "i", "[", "shift+left", "right", "=")
        assert app.arrows == ["right"] * 4
        app.loupe.show(good, "good")
        await until(pilot, lambda: grey_in_the_middle(app) == 100)
        app.loupe.show_text("No image.")
        await until(pilot, lambda: "No image." in app.text)
        assert "good" not in app.text and "×" not in app.text


async def test_hostile_text_is_harmless(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.loupe.show(tmp_path / "\x1b[31m[x].png", HOSTILE)
        await until(pilot, lambda: "the file is gone" in app.text)
        assert "[/] x [/red] y" in app.text
        assert_harmless(app)


async def test_in_a_small_terminal_the_picture_keeps_the_rows(tmp_path: Path) -> None:
    (path,) = save(tmp_path, 100)
    app = Host()
    async with app.run_test(size=(50, 24)) as pilot:
        app.loupe.show(path, "one")
        await until(pilot, lambda: app.picture.drawing)
        assert app.picture.size.height == 24 - 3  # footer, title, status
        assert "window 256 level 128" in app.text and not app.query_one(Histogram).display
        await pilot.resize_terminal(80, 24)
        await until(pilot, lambda: app.query_one(Histogram).display)
        assert app.query_one(Histogram).size.height == 1


def test_every_grey_in_the_image_has_a_visible_bar() -> None:
    counts = [0] * 256
    counts[0], counts[8], counts[255] = 10_000, 1, 2_500
    heights = bars(counts, 32, 24)
    assert (heights[0], heights[1], heights[31]) == (24, 1, 12)
    assert sum(heights) == 37
    assert len(bars(counts, 7, 8)) == 7


@pytest.mark.parametrize(
    ("size", "theme"),
    [
        ((80, 24), "reading-room"),
        ((120, 36), "daylight"),
        pytest.param((200, 60), "reading-room", marks=pytest.mark.slow),
    ],
)
def test_the_loupe_looks_right(
    snap_compare, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    (path,) = save(tmp_path, 100)

    async def fill(pilot: Pilot) -> None:
        pilot.app.loupe.show(path, "12/200 · chest-normal · seed 7")
        await until(pilot, lambda: pilot.app.picture.drawing)
        await pilot.press(*["["] * 5, *["{"] * 3, "i")
        await until(pilot, lambda: grey_in_the_middle(pilot.app) == 133)

    assert snap_compare(Host(theme=theme), run_before=fill, terminal_size=size)
