"""The services of the review's screen, and of the workbench, that the parts of the review use.

Judging, dialogs, image list and duplicate groups know these protocols, not the screen itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from typing import Any, Protocol, TypeVar

from textual.notifications import SeverityLevel
from textual.screen import Screen

from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.tasks import Task
from xray_tui.tui.jobs.image_requests import ImageRequests
from xray_tui.tui.review.query.line import QueryLine
from xray_tui.tui.review.views import ReviewViews

_Result = TypeVar("_Result")
_Loaded = TypeVar("_Loaded")


class ReviewHost(Protocol):
    """Queues images for the review: a workbench, or the review itself."""

    @property
    def has_form(self) -> bool:
        """Whether this is a workbench, with a form for parameters, to return to."""

    def drawable_labels(self) -> Collection[Label]:
        """Region and label of every prompt in the library."""

    def generate_missing(
        self, shortfalls: Sequence[Shortfall], otherwise: Callable[[], object]
    ) -> None:
        """Queue the images that the targets still need, and report it; or call ``otherwise``."""

    def generate_again(self, tasks: Sequence[Task]) -> None:
        """Queue one new image for each of ``tasks``, the same with a new seed, and report it."""

    def take_settings(self, task: Task) -> None:
        """Load prompt, seed and parameters of an image into the form."""

    def pause_queue(self) -> None:
        """Pause or resume the whole queue of a workbench, and report it."""

    @property
    def requests(self) -> ImageRequests:
        """The images asked for, which are undone in order with what was judged."""


class ReviewStage(Protocol):
    """The review's screen, as its parts see it. Only ``from_thread`` works in other threads."""

    @property
    def host(self) -> ReviewHost:
        """The workbench that opened the review, or its stand-in."""

    @property
    def views(self) -> ReviewViews:
        """Gallery, loupe and comparison."""

    @property
    def query_line(self) -> QueryLine:
        """The line a filter is typed into."""

    def toast(self, text: str, severity: SeverityLevel = "information") -> None:
        """Show the response to a key for a few seconds."""

    def changed(self, record_ids: Sequence[int]) -> None:
        """Show these records again, as the catalog has them now, and update the counts."""

    def list_again(self, record_id: int) -> None:
        """Apply the filter again, as images came or went; then move to this record if possible."""

    def count_soon(self) -> None:
        """Update the counts of decisions once no more keys are pressed."""

    def show_status(self) -> None:
        """Bring the status line up to date."""

    def ask(self, dialog: Screen[_Result], answered: Callable[[_Result | None], None]) -> None:
        """Open ``dialog``, and call ``answered`` with its result."""

    def load(
        self, load: Callable[[], _Loaded], show: Callable[[_Loaded], object], group: str
    ) -> None:
        """Call ``load`` in a thread and ``show`` with its result: see ``load_in_background``."""

    def answer(
        self, load: Callable[[], _Loaded], show: Callable[[_Loaded], object], group: str
    ) -> None:
        """As :meth:`load`; keys typed meanwhile are meant for what is shown, and wait for it."""

    def from_thread(self, function: Callable[..., object], *arguments: Any) -> None:
        """Call ``function`` in the UI thread, unless the review is closed. Thread-safe."""
