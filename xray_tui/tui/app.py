"""The app: themes, the engine it owns, signals, the command palette. Screens do the rest."""

from __future__ import annotations

import asyncio
import signal
import time
from collections.abc import Iterable
from contextlib import suppress
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

from textual.app import App, SystemCommand
from textual.binding import BindingType
from textual.css.query import NoMatches
from textual.events import Event, Key
from textual.message import Message
from textual.screen import Screen

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.bridge import EventBridge
from xray_tui.tui.screens.opening import OpeningScreen
from xray_tui.tui.theme import DAYLIGHT, READING_ROOM, THEMES

if TYPE_CHECKING:
    from xray_tui.generation.engine import Engine
    from xray_tui.tui.screens.workbench import WorkbenchScreen

TYPING_SECONDS = 0.2
"""How long after a key the live picture stands still."""


class XrayTuiApp(App[None]):
    """The xray-tui app. ``library_path`` is the prompts.toml shown; ``dataset`` is open."""

    TITLE = "xray-tui"
    CSS_PATH = Path(__file__).with_name("app.tcss")
    BINDINGS: ClassVar[list[BindingType]] = []

    class EngineSpoke(Message):
        """Events wait in the bridge."""

    def __init__(self, settings: Settings, library_path: Path, dataset: Dataset) -> None:
        super().__init__()
        self._settings = settings
        self._dataset = dataset
        self.bridge = EventBridge(lambda: self.post_message(self.EngineSpoke()))
        self._library_path = library_path
        self._typed_at = 0.0
        self._workbench: WorkbenchScreen | None = None
        for theme in THEMES:
            self.register_theme(theme)
        self.theme = settings.theme

    @cached_property
    def engine(self) -> Engine:
        """Makes the images; made when first asked for, after the first frame is painted."""
        from xray_tui.generation.engine import Engine

        return Engine(self._dataset, self.bridge.put, gives_way=True)

    def on_mount(self) -> None:
        self._handle_signals()
        self.push_screen(OpeningScreen(self._dataset.root))

    def on_ready(self) -> None:
        """Frames first: the panes take a second to import and mount."""
        if isinstance(self.screen, OpeningScreen):
            self.screen.call_after_refresh(self.call_later, self._open_workbench, self.screen)

    async def _open_workbench(self, opening: OpeningScreen) -> None:
        """Keys and signals wait in the app's queue until the last pane is mounted."""
        from xray_tui.tui.screens.workbench import WorkbenchScreen

        self._workbench = WorkbenchScreen(
            self._settings, self._dataset, self.engine, self._library_path
        )
        await self.switch_screen(self._workbench)
        for key in opening.typed:
            self.simulate_key(key)

    async def on_event(self, event: Event) -> None:
        """Note when the user typed."""
        if isinstance(event, Key):
            self._typed_at = time.monotonic()
        await super().on_event(event)

    def on_xray_tui_app_engine_spoke(self) -> None:
        """Hand everything the engine said to the workbench, whichever screen is on top."""
        events = self.bridge.take()
        typing = time.monotonic() - self._typed_at < TYPING_SECONDS
        if self._workbench is not None:
            with suppress(NoMatches):  # the screen is being taken down: the app ends
                self._workbench.show_events(events, typing=typing)

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

    def _handle_signals(self) -> None:
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
        self.engine.stop(finish_current=False)
        self.exit(return_code=128 + number)
