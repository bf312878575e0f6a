"""What every app of xray-tui has: the themes, the command palette, and an end in order."""

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
    """An app in one of our themes."""

    TITLE = "xray-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    HELP_TITLE = "Everywhere"
    BINDINGS: ClassVar[list[BindingType]] = [
        # With priority it works in dialogs, too: Textual asks those for their own keys only.
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
        """Let keys act in order where the screen asks for that."""
        if isinstance(event, Key) and not event.is_forwarded and await self._acted(event):
            return
        await super().on_event(event)

    async def _acted(self, event: Key) -> bool:
        screen = self.screen
        if not isinstance(screen, KeysInOrder) or isinstance(self.focused, Input):
            return False
        for priority in (True, False):
            if await run_bindings(self, event.key, priority=priority):
                return True
        return screen.take_key(event)

    def on_notify(self, event: Notify) -> None:
        """An answer takes the place of the one before: of fast keys they would cover the screen."""
        if event.notification.severity == "information":
            shown = notifications(self)
            for told in list(shown):
                if told.severity == "information":
                    del shown[told]

    def stop_work(self) -> None:
        """Stop what runs in the background: a signal ends the app."""

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
        """The manual stays closed over a screen that closes by itself: it could not, below it."""
        return action != "manual" or not getattr(self.screen, "closes_by_itself", False)

    def action_switch_theme(self) -> None:
        """Change between the dark and the light theme."""
        dark = self.theme == READING_ROOM.name
        self.theme = DAYLIGHT.name if dark else READING_ROOM.name

    def get_system_commands(self, screen: Screen) -> Iterable[SystemCommand]:
        """Every action that has a key, of every pane, so that the palette knows them all."""
        for owner, binding in described_bindings(screen):
            yield SystemCommand(
                f"{owner.title}: {binding.description}",
                binding.tooltip or f"key: {self.get_key_display(binding)}",
                owner.runner(binding),
            )

    def handle_signals(self) -> None:
        """SIGTERM and SIGHUP end the app in order: textual itself would leave the terminal torn.

        Through the app's queue, because panes that are just being mounted must not be taken away.
        """
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGHUP):
            try:
                loop.add_signal_handler(number, self.call_later, self._stop_for, number)
            except (NotImplementedError, RuntimeError, ValueError):
                return  # not in the main thread, as in tests

    def _stop_for(self, number: signal.Signals) -> None:
        self.stop_work()
        self.exit(return_code=128 + number)
