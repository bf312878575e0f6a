"""Generates images as ``xray-tui generate`` does, with its plan and sampler but no dataset."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from xray_tui.generation.planning.plan import JobRequest, plan
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.generation.sampling.watcher import Picture
from xray_tui.models.catalogue import fingerprint, resolve
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.training.material.limbs import Grey


class SilentWatcher:
    """A sampler's watcher that shows nothing and only counts warnings."""

    def __init__(self) -> None:
        self.warnings = 0

    def checkpoint(self) -> None:
        """Never stops the sampler."""

    def step(self, step: int, steps: int, seconds: float) -> None:
        """Shows nothing."""

    def preview(self, step: int, steps: int, picture: Picture) -> None:
        """Shows nothing."""

    def warn(self, text: str) -> None:
        """Count the warning."""
        self.warnings += 1


class CheckpointSampler:
    """Generates images of a library's prompts with one checkpoint and the prompts' own settings."""

    def __init__(self, checkpoint: Path, library: PromptLibrary) -> None:
        self._checkpoint = checkpoint
        self._library = library
        self._sampler = Sampler()
        self.info = resolve(str(checkpoint))
        self.fingerprint = fingerprint(self.info)

    def load(self) -> None:
        """Load the checkpoint now, not in the first :meth:`generate`."""
        self._sampler.load(self.info, "auto", "auto", lambda text, part: None)

    def generate(
        self, prompt: Prompt, count: int, *, start: int = 0, seed: int = 0, batch_size: int = 8
    ) -> Grey:
        """Images ``start`` … ``count - 1`` of ``prompt``, (count - start)×H×W greys.

        An image that could not be generated is all black.
        """
        self.load()
        overrides = {
            "model": str(self._checkpoint),
            "count": count,
            "seed": seed,
            "batch_size": batch_size,
        }
        tasks = list(plan(JobRequest((prompt,), self._library, overrides, {})).tasks)[start:]
        width, height = self.info.native_size
        greys = np.zeros((len(tasks), height, width), np.uint8)
        for first in range(0, len(tasks), batch_size):
            outcomes = self._sampler.sample(tasks[first : first + batch_size], SilentWatcher())
            for index, outcome in enumerate(outcomes, first):
                if outcome.image is not None:
                    greys[index] = np.asarray(outcome.image)
        return greys
