"""The question screen: answers by key, by enter, and going back."""

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
    Choice("stay", "escape", "Go on working"),
]
TEXT = "What is finished is saved, and the rest can be queued again: nothing is made twice."


class Host(ThemedApp):
    """Asks at once."""

    def __init__(
        self,
        answers: list[Choice],
        text: str = TEXT,
        title: str = "Images are being made",
        theme: str = "reading-room",
    ) -> None:
        super().__init__(theme)
        self._question = QuestionScreen(title, text, answers)
        self.answers: list[str | None] = []

    def on_mount(self) -> None:
        self.push_screen(self._question, self.answers.append)

    @property
    def text(self) -> str:
        return screen_text(self.screen)


@pytest.mark.parametrize(
    ("answers", "keys", "answer"),
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
async def test_keys_answer(answers: list[Choice], keys: list[str], answer: str | None) -> None:
    app = Host(answers)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press(*keys)
        await pilot.pause()
        assert app.answers == [answer]


async def test_other_keys_do_nothing() -> None:
    app = Host(DELETE)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("x", "q", "g", "tab")
        assert app.answers == [] and app.screen is app._question


async def test_keys_and_the_way_back_are_shown() -> None:
    app = Host(QUIT)
    async with app.run_test(size=(80, 24)):
        assert "esc  Go on working" in app.text and "goes back" not in app.text
    app = Host(DELETE)
    async with app.run_test(size=(80, 24)):
        assert "esc goes back" in app.text


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_a_long_and_hostile_question_leaves_the_answers_in_sight(
    size: tuple[int, int],
) -> None:
    answers = [Choice("a", "a", HOSTILE), Choice("b", "b", "the last")]
    app = Host(answers, f"{HOSTILE}\n" * 30, HOSTILE)
    async with app.run_test(size=size) as pilot:
        assert_harmless(app)
        assert "[/] x" in app.text
        options = app.screen.query_one(OptionList)
        assert options.region.bottom < app.size.height
        assert "the last" in app.text
        await pilot.press("b")
        await pilot.pause()
        assert app.answers == ["b"]


@pytest.mark.parametrize(
    ("answers", "size", "theme"),
    [(QUIT, (80, 24), "reading-room"), (DELETE, (120, 36), "daylight")],
    ids=["quit", "delete"],
)
def test_it_looks_right(snap_compare, answers, size: tuple[int, int], theme: str) -> None:
    assert snap_compare(Host(answers, theme=theme), terminal_size=size)
