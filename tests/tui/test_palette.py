"""The command palette shows the key of every action, the latest used ones first."""

from __future__ import annotations

from support.panes import PanesApp
from support.textual_internals import screen_text
from support.tui_samples import until
from textual.command import CommandList

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
        assert app.commands[0] == "Prompts: Edit\nenter · the prompt; collapse or expand a branch"
        assert "Generate\ng · queue the marked prompts" in app.commands
        assert "Queue: Pause job\nspace  v · or resume it" in app.commands
        assert not any("Everywhere" in command for command in app.commands)
        assert "🔎" not in app.text
        await pilot.press(*"invert")
        await until(pilot, lambda: len(app.commands) == 1)
        await pilot.press("enter")
        await until(pilot, lambda: "inverted" in str(app.pane(Preview).border_title))
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.commands) > 20)
        assert app.commands[0].startswith("Preview: Invert\ni · ")
