"""The user's actions on the queue. They write to disk, so they run off the UI thread."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from functools import partial

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import FINISHED, WAITING
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.errors import XrayTuiError
from xray_tui.generation.planning.plan import JobRequest, idle_eta, plan
from xray_tui.generation.planning.shortfall import ShortfallRequests, shortfall_requests
from xray_tui.generation.planning.training_check import names_of
from xray_tui.generation.running.engine import Engine
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.prompts.scratch import line_of, restored
from xray_tui.text import counted
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.workbench.confirmation import Confirmation
from xray_tui.tui.workbench.queue_view import JobAction
from xray_tui.tui.workbench.stage import Stage

_PAUSED = "Queued, but the queue is paused. Press P in the queue to resume it."


class QueueController:
    """Plans and queues jobs for ``engine``, and carries out the user's actions on them.

    ``library`` returns the current prompt library, or None while none could be read.
    """

    def __init__(
        self,
        stage: Stage,
        dataset: Dataset,
        engine: Engine,
        library: Callable[[], PromptLibrary | None],
    ) -> None:
        self._stage = stage
        self._dataset = dataset
        self._engine = engine
        self._library = library
        self._confirmation = Confirmation(stage)
        self._opened = threading.Event()

    def open(self) -> None:
        """Start the engine; first offer to resume interrupted jobs, if no process generates."""
        self._stage.in_thread(self._open, "queue")

    def generate(self) -> None:
        """Queue a job for the marked prompts, or for the one under the cursor."""
        library = self._library()
        prompts = self._stage.prompts.selected
        if library is None or not prompts:
            self._stage.announce("warning", "No prompt selected. Mark one with space first.")
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
        self._submit_soon([request])

    def generate_missing(self, shortfalls: Sequence[Shortfall]) -> None:
        """Queue the images that the targets still need, with new seeds, after asking."""
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
                ask(), lambda: ask(include_untrained=True), self._queue_missing
            )
        except XrayTuiError as error:
            self._stage.announce("error", str(error))

    def _queue_missing(self, found: ShortfallRequests) -> None:
        self._submit_soon(found.requests)
        self._stage.announce("info" if found.images else "warning", found.notice)

    def toggle_pause(self) -> None:
        """Pause the whole queue, or resume it."""
        self._when_open(self._engine.resume if self._engine.paused else self._engine.pause)

    def clear(self) -> None:
        """Remove the finished jobs from the queue; their images are kept."""
        self._when_open(self._engine.clear_finished)

    def do(self, job_id: str, action: JobAction) -> None:
        """Carry out ``action`` on a job."""
        actions: dict[JobAction, Callable[[str], object]] = {
            "toggle": self._toggle,
            "cancel": self._engine.cancel,
            "retry": self._retry,
            "edit": self._edit,
            "duplicate": self._duplicate,
            "move_up": lambda job_id: self._engine.move(job_id, -1),
            "move_down": lambda job_id: self._engine.move(job_id, 1),
        }
        self._when_open(lambda: actions[action](job_id))

    # ---- in threads of their own -----------------------------------------------------------------

    def _when_open(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread once the queue is open.

        A job queued before that would be mistaken for one that an earlier run left unfinished.
        """

        def run() -> None:
            self._opened.wait()
            work()

        self._stage.in_thread(run, "queue")

    def _request(
        self, prompts: tuple[Prompt, ...], library: PromptLibrary, overrides: dict[str, object]
    ) -> JobRequest:
        return JobRequest(prompts, library, overrides, self._stage.settings.generation)

    def _submit_soon(self, requests: Iterable[JobRequest]) -> None:
        for request in requests:
            self._when_open(partial(self._submit, request))

    def _submit(self, request: JobRequest) -> None:
        """Plan and queue a job; planning hashes the model's weights the first time."""
        job = plan(request)
        self._engine.submit(job, request.as_json())
        if self._engine.paused:
            self._stage.from_thread(self._stage.announce, "warning", _PAUSED)
        notice = idle_eta(request, job)
        if notice:
            self._stage.from_thread(self._stage.announce, "warning", notice)

    def _open(self) -> None:
        try:
            self._hold_unfinished_jobs()
        finally:  # a queue that cannot be written is still shown
            self._opened.set()
            self._engine.start()

    def _hold_unfinished_jobs(self) -> None:
        """Ask before resuming jobs that an earlier run, maybe days ago, left unfinished."""
        unfinished = self._dataset.queue.rows(("interrupted", "queued"))
        if unfinished and self._dataset.lock_holder() is None:
            for row in unfinished:
                self._dataset.queue.set_aside(row.id)
            self._stage.from_thread(self._offer_to_resume, unfinished)

    def _offer_to_resume(self, rows: list[JobRow]) -> None:
        images = counted(sum(row.total - row.done for row in rows), "image")
        jobs = counted(len(rows), "job was", "jobs were")
        them = "it" if len(rows) == 1 else "them"

        def answered(choice: str | None) -> None:
            if choice == "resume":
                self._for_each(rows, self._engine.resume_job)
            elif choice == "cancel":
                self._for_each(rows, self._engine.cancel)

        self._stage.ask(
            QuestionScreen(
                "Unfinished jobs",
                f"{jobs} interrupted with {images} to go. Resume {them}? The result will be "
                "identical to an uninterrupted run.",
                [
                    Choice("resume", "g", "Resume"),
                    Choice("later", "l", "Later (press space in the queue)"),
                    Choice("cancel", "c", "Cancel (keeps finished images)"),
                ],
            ),
            answered,
        )

    def _for_each(self, rows: Sequence[JobRow], do: Callable[[str], object]) -> None:
        def run() -> None:
            for row in rows:
                do(row.id)

        self._when_open(run)

    def _toggle(self, job_id: str) -> None:
        if self._dataset.queue.state(job_id) in ("queued", "running"):
            self._engine.pause_job(job_id)
        else:
            self._engine.resume_job(job_id)

    def _retry(self, job_id: str) -> None:
        number = self._engine.retry(job_id)
        if number is None:
            notice = "No image of this job failed."
        else:
            what = counted(number, "failed image") if number else "Job"
            notice = f"{what} queued again."
        self._stage.from_thread(self._stage.announce, "info", notice)

    def _edit(self, job_id: str) -> None:
        """Cancel a job and load it into the form: its prompts marked, its parameters filled in."""
        row = self._dataset.queue.row(job_id)
        if row is None:
            return
        if row.state not in WAITING or row.done or row.failed:
            state = "finished" if row.state in FINISHED else "started"
            raise XrayTuiError(
                f"A {state} job cannot be edited. Press d to queue a copy with new seeds."
            )
        self._prompts_of(row)
        self._engine.cancel(job_id)
        self._stage.from_thread(self._fill_in, row)

    def _fill_in(self, row: JobRow) -> None:
        self._stage.form.set_overrides(row.request.get("overrides", {}))
        ad_hoc = next(restored(row.request), None)
        if ad_hoc is not None:
            self._stage.write_prompt(line_of(ad_hoc))
            return
        self._stage.prompts.mark_only(row.request.get("prompts", ()))
        self._stage.form.focus()
        self._stage.announce("info", "Job loaded into the form. Change it and press g.")

    def _duplicate(self, job_id: str) -> None:
        """Queue the same prompts and parameters again, with new seeds."""
        row = self._dataset.queue.row(job_id)
        if row is None:
            return
        prompts, library = self._prompts_of(row)
        overrides = {**row.request.get("overrides", {}), "seed": None}
        self._submit(self._request(prompts, library, overrides))

    def _prompts_of(self, row: JobRow) -> tuple[tuple[Prompt, ...], PromptLibrary]:
        """The prompts of a job as they are in the library now, or ad hoc; and the library.

        Raises:
            XrayTuiError: none of them is in the library any more.
        """
        library = self._library()
        listed = () if library is None else library.prompts
        known = {prompt.id: prompt for prompt in (*restored(row.request), *listed)}
        prompts = [known[name] for name in row.request.get("prompts", ()) if name in known]
        if library is None or not prompts:
            raise XrayTuiError("The prompts of this job are no longer in the library.")
        return tuple(prompts), library
