"""The manual: topics on the left, a page on the right, and a search through all pages."""

from __future__ import annotations

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen
from textual.widgets import Input, OptionList
from textual.widgets.option_list import Option

from xray_tui.keymap import key_of
from xray_tui.manual.pages import TOPICS, find_page, pages
from xray_tui.manual.remapping import with_keys
from xray_tui.manual.rendering import RenderedPage, render_page
from xray_tui.manual.search import Hit, find_words
from xray_tui.tui.bindings import ROWS, bound
from xray_tui.tui.manual.page_view import STYLED_PARTS, PageView
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput
from xray_tui.tui.widgets.key_footer import KeyFooter


class TopicList(OptionList, inherit_bindings=False):
    """The topics; the page shown is the one under the cursor."""

    HELP_TITLE = "Topics"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound("open", "select", "Read", tooltip="go to the page"),
        bound("right", "select", "Read", show=False, tooltip="go to the page"),
    ]


class SearchInput(CleanInput):
    """The field for the words to search for."""

    HELP_TITLE = "Search line"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "submit", "Search", tooltip="in all pages"),
        bound("leave", "screen.close_search", "Back", tooltip="to the page"),
    ]


class ManualScreen(Screen[None]):
    """Shows the manual, starting with the page called ``page`` at the heading ``section``."""

    DEFAULT_CSS = stylesheet_for(__file__)
    AUTO_FOCUS = "PageView"
    HELP_TITLE = "Manual"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("filter", "search", "Search", tooltip="in all pages"),
        bound("next_hit", "next_hit(1)", "Next hit"),
        bound("next_hit", "search", "Search", show=False, tooltip="in all pages"),
        bound("previous_hit", "next_hit(-1)", "Previous hit", show=False),
        bound("left", "back", "Back", tooltip="to the previous page"),
        bound("next_part", "next_part(1)", "Next link", tooltip="then the topics"),
        bound("previous_part", "next_part(-1)", "Topics", tooltip="or the previous link"),
        bound("leave", "dismiss(None)", "Close"),
        bound("quit", "dismiss(None)", "Close", show=False),
        bound("manual", "dismiss(None)", "Close", show=False, priority=True),
    ]
    opens_manual = False
    """Its key closes this screen."""

    def __init__(self, page: str = TOPICS[0], section: str = "") -> None:
        super().__init__()
        self._shown = page
        self._section = section
        self._earlier: list[tuple[str, int]] = []
        """Previous pages, each with the line that was at the top."""
        self._rendered: dict[str, RenderedPage] = {}
        self._rendered_for = (0, "")
        """Width and theme of the pages in ``_rendered``."""
        self._words = ""
        self._hits: list[Hit] = []
        self._hit = -1

    def compose(self) -> ComposeResult:
        with Horizontal():
            topics = TopicList(*(Option(page.title, id=page.name) for page in pages()))
            topics.border_title = "Manual"
            yield topics
            yield PageView()
        yield SearchInput(placeholder="search all pages", compact=True)
        yield KeyFooter()

    def on_mount(self) -> None:
        self._search_input.display = False

    def help_introduction(self) -> str:
        """The text above the keys in the help."""
        following, previous = key_of("next_hit"), key_of("previous_hit")
        return (
            f"Choose a topic on the left. {key_of('filter')} searches all pages: enter starts the "
            f"search, {following} and {previous} go to the next and the previous place. The same "
            "pages are printed by xray-tui help."
        )

    @property
    def page_name(self) -> str:
        """The name of the page shown."""
        return self._shown

    @property
    def _view(self) -> PageView:
        return self.query_one(PageView)

    @property
    def _search_input(self) -> SearchInput:
        return self.query_one(SearchInput)

    # ---- pages -----------------------------------------------------------------------------------

    def open_page(self, name: str, section: str = "") -> None:
        """Show the page called ``name``; Back returns to the page shown now."""
        self._earlier.append((self._shown, self._view.scroll_offset.y))
        self._view.border_subtitle = ""
        self._show(name, section=section)

    def action_back(self) -> None:
        """Return to the previous page."""
        if self._earlier:
            name, line = self._earlier.pop()
            self._view.border_subtitle = ""
            self._show(name, line=line)

    @on(PageView.Resized)
    def _render_again(self) -> None:
        """Render at the new width, and repeat the search, because the hits have moved."""
        section, self._section = self._section, ""
        line = 0 if section else self._view.scroll_offset.y
        self._show(self._shown, section=section, line=line)
        if self._hits:
            self._hits = find_words(self._words, self._all_pages())
            self._mark()

    @on(PageView.LinkFollowed)
    def _follow(self, message: PageView.LinkFollowed) -> None:
        name, _, section = message.target.partition("#")
        self.open_page(find_page(name or self._shown).name, section)

    @on(OptionList.OptionHighlighted)
    def _show_topic(self, message: OptionList.OptionHighlighted) -> None:
        """Show the topic, unless Textual sends this while the list does not have the focus."""
        if message.option_list.has_focus:
            self._go_to_topic(message.option_id)

    @on(OptionList.OptionSelected)
    def _read_topic(self, message: OptionList.OptionSelected) -> None:
        self._go_to_topic(message.option_id)
        self._view.focus()

    def _go_to_topic(self, name: str | None) -> None:
        if name is not None and name != self._shown:
            self.open_page(name)

    def _show(self, name: str, *, section: str = "", line: int = 0) -> None:
        self._shown = name
        page = self._page(name)
        self._view.border_title = find_page(name).title
        self._view.show(page, line=page.anchors.get(section, line))
        topics = self.query_one(TopicList)
        if topics.highlighted != TOPICS.index(name):
            with self.prevent(OptionList.OptionHighlighted):
                topics.highlighted = TOPICS.index(name)

    def _page(self, name: str) -> RenderedPage:
        """The page at the current width and in the current colours."""
        view = self._view
        rendered_for = (view.text_width, self.app.theme)
        if rendered_for != self._rendered_for:
            self._rendered_for = rendered_for
            self._rendered.clear()
        if name not in self._rendered:
            styles = {
                part: view.get_component_rich_style(component, partial=True)
                for part, component in STYLED_PARTS.items()
            }
            self._rendered[name] = render_page(self._text(name), view.text_width, styles)
        return self._rendered[name]

    def _text(self, name: str) -> str:
        return with_keys(find_page(name).text, getattr(self.app, "keys", {}))

    def _all_pages(self) -> dict[str, RenderedPage]:
        return {name: self._page(name) for name in TOPICS}

    def action_next_part(self, step: int) -> None:
        """Choose the next (1) or previous (-1) link on the page; after the last, the topics."""
        if self._view.has_focus and self._view.choose_link(step):
            return
        other = self.query_one(TopicList) if self._view.has_focus else self._view
        self.set_focus(other)

    # ---- search ----------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without hits there is no next one."""
        return action != "next_hit" or bool(self._hits)

    def action_search(self) -> None:
        """Ask for words to find."""
        self._search_input.display = True
        self.set_focus(self._search_input)  # at once: focus() acts after the next key

    def action_close_search(self) -> None:
        """Hide the search line and return to the page."""
        self._search_input.display = False
        self.set_focus(self._view)

    @on(Input.Submitted)
    def _search(self, message: Input.Submitted) -> None:
        self._words = message.value
        self._hits = find_words(self._words, self._all_pages())
        self.action_close_search()
        self.refresh_bindings()
        if not self._hits:
            self._hit = -1
            self._show(self._shown, line=self._view.scroll_offset.y)
            if self._words.strip():
                self._view.border_subtitle = "not found"
            return
        here = TOPICS.index(self._shown)
        later = (n for n, hit in enumerate(self._hits) if TOPICS.index(hit.page) >= here)
        self._hit = next(later, 0)
        self._mark()

    def action_next_hit(self, step: int) -> None:
        """Go to the next (1) or previous (-1) hit, on any page."""
        self._hit = (self._hit + step) % len(self._hits)
        self._mark()

    def _mark(self) -> None:
        """Go to the page of the current hit, and mark all hits on that page."""
        self._hit = min(self._hit, len(self._hits) - 1)
        hit = self._hits[self._hit]
        if hit.page != self._shown:
            self.open_page(hit.page)
        self._view.mark([one for one in self._hits if one.page == hit.page], hit)
        self._view.border_subtitle = f"{self._hit + 1} of {len(self._hits)}"
