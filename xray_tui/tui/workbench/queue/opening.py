"""Opening the queue: the jobs that an earlier run left unfinished wait until the user decides."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.generation.running.engine import Engine
from xray_tui.keymap import key_of
from xray_tui.text import clipped, counted, quoted
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.workbench.stage import Stage

_QUOTE = '"'


class QueueOpening:
    """Starts ``engine`` on the queue of ``dataset``."""

    def __init__(self, stage: Stage, dataset: Dataset, engine: Engine) -> None:
        self._stage = stage
        self._dataset = dataset
        self._engine = engine
        self._opened = threading.Event()

    def open(self) -> None:
        """Start the engine; first offer to resume interrupted jobs, if no process generates."""
        self._stage.in_thread(self._open, "queue")

    def when_open(self, work: Callable[[], object]) -> None:
        """Call ``work`` in a thread once the queue is open.

        A job queued before that would be mistaken for one that an earlier run left unfinished.
        """

        def run() -> None:
            self.wait()
            work()

        self._stage.in_thread(run, "queue")

    def wait(self) -> None:
        """Wait until the queue is open; not in the UI thread."""
        self._opened.wait()

    def _open(self) -> None:
        try:
            self._hold_unfinished_jobs()
        finally:  # a queue that cannot be written is still shown
            self._opened.set()
            self._engine.start()
        if not self._dataset.queue.rows():
            self._stage.from_thread(self._stage.queue.show_empty)

    def _hold_unfinished_jobs(self) -> None:
        """Ask before resuming jobs that an earlier run, maybe days ago, left unfinished."""
        unfinished = self._dataset.queue.rows(("interrupted", "queued"))
        if unfinished and self._dataset.lock_holder() is None:
            self._engine.hold([row.id for row in unfinished if row.state == "queued"])
            self._stage.from_thread(self._offer_to_resume, unfinished, self._dataset.queue.paused)

    def _offer_to_resume(self, rows: list[JobRow], paused: bool) -> None:
        jobs = "the job" if len(rows) == 1 else counted(len(rows), "job")

        def answered(choice: str | None) -> None:
            if choice == "resume":
                self._for_each(rows, self._engine.resume_job, then=self._engine.resume)
            elif choice == "cancel":
                self._for_each(rows, self._engine.cancel)
            else:
                self._for_each(rows, self._engine.set_aside)

        self._stage.ask(
            QuestionScreen(
                counted(len(rows), "unfinished job"),
                _question(rows, paused),
                [
                    Choice("later", "l", f"Later (press {key_of('toggle')} in the queue)"),
                    Choice("resume", "g", f"Run {'it' if len(rows) == 1 else 'them'} now"),
                    Choice("cancel", "c", f"Cancel {jobs} (keeps finished images)"),
                ],
            ),
            answered,
        )

    def _for_each(
        self,
        rows: Sequence[JobRow],
        do: Callable[[str], object],
        then: Callable[[], object] = lambda: None,
    ) -> None:
        def run() -> None:
            for row in rows:
                do(row.id)
            self._engine.release([row.id for row in rows])
            then()

        self.when_open(run)


def _question(rows: Sequence[JobRow], paused: bool) -> str:
    """What the jobs are, whether the queue is ``paused``, and whether to run the jobs.

    Some may not have begun. One that began and is queued was resumed since, by a command.
    """
    begun = sum(bool(row.started) for row in rows)
    again = sum(bool(row.started) and row.state == "queued" for row in rows)
    numbers = (
        (begun - again, "was interrupted", "were interrupted"),
        (again, "is queued again", "are queued again"),
        (len(rows) - begun, "has not started yet", "have not started yet"),
    )
    if len(rows) == 1:
        state = next(one for number, one, _ in numbers if number)
        title = rows[0].title  # that of an ad-hoc prompt begins with its text, in quotation marks
        found = f"{clipped(title) if title.startswith(_QUOTE) else quoted(title)} {state}"
    else:
        *first, last = (
            counted(number, f"job {one}", f"jobs {many}") for number, one, many in numbers if number
        )
        found = " and ".join(part for part in (", ".join(first), last) if part)
    images = counted(sum(row.total - row.done for row in rows), "image")
    run = f"Run {'it' if len(rows) == 1 else 'them'} now"
    run = f"The queue is paused. {run}, and resume the queue?" if paused else f"{run}?"
    same = " The result will be identical to an uninterrupted run." if begun else ""
    return f"{found}, with {images} to go. {run}{same}"
