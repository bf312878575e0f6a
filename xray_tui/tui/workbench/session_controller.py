"""Restores what the user left in the workbench the last time, and remembers it for the next."""

from __future__ import annotations

from contextlib import suppress

from textual.css.query import NoMatches

from xray_tui.errors import ParameterError, XrayTuiError
from xray_tui.models.catalogue import resolve
from xray_tui.parameters import check_overrides
from xray_tui.tui.session.memory import REMEMBER_SECONDS, Memory
from xray_tui.tui.session.state import PromptPane, Session
from xray_tui.tui.workbench.stage import Stage


class SessionController:
    """Keeps ``memory`` up to date with the panes of ``stage``."""

    def __init__(self, stage: Stage, memory: Memory) -> None:
        self._stage = stage
        self._memory = memory
        self._open = False

    def restore_prompts(self) -> None:
        """Restore the prompt pane; call it before the library is shown."""
        self._stage.prompts.restore(self._memory.session.prompts)

    def restore_form(self) -> None:
        """Restore the form, and remember from now on what changes."""
        for problem in self._memory.problems:
            self._stage.log_line("warning", problem)
        form = self._stage.form
        form.advanced_open = self._memory.user.advanced
        restored = self._usable(self._memory.session)
        if restored:
            form.set_overrides(restored)
        self._open = True
        self._stage.every(REMEMBER_SECONDS, self.remember)

    def remember(self) -> None:
        """Note what has changed; it is written in the background."""
        if not self._open:
            return
        form = self._stage.form
        with suppress(NoMatches):  # the screen is being removed
            prompts = self._stage.prompts.remembered
            self._memory.remember(prompts=prompts)
            self._memory.remember_for_user(advanced=form.advanced_open)
            with suppress(ParameterError):  # a field is invalid: the last valid values stay
                overrides = form.overrides
                given = self._stage.settings.generation
                settings = {name: given[name] for name in overrides if name in given}
                self._memory.remember(overrides=overrides, settings=settings)

    def reset(self) -> None:
        """Show the defaults; the memory was reset."""
        self._stage.prompts.restore(PromptPane())
        self._stage.form.set_overrides({})
        self._stage.form.advanced_open = self._memory.user.advanced

    def _usable(self, session: Session) -> dict[str, object]:
        """The changed parameters that are still valid.

        A parameter is left out if the user has set it to another value since, in the settings file
        or in a variable.
        """
        usable: dict[str, object] = {}
        for name, value in session.overrides.items():
            if self._stage.settings.generation.get(name) != session.settings.get(name):
                continue
            with suppress(XrayTuiError, TypeError):
                check_overrides({name: value})
                if name == "model":
                    resolve(str(value))
                usable[name] = value
        return usable
