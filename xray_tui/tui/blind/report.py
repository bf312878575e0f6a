"""The report at the end of a blind reading."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Static

from xray_tui.dataset.blind.report import markdown, write_report
from xray_tui.dataset.blind.results import results_of
from xray_tui.dataset.blind.session import Session
from xray_tui.errors import DatasetError
from xray_tui.text import clean
from xray_tui.tui.bindings import bound
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.key_footer import KeyFooter


class BlindReportScreen(Screen[None]):
    """Saves the report of ``session``, and shows its text."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Report"
    MANUAL_PAGE = "blind-reading#the-report"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "dismiss(None)", "Close"),
        bound("quit", "dismiss(None)", "Close", show=False),
        bound("open", "dismiss(None)", "Close", show=False),
        bound("down", "scroll('down')", "Down", show=False),
        bound("up", "scroll('up')", "Up", show=False),
    ]

    def __init__(self, root: Path, session: Session) -> None:
        super().__init__()
        self._root = root
        self._session = session

    def compose(self) -> ComposeResult:
        with ScrollableContainer(id="report") as scroll:
            scroll.border_title = "Report"
            scroll.border_subtitle = "↑ ↓ ← → scroll"
            yield Static(id="text", markup=False)
        yield Static(id="saved", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#report").focus()
        try:
            results = results_of(self._root, self._session)
        except DatasetError as error:
            self._show_message(f"No report: {error}", wrong=True)
            return
        text = clean(markdown(results), keep_newlines=True)
        self.query_one("#text", Static).update(Content(text))
        try:
            files = write_report(self._root, results)
        except DatasetError as error:
            self._show_message(f"Not saved: {error}", wrong=True)
            return
        names = ", ".join(path.name for path in (files.markdown, files.measures, files.answers))
        self._show_message(f"Saved {names} in {files.markdown.parent}")

    def action_scroll(self, direction: str) -> None:
        """Scroll a line up or down."""
        report = self.query_one("#report")
        report.scroll_relative(y=1 if direction == "down" else -1, animate=False)

    def _show_message(self, text: str, *, wrong: bool = False) -> None:
        line = self.query_one("#saved", Static)
        line.set_class(wrong, "-wrong")
        line.update(Content(clean(text)))
