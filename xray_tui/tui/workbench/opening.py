"""The opening screen: empty frames of the panes, shown while their modules are imported.

Experienced users type before the workbench is ready: their keys wait for it.
"""

from __future__ import annotations

from pathlib import Path

from textual.app import ComposeResult
from textual.widgets import Static

from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.workbench.arrangement import Arrangement

TITLES = ("Prompts", "Parameters", "Preview", "Queue", "Log")


class OpeningScreen(Arrangement):
    """The empty frames of the workbench; ``dataset`` is the folder that is being opened."""

    DEFAULT_CSS = stylesheet_for(__file__)
    closes_by_itself = paints_at_once = is_reading = True

    def __init__(self, dataset: Path) -> None:
        super().__init__()
        self._dataset = dataset

    def compose(self) -> ComposeResult:
        frames = [Static(markup=False) for _ in TITLES]
        for frame, title in zip(frames, TITLES, strict=True):
            frame.border_title = title
        frames[-1].update(clean(f"Opening {self._dataset}…"))
        yield from self.arranged(frames)
        yield Static(id="preflight-line")
        yield Static("Opening… Keys typed now act when it is open.", id="line-below")
