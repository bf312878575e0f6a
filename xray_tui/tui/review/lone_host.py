"""Queues images for other processes, if the review was opened without the workbench."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

from textual.screen import Screen

from xray_tui.commands import command
from xray_tui.config import Settings
from xray_tui.dataset.queue.withdrawal import withdraw
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.errors import XrayTuiError
from xray_tui.generation.events import LogLevel
from xray_tui.generation.planning.again import requests_again
from xray_tui.generation.planning.plan import JobRequest, plan
from xray_tui.generation.planning.shortfall import ShortfallRequests, shortfall_requests
from xray_tui.keymap import key_of
from xray_tui.prompts.library import load
from xray_tui.prompts.library_choice import choose_library
from xray_tui.prompts.schema import PromptLibrary
from xray_tui.tasks import Job, Task
from xray_tui.text import counted, step_text
from xray_tui.tui.dialogs.confirmation import Confirmation
from xray_tui.tui.jobs.image_requests import ImageRequests
from xray_tui.tui.review.stage import ReviewStage

_Result = TypeVar("_Result")


class LoneHost:
    """Plans and queues images; a process that generates in the same dataset finds them."""

    has_form = False

    def __init__(self, stage: ReviewStage, desk: ReviewDesk, settings: Settings) -> None:
        self._stage = stage
        self._queue = desk.queue
        self._settings = settings
        self.requests = ImageRequests(desk.steps)
        self._confirmation = Confirmation(self, lambda _: None)

    def drawable_labels(self) -> Collection[Label]:
        """Region and label of every prompt in the library; none if it cannot be read."""
        try:
            return {(prompt.region, prompt.label) for prompt in self._library().prompts}
        except XrayTuiError as error:
            self._stage.from_thread(self.announce, "error", str(error))
            return ()

    def generate_missing(
        self, shortfalls: Sequence[Shortfall], otherwise: Callable[[], object]
    ) -> None:
        """Queue the images that the targets still need, after asking if needed."""

        def queue(found: ShortfallRequests) -> None:
            self._submit(found.requests)

        def ask() -> None:
            requests = partial(
                shortfall_requests, shortfalls, self._library(), {}, self._settings.generation
            )
            untrained = partial(requests, include_untrained=True)
            self._confirmation.of_shortfall(requests(), untrained, queue, otherwise)

        self._try(ask)

    def generate_again(self, tasks: Sequence[Task]) -> None:
        """Queue one new image for each of ``tasks``, after asking if needed."""

        def ask() -> None:
            requests = requests_again(tasks, self._settings.generation)
            self._confirmation.of_number(requests, lambda: self._submit(requests))

        self._try(ask)

    def take_settings(self, task: Task) -> None:
        """Say where the form is."""
        app = command(dataset=self._settings.dataset)
        self.announce(
            "info",
            f"Parameters are edited in the workbench: start {app}, press {key_of('review')}, then "
            f"{key_of('edit')}.",
        )

    def pause_queue(self) -> None:
        """Pause or resume the whole queue, of every process that uses it."""
        pause = not self._queue.paused
        title = "paused the queue" if pause else "resumed the queue"
        step = _Step(self, title, lambda: self._pause(not pause), lambda: self._pause(pause))
        self._pause(pause)
        self.requests.begin().step = step
        self.announce("info", f"{title.capitalize()} · {key_of('undo')} to undo")

    def _pause(self, paused: bool) -> bool:
        changes = self._queue.paused != paused
        self._queue.set_paused(paused)
        return changes

    def announce(self, level: LogLevel, text: str) -> None:
        """Show ``text`` in a toast."""
        self._stage.toast(text, level if level in ("warning", "error") else "information")

    def ask(self, dialog: Screen[_Result], answered: Callable[[_Result | None], None]) -> None:
        """Open ``dialog``, and call ``answered`` with its result."""
        self._stage.ask(dialog, answered)

    def _library(self) -> PromptLibrary:
        return load(choose_library(self._settings).path)

    def _try(self, work: Callable[[], object]) -> None:
        try:
            work()
        except XrayTuiError as error:
            self.announce("error", str(error))

    def _submit(self, requests: Sequence[JobRequest]) -> None:
        asked = self.requests.begin()

        def work() -> tuple[str, int]:
            jobs: list[Job] = []
            try:
                for request in requests:
                    job = plan(request)  # the first time, this reads the weights of the model
                    self._queue.add(job, request.as_json())
                    jobs.append(job)
            finally:
                images = sum(job.size for job in jobs)
                title = f"queued {counted(images, 'image')}"
                if jobs:
                    asked.step = self._queued([job.id for job in jobs], title)
                else:
                    asked.failed = True
            return title, images

        def show(done: tuple[str, int]) -> None:
            title, images = done
            if self._queue.paused:
                self.announce(
                    "warning",
                    f"{title.capitalize()}, but the queue is paused. "
                    f"Press {key_of('pause_queue')} to resume it.",
                )
                return
            resume = command("generate", "--resume", dataset=self._settings.dataset)
            them = "it" if images == 1 else "them"
            self.announce("info", f"{title.capitalize()}. The app generates {them}, or: {resume}")

        self._stage.load(work, show, f"queue {id(asked)}")  # a later one must not replace it

    def _queued(self, job_ids: Sequence[str], title: str) -> _Step:
        def undo() -> bool:
            return sum(withdraw(self._queue, one) for one in job_ids) > 0

        def redo() -> bool:
            return sum(self._queue.put_back(one) and self._queue.resume(one) for one in job_ids) > 0

        return _Step(self, title, undo, redo)

    def change(self, step: _Step, change: Callable[[], bool], *, undo: bool) -> None:
        """Undo ``step`` with ``change``, or redo it, and say so."""

        def show(changed: bool) -> None:
            if changed:
                self.announce("info", step_text(step.title, undo=undo))
            else:
                verb = "undo" if undo else "redo"
                self.announce(
                    "warning", f"Cannot {verb}: {step.title}. It has changed in the meantime."
                )

        self._stage.load(change, show, f"undo {id(step)}")


@dataclass(eq=False)
class _Step:
    """A change of the queue by ``host``: a :class:`~.image_requests.QueueStep`."""

    host: LoneHost
    title: str
    undo_change: Callable[[], bool]
    redo_change: Callable[[], bool]
    is_done: bool = True
    is_undone: bool = False

    def undo(self) -> None:
        """Undo the change."""
        self.is_done, self.is_undone = False, True
        self.host.change(self, self.undo_change, undo=True)

    def redo(self) -> None:
        """Make the change again."""
        self.is_done, self.is_undone = True, False
        self.host.change(self, self.redo_change, undo=False)
