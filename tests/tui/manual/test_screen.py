"""F1 opens the manual: at the page of the focused pane, with links and a search."""

from __future__ import annotations

import sys
import threading
from pathlib import Path

import pytest
from support.tui_samples import until
from textual.app import ComposeResult
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from xray_tui.config import Settings
from xray_tui.manual.pages import TOPICS, Page, find_page
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.dialogs.working import WorkingScreen
from xray_tui.tui.manual import screen as manual_screen
from xray_tui.tui.manual.page_view import PageView
from xray_tui.tui.manual.screen import ManualScreen, TopicList


class Host(BaseApp):
    """The manual over a pane whose page is about the review."""

    def __init__(self, theme: str = "reading-room", page: str = "review") -> None:
        super().__init__(Settings(theme=theme))  # type: ignore[arg-type]
        self._page = page

    def compose(self) -> ComposeResult:
        pane = Input()
        pane.MANUAL_PAGE = self._page  # type: ignore[attr-defined]
        yield pane

    @property
    def manual(self) -> ManualScreen:
        assert isinstance(self.screen, ManualScreen)
        return self.screen

    @property
    def view(self) -> PageView:
        return self.manual.query_one(PageView)

    @property
    def text(self) -> str:
        return "\n".join(strip.text for strip in self.screen._compositor.render_strips())


async def opened(pilot: Pilot) -> Host:
    app = pilot.app
    assert isinstance(app, Host)
    await pilot.press("f1")
    await until(pilot, lambda: isinstance(app.screen, ManualScreen) and "Manual" in app.text)
    await until(pilot, lambda: find_page(app.manual.page_name).summary[:20] in app.text)
    return app


async def search(app: Host, pilot: Pilot, words: str) -> None:
    await pilot.press("slash")
    app.manual.query_one(Input).value = words
    await pilot.press("enter")
    await pilot.pause()


async def test_the_manual_opens_at_the_page_of_the_focused_pane_and_closes_again() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        assert app.manual.page_name == "review"
        assert app.manual.query_one(TopicList).highlighted == TOPICS.index("review")
        for key in ("escape", "q", "f1"):
            await pilot.press(key)
            assert not isinstance(app.screen, ManualScreen)
            await opened(pilot)


async def test_the_manual_opens_at_the_section_that_the_pane_names() -> None:
    async with Host(page="review#loupe").run_test(size=(80, 24)) as pilot:
        await pilot.press("f1")
        app = pilot.app
        assert isinstance(app, Host)
        await until(pilot, lambda: "shows the image as large" in app.text)
        assert app.text.splitlines()[1].split("│")[-2].strip() == "Loupe"


@pytest.mark.parametrize("size", [(80, 24), (120, 36), (200, 60)])
async def test_no_line_of_any_page_is_cut(size: tuple[int, int]) -> None:
    async with Host().run_test(size=size) as pilot:
        app = await opened(pilot)
        for topic in TOPICS:
            app.manual.open_page(topic)
            await pilot.pause()
            page = app.manual._page(topic)
            assert max(map(len, page.texts)) <= app.view.text_width
            assert app.view.max_scroll_x == 0
            if "…" not in find_page(topic).text:
                assert "…" not in "".join(page.texts)


async def test_topics_are_chosen_on_the_left_and_back_returns() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await pilot.press("pagedown", "shift+tab", "down")
        assert isinstance(app.focused, TopicList)
        after = TOPICS[TOPICS.index("review") + 1]
        await until(pilot, lambda: app.manual.page_name == after)
        await pilot.press("enter")
        assert app.focused is app.view and app.view.scroll_y == 0
        await pilot.press("left")
        assert app.manual.page_name == "review" and app.view.scroll_y > 0
        await pilot.press("left")
        assert app.manual.page_name == "review"


async def test_keys_scroll_the_page() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await pilot.press("G")
        await until(pilot, lambda: app.view.scroll_y == app.view.max_scroll_y > 0)
        await pilot.press("home")
        await until(pilot, lambda: app.view.scroll_y == 0)


async def test_a_link_is_followed_by_keys_and_by_a_click() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await pilot.press("tab", "tab", "shift+tab")
        first = app.view._chosen
        assert first is not None
        await pilot.press("enter")
        await until(pilot, lambda: app.manual.page_name == first.target.partition(".")[0])
        await pilot.press("left", "tab")
        link = app.view._chosen
        assert link is not None
        spot = app.view.content_region.offset - app.view.region.offset
        at = (spot.x + link.start + 1, spot.y + link.line - app.view.scroll_offset.y)
        await pilot.click(PageView, offset=at)
        await until(pilot, lambda: app.manual.page_name == link.target.partition(".")[0])


