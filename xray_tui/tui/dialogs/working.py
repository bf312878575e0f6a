"""A dialog that shows the progress of longer work, which runs in a thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from rich.text import Text
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import ProgressBar, Static

from xray_tui.dataset.progress import ReportProgress
from xray_tui.errors import XrayTuiError
from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for

_Result = TypeVar("_Result")


class WorkingScreen(ModalScreen[_Result | XrayTuiError], Generic[_Result]):
    """Calls ``work`` in a thread; returns its result, or the error it raised.

    Keys do nothing meanwhile. Until ``work`` reports progress, the bar only shows activity.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Working"
    closes_by_itself = True

    def __init__(self, title: str, work: Callable[[ReportProgress], _Result]) -> None:
        super().__init__()
        self._title = title
        self._work = work

    def compose(self) -> ComposeResult:
        with Vertical(id="working") as box:
            box.border_title = Text(clean(self._title))
            yield Static("Finished steps are kept, even if the terminal closes.")
            yield ProgressBar(show_eta=False)

    def on_mount(self) -> None:
        self.run_worker(self._run, thread=True)

    def at_stake(self) -> str:
        """What would be lost if the app ended now."""
        return "Work is not finished."

    def _run(self) -> None:
        outcome: _Result | XrayTuiError
        try:
            outcome = self._work(self._report)
        except XrayTuiError as error:
            outcome = error
        self.app.call_from_thread(self.dismiss, outcome)

    def _report(self, what: str, done: int, total: int) -> None:
        self.app.call_from_thread(self._show, done, total)

    def _show(self, done: int, total: int) -> None:
        if self.is_mounted:
            self.query_one(ProgressBar).update(total=total, progress=done)
