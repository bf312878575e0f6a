"""Usefulness of generated images: train a pneumonia classifier on them, test it on real ones.

All images are chests of children.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from xray_tui.training.evaluation.classifier import shrunk
from xray_tui.training.evaluation.distances import auc
from xray_tui.training.evaluation.groups import Key, key_of_item, key_of_prompt
from xray_tui.training.evaluation.material import GeneratedImages, RealImages
from xray_tui.training.evaluation.network import Examples, Network, apply, fit
from xray_tui.training.evaluation.results import Usefulness
from xray_tui.training.material.limbs import Grey

HEALTHY: Key = ("chest", "normal", True)
ILL: tuple[Key, ...] = (
    ("chest", "bacterial-pneumonia", True),
    ("chest", "viral-pneumonia", True),
)
FEW = 100
"""Real images in the small set to which generated images are added."""
SIDE, WIDTH, STEPS, SEEDS = 64, 12, 300, 5
_HEAD = "pneumonia"


@dataclass(frozen=True)
class Chests:
    """N×64×64 greys of children's chests, and the key of each."""

    greys: Grey
    keys: Sequence[Key]

    @property
    def ill(self) -> npt.NDArray[np.bool_]:
        """N flags: whether the image shows pneumonia."""
        return np.array([key in ILL for key in self.keys], dtype=bool)

    def with_same_mix(self, keys: Sequence[Key], random: np.random.Generator) -> Chests:
        """A random subset with each key as often as in ``keys``, or as often as it exists."""
        chosen = np.concatenate(
            [
                random.permutation(np.flatnonzero([own == key for own in self.keys]))[
                    : sum(one == key for one in keys)
                ]
                for key in sorted(set(keys))
            ]
        )
        return Chests(self.greys[chosen], [self.keys[index] for index in chosen])

    def plus(self, other: Chests) -> Chests:
        """The images of both."""
        return Chests(np.concatenate([self.greys, other.greys]), [*self.keys, *other.keys])


def usefulness(
    training: RealImages, validation: RealImages, generated: GeneratedImages, cache: Path, name: str
) -> tuple[Usefulness, ...]:
    """The AUC of networks trained on each kind of set; ``name`` identifies the checkpoint.

    Each AUC is stored in the file ``cache`` as soon as it is known, and reused.
    """
    real, test, synthetic = _of_children(training), _of_children(validation), _generated(generated)
    if not len(synthetic.greys) or not test.ill.any() or test.ill.all():
        return ()
    known: dict[str, float] = json.loads(cache.read_text()) if cache.exists() else {}
    found: dict[str, list[float]] = {}
    counts: dict[str, int] = {}
    for seed in range(SEEDS):
        for kind, chests in _sets(real, synthetic, np.random.default_rng(seed)).items():
            part = "" if kind.startswith("real images") else name
            key = f"{kind}/{part}/{len(chests.greys)}/{len(real.greys)}/{STEPS}/{seed}"
            if key not in known:
                known[key] = trained_auc(chests, test, seed)
                cache.write_text(json.dumps(known, indent=1))
                print(f"{kind} ({len(chests.greys)}), seed {seed}: {known[key]:.3f}", flush=True)
            found.setdefault(kind, []).append(known[key])
            counts[kind] = len(chests.greys)
    return tuple(
        Usefulness(trained_on=kind, images=counts[kind], auc=tuple(values))
        for kind, values in found.items()
    )


def trained_auc(chests: Chests, test: Chests, seed: int, steps: int = STEPS) -> float:
    """The AUC on ``test`` of a network trained on ``chests``, both classes drawn equally often."""
    torch.manual_seed(seed)
    ill = chests.ill
    weights = np.where(ill, 0.5 / max(1, ill.sum()), 0.5 / max(1, (~ill).sum()))
    examples = Examples(
        chests.greys,
        {_HEAD: ill.astype(np.int64)},
        weights / weights.sum(),
        np.zeros(len(ill), dtype=bool),
    )
    network = fit(Network({_HEAD: 2}, WIDTH), examples, steps, seed=seed)
    logits = apply(network, test.greys, lambda net, batch: net(batch)[_HEAD])
    return auc(logits[:, 1] - logits[:, 0], test.ill)


def _sets(real: Chests, synthetic: Chests, random: np.random.Generator) -> dict[str, Chests]:
    """The training sets, by their names in the results."""
    mix = synthetic.with_same_mix(synthetic.keys, random).keys
    few = [mix[int(index)] for index in np.linspace(0, len(mix) - 1, min(FEW, len(mix)))]
    some = real.with_same_mix(few, random)
    return {
        "generated images": synthetic,
        "real images, as many": real.with_same_mix(synthetic.keys, random),
        "real images, few": some,
        "few real and all generated images": some.plus(synthetic),
    }


def _of_children(images: RealImages) -> Chests:
    """Images of the Guangzhou collection; other children's labels were read by software."""
    own = images.where(
        [item.source == "k" and key_of_item(item) in (HEALTHY, *ILL) for item in images.items]
    )
    return Chests(shrunk(own.greys, SIDE), [key_of_item(item) for item in own.items])


def _generated(generated: GeneratedImages) -> Chests:
    prompts = [prompt for prompt in generated.prompts if key_of_prompt(prompt) in (HEALTHY, *ILL)]
    keys = [key_of_prompt(prompt) for prompt in prompts for _ in generated.by_id[prompt.id]]
    return Chests(shrunk(generated.all(prompts), SIDE), keys)
