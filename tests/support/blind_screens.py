"""An app with one screen, and a reading, for tests of blind reading."""

from __future__ import annotations

from pathlib import Path

from support.preview_samples import HALF_CELLS
from support.textual_internals import screen_text
from support.tui_samples import ThemedApp
from textual.screen import Screen

from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.session import (
    Session,
)
from xray_tui.tui.blind.screen import BlindScreen


class Host(ThemedApp):
    """Opens one screen."""

    def __init__(self, screen: Screen, theme: str = "reading-room") -> None:
        super().__init__(theme)
        self._first = screen

    def on_mount(self) -> None:
        self.push_screen(self._first)

    @property
    def text(self) -> str:
        return screen_text(self.screen)


def reading_screen(root: Path, session: Session, reviewer: str = "ann") -> BlindScreen:
    paths = [root / item.file for item in session.items]
    return BlindScreen(Reading(root, session, reviewer), paths, HALF_CELLS)


def answers(root: Path, session: Session, reviewer: str = "ann") -> list[BlindAnswer | None]:
    reading = Reading(root, session, reviewer)
    return [reading.answer(number) for number in range(len(session.items))]
