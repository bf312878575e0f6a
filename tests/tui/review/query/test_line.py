"""The query line: its messages, its completions, and the rows below it."""

from __future__ import annotations

import pytest
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless, until
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Static

from xray_tui.dataset.query.completion import Vocabulary
from xray_tui.tui.palette import key_commands
from xray_tui.tui.review.query import line as query_line
from xray_tui.tui.review.query.input import QueryInput
from xray_tui.tui.review.query.line import QueryLine
from xray_tui.tui.review.query.offer import QueryOffer
from xray_tui.tui.widgets.key_footer import KeyFooter

VOCABULARY = Vocabulary(
    labels=("normal", "pneumonia", "bacterial-pneumonia"),
    regions=("chest", "knee"),
    prompts=tuple(f"chest-prompt-{number}" for number in range(30)),
    reviewers=("anna", "Bob Lee", HOSTILE.replace("\ud800", "")),
    saved=("best",),
)
PROBLEM = 'character 21: "foo" is not a field; use label, region, prompt, tag, decision, verdict'


class Host(ThemedApp):
    """A query line above another widget that can have the focus."""

    def __init__(self, theme: str = "reading-room", text: str = "", error: str = "") -> None:
        super().__init__(theme)
        self._text, self._error = text, error

    def compose(self) -> ComposeResult:
        yield QueryLine()
        yield Static("the gallery\n" * 3, classes="rest")
        yield KeyFooter()

    def on_mount(self) -> None:
        self.line.set_vocabulary(VOCABULARY)
        self.line.text = self._text
        self.line.show_error(self._error)
        self.line.focus()

    @property
    def line(self) -> QueryLine:
        return self.query_one(QueryLine)

    @property
    def offer(self) -> str:
        return str(self.query_one(QueryOffer).render())

    @property
    def message(self) -> str:
        return str(self.query_one("#query-message", Static).render())

    def on_query_line_changed(self, event: Message) -> None:
        self.messages.append(event)

    on_query_line_submitted = on_query_line_changed
    on_query_line_closed = on_query_line_changed
    on_query_line_save_requested = on_query_line_changed

    @property
    def posted(self) -> list[tuple[str, str]]:
        return [(type(event).__name__, getattr(event, "text", "")) for event in self.messages]


@pytest.fixture
def endless_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """Makes the pause after typing so long that it never ends during a test."""
    monkeypatch.setattr(query_line, "PAUSE", 60.0)


async def test_a_change_is_reported_when_the_user_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(query_line, "PAUSE", 0.05)
    app = Host()
    async with app.run_test() as pilot:
        for text in ("r", "ra", "rat", "rating"):
            app.query_one(QueryInput).value = text
        await until(pilot, lambda: app.posted)
        assert app.posted == [("Changed", "rating")]


async def test_the_palette_offers_completions_only_while_the_line_has_the_focus() -> None:
    app = Host()
    async with app.run_test() as pilot:
        complete = {"Filter line: Complete", "Filter line: Previous choice", "Filter line: Back"}
        assert complete <= {command.title for command in key_commands(app.screen)}
        app.screen.set_focus(None)
        await pilot.pause()
        lasting = {"Filter line: Save filter", "Filter line: Delete saved"}
        found = {command.title for command in key_commands(app.screen)}
        assert {title for title in found if title.startswith("Filter line")} == lasting


@pytest.mark.usefixtures("endless_pause")
async def test_keys_submit_save_and_close_with_the_latest_text() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(*"a", "enter", "b", "ctrl+s", "escape", "escape")
        await pilot.pause()
        assert app.posted == [
            ("Submitted", "a"),
            ("SaveRequested", "ab"),
            ("Changed", "ab"),  # otherwise the latest text would never be reported
            ("Closed", ""),
            ("Closed", ""),
        ]
        assert app.line.text == "ab"


@pytest.mark.usefixtures("endless_pause")
async def test_tab_completes_however_fast_the_user_types() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(*"lab", "tab", *"pneu", "down", "tab", "space", *"-is", "tab", *"acc")
        await pilot.press("tab", "tab")
        assert app.line.text == "label:bacterial-pneumonia -is:accepted"
        assert app.focused is app.query_one(QueryInput)  # tab without completions keeps the focus
        await pilot.press("home", "space", "home", *"@b", "tab")
        assert app.line.text == "@best label:bacterial-pneumonia -is:accepted"


