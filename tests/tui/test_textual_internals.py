"""Notices when a new version of Textual changes the private parts that are used here."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Callable
from types import SimpleNamespace
from typing import ClassVar

import pytest
from rich.style import Style
from support.textual_internals import (
    Toast,
    post_mouse_event,
    screen_rows,
    screen_text,
    tree_row,
    updates_of,
    visible_widgets,
)
from textual import on
from textual.app import App, ComposeResult
from textual.binding import Binding
from textual.command import CommandPalette
from textual.content import Content
from textual.events import Click, MouseDown, MouseScrollDown
from textual.geometry import Region, Size
from textual.screen import Screen
from textual.scroll_view import ScrollView
from textual.widgets import Button, Checkbox, Footer, Input, Label, OptionList, TextArea, Tree

from xray_tui.tui import textual_internals


class Host(App[None]):
    """An app with a widget of each kind that the tested functions use."""

    BINDINGS: ClassVar = [
        Binding("f2", "note", "Note"),
        Binding("f3", "note", "Note", priority=True),
    ]

    def __init__(self) -> None:
        super().__init__()
        self.noted = 0

    def compose(self) -> ComposeResult:
        yield Label("text")
        yield Input(id="field")
        yield ScrollView(id="scroll")
        yield Footer()

    def action_note(self) -> None:
        self.noted += 1


async def test_the_texts_of_an_update_have_places_and_styles() -> None:
    app = Host()
    async with app.run_test(size=(30, 9)):
        compositor = app.screen._compositor
        label = app.query_one(Label)
        whole = compositor.render_full_update()
        compositor._dirty_regions.add(label.region)
        for update in (whole, compositor.render_partial_update()):
            found = {}
            for (x, y), texts in textual_internals.drawn_texts(update, app.console):
                before = 0
                for text, codes in texts:
                    found[text.strip()] = (x + before, y, codes)
                    before += len(text)
            x, y, codes = found["text"]
            assert (x, y) == label.region.offset
            assert set(codes) <= set("0123456789;") and "38;2;" in codes
        assert not textual_internals.may_display(app, whole)  # it is headless
        assert not textual_internals.may_display(app, "another renderable")


async def test_bindings_can_be_read_and_added() -> None:
    app = Host()
    async with app.run_test():
        field = app.query_one(Input)
        (delete,) = textual_internals.bindings_for(field, "delete")
        assert delete.action == "delete_right"
        assert not textual_internals.bindings_for(field, "f2")  # bound on the app, not on the field
        textual_internals.add_binding(app.screen, "f4", "app.note", "Note again")
        assert app.screen.active_bindings["f4"].binding.description == "Note again"


async def test_a_notification_can_be_deleted() -> None:
    app = Host()
    async with app.run_test(notifications=True) as pilot:
        app.notify("one")
        await pilot.pause()
        shown = textual_internals.notifications(app)
        (only,) = shown
        assert only.message == "one" and only.severity == "information"
        assert len(app.query(Toast)) == 1
        del shown[only]
        assert len(shown) == 0


async def test_scroll_bars_follow_the_virtual_size() -> None:
    app = Host()
    async with app.run_test() as pilot:
        scroll = app.query_one("#scroll", ScrollView)
        scroll.styles.height = 5
        await pilot.pause()
        scroll.virtual_size = Size(10, 90)
        textual_internals.update_scroll_bars(scroll, scroll.virtual_size)
        assert scroll.max_scroll_y == 85


async def test_a_headless_app_sends_nothing() -> None:
    app = Host()
    async with app.run_test():
        textual_internals.write_to_terminal(app, "\x1b[2J")  # would clear this terminal


def test_an_app_writes_through_its_driver() -> None:
    sent: list[str] = []
    driver = SimpleNamespace(write=sent.append)
    app = SimpleNamespace(_driver=driver, is_headless=False)
    textual_internals.write_to_terminal(app, "title")
    assert sent == ["title"]
    assert "_driver" in vars(Host())


@pytest.mark.parametrize(
    ("widget", "name"),
    [
        (Input, "_on_key"),
        (Input, "_on_paste"),
        (TextArea, "_on_key"),
        (TextArea, "_on_paste"),
    ],
)
def test_the_methods_that_our_fields_override_take_an_event(widget: type, name: str) -> None:
    method = getattr(widget, name)
    assert list(inspect.signature(method).parameters) == ["self", "event"]


def test_the_mark_of_a_checkbox_is_content() -> None:
    assert isinstance(inspect.getattr_static(Checkbox, "_button"), property)

    async def button() -> Content:
        class Box(App[None]):
            def compose(self) -> ComposeResult:
                yield Checkbox("mark")

        app = Box()
        async with app.run_test():
            return app.query_one(Checkbox)._button

    assert isinstance(asyncio.run(button()), Content)


# -- only the tests use these ----------------------------------------------------------------------


async def test_the_rows_of_a_screen_contain_the_painted_text() -> None:
    app = Host()
    async with app.run_test(size=(30, 9)):
        rows = screen_rows(app.screen)
        assert [row.cell_length for row in rows] == [30] * 9
        assert screen_text(app.screen).startswith("text")


async def test_visible_widgets_have_a_region_and_a_clip_and_the_foremost_comes_first() -> None:
    app = Host()
    async with app.run_test():
        widgets = visible_widgets(app.screen)
        label = app.query_one(Label)
        region, clip = widgets[label]
        assert isinstance(region, Region) and region == label.region
        assert clip.contains_region(region)
        places = list(widgets)
        assert places.index(label) < places.index(app.screen)


async def test_a_tree_draws_rows_and_counts_the_updates_of_a_node() -> None:
    class Trees(App[None]):
        def compose(self) -> ComposeResult:
            yield Tree("root")

    app = Trees()
    async with app.run_test() as pilot:
        tree = app.query_one(Tree)
        before = updates_of(tree.root)
        tree.root.set_label("trunk")
        await pilot.pause()
        assert "trunk" in tree_row(tree, 0).text
        assert updates_of(tree.root) > before


async def test_a_mouse_event_reaches_its_widget() -> None:
    scrolled: list[MouseScrollDown] = []

    class Wheel(Label):
        def on_mouse_scroll_down(self, event: MouseScrollDown) -> None:
            scrolled.append(event)

    class Wheels(App[None]):
        def compose(self) -> ComposeResult:
            yield Wheel("wheel")

    app = Wheels()
    async with app.run_test() as pilot:
        await post_mouse_event(pilot, MouseScrollDown, Wheel, (1, 0))
        await pilot.pause()
    assert len(scrolled) == 1


# -- used by the guards of the terminal's input and of exceptions ----------------------------------


def test_the_tables_of_keys_are_those_of_the_parser() -> None:
    assert textual_internals.is_key_sequence("\x1b[A")
    assert not textual_internals.is_key_sequence("\x1b[99~")
    assert textual_internals.is_functional_key("5~")
    assert not textual_internals.is_functional_key("99~")


def test_a_token_is_parsed_at_once_and_an_invalid_one_is_survived() -> None:
    parser = textual_internals.TokenParser()
    assert [message.key for message in parser.parse("\x1b")] == ["escape"]  # type: ignore[attr-defined]
    assert [message.key for message in parser.parse("\x1ba")] == ["alt+a"]  # type: ignore[attr-defined]
    assert parser.parse("\x1b[9999999u") == []  # no character has this number
    assert [message.key for message in parser.parse("b")] == ["b"]  # type: ignore[attr-defined]


class Faulty(Host):
    """An app whose note raises."""

    def action_note(self) -> None:
        self.noted += 1
        raise KeyError(self.noted)


async def test_an_exception_in_a_handler_is_survived() -> None:
    reported: list[Exception] = []
    dropped: list[Exception] = []
    end = textual_internals.survive_exceptions(
        lambda _, error: not reported.append(error), dropped.append
    )
    try:
        app = Faulty()
        async with app.run_test() as pilot:
            await pilot.press("f2", "f2")
            assert app.noted == 2 and app.is_running
    finally:
        end()
    assert [repr(error) for error in reported] == ["KeyError(1)", "KeyError(2)"]
    assert dropped == []


async def test_an_exception_of_a_closed_screen_is_dropped_but_noted() -> None:
    dropped: list[Exception] = []
    end = textual_internals.survive_exceptions(lambda *_: False, dropped.append)

    class Closing(Screen[None]):
        @on(Button.Pressed)
        def fail(self) -> None:
            self.app.pop_screen()
            raise KeyError("closed")

    try:
        app: App[None] = App()
        async with app.run_test() as pilot:
            screen = Closing()
            await app.push_screen(screen)
            screen.post_message(Button.Pressed(Button()))
            await pilot.pause()
            assert app.is_running
    finally:
        end()
    assert [repr(error) for error in dropped] == ["KeyError('closed')"]


async def test_an_exception_that_is_not_survived_ends_the_app() -> None:
    end = textual_internals.survive_exceptions(lambda *_: False, lambda _: None)
    try:
        with pytest.raises(KeyError):
            async with Faulty().run_test() as pilot:
                await pilot.press("f2")
    finally:
        end()


async def test_an_exception_of_a_callback_is_recognised() -> None:
    seen: list[bool] = []

    class Late(Host):
        def on_mount(self) -> None:
            self.call_next(self.fail)
            self.call_after_refresh(self.fail)

        def fail(self) -> None:
            raise KeyError("late")

        def _handle_exception(self, error: Exception) -> None:
            seen.append(textual_internals.raised_in_callback(error))

    async with Late().run_test() as pilot:
        await pilot.pause()
    assert seen == [True, True]
    assert not textual_internals.raised_in_callback(KeyError())


async def test_an_app_can_be_ended_at_once() -> None:
    app = Host()
    async with app.run_test():
        textual_internals.end_at_once(app, 70)
    assert app.return_code == 70


async def test_a_page_key_before_the_layout_does_nothing() -> None:
    """Case 11: KeyError in OptionList."""
    textual_internals.mend_textual()
    options = OptionList("one", "two")

    class Lists(App[None]):
        def compose(self) -> ComposeResult:
            yield options

    async with Lists().run_test() as pilot:
        options._line_cache.clear()  # as before the first layout
        options._move_page(1)
        await pilot.pause()
        options.focus()
        await pilot.press("pagedown")
        assert options.highlighted == 1


async def test_a_click_on_a_row_that_was_just_removed_does_nothing() -> None:
    textual_internals.mend_textual()
    options = OptionList("one", "two", "three")

    class Lists(App[None]):
        def compose(self) -> ComposeResult:
            yield options

    async with Lists().run_test() as pilot:
        await pilot.pause()
        style = Style(meta={"option": 2})
        click = Click(options, 1, 2, 0, 0, 1, False, False, False, style=style)
        options.remove_option_at_index(2)
        await options._on_click(click)
        assert options.option_count == 2


async def test_a_mouse_button_on_a_widget_that_was_just_removed_does_nothing() -> None:
    """Found by the monkey test: its container is asked for its place."""
    textual_internals.mend_textual()
    app: App[None] = App()
    async with app.run_test() as pilot:
        label = Label("gone")
        await app.screen.mount(label)
        await pilot.pause()
        parent, label._parent = label._parent, None  # as if the layout were behind
        app.screen._forward_event(MouseDown(None, 1, 0, 0, 0, 1, False, False, False))
        label._parent = parent  # it must be there to be removed at the end


async def test_a_screen_that_is_dismissed_twice_leaves_the_one_below() -> None:
    textual_internals.mend_textual()
    app = Host()
    async with app.run_test() as pilot:
        below, dialog = Screen[None](), Screen[None]()
        await app.push_screen(below)
        await app.push_screen(dialog)
        dialog.dismiss()
        dialog.dismiss()
        await pilot.pause()
        assert app.screen is below


@pytest.mark.parametrize("delay", [-1.0, 0.0])
async def test_a_timer_whose_time_is_over_runs_at_once_and_only_once(delay: float) -> None:
    """A toast mounted as its time ran out left the app in an endless loop."""
    textual_internals.mend_textual()
    calls: list[float] = []
    async with Host().run_test() as pilot:
        timer = pilot.app.set_timer(delay, lambda: calls.append(delay), pause=True)
        assert timer._interval > 0  # otherwise the next line does not end
        timer.resume()
        await pilot.pause(0.1)
    assert calls == [delay]


async def test_a_palette_without_its_list_ignores_keys_and_clicks() -> None:
    textual_internals.mend_textual()
    palette = CommandPalette()
    async with Host().run_test() as pilot:
        await pilot.app.push_screen(palette)
        await palette.query("*").remove()
        palette._action_command_list("cursor_down")
        palette._on_click(Click(palette, 1, 1, 0, 0, 1, False, False, False, 500, 500))
        await pilot.pause()


async def test_what_a_loop_has_to_do_is_counted() -> None:
    loop = asyncio.get_running_loop()
    await asyncio.sleep(0)
    assert textual_internals.ready_callbacks(loop) == 0
    loop.call_soon(lambda: None)
    assert textual_internals.ready_callbacks(loop) == 1
    await asyncio.sleep(0)
    assert textual_internals.ready_callbacks(loop) == 0


class Later:
    """Paints when the test says so."""

    def __init__(self, paint: Callable[[], None]) -> None:
        self.paint = paint
        self.calls: list[str] = []

    def resume(self) -> None:
        self.calls.append("resume")

    def pause(self) -> None:
        self.calls.append("pause")


async def test_a_timer_decides_when_a_screen_is_painted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Screen, "_update_timer", Screen._update_timer)  # restored afterwards
    textual_internals.time_paints(Later)
    app = Host()
    async with app.run_test() as pilot:
        timer = app.screen._update_timer
        assert isinstance(timer, Later)
        timer.paint()
        timer.calls.clear()
        painted = []
        monkeypatch.setattr(app, "_display", lambda screen, update: painted.append(update))
        app.query_one(Label).update("changed", layout=False)
        await pilot.pause()
        painted.clear()  # the pilot asks for a layout, which paints
        app.query_one(Label).update("other", layout=False)
        await asyncio.sleep(0.05)
        assert timer.calls[-1] == "resume" and not painted
        timer.paint()
        assert painted and "pause" in timer.calls
        errors: list[Exception] = []
        monkeypatch.setattr(app, "_handle_exception", errors.append)
        monkeypatch.setattr(app, "_display", lambda screen, update: 1 / 0)
        app.query_one(Label).update("again", layout=False)
        await asyncio.sleep(0.05)
        timer.paint()
        assert isinstance(errors[0], ZeroDivisionError)
