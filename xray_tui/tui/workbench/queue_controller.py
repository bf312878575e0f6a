"""What the user does to the queue: done off the UI thread, because it is written to disk."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import WAITING
from xray_tui.errors import XrayTuiError
from xray_tui.generation.planning.plan import JobRequest, idle_eta, plan
from xray_tui.text import counted
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.workbench.parameter_form import ParameterForm

if TYPE_CHECKING:
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.generation.running.engine import Engine
    from xray_tui.prompts.schema import Prompt, PromptLibrary
    from xray_tui.tui.workbench.queue_view import JobAction
    from xray_tui.tui.workbench.screen import WorkbenchScreen


class QueueController:
    """Does with the jobs of ``engine`` what the user of ``screen`` asks for."""

    def __init__(self, screen: WorkbenchScreen, dataset: Dataset, engine: Engine) -> None:
        self._screen = screen
        self._dataset = dataset
        self._engine = engine
        self._opened = threading.Event()

    def open(self) -> None:
        """Follow the queue; offer to go on with what was interrupted, if nobody generates."""
        self._run(self._open)

    def submit(self, request: JobRequest) -> None:
        """Plan and queue; planning hashes the model's weights the first time."""
        self._in_thread(lambda: self._submit(request))

    def toggle_pause(self) -> None:
        """Pause the whole queue, or let it go on."""
        self._in_thread(self._engine.resume if self._engine.paused else self._engine.pause)

    def clear(self) -> None:
        """Take the jobs that ended out of the queue."""
        self._in_thread(self._engine.clear_finished)

    def do(self, job_id: str, action: JobAction) -> None:
        """Do ``action`` with a job."""
        actions: dict[JobAction, Callable[[str], object]] = {
            "toggle": self._toggle,
            "cancel": self._engine.cancel,
            "retry": self._retry,
            "edit": self._edit,
            "duplicate": self._duplicate,
            "sooner": lambda job_id: self._engine.move(job_id, -1),
            "later": lambda job_id: self._engine.move(job_id, 1),
        }
        self._in_thread(lambda: actions[action](job_id))

    # ---- in a thread of their own ----------------------------------------------------------------

    def _in_thread(self, work: Callable[[], object]) -> None:
        """Do ``work`` once the queue is open: what is queued before that was not left behind."""

        def run() -> None:
            self._opened.wait()
            work()

        self._run(run)

    def _run(self, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                work()
            except XrayTuiError as error:
                self._screen.from_thread(self._screen.announce, "error", str(error))

        self._screen.run_worker(run, thread=True, group="queue")

    def _submit(self, request: JobRequest) -> None:
        job = plan(request)
        self._engine.submit(job, request.as_json())
        notice = idle_eta(request, job)
        if notice:
            self._screen.from_thread(self._screen.announce, "warning", notice)

    @staticmethod
    def _each(do: Callable[[str], None], rows: Sequence[JobRow]) -> None:
        for row in rows:
            do(row.id)

    def _open(self) -> None:
        try:
            self._set_aside_what_was_left()
        finally:  # a queue that cannot be written is shown all the same
            self._opened.set()
            self._engine.start()

    def _set_aside_what_was_left(self) -> None:
        """A queue that nobody works on is not begun unasked: it may have been left days ago."""
        left = self._dataset.queue.rows(("interrupted", "queued"))
        if left and self._dataset.lock_holder() is None:
            for row in left:
                self._dataset.queue.set_aside(row.id)
            self._screen.from_thread(self._offer, left)

    def _offer(self, rows: list[JobRow]) -> None:
        missing = sum(row.total - row.done for row in rows)
        jobs = counted(len(rows), "job was", "jobs were")

        def answered(answer: str | None) -> None:
            if answer == "resume":
                self._in_thread(lambda: self._each(self._engine.resume_job, rows))
            elif answer == "cancel":
                self._in_thread(lambda: self._each(self._engine.cancel, rows))

        self._screen.app.push_screen(
            QuestionScreen(
                "Unfinished jobs",
                f"{jobs} interrupted, {missing} images are missing. What is there is kept, and "
                "the rest will be just what an undisturbed run would have made.",
                [
                    Choice("resume", "g", "Go on with them"),
                    Choice("later", "l", "Not now; space in the queue resumes a job"),
                    Choice("cancel", "c", "Cancel them; their images stay"),
                ],
            ),
            answered,
        )

    def _toggle(self, job_id: str) -> None:
        if self._dataset.queue.state(job_id) in ("queued", "running"):
            self._engine.pause_job(job_id)
        else:
            self._engine.resume_job(job_id)

    def _retry(self, job_id: str) -> None:
        number = self._engine.retry(job_id)
        if number is None:
            what = "no image of this job failed"
        else:
            what = f"{counted(number, 'failed image')} queued again" if number else "queued again"
        self._screen.from_thread(self._screen.announce, "info", what)

    def _edit(self, job_id: str) -> None:
        """Take a job back to the form: cancelled, its prompts marked, its parameters filled in."""
        row = self._dataset.queue.row(job_id)
        if row is None:
            return
        if row.state not in WAITING or row.done or row.failed:
            raise XrayTuiError("it has begun, so it is not edited; d queues it anew with new seeds")
        self._prompts_of(row)
        self._engine.cancel(job_id)
        self._screen.from_thread(self._fill_in, row)

    def _fill_in(self, row: JobRow) -> None:
        self._screen.query_one(PromptList).mark_only(row.request.get("prompts", ()))
        self._screen.query_one(ParameterForm).set_overrides(row.request.get("overrides", {}))
        self._screen.query_one(ParameterForm).focus()
        self._screen.announce("info", "the job is back in the form: change it, then press g")

    def _duplicate(self, job_id: str) -> None:
        """The same prompts and parameters again, with new seeds."""
        row = self._dataset.queue.row(job_id)
        if row is None:
            return
        prompts, library = self._prompts_of(row)
        overrides = {**row.request.get("overrides", {}), "seed": None}
        self._submit(JobRequest(prompts, library, overrides, self._screen.settings.generation))

    def _prompts_of(self, row: JobRow) -> tuple[tuple[Prompt, ...], PromptLibrary]:
        """The prompts a job was asked for with, as the library has them now.

        Raises:
            XrayTuiError: it has none of them any more.
        """
        library = self._screen.library.library
        known = {} if library is None else {prompt.id: prompt for prompt in library.prompts}
        prompts = [known[name] for name in row.request.get("prompts", ()) if name in known]
        if library is None or not prompts:
            raise XrayTuiError("its prompts are no longer in the library; the job stays as it is")
        return tuple(prompts), library