@pytest.mark.usefixtures("endless_pause")
async def test_completions_follow_the_cursor_and_the_selection() -> None:
    app = Host()
    async with app.run_test(size=(60, 12)) as pilot:
        await pilot.pause()
        assert app.offer.startswith("label:  region:  prompt:") and app.offer.endswith("…")
        assert app.message == "label of the image"
        await pilot.press("down")
        await pilot.pause()
        assert app.message == "body part"
        await pilot.press("up", "up")
        await pilot.pause()
        assert app.offer.startswith("…") and app.offer.rstrip().endswith("sort:")
        app.line.text = "region:kn label:normal"
        await pilot.pause()
        assert app.offer == "" and not app.query_one(QueryOffer).display
        await pilot.press("home", *["right"] * 9)
        await pilot.pause()
        assert app.offer.strip() == "knee"
        assert app.posted == []  # no message for a text set by the screen


@pytest.mark.usefixtures("endless_pause")
async def test_the_selected_completion_is_always_visible() -> None:
    app = Host(text="prompt:")
    async with app.run_test(size=(40, 12)):
        field, row = app.query_one(QueryInput), app.query_one(QueryOffer)
        for number in range(30):
            assert f"chest-prompt-{number} " in f"{row.render()} "
            assert row.render().cell_length <= 38
            field.action_choose(1)
            app.line._show()


@pytest.mark.usefixtures("endless_pause")
async def test_an_error_stays_until_it_is_cleared() -> None:
    app = Host()
    async with app.run_test() as pilot:
        app.line.text = "foo:bar "
        app.line.show_error(PROBLEM)
        await pilot.pause()
        assert app.message == PROBLEM and app.query_one(QueryInput).has_class("-wrong")
        assert app.query_one("#query-message").size.height == 2, "80 columns are too narrow for it"
        app.line.show_error("")
        assert app.message == "label of the image"
        assert not app.query_one(QueryInput).has_class("-wrong")


@pytest.mark.usefixtures("endless_pause")
async def test_the_value_that_is_being_chosen_is_explained_although_the_line_is_not_valid_yet() -> (
    None
):
    app = Host()
    async with app.run_test() as pilot:
        app.line.set_vocabulary(Vocabulary(jobs={"20261129-101500-0b1c": "effusion, 10 images"}))
        app.line.text = "job:"
        app.line.show_error("character 5: job needs a value", 4)
        await pilot.pause()
        assert app.message == "effusion, 10 images"
        app.line.text = "job: la"
        app.line.show_error("character 5: job needs a value", 4)
        await pilot.pause()
        assert app.message == "character 5: job needs a value"


@pytest.mark.usefixtures("endless_pause")
async def test_completions_cover_the_rows_below_while_the_line_has_the_focus() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        rest, message = app.query_one(".rest"), app.query_one("#query-message")
        assert app.line.size.height == 1 and rest.region.y == 1
        assert message.region.y == 2 and message in app.screen.get_widget_at(1, 2)
        app.set_focus(None)
        await pilot.pause()
        assert rest.region.y == 1 and rest in app.screen.get_widget_at(1, 2)


@pytest.mark.usefixtures("endless_pause")
async def test_hostile_names_and_texts_are_harmless() -> None:
    app = Host(text="reviewer:", error=HOSTILE)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.offer.strip() == 'anna  "Bob Lee"'  # names that cannot be typed are not offered
        app.line.text = HOSTILE
        await pilot.pause()
        assert "[/red]" in app.line.text
        assert_harmless(app)


LONG = "label:normal rating>=3 -tag:grid* "


@pytest.mark.parametrize(
    ("theme", "text", "error", "keys"),
    [
        ("reading-room", LONG, "", ["down"]),
        ("daylight", LONG + "prompt:", "", ["up"]),
        ("daylight", LONG + "pneu", "character 8: rating must be 0 to 5", []),
        ("reading-room", "foo:bar", PROBLEM + ", rating, seed, date, check, or quotes", []),
    ],
    ids=["fields", "values", "both", "error"],
)
def test_the_query_line_looks_right(
    snap_compare: object, theme: str, text: str, error: str, keys: list[str]
) -> None:
    assert snap_compare(Host(theme, text, error), press=keys, terminal_size=(80, 10))
