"""What the engine does now, in words, for a user who waits for a picture."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from xray_tui.generation.job_progress import JobProgress
from xray_tui.generation.progress import ProgressModel
from xray_tui.keymap import key_of
from xray_tui.text import clean


@dataclass(frozen=True)
class EngineWords:
    """``text`` is empty if there is nothing to say, as pictures are shown or no job is alive."""

    text: str = ""
    counts_seconds: bool = False
    """Whether to show for how long this has lasted: nothing else shows that it continues."""
    idle: bool = False
    """Whether nothing happens until the user acts, so that a finished image is worth more room."""
    generating: bool = False
    """Whether steps are being done, so that a picture will come."""


NOTHING = EngineWords()


@dataclass
class Spoken:
    """The words that are shown, and since when."""

    words: EngineWords = NOTHING
    since: float = 0.0

    def change(self, words: EngineWords) -> bool:
        """Show ``words`` from now on; False if they are shown already."""
        if words == self.words:
            return False
        self.words, self.since = words, time.monotonic()
        return True

    @property
    def text(self) -> str:
        """The text, with the seconds it has lasted if they count."""
        seconds = f" … {time.monotonic() - self.since:.0f} s"
        return self.words.text + (seconds if self.words.counts_seconds else "")


def empty_text() -> str:
    """What to do while there are neither images nor jobs."""
    return (
        f"No images yet.\n\nMark prompts with {key_of('toggle')}, then press "
        f"{key_of('generate')}.\nProgress appears here."
    )


def engine_words(model: ProgressModel) -> EngineWords:
    """What to say about the jobs of ``model``, the most important fact first."""
    alive = [job for job in model.jobs if not job.ended]
    if model.paused:
        return EngineWords(f"Paused: press {key_of('pause_queue')} to resume", idle=True)
    if not alive:
        return _ended(model.jobs[-1]) if model.jobs else NOTHING
    current = next((job for job in alive if job.begins), None)
    return _waiting(alive, model.elsewhere) if current is None else _at_work(current, model)


def _at_work(job: JobProgress, model: ProgressModel) -> EngineWords:
    if job.loading and job.loading_fraction is not None:
        return EngineWords(f"{_sentence(job.loading)} … {job.loading_fraction:.0%}")
    if job.loading:
        return EngineWords(_sentence(job.loading), counts_seconds=True)
    if model.elsewhere:
        place = f"{job.settled}/{job.size}; finished images appear here"
        return EngineWords(f"{_sentence(model.elsewhere)} is generating: {place}")
    return (
        EngineWords(generating=True) if job.steps else EngineWords("Starting", counts_seconds=True)
    )


def _waiting(jobs: Sequence[JobProgress], elsewhere: str) -> EngineWords:
    reason = next((job.message for job in jobs if job.state == "paused" and job.message), "")
    if reason:
        return EngineWords(_sentence(reason))
    if all(job.state == "paused" for job in jobs):
        return EngineWords(
            f"Job paused: press {key_of('toggle')} in the queue to resume it", idle=True
        )
    if elsewhere:
        return EngineWords(f"Waiting: {elsewhere} uses the dataset")
    return EngineWords("Starting", counts_seconds=True)


def _ended(job: JobProgress) -> EngineWords:
    match job.state:
        case "failed":
            return EngineWords(f"The job failed: {clean(job.message)}", idle=True)
        case "interrupted":
            return EngineWords(
                f"Job interrupted: press {key_of('toggle')} in the queue to resume it", idle=True
            )
        case _:
            return NOTHING


def _sentence(text: str) -> str:
    return clean(text[:1].upper() + text[1:])
