"""The command palette: every action of every key, the latest used ones first."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from inspect import isawaitable

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


def latest_first(commands: Iterable[SystemCommand], used: list[str]) -> Iterator[SystemCommand]:
    """``commands``, of each title the first.

    Those named in ``used`` come before the others, the latest at the top; a command that is run is
    put there.
    """

    def noting(command: SystemCommand) -> SystemCommand:
        async def note_and_run() -> None:
            used[:] = [command.title, *(title for title in used if title != command.title)]
            if isawaitable(waits := command.callback()):
                await waits

        return command._replace(callback=note_and_run)

    by_title: dict[str, SystemCommand] = {}
    for command in commands:
        by_title.setdefault(command.title, noting(command))
    yield from (by_title.pop(title) for title in used if title in by_title)
    yield from by_title.values()


def key_commands(screen: Screen) -> Iterator[SystemCommand]:
    """A command for each action that is possible now, with its keys."""
    common = getattr(screen.app, "HELP_TITLE", "")
    for owner, binding in nearest_first(screen):
        if not owner.allows(binding):
            continue
        pane = "" if owner.title == common else f"{owner.title}: "
        keys = key_names(binding.key)
        text = f"{keys} · {binding.tooltip}" if binding.tooltip else keys
        yield SystemCommand(f"{pane}{binding.description}", text, owner.runner(binding))
