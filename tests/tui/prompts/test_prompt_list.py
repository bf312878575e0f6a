"""The prompt pane: cursor, marks, collapsed branches, filter, counts, and messages."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import pytest
from support.textual_internals import tree_row, updates_of
from support.tui_samples import (
    HOSTILE,
    ThemedApp,
    a_library,
    a_prompt,
    assert_harmless,
    hostile_prompt,
)
from textual.app import ComposeResult
from textual.message import Message
from textual.widgets import Static

from xray_tui.prompts.schema import PromptLibrary
from xray_tui.tui.prompts.problem_banner import ProblemBanner
from xray_tui.tui.prompts.prompt_label import short_number
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.prompts.prompt_outline import matches, outline, shape
from xray_tui.tui.prompts.prompt_tree import PromptTree


@dataclass(frozen=True)
class ImageCounts:
    images: int
    accepted: int


SOURCE = Path("/home/somebody/x-rays/prompts.toml")
COUNTS = {"chest-normal-adult": ImageCounts(120, 45), "knee-severe": ImageCounts(12_345, 0)}


class Host(ThemedApp):
    """A prompt pane of a given size."""

    def __init__(
        self,
        width: int = 36,
        height: int = 20,
        theme: str = "reading-room",
        library: PromptLibrary | None = None,
        problem: str = "",
    ) -> None:
        super().__init__(theme)
        self._pane, self._problem = (width, height), problem
        self._library = library or a_library()

    def compose(self) -> ComposeResult:
        pane = PromptList()
        pane.styles.width, pane.styles.height = self._pane
        yield pane

    def on_mount(self) -> None:
        self.pane.show_library(self._library)
        self.pane.show_counts(COUNTS)
        self.pane.show_problem(self._problem, SOURCE)
        self.pane.focus()

    @property
    def pane(self) -> PromptList:
        return self.query_one(PromptList)

    @property
    def tree(self) -> PromptTree:
        return self.query_one(PromptTree)

    @property
    def lines(self) -> list[str]:
        """The lines of the tree, without the spaces between name and counts."""
        count = self.tree.last_line + 1
        return [" ".join(tree_row(self.tree, y).text.split()) for y in range(count)]

    @property
    def example(self) -> str:
        lines = (self.query_one(name, Static) for name in ("#example-text", "#example-counts"))
        return "\n".join(str(line.render()) for line in lines)

    def on_prompt_list_highlighted(self, event: Message) -> None:
        self.messages.append(event)

    on_prompt_list_selection_changed = on_prompt_list_highlighted
    on_prompt_list_requested = on_prompt_list_highlighted


def ids(prompts: tuple) -> list[str]:
    return [prompt.id for prompt in prompts]


def test_a_label_with_one_prompt_has_no_separate_line() -> None:
    items = outline(a_library().prompts)
    assert shape(items) == [
        ("chest",),
        ("chest", "normal"),
        ("chest", "normal", "chest-normal-adult"),
        ("chest", "normal", "chest-normal-child"),
        ("chest", "effusion", "chest-effusion"),
        ("chest", "nodule", "chest-nodule"),
        ("knee",),
        ("knee", "healthy", "knee-healthy"),
        ("knee", "severe", "knee-severe"),
    ]


def test_the_filter_matches_all_words_in_any_field() -> None:
    prompt = a_prompt("chest-effusion", label="effusion", findings=("Pleural Effusion",))
    assert matches(prompt, "PLEURAL chest woman") is False
    assert matches(prompt, "PLEURAL chest radiograph")
    assert matches(prompt, "")


@pytest.mark.parametrize(
    ("number", "shown"),
    [(0, "0"), (9999, "9999"), (10_000, "10k"), (999_999, "999k"), (12_000_000, "12M")],
)
def test_counts_stay_short(number: int, shown: str) -> None:
    assert short_number(number) == shown


async def test_lines_show_bullets_marks_and_counts_and_branches_the_sums() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("space")
        assert app.lines == [
            "▾ chest ✓1 120 (45)",
            "▾ normal ✓1 120 (45)",
            "✓● normal-adult 120 (45)",
            "● normal-child",
            "○ effusion",
            "○ nodule",
            "▾ knee 12k",
            "● healthy",
            "○ severe 12k",
        ]


async def test_without_marks_the_prompt_under_the_cursor_is_selected() -> None:
    app = Host()
    async with app.run_test() as pilot:
        assert ids(app.pane.selected) == ["chest-normal-adult"]
        assert app.last(PromptList.Highlighted).prompt.id == "chest-normal-adult"
        await pilot.press("down")
        await pilot.pause()
        assert ids(app.last(PromptList.SelectionChanged).prompts) == ["chest-normal-child"]
        await pilot.press("home")
        await pilot.pause()
        assert app.pane.highlighted is None and app.pane.selected == ()
        assert app.last(PromptList.Highlighted).prompt is None
        assert "4 prompts" in app.example and "120 generated, 45 accepted" in app.example


async def test_space_marks_prompts_and_whole_branches() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("space", "space")
        assert ids(app.pane.selected) == ["chest-normal-adult", "chest-normal-child"]
        await pilot.press("end", "up", "up", "space")  # the region knee
        await pilot.pause()
        assert ids(app.pane.selected)[2:] == ["knee-healthy", "knee-severe"]
        assert app.last(PromptList.SelectionChanged).prompts == app.pane.selected
        await pilot.press("space")
        assert len(app.pane.selected) == 2
        await pilot.press("ctrl+a")
        assert len(app.pane.selected) == 6
        assert str(app.pane.border_title) == "Prompts ✓6"
        await pilot.press("ctrl+a")
        assert app.pane.selected == ()  # the cursor is on a region


async def test_enter_and_arrows_collapse_branches_and_enter_edits_a_prompt() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("enter")
        await pilot.pause()
        asked = app.last(PromptList.Requested)
        assert (asked.action, asked.prompt.id) == ("edit", "chest-normal-adult")
        await pilot.press("left", "enter")
        assert app.lines[1].startswith("▸ normal") and len(app.lines) == 7
        await pilot.press("right")
        assert len(app.lines) == 9
        await pilot.press("left", "left", "left")
        assert app.lines[0].startswith("▸ chest")


async def test_the_footer_says_what_enter_does_on_a_prompt_and_on_a_branch() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.screen.active_bindings["enter"].binding.description == "Edit"
        await pilot.press("left")
        await pilot.pause()
        assert app.screen.active_bindings["enter"].binding.description == "Expand or collapse"


async def test_reloading_keeps_cursor_collapsed_branches_and_marks() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press(
            "space", "left", "enter", "down"
        )  # mark, collapse "normal", go to effusion
        assert ids((app.pane.highlighted,)) == ["chest-effusion"]
        prompts = app._library.prompts
        edited = prompts[2].model_copy(update={"view": "AP"})
        new = (a_prompt("chest-first", label="first"), *prompts[:2], edited, *prompts[3:])
        app.pane.show_library(a_library(*new))
        await pilot.pause()
        assert app.pane.highlighted == edited
        assert ids(app.pane.selected) == ["chest-normal-adult"]
        assert app.lines[2].startswith("▸ normal ✓1")
        assert app.last(PromptList.Highlighted).prompt == edited
        app.pane.show_library(a_library(*new[3:]))  # the marked prompt is gone
        await pilot.pause()
        assert app.pane.selected == (edited,)
        app.pane.show_library(a_library(*new))  # as by an undo
        assert ids(app.pane.selected) == ["chest-normal-adult"]
        renamed = [one.model_copy(update={"id": f"{one.id}-x"}) for one in new]
        app.pane.show_library(
            a_library(*renamed), {one.id: other.id for one, other in zip(new, renamed, strict=True)}
        )
        assert app.pane.remembered.marks == {"chest-normal-adult-x"}


async def test_after_a_deletion_the_cursor_is_on_the_next_prompt() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("end")
        app.pane.show_library(a_library(*app._library.prompts[:-1]))
        await pilot.pause()
        assert app.pane.highlighted is not None and app.pane.highlighted.id == "knee-healthy"


async def test_go_to_expands_branches_and_clears_a_filter_that_hides_the_prompt() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("home", "enter", "slash", *"knee", "enter")
        assert app.pane.go_to("chest-normal-child")
        await pilot.pause()
        assert app.pane.highlighted is not None
        assert app.pane.highlighted.id == "chest-normal-child"
        assert not app.pane.go_to("no-such-prompt")


async def test_the_filter_keeps_marks_and_escape_shows_all_prompts_again() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("space", "home", "enter")  # mark one, collapse the chest
        await pilot.press("slash", *"lesion")
        await pilot.pause()
        assert app.lines == ["▾ chest", "○ nodule"]
        await pilot.press("enter")
        assert app.focused is app.tree
        assert ids(app.pane.selected) == ["chest-normal-adult"]
        await pilot.press("escape")
        await pilot.pause()
        assert app.lines[0].startswith("▸ chest")
        assert not app.query_one("#filter").display
        await pilot.press("slash", *"zzz")
        await pilot.pause()
        assert app.lines == [] and app.query_one("#nothing").display
        await pilot.press("escape")
        await pilot.pause()
        assert app.focused is app.tree and len(app.lines) == 4


async def test_keys_ask_to_edit_the_prompt_under_the_cursor() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("n", "e", "d", "delete", "backspace", "z", "Z")
        await pilot.pause()
        asked = [event for event in app.messages if isinstance(event, PromptList.Requested)]
        with_prompt = ["edit", "duplicate", "delete", "delete"]
        assert [event.action for event in asked] == ["add", *with_prompt, "undo", "redo"]
        prompts = [event.prompt.id for event in asked if event.prompt is not None]
        assert prompts == ["chest-normal-adult"] * 4
        app.messages.clear()
        await pilot.press("home", "e", "d", "delete")  # a region has nothing to edit
        await pilot.pause()
        assert not any(isinstance(event, PromptList.Requested) for event in app.messages)


async def test_counts_repaint_only_the_lines_that_changed() -> None:
    app = Host()
    async with app.run_test() as pilot:
        before = {key: updates_of(node) for key, node in app.tree._by_key.items()}
        app.pane.show_counts(COUNTS | {"chest-effusion": ImageCounts(1, 1)})
        await pilot.pause()
        changed = {key for key, node in app.tree._by_key.items() if updates_of(node) != before[key]}
        assert changed == {("chest",), ("chest", "effusion", "chest-effusion")}
        assert app.lines[0] == "▾ chest 121 (46)"


async def test_a_problem_is_shown_and_the_last_valid_library_stays() -> None:
    app = Host()
    async with app.run_test() as pilot:
        banner = app.query_one("#problem", Static)
        assert not banner.display
        app.pane.show_problem(f"{SOURCE}:12: {HOSTILE}\n{SOURCE}:15: second", SOURCE)
        await pilot.pause()
        assert banner.display and len(app.lines) == 9
        assert str(banner.render()).startswith("prompts.toml: 2 problems\nline 12: [/] x")
        assert_harmless(app)
        app.pane.show_problem("", SOURCE)
        assert not banner.display


@pytest.mark.parametrize(
    ("height", "rows"),
    [
        (4, ["line 12: prompt number 3: label:", "is missing; every prompt needs i…"]),
        (
            12,
            [
                "prompts.toml: 2 problems",
                "line 12: prompt number 3: label:",
                "is missing; every prompt needs it",
                "line 15: second",
            ],
        ),
    ],
)
async def test_a_small_pane_shows_the_first_line_with_a_problem(
    height: int, rows: list[str]
) -> None:
    first = "prompt number 3: label: is missing; every prompt needs it"
    message = f"{SOURCE}:12: {first}\n{SOURCE}:15: second"
    app = Host(37, height, problem=message)
    async with app.run_test():
        banner = app.query_one(ProblemBanner)
        assert str(banner.render()).splitlines() == rows
        assert str(banner.tooltip) == message


async def test_without_a_library_all_problems_are_shown() -> None:
    app = ThemedApp()
    async with app.run_test(size=(36, 20)) as pilot:
        await app.mount(PromptList())
        problems = [f"{SOURCE}:{line}: prompt {line} is wrong" for line in range(1, 15)]
        app.query_one(PromptList).show_problem("\n".join(problems), SOURCE)
        await pilot.pause()
        shown = str(app.query_one(ProblemBanner).render()).splitlines()
        assert shown == [
            "prompts.toml: 14 problems",
            *(f"line {line}: prompt {line} is wrong" for line in range(1, 15)),
        ]
        app.query_one(PromptList).show_problem(f"{SOURCE}: there is no such file", SOURCE)
        shown = str(app.query_one(ProblemBanner).render()).splitlines()
        assert shown == ["prompts.toml cannot be used", "there is no such file"]


async def test_the_example_fills_in_slots_and_shows_the_negative() -> None:
    prompt = a_prompt(negative="lettering", notes="for teaching")
    app = Host(library=a_library(prompt))
    async with app.run_test():
        assert "PA chest radiograph of a woman." in app.example
        assert "Not: lettering" in app.example and "for teaching" in app.example
        app.pane.show_library(a_library(a_prompt(), negative="from the library"))
        assert "Not: from the library" in app.example


async def test_hostile_prompts_are_shown_harmlessly() -> None:
    app = Host(library=a_library(hostile_prompt(), a_prompt()), height=30)
    async with app.run_test(size=(80, 32)) as pilot:
        await pilot.press("space", "slash", *"[/red]")
        await pilot.pause()
        assert len(app.lines) == 2
        assert "[/red]" in app.example
        assert_harmless(app)


async def test_a_pane_that_shrinks_keeps_the_cursor_in_view() -> None:
    app = Host()
    async with app.run_test() as pilot:
        await pilot.press("end")
        app.pane.styles.height = 3
        await pilot.pause()
        await pilot.pause()
        assert app.tree.size.height == 1
        assert app.tree.scroll_y == app.tree.cursor_line == 8


async def test_names_do_not_take_the_style_of_the_bullet_before_them() -> None:
    app = Host()
    async with app.run_test():
        leaf = tree_row(app.tree, 3)
        styles = {segment.text.strip(): segment.style for segment in leaf}
        name, bullet = styles["normal-child"], styles["●"]
        assert name is not None and bullet is not None
        assert not name.bold and name.color != bullet.color


async def test_small_panes_leave_the_rows_to_the_tree() -> None:
    app = Host(height=5)
    async with app.run_test() as pilot:
        await pilot.pause()
        assert app.query_one("#example").size.height == 0
        assert app.tree.size.height == 3


PROBLEM = f'{SOURCE}:12: prompt "chest-x": steps = 500 [/red]\nsecond\nthird'


@pytest.mark.parametrize(
    ("host", "keys"),
    [
        (lambda: Host(36, 12), ["space", "down"]),
        (lambda: Host(36, 12, "daylight", problem=PROBLEM), []),
        (lambda: Host(42, 26, "reading-room"), ["home", "space"]),
        (lambda: Host(42, 26, "daylight"), ["slash", *"knee"]),
    ],
    ids=["small", "small-problem", "middle-marked", "middle-filter"],
)
def test_the_prompt_list_looks_right(snap_compare, host, keys: list[str]) -> None:
    app = host()
    assert snap_compare(app, press=keys, terminal_size=(44, app._pane[1]))
