"""Goes through the screens and dialogs of the app."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from support.places import Place
from support.workbench import Workbench
from textual.screen import Screen


class Visitor:
    """Goes from the first screen to one place after the other.

    ``pressed`` replaces keys by those that mean the same in this app.
    """

    def __init__(
        self, app: Workbench, pilot: Any, pressed: Callable[[Iterable[str]], list[str]] = list
    ) -> None:
        self.app, self._pilot = app, pilot
        self._pressed = pressed
        self._home: Screen[Any] = app.screen
        self._focus = app.focused
        self._leave: tuple[str, ...] = ()

    async def go(self, place: Place) -> None:
        """Open ``place``."""
        await self._pilot.press(*self._leave)
        self._leave = place.leave
        for _ in range(6):
            if self.app.screen is self._home:
                break
            await self._pilot.press("escape")
        self._home.set_focus(self._focus)
        await self._pilot.press(*self._pressed(place.keys))
        await self.app.shows(place.shows, 10)
        await self._pilot.press(*self._pressed(place.last))
        await self._pilot.pause()
