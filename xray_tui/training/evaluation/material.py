"""The images an evaluation looks at: real ones kept aside, those trained on, generated ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from xray_tui.prompts.schema import Prompt
from xray_tui.training.evaluation.groups import Numbers, area, key_of_item, key_of_prompt
from xray_tui.training.material.data import Radiograph, read_radiographs
from xray_tui.training.material.greys import prepare, split
from xray_tui.training.material.limbs import Grey
from xray_tui.training.stages.sampling import CheckpointSampler


@dataclass(frozen=True)
class RealImages:
    """Real radiographs: what each shows, and their greys, N×256×256."""

    items: list[Radiograph]
    greys: Grey

    def where(self, wanted: Sequence[bool]) -> RealImages:
        """Those for which ``wanted`` (N) is true."""
        chosen = np.flatnonzero(wanted)
        return RealImages([self.items[index] for index in chosen], self.greys[chosen])

    def of_prompt(self, prompt: Prompt) -> RealImages:
        """Those that the prompt describes."""
        key = key_of_prompt(prompt)
        return self.where([key_of_item(item) == key for item in self.items])

    def of_area(self, name: str) -> RealImages:
        """Those of chests, knees or limbs."""
        return self.where([area(item.region) == name for item in self.items])


@dataclass(frozen=True)
class GeneratedImages:
    """Generated radiographs by prompt: N×256×256 greys each."""

    prompts: tuple[Prompt, ...]
    by_id: Mapping[str, Grey]

    def first(self, count: int) -> GeneratedImages:
        """At most ``count`` of each prompt."""
        fewer = {name: greys[:count] for name, greys in self.by_id.items()}
        return GeneratedImages(self.prompts, fewer)

    def of_area(self, name: str) -> Grey:
        """All of chests, knees or limbs."""
        return self.all([prompt for prompt in self.prompts if area(prompt.region) == name])

    def all(self, prompts: Sequence[Prompt] | None = None) -> Grey:
        """All of ``prompts``, in their order."""
        chosen = self.prompts if prompts is None else prompts
        parts = [self.by_id[prompt.id] for prompt in chosen]
        return np.concatenate(parts) if parts else np.zeros((0, 256, 256), np.uint8)


def read_real(data: Path, work: Path, limit: int | None) -> tuple[RealImages, RealImages]:
    """Those trained on and those kept aside; with ``limit``, about so many, of all kinds."""
    parts = zip(("training", "validation"), split(read_radiographs(data)), strict=True)
    both = [_thinned(_read(data, items, work / f"{name}.npy"), limit) for name, items in parts]
    return both[0], both[1]


def draw_all(
    sampler: CheckpointSampler, prompts: Sequence[Prompt], counts: Mapping[str, int], cache: Path
) -> GeneratedImages:
    """``counts[id]`` images of each prompt; those in the folder ``cache`` are not made again."""
    cache.mkdir(parents=True, exist_ok=True)
    by_id = {}
    for prompt in prompts:
        file = cache / f"{prompt.id}.npy"
        made: Grey = np.load(file) if file.exists() else np.zeros((0, 256, 256), np.uint8)
        wanted = counts[prompt.id]
        if len(made) < wanted:
            fresh = sampler.draw(prompt, wanted, start=len(made))
            made = np.concatenate([made, fresh]) if len(made) else fresh
            np.save(temporary := file.with_suffix(".new.npy"), made)
            temporary.replace(file)
            print(f"{prompt.id}: {wanted} images", flush=True)
        by_id[prompt.id] = made[:wanted]
    return GeneratedImages(tuple(prompts), by_id)


def chosen_evenly(count: int, wanted: int | None) -> Numbers:
    """Indices of ``wanted`` of ``count`` things, evenly spread; all with None."""
    if wanted is None or wanted >= count:
        return np.arange(count)
    return np.linspace(0, count - 1, wanted).astype(np.int64)


def _read(data: Path, items: list[Radiograph], cache: Path) -> RealImages:
    greys = prepare(data, items, cache)
    if len(greys) != len(items):
        raise SystemExit(f"{cache} holds {len(greys)} images, the data {len(items)}: remove it")
    return RealImages(items, greys)


def _thinned(images: RealImages, limit: int | None) -> RealImages:
    chosen = chosen_evenly(len(images.items), limit)
    return RealImages([images.items[index] for index in chosen], images.greys[chosen])
