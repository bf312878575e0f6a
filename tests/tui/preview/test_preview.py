"""The preview pane: live pictures, finished images, browsing the history, graphics."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.advice import advised
from support.preview_samples import (
    HALF_CELLS,
    a_live_picture,
    a_record,
    a_task,
    gradient,
    saved_images,
)
from support.textual_internals import screen_rows
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless, until
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Label

from xray_tui.dataset.opinions import Opinion
from xray_tui.tui.output.placements import is_mark
from xray_tui.tui.pictures import picture_view
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.preview import preview
from xray_tui.tui.preview.engine_words import EngineWords
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.preview.preview_caption import PreviewCaption
from xray_tui.tui.textual_internals import notifications


class Host(ThemedApp):
    """A preview of a given size, to the left of another widget."""

    CSS = "Screen { layout: horizontal; } #side { width: 1fr; }"

    def __init__(
        self,
        width: int = 44,
        height: int = 20,
        theme: str = "reading-room",
        renderer: Renderer = HALF_CELLS,
    ) -> None:
        super().__init__(theme)
        self._pane = (width, height)
        self._renderer = renderer

    def compose(self) -> ComposeResult:
        pane = Preview(self._renderer)
        pane.styles.width, pane.styles.height = self._pane
        yield pane
        yield Vertical(Label("side"), id="side")

    def on_mount(self) -> None:
        self.pane.show_history([])

    def on_preview_decision_requested(self, event: Preview.DecisionRequested) -> None:
        self.messages.append(event)

    @property
    def pane(self) -> Preview:
        return self.query_one(Preview)

    @property
    def view(self) -> PictureView:
        return self.query_one(PictureView)

    @property
    def text(self) -> str:
        strips = screen_rows(self.screen)
        return "\n".join("".join(s.text for s in strip if not s.control) for strip in strips)

    @property
    def columns(self) -> int:
        """Width of the picture, which differs between the test images."""
        return 0 if self.view.drawing is None else self.view.drawing.columns


async def test_an_empty_pane_says_what_to_press() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await until(pilot, lambda: "No images yet" in app.text and "press g" in app.text)


async def test_the_words_of_the_engine_are_shown_until_a_picture_is(tmp_path: Path) -> None:
    app = Host(50, 26)
    async with app.run_test() as pilot:
        app.pane.show_words(EngineWords("Loading PyTorch", counts_seconds=True))
        await until(pilot, lambda: "Loading PyTorch … 1 s" in app.text)
        assert "No images yet" not in app.text
        app.pane.show_words(EngineWords("Paused: press P to resume", idle=True))
        await until(pilot, lambda: "Paused: press P" in app.text)
        app.pane.show_history(saved_images(tmp_path, 2))  # a finished image keeps its caption
        await until(pilot, lambda: "20 steps" in app.text and "Paused" not in app.text)
        app.pane.show_live(a_live_picture())
        await until(pilot, lambda: "Paused: press P" in app.text)
        app.pane.end_live("job")
        app.pane.show_words(EngineWords("Process 9 is generating: 4/12"))
        await until(pilot, lambda: "Process 9 is generating: 4/12" in app.text)
        app.pane.focus()
        await pilot.press("left")
        assert "20 steps" in app.text and "Process 9" not in app.text
        app.pane.show_words(EngineWords())
        await pilot.press("end")
        assert "20 steps" in app.text


async def test_words_that_need_a_second_line_take_that_of_the_file(tmp_path: Path) -> None:
    app = Host(44, 26)
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.show_history(saved_images(tmp_path, 1))
        words = "Process 19861 is generating: 0/1; finished images appear here"
        app.pane.show_words(EngineWords(words))
        await until(pilot, lambda: "generating: 0/1;" in app.text and "appear here" in app.text)


async def test_a_live_picture_is_said_to_be_generated_unless_the_engine_does_something_else() -> (
    None
):
    app = Host(50, 26)
    async with app.run_test(size=(80, 30)) as pilot:
        app.pane.show_live(a_live_picture())
        await until(pilot, lambda: "generating" in app.text)
        for words in ("Paused: press P to resume", "Waiting until the disk can be written"):
            app.pane.show_words(EngineWords(words, idle=True))
            await until(pilot, lambda words=words: words in app.text)
            assert "generating" not in app.text
        app.pane.show_words(EngineWords(generating=True))
        await until(pilot, lambda: "generating" in app.text)


@pytest.mark.parametrize(("height", "rows"), [(26, 2), (40, 3)])
async def test_a_long_text_is_cut_with_an_ellipsis_and_a_long_seed_is_whole(
    height: int, rows: int
) -> None:
    text = "PA chest radiograph of an adult woman. Clear lungs, normal heart size, no acute " * 3
    app = Host(44, height)
    async with app.run_test(size=(80, 40)) as pilot:
        picture = a_live_picture(3, seed=4294967295, prompt_id="chest-normal-adult", text=text)
        app.pane.show_live(picture)
        await until(pilot, lambda: "step 3" in app.text)
        assert "· chest-… · seed 4294967295" in app.text
        lines = app.text.splitlines()
        first = next(at for at, line in enumerate(lines) if "PA chest" in line)
        shown = [line[1:43].strip() for line in lines[first : first + rows + 1]]
        assert shown[rows - 1].endswith("…") and shown[rows].startswith("dpm++")
        app.pane.styles.width = 34
        await pilot.pause()
        assert "step 3 of 20 · seed 429496" in app.text


async def test_keys_in_an_empty_pane_do_nothing() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.focus()
        await pilot.press("left", "right", "h", "l", "end", "G", "home", "i", "i")
        assert "No images yet" in app.text


async def test_history_starts_at_the_newest_image_and_can_be_browsed(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_history(saved_images(tmp_path, 3))
        app.pane.focus()
        await until(pilot, lambda: "▀" in app.text and "of a woman" in app.text)
        assert "Preview 3/3" in app.text and "seed 3" in app.text
        assert "chest/normal/chest-normal_3_" in app.text and "20 steps" in app.text
        for key, place in (
            ("left", 2), ("h", 1), ("h", 1), ("right", 2), ("l", 3), ("l", 3), ("home", 1), ("G", 3)
        ):  # fmt: skip
            await pilot.press(key)
            assert f"Preview {place}/3" in app.text and f"seed {place}" in app.text


async def test_a_finished_image_is_shown_at_once(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        for number, (record, path) in enumerate(saved_images(tmp_path, 2), 1):
            app.pane.add_record(record, path)
            await until(pilot, lambda: "▀" in app.text)
            assert f"Preview {number}/{number}" in app.text


async def test_history_that_arrives_late_comes_before_newer_images(tmp_path: Path) -> None:
    images = saved_images(tmp_path, 4)
    app = Host()
    async with app.run_test() as pilot:
        app.pane.add_record(*images[3])
        app.pane.show_history(images)  # read from the catalog while the fourth was saved
        app.pane.focus()
        await pilot.press("left")
        assert "Preview 3/4" in app.text and "seed 3" in app.text
        app.pane.show_history([])
        assert "Preview 3/4" in app.text


async def test_live_pictures_are_shown_while_following(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(preview, "HOLD_SECONDS", 0)
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_live(a_live_picture(3, seed=11))
        await until(pilot, lambda: "▀" in app.text)
        assert "Preview live" in app.text and "step 3 of 20" in app.text and "seed 11" in app.text
        before = app.view.drawing
        app.pane.show_live(a_live_picture(4, level=9))
        await until(pilot, lambda: app.view.drawing is not before)
        assert "step 4 of 20" in app.text
        app.pane.end_live("another")  # it was queued, and undone
        await pilot.pause()
        assert "step 4 of 20" in app.text
        app.pane.end_live("job")
        await pilot.pause()
        assert "No images yet" in app.text


async def test_a_live_picture_does_not_repaint_the_pane(monkeypatch: pytest.MonkeyPatch) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_live(a_live_picture(1))
        await until(pilot, lambda: "▀" in app.text)
        repaints: list[object] = []
        refresh = app.pane.refresh
        monkeypatch.setattr(
            app.pane, "refresh", lambda *a, **k: (repaints.append(a), refresh(*a, **k))[1]
        )
        for step in range(2, 6):
            app.pane.show_live(a_live_picture(step, level=step * 9))
            await pilot.pause()
        assert repaints == []  # a repaint would send the Sixel again


async def test_pictures_wait_while_the_terminal_is_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Host()
    async with app.run_test() as pilot:
        behind = True
        monkeypatch.setattr(picture_view, "line_is_busy", lambda app: behind)
        for record, path in saved_images(tmp_path, 3):
            app.pane.add_record(record, path)
        await pilot.pause(0.2)
        assert app.view.drawing is None
        behind = False
        await until(pilot, lambda: "▀" in app.text)
        assert "Preview 3/3" in app.text


async def test_a_finished_image_stays_for_a_moment_before_the_next_live_picture(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.add_record(*saved_images(tmp_path, 1)[0])
        app.pane.show_live(a_live_picture(1))
        await pilot.pause()
        assert "Preview 1/1" in app.text and "seed 1" in app.text
        app.pane._hold_until = 0
        app.pane.show_live(a_live_picture(2))
        await pilot.pause()
        assert "Preview live" in app.text


async def test_new_images_do_not_disturb_a_user_who_browses_the_history(tmp_path: Path) -> None:
    images = saved_images(tmp_path, 4)
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_history(images[:3])
        app.pane.focus()
        await pilot.press("left", "left")
        await until(pilot, lambda: app.columns)
        shown = app.view.drawing
        app.pane.show_live(a_live_picture(5))
        await pilot.pause(0.1)
        assert app.view.drawing is shown
        assert "Preview 1/3" in app.text and "live ▸ End" in app.text
        app.pane.add_record(*images[3])
        await pilot.pause(0.1)
        assert "Preview 1/4" in app.text and "1 new ▸ End" in app.text
        assert app.view.drawing is shown
        await pilot.press("end")
        await pilot.pause()
        assert "Preview 4/4" in app.text and "▸ End" not in app.text


async def test_the_live_picture_comes_after_the_newest_image(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_history(saved_images(tmp_path, 2))
        app.pane.show_live(a_live_picture(5))
        app.pane.focus()
        assert "Preview live" in app.text
        await pilot.press("left")
        assert "Preview 2/2" in app.text and "live ▸ End" in app.text
        await pilot.press("right")
        assert "Preview live" in app.text


async def test_i_inverts_the_picture(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_history(saved_images(tmp_path, 1))
        app.pane.focus()
        await until(pilot, lambda: app.columns)
        before = app.view.drawing
        await pilot.press("i")
        await until(pilot, lambda: app.view.drawing is not before)
        assert "inverted" in app.text
        assert app.view.drawing is not None and before is not None
        corner = [
            next(iter(d.strips[0])).style.color.triplet.red for d in (before, app.view.drawing)
        ]
        assert corner == [255, 0]
        await pilot.press("i")
        await until(pilot, lambda: app.view.drawing is before)  # the first drawing is cached


async def test_p_x_and_u_ask_for_a_decision_on_the_image_shown(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_history(saved_images(tmp_path, 2))
        app.pane.focus()
        await pilot.press("left", "p", "x", "u")  # faster than the decisions are stored
        await pilot.pause()
        assert [(event.record.id, event.decision) for event in app.messages] == [
            (1, "accepted"),
            (2, "rejected"),
            (2, "undecided"),
        ]
        assert "accepted" not in app.text  # a decision is shown once it is stored
        app.pane.show_opinions({1: Opinion("accepted"), 2: Opinion("rejected")})
        await pilot.pause()
        assert "✗ rejected · chest-normal · seed 2" in app.text
        await pilot.press("x", "u", "left")
        await pilot.pause()
        assert [event.decision for event in app.messages[3:]] == ["rejected", "undecided"]
        assert "✓ accepted · chest-normal · seed 1" in app.text
        app.pane.show_opinions({1: Opinion(rating=2)})
        await pilot.pause()
        assert "accepted" not in app.text and "★★ · chest-normal · seed 1" in app.text


async def test_a_narrow_caption_leaves_out_whole_facts_and_the_tooltip_has_all_of_them(
    tmp_path: Path,
) -> None:
    app = Host(40)
    async with app.run_test() as pilot:
        app.pane.show_history(saved_images(tmp_path, 2))
        app.pane.show_opinions({2: Opinion("accepted")})
        await pilot.pause()
        assert "dpm++-2m · 20 steps · guidance 2 " in app.text and "· 256" not in app.text
        assert "✓ accepted · chest-normal · seed 2" in app.text
        tooltip = str(app.query_one(PreviewCaption).tooltip).splitlines()
        assert tooltip[0] == "✓ accepted · chest-normal · seed 2"
        assert tooltip[2] == "dpm++-2m · 20 steps · guidance 2 · 256×256 · bundled"
        app.pane.styles.width = 30
        await pilot.pause()
        assert "✓ · chest-normal · seed 2 " in app.text
        assert "dpm++-2m · 20 steps  " in app.text
        app.pane.styles.width = 76
        await pilot.pause()
        assert f"{tooltip[2]} " in app.text


async def test_a_live_picture_cannot_be_decided_on(tmp_path: Path) -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.pane.focus()
        assert app.pane.check_action("decide", ("accepted",)) is None
        app.pane.show_history(saved_images(tmp_path, 1))
        assert app.pane.check_action("decide", ("accepted",))
        app.pane.show_live(a_live_picture())
        await pilot.press("p", "x")
        await pilot.pause()
        assert app.messages == []
        toast, *_ = notifications(app)
        assert toast.title == "Still generating"
        advised("Press ← to go to the newest finished image first.", toast.message)
        await pilot.press("left", "p")
        await pilot.pause()
        assert len(app.messages) == 1


async def test_the_picture_fills_the_pane_and_follows_its_size(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    gradient(64, 64).save(path)
    app = Host(44, 20)
    async with app.run_test(size=(100, 40)) as pilot:
        app.pane.show_history([(a_record(), path)])
        await until(pilot, lambda: app.columns)
        for width, height in ((30, 40), (90, 30), (12, 7), (44, 20)):
            app.pane.styles.width, app.pane.styles.height = width, height
            await until(
                pilot,
                lambda: (
                    (d := app.view.drawing) is not None
                    and (d.columns == app.view.size.width or d.rows == app.view.size.height)
                    and d.columns == min(app.view.size.width, 2 * app.view.size.height)
                ),
            )


async def test_the_pane_survives_any_size(tmp_path: Path) -> None:
    app = Host(44, 20)
    async with app.run_test() as pilot:
        app.pane.show_history(saved_images(tmp_path, 1))
        for width, height in ((2, 2), (0, 0), (5, 3), (44, 20)):
            app.pane.styles.width, app.pane.styles.height = width, height
            await pilot.pause(0.05)
        await until(pilot, lambda: "▀" in app.text)


async def test_broken_and_missing_files_are_named_in_place_of_the_picture(tmp_path: Path) -> None:
    images = saved_images(tmp_path, 3)
    images[1][1].write_bytes(b"not a picture")
    images[0][1].unlink()
    app = Host()
    async with app.run_test() as pilot:
        app.pane.show_history(images)
        app.pane.focus()
        await until(pilot, lambda: "▀" in app.text)
        await pilot.press("left")
        await until(pilot, lambda: "not a PNG" in app.text)
        await pilot.press("left")
        await until(pilot, lambda: "the file is gone" in app.text)
        assert "seed 1" in app.text
        await pilot.press("end")
        await until(pilot, lambda: "▀" in app.text)


async def test_hostile_text_is_shown_harmlessly(tmp_path: Path) -> None:
    task = a_task(prompt_id=HOSTILE, text=HOSTILE + "\n" + HOSTILE)
    app = Host(60, 24)
    async with app.run_test() as pilot:
        app.pane.show_live(a_live_picture(prompt_id=HOSTILE, text=HOSTILE))
        await until(pilot, lambda: "▀" in app.text)
        assert "[/] x [/red] y" in app.text
        assert_harmless(app)
        app.pane.add_record(a_record(1, task, file=HOSTILE), tmp_path / "\x1b[31m[x].png")
        await until(pilot, lambda: "the file is gone" in app.text)
        assert "␛[31m[x].png" in app.text
        assert_harmless(app)


class Dialog(ModalScreen[None]):
    def compose(self) -> ComposeResult:
        yield Label("dialog")


@pytest.mark.parametrize("name", ["iterm2", "sixel", "kitty"])
async def test_dialogs_and_toasts_cover_only_a_part_of_a_picture(tmp_path: Path, name: str) -> None:
    app = Host(renderer=renderer_named(name))

    def marks() -> int:
        return sum(is_mark(character) for character in app.text)

    async with app.run_test(notifications=True) as pilot:
        app.pane.show_history(saved_images(tmp_path, 1))
        await until(pilot, lambda: marks() > 0)
        drawing = app.view.drawing
        assert drawing is not None
        whole = drawing.columns * drawing.rows
        assert marks() == whole
        app.push_screen(Dialog())
        await until(pilot, lambda: "dialog" in app.text)
        app.pop_screen()
        app.notify("toast " * 150, timeout=60)
        await until(pilot, lambda: "toast" in app.text and 0 < marks() < whole)
        app.clear_notifications()
        await until(pilot, lambda: marks() == whole)


@pytest.mark.parametrize(
    ("size", "theme"),
    [((44, 15), "reading-room"), ((44, 26), "daylight"), ((100, 45), "reading-room")],
)
def test_the_preview_looks_right(
    snap_compare, tmp_path: Path, size: tuple[int, int], theme: str
) -> None:
    async def fill(pilot: Pilot) -> None:
        pilot.app.pane.show_history(saved_images(tmp_path, 5))
        pilot.app.pane.focus()
        await pilot.press("left")
        pilot.app.pane.show_live(a_live_picture())
        await until(pilot, lambda: "▀" in pilot.app.text)

    assert snap_compare(Host(*size, theme), run_before=fill, terminal_size=(size[0] + 8, size[1]))


def test_an_empty_pane_looks_right(snap_compare) -> None:
    assert snap_compare(Host(44, 15), terminal_size=(44, 15))
