"""Fréchet distance, precision and recall of generated images, compared with two real halves.

These measures depend on the number of images and on the mix of labels. So the validation images are
halved by patient, and both halves and the generated images contribute the same number of images of
each prompt's label. Half against half and generated against half are then comparable. This is
repeated with other halves.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from xray_tui.training.evaluation.classifier import Classifier
from xray_tui.training.evaluation.distances import frechet, precision_recall
from xray_tui.training.evaluation.groups import AREAS, Key, area, key_of_item, key_of_prompt
from xray_tui.training.evaluation.material import GeneratedImages, RealImages
from xray_tui.training.evaluation.network import Features
from xray_tui.training.evaluation.results import Closeness
from xray_tui.training.material.data import Radiograph

REPEATS = 20
LEAST = 8
"""Halves with fewer images than this are not compared."""

ByKey = Mapping[Key, Features]


def closeness(
    classifier: Classifier, validation: RealImages, generated: GeneratedImages
) -> tuple[Closeness, ...]:
    """One entry for each area with enough images."""
    real = classifier.features(validation.greys)
    by_key: dict[Key, Features] = {
        key_of_prompt(prompt): classifier.features(generated.by_id[prompt.id])
        for prompt in generated.prompts
        if len(generated.by_id[prompt.id])
    }
    found = []
    for name in AREAS:
        keys = [key for key in by_key if area(key[0]) == name]
        entry = compare(name, validation.items, real, {key: by_key[key] for key in keys})
        if entry is not None:
            found.append(entry)
    return tuple(found)


def compare(
    name: str, items: Sequence[Radiograph], real: Features, generated: ByKey, repeats: int = REPEATS
) -> Closeness | None:
    """``real`` (N×D features of ``items``) against ``generated``; None with too few images."""
    rows = []
    for repeat in range(repeats):
        random = np.random.default_rng(repeat)
        one, other = halves(items, real, random)
        sets = _same_mix(one, other, generated, random)
        if len(sets[0]) < LEAST:
            continue
        half_to_half = precision_recall(sets[0], sets[1])
        rows.append(
            (
                len(sets[0]),
                frechet(sets[0], sets[1]),
                frechet(sets[0], sets[2]),
                *half_to_half,
                *precision_recall(sets[0], sets[2]),
            )
        )
    if not rows:
        return None
    means = [float(value) for value in np.mean(rows, axis=0)]
    return Closeness(
        area=name,
        images=round(means[0]),
        real_frechet=means[1],
        generated_frechet=means[2],
        real_precision=means[3],
        real_recall=means[4],
        generated_precision=means[5],
        generated_recall=means[6],
    )


def halves(
    items: Sequence[Radiograph], features: Features, random: np.random.Generator
) -> tuple[ByKey, ByKey]:
    """The features by label, in two halves that have no patient in common."""
    patients = sorted({item.patient for item in items})
    first = {
        patient
        for patient, is_first in zip(patients, random.random(len(patients)) < 0.5, strict=True)
        if is_first
    }
    parts: tuple[dict[Key, list[Features]], dict[Key, list[Features]]] = (
        defaultdict(list),
        defaultdict(list),
    )
    for item, feature in zip(items, features, strict=True):
        parts[item.patient not in first][key_of_item(item)].append(feature)
    one, other = ({key: np.stack(rows) for key, rows in part.items()} for part in parts)
    return one, other


def _same_mix(
    one: ByKey, other: ByKey, generated: ByKey, random: np.random.Generator
) -> tuple[Features, Features, Features]:
    """Random features from all three: the same number of each label of ``generated``."""
    picked: tuple[list[Features], ...] = ([], [], [])
    for key in sorted(generated):
        if key not in one or key not in other:
            continue
        sources = (one[key], other[key], generated[key])
        count = min(len(source) for source in sources)
        for chosen, source in zip(picked, sources, strict=True):
            chosen.append(source[random.permutation(len(source))[:count]])
    empty = np.zeros((0, 1))
    first, second, third = (np.concatenate(part) if part else empty for part in picked)
    return first, second, third
