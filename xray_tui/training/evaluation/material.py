"""The images of an evaluation: training images, held-out images and generated images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_tui.prompts.schema import Prompt
from xray_tui.training.evaluation.groups import Numbers, area, key_of_item, key_of_prompt
from xray_tui.training.material.arrays import save_array
from xray_tui.training.material.data import Radiograph, read_radiographs
from xray_tui.training.material.greys import load_greys, split
from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.sampling import CheckpointSampler


@dataclass(frozen=True)
class RealImages:
    """Real radiographs and their greys, N×256×256."""

    items: list[Radiograph]
    greys: Grey

    def where(self, wanted: Sequence[bool]) -> RealImages:
        """The images for which ``wanted`` (N) is true."""
        chosen = np.flatnonzero(wanted)
        return RealImages([self.items[index] for index in chosen], self.greys[chosen])

    def of_prompt(self, prompt: Prompt) -> RealImages:
        """The images that the prompt describes."""
        key = key_of_prompt(prompt)
        return self.where([key_of_item(item) == key for item in self.items])

    def of_area(self, name: str) -> RealImages:
        """The images of one area: chest, knee or limbs."""
        return self.where([area(item.region) == name for item in self.items])


@dataclass(frozen=True)
class GeneratedImages:
    """Generated radiographs by the id of their prompt, N×256×256 greys each."""

    prompts: tuple[Prompt, ...]
    by_id: Mapping[str, Grey]

    def first(self, count: int) -> GeneratedImages:
        """At most the first ``count`` images of each prompt."""
        fewer = {name: greys[:count] for name, greys in self.by_id.items()}
        return GeneratedImages(self.prompts, fewer)

    def of_area(self, name: str) -> Grey:
        """All images of one area: chest, knee or limbs."""
        return self.all([prompt for prompt in self.prompts if area(prompt.region) == name])

    def all(self, prompts: Sequence[Prompt] | None = None) -> Grey:
        """All images of ``prompts`` (default: all prompts), in their order."""
        chosen = self.prompts if prompts is None else prompts
        parts = [self.by_id[prompt.id] for prompt in chosen]
        return np.concatenate(parts) if parts else np.zeros((0, 256, 256), np.uint8)


def read_real(data: Path, work: Path, limit: int | None) -> tuple[RealImages, RealImages]:
    """Training and held-out images; with ``limit``, that many of each, spread over all kinds.

    Raises:
        TrainingError: the data, or the saved greys in ``work``, cannot be used.
    """
    training, validation = split(read_radiographs(data))
    return (
        _read(data, training, work / "training.npy", limit),
        _read(data, validation, work / "validation.npy", limit),
    )


def generate_all(
    sampler: CheckpointSampler, prompts: Sequence[Prompt], counts: Mapping[str, int], cache: Path
) -> GeneratedImages:
    """``counts[id]`` images of each prompt; images in the folder ``cache`` are reused."""
    cache.mkdir(parents=True, exist_ok=True)
    by_id = {}
    for prompt in prompts:
        file = cache / f"{prompt.id}.npy"
        greys: Grey = np.load(file) if file.exists() else np.zeros((0, 256, 256), np.uint8)
        wanted = counts[prompt.id]
        if len(greys) < wanted:
            new = sampler.generate(prompt, wanted, start=len(greys))
            greys = np.concatenate([greys, new]) if len(greys) else new
            save_array(file, greys)
            print(f"{prompt.id}: {wanted} images", flush=True)
        by_id[prompt.id] = greys[:wanted]
    return GeneratedImages(tuple(prompts), by_id)


def chosen_evenly(count: int, wanted: int | None) -> Numbers:
    """``wanted`` indices spread evenly over 0 … ``count`` - 1; all indices if it is None."""
    if wanted is None or wanted >= count:
        return np.arange(count)
    return np.linspace(0, count - 1, wanted).astype(np.int64)


def _read(data: Path, items: list[Radiograph], cache: Path, limit: int | None) -> RealImages:
    greys = load_greys(data, items, cache)
    chosen = chosen_evenly(len(items), limit)
    return RealImages([items[index] for index in chosen], greys[chosen])
