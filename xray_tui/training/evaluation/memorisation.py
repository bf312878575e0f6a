"""Memorisation: is a generated image a copy of a training image?

Images are compared as 32×32 greys with mean 0 and deviation 1, so brightness and fine detail do
not matter; the distance is the root mean square of the difference (0: the same, 1.41: unrelated).
Mirrored copies count if the denoiser saw mirrored images. A typical image is close to many training
images, a copy to only one. So the distance is also divided by the mean distance to the next 20
(an idea of Carlini et al. 2023, arXiv:2301.13188).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xray_tui.training.evaluation.classifier import shrunk
from xray_tui.training.evaluation.distances import pairwise
from xray_tui.training.evaluation.groups import AREAS, Numbers
from xray_tui.training.evaluation.material import GeneratedImages, RealImages, chosen_evenly
from xray_tui.training.evaluation.network import Features
from xray_tui.training.evaluation.results import Nearness
from xray_tui.training.material.greys import MIRRORED_SOURCES
from xray_tui.training.material.limbs import Grey

SIDE = 32
NEXT = 20
MOST = 500
"""Generated images compared, over all areas."""


@dataclass(frozen=True)
class Nearest:
    """For N images: the nearest training image.

    ``distance`` to it, ``relative`` to the mean distance of the next ones, and its ``index``.
    """

    distance: Features
    relative: Features
    index: Numbers


@dataclass(frozen=True)
class Pair:
    """A generated image and the training image nearest to it, H×W greys."""

    distance: float
    generated: Grey
    training: Grey


def memorisation(
    training: RealImages, validation: RealImages, generated: GeneratedImages
) -> tuple[tuple[Nearness, ...], list[Pair]]:
    """One entry for each area, and its eight nearest pairs, to be inspected by eye."""
    found: list[Nearness] = []
    pairs: list[Pair] = []
    for name in AREAS:
        seen, held_out = training.of_area(name), validation.of_area(name)
        synthetic = generated.of_area(name)
        share = len(synthetic) / max(1, len(generated.all()))
        synthetic = synthetic[chosen_evenly(len(synthetic), max(1, round(MOST * share)))]
        if not len(synthetic) or len(seen.items) <= NEXT or not held_out.items:
            continue
        references, origin = _references(seen)
        real = nearest(outlines(held_out.greys), references)
        matches = nearest(outlines(synthetic), references)
        found.append(_summary(name, real, matches))
        for index in np.argsort(matches.distance)[:8]:
            copy = seen.greys[origin[matches.index[index]]]
            pairs.append(Pair(float(matches.distance[index]), synthetic[index], copy))
    return tuple(found), pairs


def outlines(greys: Grey) -> Features:
    """N×S×S greys as N×1024 vectors, each of mean 0 and mean square 1, scaled by 1/√1024."""
    vectors = shrunk(greys, SIDE).reshape(-1, SIDE * SIDE).astype(np.float64)
    vectors -= vectors.mean(1, keepdims=True)
    scaled: Features = vectors / (vectors.std(1, keepdims=True) + 1e-6) / SIDE
    return scaled


def nearest(queries: Features, references: Features) -> Nearest:
    """The nearest of M×D ``references`` for each of N×D ``queries``."""
    distances = pairwise(queries, references)
    index = distances.argmin(1)
    closest = np.sort(np.partition(distances, NEXT, axis=1)[:, : NEXT + 1], axis=1)
    return Nearest(closest[:, 0], closest[:, 0] / closest[:, 1:].mean(1), index)


def _references(seen: RealImages) -> tuple[Features, Numbers]:
    """Outlines of all training images and of mirrored ones, and the index of each image."""
    mirrored = np.flatnonzero([item.source in MIRRORED_SOURCES for item in seen.items])
    vectors = outlines(seen.greys)
    flipped = vectors.reshape(-1, SIDE, SIDE)[mirrored, :, ::-1].reshape(-1, SIDE * SIDE)
    return np.concatenate([vectors, flipped]), np.concatenate([np.arange(len(vectors)), mirrored])


def _summary(name: str, real: Nearest, synthetic: Nearest) -> Nearness:
    return Nearness(
        area=name,
        real_images=len(real.distance),
        generated_images=len(synthetic.distance),
        real_first=_percentile(real.distance, 1),
        real_median=_percentile(real.distance, 50),
        generated_first=_percentile(synthetic.distance, 1),
        generated_median=_percentile(synthetic.distance, 50),
        nearer=float((synthetic.distance < _percentile(real.distance, 1)).mean()),
        nearer_than_neighbours=float((synthetic.relative < _percentile(real.relative, 1)).mean()),
    )


def _percentile(values: npt.NDArray[np.float64], percent: float) -> float:
    return float(np.percentile(values, percent))
