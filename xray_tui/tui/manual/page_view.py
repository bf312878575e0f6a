"""One page of the manual: scrolled by keys, with links to other pages and marked search hits."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.scroll_view import ScrollView
from textual.strip import Strip

from xray_tui.manual.rendering import Link, RenderedPage
from xray_tui.manual.search import Hit
from xray_tui.tui.bindings import SCROLL, SCROLL_ENDS, bound
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.textual_internals import update_scroll_bars

WIDEST = 100
"""Columns of text; longer lines are hard to read."""
STYLED_PARTS = {
    "markdown.h1": "manual--title",
    "markdown.h2": "manual--heading",
    "markdown.h3": "manual--heading",
    "markdown.code": "manual--code",
    "markdown.code_block": "manual--code",
    "markdown.link_url": "manual--link",
    "markdown.table.header": "manual--heading",
    "markdown.table.border": "manual--rule",
    "markdown.item.bullet": "manual--heading",
    "markdown.item.number": "manual--heading",
}
"""Rich's names for the parts of a page, and the component classes that style them."""


class PageView(ScrollView, can_focus=True):
    """Shows a rendered page. It wraps nothing itself: the screen renders pages to its width."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Manual page"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        *STYLED_PARTS.values(),
        "manual--link-chosen",
        "manual--hit",
        "manual--hit-current",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        *SCROLL,
        *SCROLL_ENDS,
        bound("open", "follow", "Open link", show=False, tooltip="the chosen one"),
    ]

    virtual_size = reactive(Size(0, 0))
    """As Textual's, but a new value does not trigger a layout of the whole screen."""

    class LinkFollowed(Message):
        """The user followed a link to ``target``, for example ``review.md#several-reviewers``."""

        def __init__(self, target: str) -> None:
            super().__init__()
            self.target = target

    class Resized(Message):
        """The page must be rendered again: its width or the theme changed."""

    def __init__(self) -> None:
        super().__init__()
        self._page = RenderedPage((), (), (), {})
        self._chosen: Link | None = None
        self._hits: Sequence[Hit] = ()
        self._current: Hit | None = None

    @property
    def text_width(self) -> int:
        """Columns for the text, with room left for the scroll bar and a gap before it."""
        return max(20, min(self.content_size.width - 2, WIDEST))

    def show(self, page: RenderedPage, *, line: int = 0) -> None:
        """Show ``page`` with ``line`` at the top, without marks."""
        self._page = page
        self._chosen = None
        self._hits, self._current = (), None
        self.virtual_size = Size(self.text_width, len(page.lines))
        update_scroll_bars(self, self.virtual_size)
        self.scroll_to(y=line, animate=False, immediate=True, force=True)
        self.refresh()

    def mark(self, hits: Sequence[Hit], current: Hit) -> None:
        """Mark these hits, which are on this page, and scroll to the ``current`` one if needed."""
        self._hits, self._current = hits, current
        self._bring_into_sight(current.spans[0].line)
        self.refresh()

    # ---- links -----------------------------------------------------------------------------------

    def choose_link(self, step: int) -> bool:
        """Choose the next link on the page (1), or the previous one (-1); False if there is none.

        Without a chosen link, the next one is the first in sight, and there is no previous one.
        """
        links = self._page.links
        if self._chosen is not None:
            place = links.index(self._chosen) + step
        else:
            in_sight = sum(link.line < self.scroll_offset.y for link in links)
            place = in_sight if step > 0 else -1
        self._chosen = links[place] if 0 <= place < len(links) else None
        if self._chosen is not None:
            self._bring_into_sight(self._chosen.line)
        self.refresh()
        return self._chosen is not None

    def action_follow(self) -> None:
        """Open the page that the chosen link leads to."""
        if self._chosen is not None:
            self.post_message(self.LinkFollowed(self._chosen.target))

    def on_click(self, event: events.Click) -> None:
        """A click on a link opens its page."""
        offset = event.get_content_offset(self)
        if offset is None:
            return
        line = offset.y + self.scroll_offset.y
        for link in self._page.links:
            if link.line == line and link.start <= offset.x < link.end:
                self.post_message(self.LinkFollowed(link.target))

    # ---- drawing ---------------------------------------------------------------------------------

    def on_resize(self) -> None:
        """Ask for the page at the new width."""
        self.post_message(self.Resized())

    def notify_style_update(self) -> None:
        """The theme changed, and with it the styles that the page was rendered with."""
        super().notify_style_update()
        if self.is_mounted:
            self.post_message(self.Resized())

    def render_line(self, y: int) -> Strip:
        """A line of the page, or nothing below its end."""
        place = y + self.scroll_offset.y
        width = self.scrollable_content_region.width
        if place >= len(self._page.lines):
            return Strip.blank(width, self.rich_style)
        strip = Strip(self._page.lines[place]).apply_style(self.rich_style)
        if self._chosen is not None and self._chosen.line == place:
            strip = self._restyled(strip, self._chosen.start, self._chosen.end, "link-chosen")
        for hit in self._hits:
            for span in hit.spans:
                if span.line == place:
                    name = "hit-current" if hit is self._current else "hit"
                    strip = self._restyled(strip, span.start, span.end, name)
        return strip.extend_cell_length(width, self.rich_style).crop(0, width)

    def _restyled(self, strip: Strip, start: int, end: int, name: str) -> Strip:
        style = self.get_component_rich_style(f"manual--{name}")
        middle = Strip([type(segment)(segment.text, style) for segment in strip.crop(start, end)])
        return Strip.join([strip.crop(0, start), middle, strip.crop(end)])

    def _bring_into_sight(self, line: int) -> None:
        height = self.scrollable_content_region.height
        if not self.scroll_offset.y <= line < self.scroll_offset.y + height:
            top = max(0, line - height // 3)
            self.scroll_to(y=top, animate=False, immediate=True, force=True)
