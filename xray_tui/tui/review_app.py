"""The review on its own: it has no engine, so that torch is never imported."""

from __future__ import annotations

from xray_tui.config import Settings
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.review.screen import ReviewScreen


class ReviewApp(BaseApp):
    """Shows the images of a dataset to the reviewer at ``desk``."""

    def __init__(self, settings: Settings, desk: ReviewDesk) -> None:
        super().__init__(settings.theme)
        self._settings = settings
        self._desk = desk

    def on_mount(self) -> None:
        self.push_screen(ReviewScreen(self._desk, self._settings))
