"""The command palette shows the key of every action, the latest used ones first."""

from __future__ import annotations

from typing import ClassVar

from support.panes import PanesApp
from support.textual_internals import screen_text
from support.tui_samples import until
from textual.binding import Binding, BindingType
from textual.command import CommandList, CommandPalette
from textual.screen import Screen

from xray_tui.tui.bindings import described_bindings
from xray_tui.tui.preview.preview import Preview


class Host(PanesApp):
    """Knows the commands that the palette lists."""

    @property
    def text(self) -> str:
        return screen_text(self.screen)

    @property
    def commands(self) -> list[str]:
        return [str(option.prompt) for option in self.screen.query_one(CommandList).options]


async def test_every_command_shows_its_key_and_the_latest_used_is_first() -> None:
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.commands) > 20)
        assert app.commands[0] == "Prompts: Edit\nenter · the prompt under the cursor"
        assert "Generate\ng · queue the marked prompts" in app.commands
        assert "Queue: Undo\nz · the last action here" in app.commands
        assert not any("Pause job" in command for command in app.commands), "there is no job"
        assert not any("Everywhere" in command for command in app.commands)
        assert "🔎" not in app.text
        await pilot.press(*"invert")
        await until(pilot, lambda: len(app.commands) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: "inverted" in str(app.pane(Preview).border_title))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.commands) > 20)
        assert app.commands[0].startswith("Preview: Invert\ni · ")


async def test_every_kind_of_command_comes_to_the_top_when_it_is_used() -> None:
    app = Host()
    async with app.run_test():
        for title in ("Log: More detail", "Pictures: quadrants", "Redraw", "Pictures: automatic"):
            (one,) = [each for each in app.get_system_commands(app.screen) if each.title == title]
            await one.callback()
            assert next(iter(app.get_system_commands(app.screen))).title == title


async def test_the_palette_opens_again_at_once_after_it_was_closed() -> None:
    """The monkey ran into DuplicateIds: the closed palette was still being removed."""
    app = Host()
    async with app.run_test(size=(120, 36)) as pilot:
        app.action_command_palette()
        await until(pilot, lambda: len(app.commands) > 20)
        app.pop_screen()
        app.action_command_palette()
        app.action_command_palette()
        await until(pilot, lambda: len(app.commands) > 20)
        assert sum(isinstance(screen, CommandPalette) for screen in app.screen_stack) == 1


async def test_help_from_the_palette_of_the_help_closes_it() -> None:
    """The monkey opened one help on the other until RecursionError ended the app."""
    app = Host()
    async with app.run_test() as pilot:
        screens = list(app.screen_stack)
        app.action_help()
        await pilot.pause()
        app.action_help()
        await pilot.pause()
        assert app.screen_stack == screens


class Noting(Screen[None]):
    """Has a key of its own."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("x", "note", "Note")]
    noted = 0

    def action_note(self) -> None:
        self.noted += 1


async def test_a_command_of_a_screen_that_was_closed_meanwhile_does_nothing() -> None:
    app, screen = Host(), Noting()
    async with app.run_test() as pilot:
        app.push_screen(screen)
        await pilot.pause()
        (run,) = [
            owner.runner(binding)
            for owner, binding in described_bindings(screen)
            if owner.node is screen
        ]
        await run()
        app.pop_screen()
        await pilot.pause()
        await run()
        assert screen.noted == 1
