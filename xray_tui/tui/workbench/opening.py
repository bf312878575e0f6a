"""What is painted first: the frames of the panes, while what fills them is still being imported."""

from __future__ import annotations

from pathlib import Path

from textual import events
from textual.app import ComposeResult
from textual.widgets import Static

from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.workbench.arrangement import Arrangement

TITLES = ("Prompts", "Parameters", "Preview", "Queue", "Log")


class OpeningScreen(Arrangement):
    """The workbench's empty frames; ``dataset`` is the folder being opened."""

    DEFAULT_CSS = stylesheet_for(__file__)

    def __init__(self, dataset: Path) -> None:
        super().__init__()
        self._dataset = dataset
        self.typed: list[str] = []
        """Keys that came before there was anything to take them: for the workbench."""

    def compose(self) -> ComposeResult:
        frames = [Static(markup=False) for _ in TITLES]
        for frame, title in zip(frames, TITLES, strict=True):
            frame.border_title = title
        frames[-1].update(clean(f"opening {self._dataset} …"))
        yield from self.arranged(frames)
        yield Static(id="line-below")

    def on_key(self, event: events.Key) -> None:
        """Keep the key: whoever knows the app types before it is there."""
        event.stop()
        self.typed.append(event.key)
