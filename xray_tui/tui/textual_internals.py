"""The private parts of Textual, and one of asyncio, that xray-tui uses; Textual's as in 8.2.8.

Some private methods are overridden instead of called, which only a subclass can do:
``ToggleButton._button`` in ``prompts/prompt_edit.py``, ``Input._on_key``, ``Input._on_paste``,
``TextArea._on_key`` and ``TextArea._on_paste`` in ``widgets/clean_input.py`` and
``parameters/parameter_field.py``; ``App._handle_exception`` in ``base_app.py``;
``LinuxDriver._file`` and ``_sigcont_application`` in ``terminal_driver.py``; ``App._display`` in
``first_frame.py`` and ``output/sparing_app.py``.

``tests/tui/test_textual_internals.py`` fails when a new version changes any of this.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Sequence, Sized
from contextlib import suppress
from functools import cached_property
from traceback import extract_tb
from typing import Any, Literal, cast

from rich.color import ColorSystem
from rich.console import Console, RenderableType
from rich.segment import ControlType, Segment
from textual._ansi_sequences import ANSI_SEQUENCES_KEYS
from textual._compositor import ChopsUpdate, LayoutUpdate
from textual._keyboard_protocol import FUNCTIONAL_KEYS
from textual._xterm_parser import XTermParser
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.binding import Binding
from textual.command import CommandList, CommandPalette
from textual.dom import NoScreen
from textual.driver import Driver
from textual.errors import NoWidget
from textual.events import Click, Compose, Event, Load, Mount, MouseDown, Unmount
from textual.geometry import Size
from textual.message import Message
from textual.message_pump import MessagePump
from textual.notifications import Notifications
from textual.screen import Screen
from textual.strip import Strip
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import OptionList


def driver_of(app: App[Any]) -> Driver | None:
    """What reads and writes the terminal, or a stand-in for it; None before the app runs."""
    return app._driver


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Send ``sequence`` after everything Textual has sent so far; nothing in a headless app."""
    driver = app._driver
    if driver is not None and not app.is_headless:
        driver.write(sequence)


def may_display(app: App[Any], renderable: RenderableType | None) -> bool:
    """Whether ``app`` would now send ``renderable``, and :func:`drawn_texts` can read it."""
    ready = app._running and not app._closed and not app._batch_count and not app.is_headless
    return ready and isinstance(renderable, (LayoutUpdate, ChopsUpdate))


def drawn_texts(
    update: RenderableType | None, console: Console
) -> Iterator[tuple[tuple[int, int], list[tuple[str, str]]]]:
    """What an update of the screen draws: places, and the texts from there on.

    Each text is given with the numbers of its SGR sequence.
    """
    assert isinstance(update, LayoutUpdate | ChopsUpdate)
    color_system = console._color_system or ColorSystem.TRUECOLOR
    place, texts = (0, 0), list[tuple[str, str]]()
    segments = cast(Iterable[Segment], update.__rich_console__(console, console.options))
    for text, style, control in segments:
        if control:
            _, x, y = cast(tuple[ControlType, int, int], control[0])  # they only move the cursor
            if texts:
                yield place, texts
            place, texts = (x, y), []
        elif text != "\n":
            codes = "" if style is None else style._ansi
            if codes is None and style is not None:
                codes = Strip.render_ansi(style, color_system)
            texts.append((text, codes or ""))
    if texts:
        yield place, texts


def ready_callbacks(loop: asyncio.AbstractEventLoop) -> int:
    """How many callbacks ``loop`` will call without waiting for anything."""
    ready: Sized = loop._ready  # type: ignore[attr-defined]
    return len(ready)


def time_paints(make_timer: Callable[[Callable[[], None]], object]) -> None:
    """Paint screens when their timers do: ``make_timer`` gets the function that paints a screen.

    Textual calls ``resume`` and ``pause`` of what it returns.
    """

    def timer_of(screen: Screen[Any]) -> object:
        def paint() -> None:
            try:
                if not screen.app._exit:
                    screen._on_timer_update()
            except Exception as error:
                screen.app._handle_exception(error)

        return make_timer(paint)

    kept = cached_property(timer_of)
    kept.__set_name__(Screen, "_update_timer")
    Screen._update_timer = kept  # type: ignore[assignment]


def bindings_for(widget: Widget, key: str) -> Sequence[Binding]:
    """The bindings of ``widget`` itself for ``key``, without those of its parents."""
    return widget._bindings.key_to_bindings.get(key, ())


def add_binding(widget: Widget, key: str, action: str, description: str) -> None:
    """Bind ``key`` on one widget or screen, in addition to the bindings of its class."""
    widget._bindings.bind(key, action, description)


def notifications(app: App[Any]) -> Notifications:
    """The notifications that the app shows; delete one to remove its toast."""
    return app._notifications


def remove_toasts(app: App[Any], part: str) -> None:
    """Remove the toasts whose text contains ``part``, because it is no longer so."""
    for notification in [one for one in app._notifications if part in one.message]:
        app._unnotify(notification)


def show_toasts(app: App[Any]) -> None:
    """Show the toasts on the current screen; one that was just opened has none otherwise."""
    app._refresh_notifications()


def update_scroll_bars(widget: Widget, virtual_size: Size) -> None:
    """Fit the scroll bars to a new virtual size, without a new layout of the screen."""
    widget._scroll_update(virtual_size)


def is_key_sequence(sequence: str) -> bool:
    """Whether ``sequence`` is what a terminal sends for a key."""
    return sequence in ANSI_SEQUENCES_KEYS


def is_functional_key(code: str) -> bool:
    """Whether ``code``, a number and a letter such as ``5~``, is a key of kitty's protocol."""
    return code in FUNCTIONAL_KEYS


