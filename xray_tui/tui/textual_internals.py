"""The private parts of Textual that xray-tui uses, as they are in version 8.2.8.

Some private methods are overridden instead of called, which only a subclass can do:
``ToggleButton._button`` in ``prompts/prompt_edit.py``, ``Input._on_key``, ``Input._on_paste``,
``TextArea._on_key`` and ``TextArea._on_paste`` in ``widgets/clean_input.py`` and
``workbench/parameter_row.py``.

``tests/tui/test_textual_internals.py`` fails when a new version changes any of this.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from textual.app import App
from textual.binding import Binding
from textual.geometry import Region, Size
from textual.notifications import Notifications
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets._footer import FooterKey


def unsent_writes(app: App[Any]) -> int:
    """How many writes to the terminal wait in Textual's writer thread; it holds 30 at most."""
    writer = getattr(app._driver, "_writer_thread", None)
    return 0 if writer is None else writer._queue.qsize()


def write_to_terminal(app: App[Any], sequence: str) -> None:
    """Send ``sequence`` after everything Textual has sent so far; nothing in a headless app."""
    driver = app._driver
    if driver is not None and not app.is_headless:
        driver.write(sequence)


def visible_widgets(screen: Screen[Any]) -> Mapping[Widget, tuple[Region, Region]]:
    """The region and the clip region of each widget that is on the screen, the foremost first."""
    return screen._compositor.visible_widgets


def bindings_for(widget: Widget, key: str) -> Sequence[Binding]:
    """The bindings of ``widget`` itself for ``key``, without those of its parents."""
    return widget._bindings.key_to_bindings.get(key, ())


def add_binding(widget: Widget, key: str, action: str, description: str) -> None:
    """Bind ``key`` on one widget or screen, in addition to the bindings of its class."""
    widget._bindings.bind(key, action, description)


async def run_bindings(app: App[Any], key: str, *, priority: bool) -> bool:
    """Run the action bound to ``key`` on the current screen; True if there was one.

    With ``priority`` only priority bindings run, otherwise only the others.
    """
    return await app._check_bindings(key, priority=priority)


def notifications(app: App[Any]) -> Notifications:
    """The notifications that the app shows; delete one to remove its toast."""
    return app._notifications


def update_scroll_bars(widget: Widget, virtual_size: Size) -> None:
    """Fit the scroll bars to a new virtual size, without a new layout of the screen."""
    widget._scroll_update(virtual_size)


def footer_action(widget: Widget) -> str | None:
    """The action of a key in a footer; None for any other widget."""
    return widget.action if isinstance(widget, FooterKey) else None
