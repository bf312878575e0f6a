"""Does a generated image copy one that was trained on?

Images are compared as 32×32 greys with mean 0 and deviation 1, so brightness and fine detail do
not matter; the distance is the root mean square of the difference (0: the same, 1.41: unrelated).
Mirrored copies count where the denoiser saw them. A model that draws typical images comes near to
many; a copy is near to one. So the distance is also divided by the mean of those to the next 20
(an idea of Carlini et al. 2023, arXiv:2301.13188).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xray_tui.training.evaluation.classifier import halved
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
    """For N images: distance to the nearest training image, that over the next ones', its index."""

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
    """One entry for each area, and the eight nearest pairs of each to look at."""
    found: list[Nearness] = []
    pairs: list[Pair] = []
    for name in AREAS:
        seen, kept = training.of_area(name), validation.of_area(name)
        drawn = generated.of_area(name)
        share = len(drawn) / max(1, len(generated.all()))
        drawn = drawn[chosen_evenly(len(drawn), max(1, round(MOST * share)))]
        if not len(drawn) or len(seen.items) <= NEXT or not kept.items:
            continue
        references, origin = _references(seen)
        real = nearest(outlines(kept.greys), references)
        made = nearest(outlines(drawn), references)
        found.append(_summary(name, real, made))
        for index in np.argsort(made.distance)[:8]:
            copy = seen.greys[origin[made.index[index]]]
            pairs.append(Pair(float(made.distance[index]), drawn[index], copy))
    return tuple(found), pairs


def outlines(greys: Grey) -> Features:
    """N×S×S greys as N×1024 vectors, each of mean 0 and mean square 1, scaled by 1/√1024."""
    vectors = halved(greys, SIDE).reshape(-1, SIDE * SIDE).astype(np.float64)
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
    """Outlines of all training images and of the mirrored ones, and which image each is of."""
    mirrored = np.flatnonzero([item.source in MIRRORED_SOURCES for item in seen.items])
    vectors = outlines(seen.greys)
    turned = vectors.reshape(-1, SIDE, SIDE)[mirrored, :, ::-1].reshape(-1, SIDE * SIDE)
    return np.concatenate([vectors, turned]), np.concatenate([np.arange(len(vectors)), mirrored])


def _summary(name: str, real: Nearest, made: Nearest) -> Nearness:
    return Nearness(
        area=name,
        real_images=len(real.distance),
        generated_images=len(made.distance),
        real_first=_percentile(real.distance, 1),
        real_median=_percentile(real.distance, 50),
        generated_first=_percentile(made.distance, 1),
        generated_median=_percentile(made.distance, 50),
        nearer=float((made.distance < _percentile(real.distance, 1)).mean()),
        nearer_than_neighbours=float((made.relative < _percentile(real.relative, 1)).mean()),
    )


def _percentile(values: npt.NDArray[np.float64], percent: float) -> float:
    return float(np.percentile(values, percent))