class TokenParser:
    """Turns tokens of a terminal's input into the messages that Textual makes of them."""

    def __init__(self) -> None:
        self._parser = XTermParser()

    def parse(self, token: str) -> list[Message]:
        """The messages for ``token``: text, or one whole sequence. None of an invalid one."""
        parser = self._parser
        try:
            messages = [*parser.feed(token)]
            if parser._timeout_time is not None:  # it waits for more of a sequence: there is none
                parser._timeout_time = 0.0
                messages += parser.tick()
        except Exception:
            self._parser = XTermParser()
            return []
        return messages


def mend_textual() -> None:
    """Mend faults of Textual that keys typed quickly run into; call it once.

    Errors were raised by a page key in a list that is not laid out, a click on a row or a widget
    that had just been removed, a key in a command palette before it had its list, and a click
    while it closed. A screen dismissed twice took the one below with it. A dialog whose result
    nothing waits for could not be closed. A new screen was laid out without the classes of its
    breakpoints. A timer with a delay below zero, as of a toast mounted too late, never ended.
    """
    move_page, dismiss, compose = OptionList._move_page, Screen.dismiss, Screen._compose
    on_click, set_timer = OptionList._on_click, MessagePump.set_timer
    forward = Screen._forward_event

    def move_page_if_laid_out(options: OptionList, direction: Literal[-1, 1]) -> None:
        if len(options._lines) and (options.highlighted or 0) in options._index_to_line:
            move_page(options, direction)

    async def click_if_still_there(options: OptionList, event: Click) -> None:
        if event.style.meta.get("option", -1) < options.option_count:
            await on_click(options, event)

    def dismiss_once(screen: Screen[Any], result: Any = None) -> AwaitComplete:
        if screen not in screen.app.screen_stack:
            return AwaitComplete()
        try:
            return dismiss(screen, result)
        except asyncio.InvalidStateError:  # the worker that waits for the result was cancelled
            return screen.app.pop_screen()

    def forward_if_still_there(screen: Screen[Any], event: Event) -> None:
        x, y = (event.x, event.y) if isinstance(event, MouseDown) else (-1, -1)
        widget = screen.get_widget_and_offset_at(x, y)[0]
        if widget is None or widget is screen or widget.parent is not None:
            forward(screen, event)

    async def compose_with_classes(screen: Screen[Any]) -> None:
        breakpoints = screen.HORIZONTAL_BREAKPOINTS or [], screen.VERTICAL_BREAKPOINTS or []
        for dimension, limits in zip(screen.app.size, breakpoints, strict=True):
            screen.add_class(*screen._get_breakpoint_classes(dimension, limits))
        await compose(screen)

    act_on_list, click_palette = CommandPalette._action_command_list, CommandPalette._on_click

    def act_on_list_if_there(palette: CommandPalette, action: str) -> None:
        if palette.query(CommandList):
            act_on_list(palette, action)

    def click_palette_if_there(palette: CommandPalette, event: Click) -> None:
        with suppress(NoWidget):
            click_palette(palette, event)

    CommandPalette._action_command_list = act_on_list_if_there  # type: ignore[method-assign,assignment]
    CommandPalette._on_click = click_palette_if_there  # type: ignore[method-assign,assignment]

    def set_timer_from_now(pump: MessagePump, delay: float, *given: Any, **named: Any) -> Timer:
        return set_timer(pump, max(delay, 0.001), *given, **named)

    MessagePump.set_timer = set_timer_from_now  # type: ignore[method-assign,assignment]
    Screen._forward_event = forward_if_still_there  # type: ignore[method-assign,assignment]
    Screen._compose = compose_with_classes  # type: ignore[method-assign,assignment]
    OptionList._on_click = click_if_still_there  # type: ignore[method-assign,assignment]
    OptionList._move_page = move_page_if_laid_out  # type: ignore[method-assign,assignment]
    Screen.dismiss = dismiss_once  # type: ignore[method-assign,assignment]


_UNSURVIVABLE = (Compose, Mount, Load, Unmount)


def survive_exceptions(
    report: Callable[[MessagePump, Exception], bool], drop: Callable[[Exception], object]
) -> Callable[[], None]:
    """Call ``report`` when the handler of a message raises; True keeps the widget running.

    Without it, the message loop of the widget ends, and the app with it. Errors while a widget is
    built or removed still end the app; errors of a closed screen only go to ``drop``. Returns a
    function that ends this.
    """
    dispatch = MessagePump._dispatch_message

    async def guarded(pump: MessagePump, message: Message) -> None:
        try:
            await dispatch(pump, message)
        except asyncio.CancelledError:
            raise
        except Exception as error:
            if _is_closed(pump):
                drop(error)
                return
            if isinstance(message, _UNSURVIVABLE) or not report(pump, error):
                raise

    MessagePump._dispatch_message = guarded  # type: ignore[method-assign,assignment]

    def end() -> None:
        MessagePump._dispatch_message = dispatch  # type: ignore[method-assign]

    return end


def _is_closed(pump: MessagePump) -> bool:
    """Whether ``pump`` is a widget of a screen that was closed, perhaps before it was complete."""
    if pump.app._exit:
        return True
    if not isinstance(pump, Widget):
        return False
    try:
        return pump.screen not in pump.app.screen_stack
    except NoScreen:
        return True


def raised_in_callback(error: Exception) -> bool:
    """Whether ``error`` was raised by a call after a refresh, or when idle; no widget ends then."""
    names = [frame.name for frame in extract_tb(error.__traceback__, limit=2)]
    return names[:1] == ["_flush_next_callbacks"] or names == ["_process_messages_loop", "invoke"]


def end_at_once(app: App[Any], code: int) -> None:
    """End ``app`` with exit code ``code``, even if it handles no messages any more."""
    app._return_code = code
    app._close_messages_no_wait()
