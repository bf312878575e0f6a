"""The report at the end of a blind reading."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from rich.console import Group
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import ScrollableContainer
from textual.content import Content
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Static

from xray_tui.dataset.blind.report import write_report
from xray_tui.dataset.blind.report_panels import Colours, panels
from xray_tui.dataset.blind.results import Results, results_of
from xray_tui.dataset.blind.session import Session
from xray_tui.errors import DatasetError
from xray_tui.text import clean
from xray_tui.tui.bindings import bound
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.key_footer import KeyFooter


class ReportText(Static):
    """The tables of a report, as wide as the room for them."""

    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "report--good",
        "report--wrong",
        "report--quiet",
        "report--heading",
    }

    def __init__(self, *, id: str) -> None:
        super().__init__(id=id)
        self._results: Results | None = None

    def show(self, results: Results) -> None:
        """Show these results."""
        self._results = results
        self._draw()

    def on_mount(self) -> None:
        """Draw again in the colours of another theme."""
        self.app.theme_changed_signal.subscribe(self, lambda _: self._draw())

    def fit(self) -> None:
        """Draw for the width that there is now."""
        self._draw()

    def _draw(self) -> None:
        parent = self.parent
        if self._results is None or not isinstance(parent, Widget):
            return
        names = ("good", "wrong", "quiet", "heading")
        colours = Colours(*(self.get_component_rich_style(f"report--{name}") for name in names))
        self.update(Group(*panels(self._results, colours, parent.content_size.width)))


class BlindReportScreen(Screen[None]):
    """Saves the report of ``session``, and shows it as tables."""

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
            yield ReportText(id="text")
        yield Static(id="saved", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one("#report").focus()
        try:
            results = results_of(self._root, self._session)
        except DatasetError as error:
            self._show_message(f"No report: {error}", wrong=True)
            return
        self.query_one(ReportText).show(results)
        try:
            files = write_report(self._root, results)
        except DatasetError as error:
            self._show_message(f"Not saved: {error}", wrong=True)
            return
        names = ", ".join(path.name for path in (files.markdown, files.measures, files.answers))
        self._show_message(f"Saved {names} in {files.markdown.parent}")

    def on_resize(self) -> None:
        """Fit the tables to the new width."""
        self.call_after_refresh(self.query_one(ReportText).fit)

    def action_scroll(self, direction: str) -> None:
        """Scroll a line up or down."""
        report = self.query_one("#report")
        report.scroll_relative(y=1 if direction == "down" else -1, animate=False)

    def _show_message(self, text: str, *, wrong: bool = False) -> None:
        line = self.query_one("#saved", Static)
        line.set_class(wrong, "-wrong")
        line.update(Content(clean(text)))
