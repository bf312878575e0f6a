"""The panel beside the pictures: the prompt, how the image was made, and what is thought of it."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from xray_tui.tui.stylesheet import beside
from xray_tui.tui.widgets.record_details import RecordDetails, detail_lines


class RecordPanel(VerticalScroll):
    """Tells all about one image; longer texts are scrolled to."""

    DEFAULT_CSS = beside(__file__)
    HELP_TITLE = "Image details"

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._details: RecordDetails | None = None
        self._lines = 0

    def compose(self) -> ComposeResult:
        yield Static(markup=False, id="record-text")

    def show(self, details: RecordDetails) -> None:
        """Tell about this image, from the top."""
        if details != self._details:
            self._details = details
            self._write()
            self.scroll_home(animate=False)

    def clear(self) -> None:
        """Tell nothing."""
        self._details = None
        self._write()

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._write()

    def _write(self) -> None:
        """Fill the panel to its end: other texts then need no new layout of the whole screen."""
        width, height = self.scrollable_content_region.size
        lines = [*detail_lines(self._details, width)] if self._details and width else []
        lines += [Content("")] * (height - len(lines))
        self.query_one("#record-text", Static).update(
            Content("\n").join(lines), layout=len(lines) != self._lines
        )
        self._lines = len(lines)
