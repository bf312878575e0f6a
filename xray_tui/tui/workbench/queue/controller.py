"""The user's actions on the queue. They write to disk, so they run off the UI thread."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.queue.states import ALIVE, FINISHED, PAUSABLE, WAITING
from xray_tui.errors import XrayTuiError
from xray_tui.generation.events import LogLevel
from xray_tui.generation.running.engine import Engine
from xray_tui.generation.running.queue_observer import QUEUE_PAUSED
from xray_tui.keymap import key_of
from xray_tui.prompts.scratch import line_of, restored
from xray_tui.text import counted
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.jobs.actions import JobAction, QueueAction
from xray_tui.tui.jobs.screen import JobScreen
from xray_tui.tui.workbench.generate_controller import GenerateController
from xray_tui.tui.workbench.image_controller import fill_in
from xray_tui.tui.workbench.in_order import InOrder
from xray_tui.tui.workbench.queue import history as steps
from xray_tui.tui.workbench.queue.history import QueueHistory, Step
from xray_tui.tui.workbench.queue.opening import QueueOpening
from xray_tui.tui.workbench.queue.review_step import ReviewStep
from xray_tui.tui.workbench.stage import Stage


class QueueController:
    """Carries out the user's actions, one after the other, and notes them in ``history``."""

    def __init__(
        self,
        stage: Stage,
        dataset: Dataset,
        engine: Engine,
        opening: QueueOpening,
        generate: GenerateController,
        history: QueueHistory,
    ) -> None:
        self._stage = stage
        self._dataset = dataset
        self._engine = engine
        self._opening = opening
        self._generate = generate
        self._history = history
        self._order = InOrder(stage, "queue")

    def toggle_pause(self) -> None:
        """Pause the whole queue, or resume it."""
        self._in_order(lambda: self._history.add(self._pause_or_resume()))

    def pause_from_review(self) -> None:
        """Pause the whole queue, or resume it, and say so: the review hides the queue."""
        asked = self._generate.requests.begin()

        def work() -> None:
            try:
                step = self._pause_or_resume()
                self._done(step)
                asked.step = ReviewStep(self._stage, self._history, step)
            finally:
                asked.failed = asked.step is None

        self._in_order(work)

    def _pause_or_resume(self) -> Step:
        pause = not self._engine.paused
        (self._engine.pause if pause else self._engine.resume)()
        return steps.queue_paused(self._engine, pause)

    def open_job(self, job_id: str) -> None:
        """Show everything about a job."""
        self._stage.ask(
            JobScreen(
                job_id,
                self._dataset,
                self._stage.settings.reviewer,
                act=self.do,
                act_on_all=self.do_with_all,
            ),
            lambda _: None,
        )

    def do_with_all(self, action: QueueAction) -> None:
        """Carry out ``action`` on the whole queue."""
        actions: dict[QueueAction, Callable[[], object]] = {
            "clear": self._clear,
            "cancel": self._offer_to_cancel,
            "pause": lambda: self._done(self._pause_or_resume()),  # two quick presses do both
            "resume": lambda: self._done(self._pause_or_resume()),
            "undo": lambda: self._say(*self._history.undo()),
            "redo": lambda: self._say(*self._history.redo()),
        }
        self._in_order(actions[action])

    def do(self, job_id: str, action: JobAction) -> None:
        """Carry out ``action`` on a job."""
        actions: dict[JobAction, Callable[[JobRow], object]] = {
            "pause": self._toggle,  # two quick presses pause and resume
            "resume": self._toggle,
            "cancel": self._cancel_or_remove,
            "remove": self._cancel_or_remove,
            "retry": self._retry,
            "edit": self._edit,
            "duplicate": self._generate.repeat,
            "move_up": partial(self._move, -1),
            "move_down": partial(self._move, 1),
        }

        def work() -> None:
            row = self._dataset.queue.row(job_id)
            if row is not None:  # another process may have removed it
                actions[action](row)

        self._in_order(work)

    # ---- in threads of their own -----------------------------------------------------------------

    def _in_order(self, work: Callable[[], object]) -> None:
        def run() -> None:
            self._opening.wait()
            work()

        self._order.do(run)

    def _say(self, level: LogLevel, text: str) -> None:
        self._stage.from_thread(self._stage.announce, level, text)

    def _done(self, step: Step, but: str = "") -> None:
        """Note a step, and say what was done, ``but`` what, and that it can be undone."""
        self._history.add(step)
        done = f"{step.title[0].upper()}{step.title[1:]}{but}"
        self._say("info", f"{done} · {key_of('undo')} to undo")

    @property
    def _but_paused(self) -> str:
        """What to add when a job was resumed or queued again that does not run yet."""
        return f", but {QUEUE_PAUSED}" if self._engine.paused else ""

    def _clear(self) -> None:
        """Remove the finished jobs from the queue; their images are kept."""
        ids = self._engine.clear_finished()
        if ids:
            title = f"{counted(len(ids), 'finished job')} from the queue"
            self._done(steps.removed(self._engine, ids, title))
        else:
            self._say("info", "No finished jobs to clear")

    def _offer_to_cancel(self) -> None:
        """Ask whether all jobs that have not finished are to be cancelled."""
        rows = self._dataset.queue.rows(ALIVE)
        if rows:
            self._stage.from_thread(self._ask_to_cancel, rows)
        else:
            self._say("info", "No jobs to cancel")

    def _toggle(self, row: JobRow) -> None:
        if row.state in PAUSABLE:
            if self._engine.pause_job(row.id):
                self._done(steps.paused(self._engine, row))
        elif self._engine.resume_job(row.id):
            self._done(steps.resumed(self._engine, row), self._but_paused)

    def _cancel_or_remove(self, row: JobRow) -> None:
        if row.state in FINISHED:
            if self._engine.remove(row.id):
                title = f"{row.title} from the queue"
                self._done(steps.removed(self._engine, [row.id], title))
        elif self._engine.cancel(row.id):
            self._done(steps.cancelled(self._engine, [row], row.title))

    def _ask_to_cancel(self, rows: Sequence[JobRow]) -> None:
        jobs = counted(len(rows), "job")
        images = counted(sum(row.total - row.done - row.failed for row in rows), "image")

        def answered(choice: str | None) -> None:
            if choice == "cancel":
                self._in_order(lambda: self._cancel_each(rows))

        self._stage.ask(
            QuestionScreen(
                "Cancel all jobs",
                f"{jobs} would stop, with {images} to go. Finished images are kept, and "
                f"{key_of('undo')} in the queue brings the jobs back.",
                [Choice("keep", "k", "Keep them"), Choice("cancel", "c", f"Cancel {jobs}")],
            ),
            answered,
        )

    def _cancel_each(self, rows: Sequence[JobRow]) -> None:
        done = [row for row in rows if self._engine.cancel(row.id)]
        if done:
            self._done(steps.cancelled(self._engine, done, counted(len(done), "job")))

    def _move(self, places: int, row: JobRow) -> None:
        by = self._engine.move(row.id, places)
        if by:
            self._history.add(steps.moved(self._engine, row, by))

    def _retry(self, row: JobRow) -> None:
        number = self._engine.retry(row.id)
        if number is None:
            self._say("info", f"No image of {row.title} failed")
        else:
            what = counted(number, "failed image") if number else "Job"
            self._say("info", f"{what} queued again{self._but_paused}")

    def _edit(self, row: JobRow) -> None:
        """Cancel a job and load it into the form: its prompts marked, its parameters filled in."""
        if row.state not in WAITING or row.done or row.failed:
            ended = row.state.replace("done", "finished")
            state = ended if row.state in FINISHED else "started"
            raise XrayTuiError(
                f"A {state} job cannot be edited. Press {key_of('duplicate')} to queue a copy with "
                "new seeds."
            )
        self._generate.prompts_of(row)
        if self._engine.cancel(row.id):
            self._history.add(steps.cancelled(self._engine, [row], row.title))
            self._stage.from_thread(self._fill_in, row)

    def _fill_in(self, row: JobRow) -> None:
        overrides = row.request.get("overrides", {})
        cancelled = f"The job was cancelled; {key_of('undo')} in the queue brings it back."
        ad_hoc = next(restored(row.request), None)
        if ad_hoc is not None:
            self._stage.form.set_overrides(overrides)
            self._stage.announce("info", cancelled)
            self._stage.write_prompt(line_of(ad_hoc))
            return
        fill_in(self._stage, overrides, row.request.get("prompts", ()))
        self._stage.form.focus()
        text = f"Job loaded into the form. Change it and press {key_of('generate')}."
        self._stage.announce("info", f"{text} {cancelled}")
