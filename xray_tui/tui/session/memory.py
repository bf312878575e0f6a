"""The two files that the app remembers things in."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Protocol, runtime_checkable

from xray_tui.config import Settings, ThemeName
from xray_tui.dataset.files.layout import SESSION
from xray_tui.environment import state_folder
from xray_tui.tui.session.state import Session, UserState
from xray_tui.tui.session.state_file import StateFile

REMEMBER_SECONDS = 2.0
"""How often a screen notes what has changed, for an end that leaves no time for it."""


@runtime_checkable
class Remembering(Protocol):
    """A screen that is restored at the next start."""

    def remember(self) -> None:
        """Note what has changed."""

    def reset_session(self) -> None:
        """Show the defaults; the memory was reset."""


class Memory:
    """The state remembered of the dataset at ``root`` and of the user; without ``root``, nothing.

    With ``fresh``, the app starts with its defaults; the lines that were typed stay.
    """

    def __init__(self, root: Path | None = None, *, fresh: bool = False) -> None:
        folder = None if root is None else state_folder()
        self._dataset = StateFile(Session, None if root is None else root / SESSION)
        self._user = StateFile(
            UserState, None if folder is None else folder / "state.json", make_folder=True
        )
        if fresh:
            self.reset()

    @property
    def session(self) -> Session:
        """What the dataset remembers."""
        return self._dataset.value

    @property
    def user(self) -> UserState:
        """The state that is remembered for the user."""
        return self._user.value

    def theme(self, settings: Settings) -> ThemeName:
        """The theme to start with: the user's setting, otherwise the one used last."""
        if "theme" in settings.model_fields_set:
            return settings.theme
        return self.user.theme or settings.theme

    @property
    def problems(self) -> Iterator[str]:
        """A line for the log for each file that could not be read."""
        return (file.problem for file in (self._dataset, self._user) if file.problem)

    def remember(self, **changes: object) -> None:
        """Change fields of the session; written in the background."""
        self._dataset.save(self.session.model_copy(update=changes))

    def remember_for_user(self, **changes: object) -> None:
        """Change fields of the user's state; written in the background."""
        self._user.save(self.user.model_copy(update=changes))

    def reset(self) -> None:
        """Forget everything but the lines that were typed, and that the hints are known."""
        self._dataset.save(Session())
        self._user.save(UserState(lines=self.user.lines, hints_done=self.user.hints_done))

    def finish(self) -> None:
        """Wait until everything is written, but not long."""
        self._dataset.finish()
        self._user.finish()
