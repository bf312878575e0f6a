"""The services that the workbench's screen offers to its controllers."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

from textual.screen import Screen
from textual.timer import Timer

from xray_tui.config import Settings
from xray_tui.generation.events import LogLevel
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.workbench.queue_view import QueueView

T = TypeVar("T")


class Stage(Protocol):
    """The part of the workbench that its controllers know.

    They take this protocol instead of the screen, so that the screen can import them. Everything
    here belongs to the UI thread, except for :meth:`from_thread`.
    """

    @property
    def settings(self) -> Settings: ...
    @property
    def prompts(self) -> PromptList: ...
    @property
    def form(self) -> ParameterForm: ...
    @property
    def preview(self) -> Preview: ...
    @property
    def queue(self) -> QueueView: ...

    def announce(self, level: LogLevel, text: str) -> None:
        """Log ``text`` and show it in a toast: the response to something the user just did."""

    def write_prompt(self, text: str = "") -> None:
        """Open the line for an ad-hoc prompt, with ``text`` in it.

        For the text of an image, make the line with :func:`xray_tui.prompts.scratch.as_line`.
        """

    def log_line(self, level: LogLevel, text: str) -> None:
        """Add a line to the log pane and the log file."""

    def in_thread(self, work: Callable[[], object], group: str) -> None:
        """Call ``work`` in a thread of its own; an XrayTuiError it raises is announced.

        ``group`` is the worker group of Textual that the thread belongs to.
        """

    def from_thread(self, function: Callable[..., object], *arguments: object) -> None:
        """Call ``function`` on the UI thread and wait for it; only for other threads.

        A missing widget is ignored: while the app is shutting down, the panes are removed first.
        """

    def ask(self, dialog: Screen[T], answered: Callable[[T | None], None]) -> None:
        """Open ``dialog``, and call ``answered`` with its result when it is closed."""

    def after_refresh(self, call: Callable[[], object]) -> None:
        """Call ``call`` once what has changed is on the screen."""

    def edit_file(self, path: Path) -> None:
        """Open ``path`` in the user's editor, and wait until it ends.

        Raises:
            EditorError: there is no editor, or it failed.
        """

    def every(self, seconds: float, call: Callable[[], object]) -> Timer:
        """Call ``call`` every ``seconds`` seconds while the screen exists."""
        ...
