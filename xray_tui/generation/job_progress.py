"""Progress of one job, computed from the engine's events."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

from xray_tui.dataset.queue.queue_reader import PACE_IMAGES
from xray_tui.dataset.queue.states import ENDED, JobState
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    JobStarted,
    JobStateChanged,
    ModelLoading,
    StepDone,
    TaskFailed,
)

SMOOTHING = 0.2
"""Weight of the newest measurement in the moving averages."""


@dataclass
class JobProgress:
    """Progress of one job. ``total`` images are to be generated, without the ``skipped`` ones."""

    id: str
    title: str
    total: int
    skipped: int
    state: JobState = "queued"
    done: int = 0
    failed: int = 0
    step: int = 0
    steps: int = 0
    batch: int = 0
    batches: int = 0
    images: int = 0
    """Images in the current batch."""
    begun: int = 0
    """Images in the batches before the current one."""
    seconds_per_image: float | None = None
    """Moving average over the finished images; before the first, an estimate from the steps."""
    loading: str = ""
    """The part of the model being loaded; empty once steps are done."""
    loading_fraction: float | None = None
    message: str = ""
    """Why the job ended in another state than done, or why it waits."""
    measured: bool = False
    """Whether ``seconds_per_image`` comes from finished images."""
    latest: deque[float] = field(default_factory=lambda: deque(maxlen=PACE_IMAGES))
    """Seconds for each of the latest images."""
    done_before: int = 0
    """Images that were done when this process first saw the job."""

    @property
    def finished(self) -> int:
        """Images that need no more work: generated or failed."""
        return self.done + self.failed

    @property
    def remaining(self) -> int:
        """Images that are still to be generated."""
        return max(self.total - self.finished, 0)

    @property
    def at_work(self) -> bool:
        """Whether the job runs, or will run by itself."""
        return self.state in ("queued", "running")

    @property
    def begins(self) -> bool:
        """Whether the job runs, or loads its model for that."""
        return self.state == "running" or (self.state == "queued" and bool(self.loading))

    @property
    def held(self) -> bool:
        """Whether the job continues only if the user resumes it.

        A job that is paused with a message continues by itself: with the queue, or with more room
        on the disk.
        """
        return self.state == "interrupted" or (self.state == "paused" and not self.message)

    @property
    def stored_state(self) -> JobState:
        """The state in the queue, which decides what a key does.

        A running job that waits, with a message, for the queue or the disk stays "running" there.
        """
        return "running" if self.state == "paused" and self.message else self.state

    @property
    def ended(self) -> bool:
        """Whether the job has ended, for now or for good."""
        return self.state in ENDED

    @property
    def over(self) -> bool:
        """Whether the job has ended for good; an interrupted job can be resumed."""
        return self.ended and self.state != "interrupted"

    @property
    def settled(self) -> int:
        """Images that need no more work, including those that existed before."""
        return self.skipped + self.finished

    @property
    def size(self) -> int:
        """All images of the job, including those that existed before."""
        return self.skipped + self.total

    @property
    def settled_here(self) -> int:
        """As :attr:`settled`, without the images that were done when the job was first seen."""
        return max(self.settled - self._earlier, 0)

    @property
    def size_here(self) -> int:
        """As :attr:`size`, without the images that were done when the job was first seen."""
        return max(self.size - self._earlier, 0)

    @property
    def worth_here(self) -> float:
        """As :attr:`settled_here`, including the steps of the current batch."""
        return max(self.skipped + self._images_worth - self._earlier, 0.0)

    @property
    def fraction(self) -> float:
        """Share of the work that is done, 0…1, including the steps of the current batch."""
        if self.total <= 0:
            return 1.0
        return min(self._images_worth / self.total, 1.0)

    @property
    def whole_fraction(self) -> float:
        """As :attr:`fraction`, including the images that existed before."""
        return min((self.skipped + self._images_worth) / self.size, 1.0) if self.size else 1.0

    @property
    def pace(self) -> float | None:
        """Seconds per image, as the details of the job give it: the average of its latest images.

        Before the first, an estimate. ``seconds_per_image`` follows changes faster, for estimates.
        """
        return sum(self.latest) / len(self.latest) if self.latest else self.seconds_per_image

    @property
    def seconds_left(self) -> float | None:
        """An estimate; None while nothing is known about the pace.

        It is 0 when nothing remains, and while the job is paused: then time does not count.
        """
        if self.ended or self.state == "paused" or self.remaining == 0:
            return 0.0
        if self.seconds_per_image is None:
            return None
        return max(self.total - self._images_worth, 0.0) * self.seconds_per_image

    @property
    def _earlier(self) -> int:
        return max(self.done_before, self.skipped)

    @property
    def _images_worth(self) -> float:
        """Finished images plus the finished part of the current batch.

        A batch is saved while the next one is sampled, so ``begun`` may be ahead of ``finished``.
        """
        if self.ended or not (self.steps and self.batches):
            return self.finished
        return max(self.finished, self.begun + self.images * self.step / self.steps)

    def apply(self, event: Event) -> None:
        """Update the progress with an event of this job."""
        match event:
            case ModelLoading():
                self.loading, self.loading_fraction = event.text, event.fraction
            case JobStarted():
                self._start(event.total)
            case StepDone():
                self._apply_step(event)
            case ImageSaved():
                self.done += 1
                before = self.seconds_per_image if self.measured else None
                self.seconds_per_image = _average(before, event.seconds)
                self.measured = True
                self.latest.append(event.seconds)
            case TaskFailed():
                self.failed += 1
            case JobStateChanged():
                self.state, self.message = event.state, event.message
                if event.state != "running":
                    self.loading = ""
                if event.state == "queued":
                    self._forget_steps()
            case JobFinished():
                ran = self.state != "queued"
                self.state, self.message, self.loading = event.state, event.message, ""
                self._skip(event.skipped)
                self.done, self.failed = event.made, event.failed
                if not ran:
                    self.done_before = self.settled

    def _start(self, to_generate: int) -> None:
        """``to_generate`` images are left; what was generated before a pause still counts."""
        self.state, self.loading = "running", ""
        exist = max(self.size - to_generate, 0)
        self.done, self.failed = min(self.done, exist), 0
        self._skip(exist - self.done)
        self._forget_steps()

    def _forget_steps(self) -> None:
        """Nothing of a batch is left when a run ends: it is computed whole in the next run."""
        self.step = self.steps = self.batch = self.batches = self.images = 0
        self.begun = self.done

    def _skip(self, skipped: int) -> None:
        """``skipped`` images already exist; only the rest count."""
        self.total, self.skipped = self.total + self.skipped - skipped, skipped

    def _apply_step(self, event: StepDone) -> None:
        self.loading = ""
        if event.batch != self.batch:
            self.begun += self.images
        self.step, self.steps = event.step, event.steps
        self.batch, self.batches, self.images = event.batch, event.batches, event.images
        if not self.measured and event.images and event.step > 1:  # the first step warms up
            estimate = event.seconds * event.steps / event.images
            self.seconds_per_image = _average(self.seconds_per_image, estimate)


def _average(before: float | None, value: float) -> float:
    return value if before is None else before + SMOOTHING * (value - before)
