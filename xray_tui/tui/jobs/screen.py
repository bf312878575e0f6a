"""The screen about one job: its state, times, parameters and errors, its prompts, its images."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.screen import Screen
from textual.widgets import OptionList, Static
from textual.widgets.option_list import Option

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.queue.job_details import JobDetails, read_details
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.keymap import key_of
from xray_tui.text import clean, counted
from xray_tui.tui.bindings import ROWS, SCROLL, SCROLL_ENDS, bound
from xray_tui.tui.error_toasts import load_in_background
from xray_tui.tui.jobs.actions import JOB_KEYS, JobAction, QueueAction, is_possible
from xray_tui.tui.jobs.rows import facts_text, image_option, prompt_option
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.key_footer import KeyFooter

REFRESH_SECONDS = 1.0
_REST = 10
"""A job of 200,000 images takes seconds to read: this many times as long, it is not read again."""
MOST_IMAGES = 500
"""Images listed, the latest first; the review shows all."""


@dataclass(frozen=True)
class _Shown:
    details: JobDetails
    images: list[GalleryRow]
    number: int
    """All images of the job, of which some are listed."""


def _counts(shown: _Shown) -> tuple[object, ...]:
    """What decides which actions are possible."""
    row = shown.details.row
    return row.state, row.done, row.failed, shown.number


class FactsView(VerticalScroll):
    """State, numbers, times, parameters and errors."""

    HELP_TITLE = "Job"
    BINDINGS: ClassVar[list[BindingType]] = [*SCROLL, *SCROLL_ENDS]


class PromptRows(OptionList):
    """The prompts of the job."""

    HELP_TITLE = "Job"
    BINDINGS: ClassVar[list[BindingType]] = [*ROWS]


class ImageRows(OptionList):
    """The images of the job."""

    HELP_TITLE = "Job"
    BINDINGS: ClassVar[list[BindingType]] = [
        *ROWS,
        bound("open", "select", "Review image", tooltip="among the images of this job"),
    ]

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Without an image there is none to review."""
        return action != "select" or self.option_count > 0


