"""The base of both apps: themes, command palette, order of keys, and a clean exit on signals."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Iterable
from pathlib import Path
from typing import ClassVar

from textual.app import App, SystemCommand
from textual.binding import Binding, BindingType
from textual.events import Event, Key
from textual.notifications import Notify
from textual.screen import Screen
from textual.widgets import Input

from xray_tui.config import ThemeName
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.keys_in_order import KeysInOrder
from xray_tui.tui.textual_internals import notifications, run_bindings
from xray_tui.tui.theme import DAYLIGHT, READING_ROOM, THEMES


class BaseApp(App[None]):
    """An app with the themes of xray-tui; it starts with ``theme``."""

    TITLE = "xray-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    HELP_TITLE = "Everywhere"
    BINDINGS: ClassVar[list[BindingType]] = [
        # Without priority, a dialog would hide this key: Textual checks only the dialog's own.
        Binding("f1", "manual", "Manual", tooltip="about the focused pane", priority=True),
    ]
    SUSPENDED_SCREEN_CLASS = "-below"
    NOTIFICATION_TIMEOUT = 4

    def __init__(self, theme: ThemeName) -> None:
        super().__init__()
        for known in THEMES:
            self.register_theme(known)
        self.theme = theme

    async def on_event(self, event: Event) -> None:
        """Let keys act in the order typed, on screens that ask for it."""
        if isinstance(event, Key) and not event.is_forwarded and await self._act(event):
            return
        await super().on_event(event)

    async def _act(self, event: Key) -> bool:
        screen = self.screen
        if not isinstance(screen, KeysInOrder) or isinstance(self.focused, Input):
            return False
        for priority in (True, False):
            if await run_bindings(self, event.key, priority=priority):
                return True
        return screen.take_key(event)

    def on_notify(self, event: Notify) -> None:
        """Replace the last toast by a newer one; otherwise fast keys would fill the screen."""
        if event.notification.severity == "information":
            shown = notifications(self)
            for older in list(shown):
                if older.severity == "information":
                    del shown[older]

    def stop_work(self) -> None:
        """Stop all work in the background; called when a signal ends the app."""

    def action_leave(self) -> None:
        """Leave the app."""
        self.exit()

    def action_manual(self) -> None:
        """Open the manual at the page about the focused pane, or close it."""
        from xray_tui.tui.manual.page_of_focus import page_of_focus
        from xray_tui.tui.manual.screen import ManualScreen

        if isinstance(self.screen, ManualScreen):
            self.screen.dismiss(None)
        else:
            self.push_screen(ManualScreen(*page_of_focus(self)))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keep the manual from covering a screen that closes by itself: covered, it could not."""
        return action != "manual" or not getattr(self.screen, "closes_by_itself", False)

    def action_switch_theme(self) -> None:
        """Switch between the dark and the light theme."""
        dark = self.theme == READING_ROOM.name
        self.theme = DAYLIGHT.name if dark else READING_ROOM.name

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        """Offer the actions of all keys of all panes in the command palette."""
        for owner, binding in described_bindings(screen):
            yield SystemCommand(
                f"{owner.title}: {binding.description}",
                binding.tooltip or f"key: {self.get_key_display(binding)}",
                owner.runner(binding),
            )

    def handle_signals(self) -> None:
        """Exit cleanly on SIGTERM and SIGHUP; Textual would not restore the terminal.

        The exit goes through the message queue of the app, because panes that are just being
        mounted must not be removed.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                loop.add_signal_handler(number, self.call_later, self._stop_for, number)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not in the main thread, for example in tests

    def _stop_for(self, number: signal.Signals) -> None:
        self.stop_work()
        self.exit(return_code=128 + number)
