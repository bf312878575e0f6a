"""The command palette: every action of every key, the latest used ones first."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator

from textual.app import SystemCommand
from textual.command import DiscoveryHit, Hits
from textual.screen import Screen
from textual.system_commands import SystemCommandsProvider

from xray_tui.key_names import key_names
from xray_tui.tui.bindings import nearest_first


class PaletteCommands(SystemCommandsProvider):
    """Offers the app's commands in their order; Textual would sort them by name."""

    async def discover(self) -> Hits:
        """All commands, for as long as no word is typed."""
        for command in self.app.get_system_commands(self.screen):
            yield DiscoveryHit(command.title, command.callback, help=command.help)


def key_commands(screen: Screen, used: list[str]) -> Iterator[SystemCommand]:
    """A command for each action that is possible now, with its keys.

    Those named in ``used`` are first, the latest at the top; a command that is run is put there.
    """

    def noting(title: str, run: Callable[[], Awaitable[object]]) -> Callable[[], Awaitable[object]]:
        async def note_and_run() -> object:
            used[:] = [title, *(other for other in used if other != title)]
            return await run()

        return note_and_run

    common = getattr(screen.app, "HELP_TITLE", "")
    commands: dict[str, SystemCommand] = {}
    for owner, binding in nearest_first(screen):
        if not owner.allows(binding):
            continue
        pane = "" if owner.title == common else f"{owner.title}: "
        title = f"{pane}{binding.description}"
        keys = key_names(binding.key)
        text = f"{keys} · {binding.tooltip}" if binding.tooltip else keys
        command = SystemCommand(title, text, noting(title, owner.runner(binding)))
        commands.setdefault(title, command)
    yield from (commands.pop(title) for title in used if title in commands)
    yield from commands.values()
