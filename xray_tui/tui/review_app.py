"""The review on its own: it has no engine, so that torch is never imported."""

from __future__ import annotations

from xray_tui.config import Settings
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.review.screen import ReviewScreen
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.window_title import WindowTitle


class ReviewApp(BaseApp):
    """Shows the images of a dataset to the reviewer at ``desk``.

    With a ``filter_text``, it begins with the images of that filter.
    """

    RESETS = "filter and views"

    def __init__(
        self,
        settings: Settings,
        desk: ReviewDesk,
        memory: Memory | None = None,
        filter_text: str = "",
    ) -> None:
        super().__init__(settings, memory)
        self._desk = desk
        self._filter_text = filter_text

    def on_mount(self) -> None:
        for problem in self.memory.problems:  # the review has no log
            self.notify(problem, severity="warning", markup=False)
        WindowTitle(self, self._desk.root.name).show()
        screen = ReviewScreen(self._desk, self._settings, memory=self.memory)
        if self._filter_text:
            screen.open_at(self._filter_text, 0)
        self.push_screen(screen)