async def test_words_are_found_on_all_pages_in_turn() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await search(app, pilot, "metadata.jsonl")
        assert app.manual.page_name == "review"
        number = str(app.view.border_subtitle)
        assert number.startswith("1 of ") or " of " in number
        count = int(number.rsplit(maxsplit=1)[-1])
        seen = []
        for _ in range(count):
            seen.append((app.manual.page_name, str(app.view.border_subtitle)))
            assert "metadata.jsonl" in app.text
            await pilot.press("f3")
            await pilot.pause()
        assert len(set(seen)) == count and str(app.view.border_subtitle) == number
        await pilot.press("shift+f3")
        assert str(app.view.border_subtitle) == seen[-1][1]


async def test_hits_stay_marked_when_the_terminal_is_resized() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await search(app, pilot, "cohen's kappa")
        here = (app.manual.page_name, str(app.view.border_subtitle))
        await pilot.resize_terminal(120, 36)
        await until(pilot, lambda: app.view.content_size.width > 80)
        await pilot.pause()
        assert (app.manual.page_name, str(app.view.border_subtitle)) == here
        assert "Cohen's kappa" in app.text


async def test_words_that_are_not_found_are_reported() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await search(app, pilot, "quantum chromodynamics")
        assert app.view.border_subtitle == "not found" and app.focused is app.view
        await pilot.press("f3")
        assert isinstance(app.focused, Input)
        await pilot.press("escape")
        assert app.focused is app.view


async def test_the_manual_opens_over_a_dialog_but_not_over_one_that_closes_by_itself() -> None:
    class Question(ModalScreen[None]):
        def compose(self) -> ComposeResult:
            yield Static("?")

    async with Host().run_test(size=(80, 24)) as pilot:
        app = pilot.app
        assert isinstance(app, Host)
        await app.push_screen(Question())
        await opened(pilot)
        assert app.manual.page_name == "review"  # the page of the screen below
        await pilot.press("escape")
        working = threading.Event()
        await app.push_screen(WorkingScreen("moving", lambda report: working.wait(20)))
        await pilot.press("f1")
        assert not isinstance(app.screen, ManualScreen)
        working.set()


async def test_the_keys_of_the_manual_are_listed() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        await pilot.press("question_mark")
        assert isinstance(app.screen, HelpScreen)
        await until(pilot, lambda: "Next hit" in app.text)
        await pilot.press("f1")
        assert app.manual.page_name == "keys"


async def test_the_theme_changes_the_colours_of_a_page() -> None:
    async with Host().run_test(size=(80, 24)) as pilot:
        app = await opened(pilot)
        before = app.manual._page("review").lines[0]
        await pilot.press("t")
        await until(pilot, lambda: app.manual._page("review").lines[0] != before)


@pytest.fixture
def sample(monkeypatch: pytest.MonkeyPatch) -> None:
    """The same sample in place of every page, so that edits of the manual change no snapshot."""
    text = Path(__file__).with_name("sample.md").read_text(encoding="utf-8")

    def sample_page(name: str) -> Page:
        title = name.capitalize()
        return Page(
            name, title, "Everything that a page", text.replace("# Sample", f"# {title}", 1)
        )

    monkeypatch.setattr(manual_screen, "find_page", sample_page)
    monkeypatch.setattr(sys.modules[__name__], "find_page", sample_page)


@pytest.mark.parametrize(
    ("size", "theme", "keys"),
    [
        ((80, 24), "reading-room", ()),
        ((80, 24), "daylight", ("l", "l")),
        ((120, 36), "daylight", ("tab",)),
        ((200, 60), "reading-room", ("slash", "s", "e", "e", "d")),
    ],
)
@pytest.mark.usefixtures("sample")
def test_the_manual_looks_right(
    snap_compare, size: tuple[int, int], theme: str, keys: tuple[str, ...]
) -> None:
    async def before(pilot: Pilot) -> None:
        await opened(pilot)
        await pilot.press(*keys)

    assert snap_compare(Host(theme), terminal_size=size, run_before=before)


@pytest.mark.usefixtures("sample")
def test_hits_look_right(snap_compare) -> None:
    async def before(pilot: Pilot) -> None:
        app = await opened(pilot)
        await search(app, pilot, "seed")
        await pilot.press("f3")

    assert snap_compare(Host(), terminal_size=(120, 36), run_before=before)
