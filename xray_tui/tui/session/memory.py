"""The two files that the app remembers things in."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import Protocol, runtime_checkable

from xray_tui.config import Settings, ThemeName
from xray_tui.dataset.files.layout import SESSION
from xray_tui.environment import state_folder
from xray_tui.tui.session.state import ANY_REVIEWER, Session, UserState
from xray_tui.tui.session.state_file import StateFile

REMEMBER_SECONDS = 2.0
"""How often a screen notes what has changed, for an end that leaves no time for it."""
_LINES = 200
"""How many ad-hoc prompts are kept."""


@runtime_checkable
class Remembering(Protocol):
    """A screen that is restored at the next start."""

    def remember(self) -> None:
        """Note what has changed."""

    def reset_session(self) -> None:
        """Show the defaults; the memory was reset."""


class Memory:
    """The state remembered of the dataset at ``root`` and of the user; without ``root``, nothing.

    Several apps may use the same files: each writes only what its screens change, and the filter
    of the review is that of ``reviewer``. With ``fresh``, the app starts with its defaults; the
    lines that were typed stay.
    """

    def __init__(
        self, root: Path | None = None, reviewer: str = "", *, fresh: bool = False
    ) -> None:
        self._reviewer = reviewer
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

    @property
    def filter(self) -> str:
        """The filter of this reviewer's review, with its order."""
        filters = self.session.filters
        return filters.get(self._reviewer, filters.get(ANY_REVIEWER, ""))

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
        self._dataset.set(**changes)

    def remember_filter(self, text: str) -> None:
        """Change the filter of this reviewer's review; written in the background."""
        self._dataset.change(partial(_with_filter, self._reviewer, text))

    def remember_for_user(self, **changes: object) -> None:
        """Change fields of the user's state; written in the background."""
        self._user.set(**changes)

    def remember_line(self, line: str) -> None:
        """Put an ad-hoc prompt before those of earlier; written in the background."""
        self._user.change(partial(_with_line, line))

    def reset(self) -> None:
        """Forget everything but the lines that were typed, and how far the hints led.

        Form and marks stay in the file until a workbench remembers what it shows now: a review
        of its own has none.
        """
        hints = self.session.hints
        self._dataset.use_defaults()
        self.remember(hints=hints)
        self.remember_filter("")
        kept = {"lines", "hints_done"}
        self.remember_for_user(**UserState().model_dump(exclude=kept))

    def finish(self) -> None:
        """Wait until everything is written, but not long."""
        self._dataset.finish()
        self._user.finish()


def _with_filter(reviewer: str, text: str, session: Session) -> Session:
    gone = (reviewer, ANY_REVIEWER)  # from now on, no filter means that this reviewer has none
    others = {name: kept for name, kept in session.filters.items() if name not in gone}
    filters = others | ({reviewer: text} if text else {})
    return session.model_copy(update={"filters": filters})


def _with_line(line: str, user: UserState) -> UserState:
    lines = (line, *(other for other in user.lines if other != line))
    return user.model_copy(update={"lines": lines[:_LINES]})
