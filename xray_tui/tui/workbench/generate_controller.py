"""Turns marked prompts, targets and repeated jobs into queued jobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.errors import XrayTuiError
from xray_tui.generation.events import LogLevel
from xray_tui.generation.planning.again import requests_again
from xray_tui.generation.planning.plan import JobRequest, idle_eta, plan
from xray_tui.generation.planning.shortfall import ShortfallRequests, shortfall_requests
from xray_tui.generation.planning.training_check import names_of
from xray_tui.generation.running.engine import Engine
from xray_tui.keymap import key_of
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.prompts.scratch import restored
from xray_tui.tasks import Job, Task
from xray_tui.text import clipped, counted
from xray_tui.tui.dialogs.confirmation import Confirmation, SecondsFor
from xray_tui.tui.jobs.image_requests import ImageRequest, ImageRequests
from xray_tui.tui.workbench.queue.history import QueueHistory, queued
from xray_tui.tui.workbench.queue.review_step import ReviewStep
from xray_tui.tui.workbench.stage import Stage


class GenerateController:
    """Plans and queues jobs for ``engine``, and notes them in ``history``.

    Those that are asked for in the preview and the review are also noted in ``requests``.
    ``library`` returns the current prompt library, or None while none could be read. ``when_open``
    calls something in a thread once jobs can be queued.
    """

    def __init__(
        self,
        stage: Stage,
        engine: Engine,
        library: Callable[[], PromptLibrary | None],
        when_open: Callable[[Callable[[], object]], object],
        history: QueueHistory,
        requests: ImageRequests,
        seconds_for: SecondsFor,
    ) -> None:
        self._stage = stage
        self._engine = engine
        self._library = library
        self._when_open = when_open
        self._history = history
        self.requests = requests
        self._confirmation = Confirmation(stage, seconds_for)

    @property
    def library(self) -> PromptLibrary | None:
        """The current prompt library."""
        return self._library()

    def generate(self) -> None:
        """Queue a job for the marked prompts, or for the one under the cursor."""
        library = self._library()
        prompts = self._stage.prompts.selected
        if library is None:
            self._stage.announce("error", "The prompts cannot be read. Fix their file first.")
            return
        if not prompts:
            self._stage.announce(
                "warning", f"No prompt selected. Mark one with {key_of('toggle')} first."
            )
            return
        self.generate_images_of(prompts)

    def generate_images_of(self, prompts: Sequence[Prompt]) -> None:
        """Queue a job for ``prompts``, which need not be in the library, after asking if needed."""
        library = self._library()
        if library is None:
            self._stage.announce("error", "There is no prompt library to take the defaults from.")
            return
        try:
            request = self._request(tuple(prompts), library, self._stage.form.overrides)
            self._confirmation.of_request(request, self._queue)
        except XrayTuiError as error:
            self._stage.announce("error", str(error))

    def _queue(self, request: JobRequest) -> None:
        """Queue a job, and say if prompts are among it that the user does not see."""
        hidden = tuple(prompt for prompt in self._stage.prompts.hidden if prompt in request.prompts)
        if hidden:
            text = f"the filter hides {len(hidden)} of {counted(len(request.prompts), 'prompt')}"
            self._stage.announce("warning", f"Queued, but {text}: {names_of(hidden)}")
        self._submit_soon(request)

    def generate_again(self, tasks: Sequence[Task]) -> None:
        """Queue one new image for each of ``tasks``, with a new seed, after asking if needed."""
        try:
            requests = requests_again(tasks, self._stage.settings.generation)
            self._confirmation.of_number(requests, lambda: self._submit_for_images(requests))
        except XrayTuiError as error:
            self._stage.announce("error", str(error))

    def generate_missing(
        self, shortfalls: Sequence[Shortfall], otherwise: Callable[[], object] = lambda: None
    ) -> None:
        """Queue the images that the targets still need, with new seeds, after asking.

        If the user does not want that, call ``otherwise``.
        """
        library = self._library()
        if library is None:
            self._stage.announce("error", "There is no prompt library to generate images from.")
            return
        try:
            ask = partial(
                shortfall_requests,
                shortfalls,
                library,
                self._stage.form.overrides,
                self._stage.settings.generation,
            )
            self._confirmation.of_shortfall(
                ask(), lambda: ask(include_untrained=True), self._queue_missing, otherwise
            )
        except XrayTuiError as error:
            self._stage.announce("error", str(error))

    def _queue_missing(self, found: ShortfallRequests) -> None:
        self._submit_for_images(found.requests)
        self._stage.announce("info" if found.images else "warning", found.notice)

    # ---- in threads of their own -----------------------------------------------------------------

    def repeat(self, row: JobRow) -> None:
        """Queue the prompts and parameters of a job again, with new seeds; not in the UI thread.

        Raises:
            XrayTuiError: none of its prompts is in the library any more, or they cannot be used.
        """
        prompts, library = self.prompts_of(row)
        overrides = {**row.request.get("overrides", {}), "seed": None}
        self._submit([self._request(prompts, library, overrides)])

    def prompts_of(self, row: JobRow) -> tuple[tuple[Prompt, ...], PromptLibrary]:
        """The prompts of a job as they are in the library now, or ad hoc; and the library.

        Raises:
            XrayTuiError: none of them is in the library any more, or they came from a table.
        """
        if table := row.request.get("table"):
            raise XrayTuiError(
                f"This job was made from a table, {clipped(str(table))}, not from the library."
            )
        library = self._library()
        listed = () if library is None else library.prompts
        known = {prompt.id: prompt for prompt in (*listed, *restored(row.request))}
        prompts = [known[name] for name in row.request.get("prompts", ()) if name in known]
        if library is None or not prompts:
            raise XrayTuiError("The prompts of this job are no longer in the library.")
        return tuple(prompts), library

    def _request(
        self, prompts: tuple[Prompt, ...], library: PromptLibrary, overrides: dict[str, object]
    ) -> JobRequest:
        return JobRequest(prompts, library, overrides, self._stage.settings.generation)

    def _submit_soon(self, request: JobRequest) -> None:
        self._when_open(lambda: self._submit([request]))

    def _submit_for_images(self, requests: Sequence[JobRequest]) -> None:
        """Queue ``requests``, which preview or review asked for; they are undone there, too."""
        if requests:
            asked = self.requests.begin()
            self._when_open(lambda: self._submit(requests, asked))

    def _submit(self, requests: Sequence[JobRequest], asked: ImageRequest | None = None) -> None:
        """Plan and queue jobs as one step; planning hashes the model's weights the first time."""
        jobs: list[Job] = []
        try:
            for request in requests:
                job = plan(request)
                self._engine.submit(job, request.as_json())
                jobs.append(job)
        finally:
            self._note(jobs, asked)
        for notice in filter(None, map(idle_eta, requests, jobs)):
            self._say("warning", notice)

    def _note(self, jobs: Sequence[Job], asked: ImageRequest | None) -> None:
        """Note that ``jobs`` were queued, and say so."""
        if not jobs:
            if asked is not None:
                asked.failed = True
            return
        title = jobs[0].title
        if len(jobs) > 1:
            title = (
                f"{counted(len(jobs), 'job')} · {counted(sum(job.size for job in jobs), 'image')}"
            )
        step = queued(self._engine, [job.id for job in jobs], title)
        self._history.add(step)
        if asked is not None:
            asked.step = ReviewStep(self._stage, self._history, step)
        self._stage.from_thread(self._stage.queue.reveal, jobs[-1].id)
        if self._engine.paused:
            self._say(
                "warning",
                f"Queued {title}, but the queue is paused. "
                f"Press {key_of('pause_queue')} to resume it.",
            )
        else:
            where = "in the queue " * (asked is None)
            self._say("info", f"Queued {title} · {key_of('undo')} {where}to undo")

    def _say(self, level: LogLevel, text: str) -> None:
        self._stage.from_thread(self._stage.announce, level, text)
