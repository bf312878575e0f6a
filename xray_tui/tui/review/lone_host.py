"""Queues images for other processes, if the review was opened without the workbench."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from functools import partial
from typing import TypeVar

from textual.screen import Screen

from xray_tui.commands import command
from xray_tui.config import Settings
from xray_tui.dataset.queue.job_queue import JobQueue
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
from xray_tui.tasks import Task
from xray_tui.text import counted
from xray_tui.tui.dialogs.confirmation import Confirmation
from xray_tui.tui.review.stage import ReviewStage

_Result = TypeVar("_Result")


class LoneHost:
    """Plans and queues images; a process that generates in the same dataset finds them."""

    has_form = False

    def __init__(self, stage: ReviewStage, queue: JobQueue, settings: Settings) -> None:
        self._stage = stage
        self._queue = queue
        self._settings = settings
        self._confirmation = Confirmation(self, lambda _: None)

    def drawable_labels(self) -> Collection[Label]:
        """Region and label of every prompt in the library; none if it cannot be read."""
        try:
            return {(prompt.region, prompt.label) for prompt in self._library().prompts}
        except XrayTuiError as error:
            self._stage.from_thread(self.announce, "error", str(error))
            return ()

    def generate_missing(self, shortfalls: Sequence[Shortfall]) -> None:
        """Queue the images that the targets still need, after asking if needed."""

        def queue(found: ShortfallRequests) -> None:
            self._submit(found.requests)

        def ask() -> None:
            requests = partial(
                shortfall_requests, shortfalls, self._library(), {}, self._settings.generation
            )
            untrained = partial(requests, include_untrained=True)
            self._confirmation.of_shortfall(requests(), untrained, queue)

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
        def work() -> int:
            images = 0
            for request in requests:
                job = plan(request)  # the first time, this reads the weights of the model
                self._queue.add(job, request.as_json())
                images += job.size
            return images

        def show(images: int) -> None:
            resume = command("generate", "--resume", dataset=self._settings.dataset)
            queued = f"Queued {counted(images, 'image')}. The app generates them, or: {resume}"
            self.announce("info", queued)

        self._stage.load(work, show, "queue")
