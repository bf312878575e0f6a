"""The classifier: learns region, age group and findings from the real radiographs, at 128×128."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch

from xray_tui.training.evaluation.groups import HEADS, Numbers, answers_of_item, targets
from xray_tui.training.evaluation.network import Examples, Features, Network, apply, fit
from xray_tui.training.material.data import Radiograph, label_weights
from xray_tui.training.material.greys import MIRRORED_SOURCES
from xray_tui.training.material.limbs import Grey

SIDE = 128
WIDTH = 20


class Classifier:
    """A trained network that classifies 256×256 greys."""

    def __init__(self, network: Network) -> None:
        self._network = network

    def answers(self, greys: Grey) -> dict[str, Numbers]:
        """For each head, N answers as indices into its names."""
        small = shrunk(greys, SIDE)
        return {
            head: apply(self._network, small, lambda net, batch, head=head: net(batch)[head])  # type: ignore[misc]
            .argmax(1)
            .astype(np.int64)
            for head in HEADS
        }

    def features(self, greys: Grey) -> Features:
        """N×64 features."""
        return apply(self._network, shrunk(greys, SIDE), lambda net, batch: net.features(batch))


def train_classifier(items: list[Radiograph], greys: Grey, state: Path, steps: int) -> Classifier:
    """Train on real images (N×256×256) for ``steps`` batches, or resume from ``state``."""
    torch.manual_seed(0)
    network = Network({head: len(names) for head, names in HEADS.items()}, WIDTH)
    examples = Examples(
        shrunk(greys, SIDE),
        targets([answers_of_item(item) for item in items]),
        label_weights(items),
        np.array([item.source in MIRRORED_SOURCES for item in items]),
    )
    fit(network, examples, steps, state=state, report=_report)
    return Classifier(network)


def shrunk(greys: Grey, side: int) -> Grey:
    """N×S×S greys shrunk to N×side×side by averaging blocks; S is a multiple of ``side``."""
    cell = greys.shape[1] // side
    small = np.empty((len(greys), side, side), np.uint8)
    for start in range(0, len(greys), 512):
        part = greys[start : start + 512].reshape(-1, side, cell, side, cell)
        small[start : start + 512] = np.round(part.mean((2, 4)))
    return small


def _report(step: int, loss: float) -> None:
    print(f"classifier: step {step}, loss {loss:.3f}", flush=True)
