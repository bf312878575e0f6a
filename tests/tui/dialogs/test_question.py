"""The question screen: choosing by key and by enter, and closing."""

from __future__ import annotations

import pytest
from support.textual_internals import screen_text
from support.tui_samples import HOSTILE, ThemedApp, assert_harmless
from textual.widgets import OptionList

from xray_tui.tui.dialogs.question import Choice, QuestionScreen

DELETE = [Choice("delete", "d", "Delete the prompt"), Choice("keep", "k", "Keep it")]
QUIT = [
    Choice("finish", "f", "Finish the current batch, then quit"),
    Choice("stop", "s", "Stop after this step and quit"),
    Choice("stay", "escape", "Keep working"),
]
TEXT = "Finished images are saved; the rest stays queued and can be resumed next time."


class Host(ThemedApp):
    """Asks the question at once."""

    def __init__(
        self,
        choices: list[Choice],
        text: str = TEXT,
        title: str = "Still generating",
        theme: str = "reading-room",
    ) -> None:
        super().__init__(theme)
        self._question = QuestionScreen(title, text, choices)
        self.results: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self._question, self.results.append)

    @property
    def text(self) -> str:
        return screen_text(self.screen)


@pytest.mark.parametrize(
    ("choices", "keys", "result"),
    [
        (QUIT, ["f"], "finish"),
        (QUIT, ["s"], "stop"),
        (QUIT, ["escape"], "stay"),
        (QUIT, ["down", "enter"], "stop"),
        (DELETE, ["enter"], "delete"),
        (DELETE, ["k"], "keep"),
        (DELETE, ["escape"], None),
    ],
)
async def test_keys_choose_an_answer(
    choices: list[Choice], keys: list[str], result: str | None
) -> None:
    app = Host(choices)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.results == [result]


async def test_other_keys_do_nothing() -> None:
    app = Host(DELETE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x", "q", "g", "tab")
        assert app.results == [] and app.screen is app._question


async def test_closing_is_offered_unless_escape_is_a_choice() -> None:
    app = Host(QUIT)
    async with app.run_test(size=(80, 24)):
        assert "esc  Keep working" in app.text and "esc close" not in app.text
    app = Host(DELETE)
    async with app.run_test(size=(80, 24)):
        assert "esc close" in app.text


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_long_and_hostile_question_leaves_the_choices_in_view(
    size: tuple[int, int],
) -> None:
    choices = [Choice("a", "a", HOSTILE), Choice("b", "b", "the last")]
    app = Host(choices, f"{HOSTILE}\n" * 30, HOSTILE)
    async with app.run_test(size=size) as pilot:
        assert_harmless(app)
        assert "[/] x" in app.text
        options = app.screen.query_one(OptionList)
        assert options.region.bottom < app.size.height
        assert "the last" in app.text
        await pilot.press("b")
        await pilot.pause()
        assert app.results == ["b"]


@pytest.mark.parametrize(
    ("choices", "size", "theme"),
    [(QUIT, (80, 24), "reading-room"), (DELETE, (120, 36), "daylight")],
    ids=["quit", "delete"],
)
def test_the_question_looks_right(snap_compare, choices, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(Host(choices, theme=theme), terminal_size=size)