class JobScreen(Screen[None]):
    """Shows the job ``job_id`` of ``dataset``, and follows it while it runs.

    ``act`` and ``act_on_all`` carry out an action on the job or on the queue. ``reviewer`` is whose
    decisions are shown.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Job"
    MANUAL_PAGE = "jobs#one-job"
    AUTO_FOCUS = "#image-rows"
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "dismiss(None)", "Close"),
        bound("quit", "dismiss(None)", "Close", show=False),
        bound("review", "review", "Review", tooltip="the images of this job"),
        *JOB_KEYS,
        bound("pause_queue", "ask_all('pause')", "Pause all", tooltip="the whole queue"),
        bound("pause_queue", "ask_all('resume')", "Resume all", tooltip="the whole queue"),
        bound("undo", "ask_all('undo')", "Undo", tooltip="the last action on the queue"),
        bound("redo", "ask_all('redo')", "Redo", show=False, tooltip="what was undone"),
        bound("next_part", "app.focus_next", "Next part", show=False),
        bound("previous_part", "app.focus_previous", "Previous part", show=False),
    ]

    @dataclass
    class ReviewRequested(Message):
        """The user wants to review the images of a filter, at a record or at the first (0)."""

        filter_text: str
        record_id: int

    def __init__(
        self,
        job_id: str,
        dataset: Dataset,
        reviewer: str | None,
        act: Callable[[str, JobAction], object],
        act_on_all: Callable[[QueueAction], object],
    ) -> None:
        super().__init__()
        self._job_id = job_id
        self._dataset = dataset
        self._desk = dataset.desk(reviewer)
        self._act = act
        self._act_on_all = act_on_all
        self._shown: _Shown | None = None
        self._read_again = 0.0

    def compose(self) -> ComposeResult:
        with Horizontal(id="job"):
            with FactsView(id="job-facts", classes="part"):
                yield Static("Reading the job…", id="job-text", markup=False)
            with Vertical(id="job-lists"):
                with Vertical(id="job-prompts", classes="part"):
                    yield PromptRows(id="prompt-rows", compact=True, markup=False)
                with Vertical(id="job-images", classes="part"):
                    yield ImageRows(id="image-rows", compact=True, markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        for part, title in (("facts", "Job"), ("prompts", "Prompts"), ("images", "Images")):
            self.query_one(f"#job-{part}").border_title = title
        self._load()
        self.set_interval(REFRESH_SECONDS, self._load)

    # ---- keys ------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Allow only actions that are possible with the job; none before it is read."""
        row = None if self._shown is None else self._shown.details.row
        match action:
            case "ask":
                what = str(parameters[0])
                return row is not None and is_possible(
                    what, row.state, done=row.done, failed=row.failed
                )
            case "ask_all" if parameters[0] in ("pause", "resume"):
                paused = self._shown is not None and self._shown.details.queue_paused
                return paused == (parameters[0] == "resume")
            case "explain":
                return row is not None
            case "review":
                return self._shown is not None and self._shown.number > 0
        return True

    def action_ask(self, action: JobAction) -> None:
        """Ask for an action on the job. The form, into which it is loaded, is below this screen."""
        if action == "edit":
            self.dismiss(None)
        self._act(self._job_id, action)

    def action_explain(self) -> None:
        """Let the queue say why it does not edit the job."""
        self._act(self._job_id, "edit")

    def action_ask_all(self, action: QueueAction) -> None:
        """Ask for an action on the whole queue."""
        self._act_on_all(action)

    def action_review(self) -> None:
        """Review the images of this job."""
        self.post_message(self.ReviewRequested(self._filter, 0))

    @on(OptionList.OptionSelected, "#image-rows")
    def _review_image(self, event: OptionList.OptionSelected) -> None:
        self.post_message(self.ReviewRequested(self._filter, int(event.option_id or 0)))

    @on(OptionList.OptionSelected, "#prompt-rows")
    def _keep_inside(self, event: OptionList.OptionSelected) -> None:
        event.stop()

    # ---- the content -----------------------------------------------------------------------------

    @property
    def _filter(self) -> str:
        return f"job:{self._job_id}"

    def _load(self) -> None:
        """Read the job off the UI thread, unless another screen covers this one."""
        if self.is_current and time.monotonic() >= self._read_again:
            load_in_background(self, self._read, self._show, "job")

    def _read(self) -> _Shown | None:
        begun = time.monotonic()
        details = read_details(self._dataset.queue, self._job_id)
        if details is None:
            return None
        ids = self._desk.index.find(parse(self._filter))
        latest = list(reversed(ids[-MOST_IMAGES:]))
        images = self._desk.index.rows(latest)
        now = time.monotonic()
        self._read_again = now + (now - begun) * _REST
        return _Shown(details, images, len(ids))

    def _show(self, shown: _Shown | None) -> None:
        if shown is None:
            if self._shown is None or self.is_current:
                self.dismiss(None)  # the job was removed from the queue
            return
        before, self._shown = self._shown, shown
        row = shown.details.row
        self.query_one("#job-facts").border_title = Content(clean(row.title))
        self._show_facts()
        if before is None or before.details.prompts != shown.details.prompts:
            self._fill("#prompt-rows", [prompt_option(part) for part in shown.details.prompts])
        if before is None or before.images != shown.images:
            self._fill("#image-rows", [image_option(image) for image in shown.images])
            self.refresh_bindings()
        prompts = self.query_one("#job-prompts")
        prompts.border_title = counted(shown.details.prompt_count, "prompt")
        listed = len(shown.details.prompts)
        prompts.border_subtitle = (
            f"the first {listed}" if listed < shown.details.prompt_count else ""
        )
        images = self.query_one("#job-images")
        images.border_title = counted(shown.number, "image")
        more = shown.number > len(shown.images)
        all_of_them = f"the latest {len(shown.images)} · {key_of('review')} shows all"
        images.border_subtitle = all_of_them if more else ""
        if before is None or _counts(before) != _counts(shown):
            self.refresh_bindings()

    def _show_facts(self) -> None:
        if self._shown is not None:
            width = self.query_one("#job-facts").scrollable_content_region.width
            text = facts_text(self._shown.details, datetime.now(UTC), width)
            self.query_one("#job-text", Static).update(text)

    def on_resize(self) -> None:
        """Wrap the facts to the new width."""
        self.call_after_refresh(self._show_facts)

    def _fill(self, where: str, options: list[Option]) -> None:
        """Replace the options of a list, and keep its cursor in place."""
        rows = self.query_one(where, OptionList)
        at = rows.highlighted or 0
        rows.set_options(options)
        rows.highlighted = min(at, len(options) - 1) if options else None
