"""The panel next to the images: opinions, the prompt, and how the image was generated."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import BindingType
from textual.content import Content
from textual.geometry import Size
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip
from textual.visual import Visual

from xray_tui.tui.bindings import SCROLL, SCROLL_ENDS, bound
from xray_tui.tui.review.panel.record_details import RecordDetails, detail_lines
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.textual_internals import update_scroll_bars


class RecordPanel(ScrollView, can_focus=True):
    """Shows the details of one image, with a scroll bar if they are long."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Image details"
    MANUAL_PAGE = "dataset#what-a-png-says-about-itself"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "screen.focus_images", "Images", tooltip="back to the images"),
        bound("open", "screen.focus_images", "Images", show=False, tooltip="back to the images"),
        *SCROLL,
        *SCROLL_ENDS,
    ]

    virtual_size = reactive(Size(0, 0))
    """As Textual's, but a new value does not trigger a layout of the whole screen."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._details: RecordDetails | None = None
        self._lines: list[Strip] = []

    # -- called by the screen ----------------------------------------------------------------------

    def show(self, details: RecordDetails) -> None:
        """Show these details, from the top."""
        if details != self._details:
            self._details = details
            self._write()
            self.scroll_home(animate=False)

    def clear(self) -> None:
        """Show nothing."""
        self._details = None
        self._write()

    # -- internals ---------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Wrap to the new width."""
        self._write()

    def notify_style_update(self) -> None:
        """The theme or the focus changed."""
        super().notify_style_update()
        self._write()

    def render_line(self, y: int) -> Strip:
        """A line of the text, or nothing below it."""
        place, width = y + self.scroll_offset.y, self.scrollable_content_region.width
        if place < len(self._lines):
            return self._lines[place]
        return Strip.blank(width, self.rich_style)

    def _write(self) -> None:
        width = self.scrollable_content_region.width
        lines = [*detail_lines(self._details, width)] if self._details and width else []
        text = Content("\n").join(lines)
        self._lines = Visual.to_strips(self, text, width, None, self.visual_style) if lines else []
        self.virtual_size = Size(width, len(lines))
        update_scroll_bars(self, self.virtual_size)
        self.refresh()
