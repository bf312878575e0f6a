"""Measures how good a checkpoint is, with a classifier trained on the real images."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from xray_tui.prompts.library import default_path, load
from xray_tui.training.evaluation.agreement import agreement
from xray_tui.training.evaluation.classifier import train_classifier
from xray_tui.training.evaluation.closeness import closeness
from xray_tui.training.evaluation.groups import key_of_prompt
from xray_tui.training.evaluation.material import (
    GeneratedImages,
    RealImages,
    generate_all,
    read_real,
)
from xray_tui.training.evaluation.memorisation import memorisation
from xray_tui.training.evaluation.results import Results, write_results
from xray_tui.training.evaluation.soundness import faults, fidelity, speed
from xray_tui.training.evaluation.usefulness import HEALTHY, ILL, usefulness
from xray_tui.training.sheet import SheetRow, draw_pairs, draw_sheet
from xray_tui.training.stages.sampling import CheckpointSampler

MORE_CHESTS = 4
"""Prompts of children's chests get this many times more images: enough to train a network."""


@dataclass(frozen=True)
class Options:
    """The options of the command line."""

    data: Path
    work: Path
    checkpoint: Path
    count: int
    classifier_steps: int
    limit: int | None

    @property
    def folder(self) -> Path:
        """The folder for the results, and for everything that is computed only once."""
        return self.work / "evaluation"


def evaluate(options: Options) -> Results:
    """Measure everything, write results.json, and draw sheets of images to look at.

    Raises:
        TrainingError: the data, or the saved states, cannot be used.
        ModelError: the checkpoint cannot be used.
        OSError: a file cannot be read or written.
    """
    options.folder.mkdir(parents=True, exist_ok=True)
    library = load(default_path())
    sampler = CheckpointSampler(options.checkpoint, library)
    name = sampler.fingerprint[:12]
    training, validation = read_real(options.data, options.work, options.limit)
    state = options.folder / f"classifier-{len(training.items)}-{options.classifier_steps}.pt"
    classifier = train_classifier(training.items, training.greys, state, options.classifier_steps)
    counts = {
        prompt.id: options.count * (MORE_CHESTS if key_of_prompt(prompt) in (HEALTHY, *ILL) else 1)
        for prompt in library.bundled()
    }
    images = options.folder / f"images-{name}"
    many = generate_all(sampler, library.bundled(), counts, images)
    generated = many.first(options.count)
    nearness, pairs = memorisation(training, validation, generated)
    results = Results(
        fingerprint=sampler.fingerprint,
        date=datetime.now(UTC).date().isoformat(),
        images_per_prompt=options.count,
        agreement=agreement(classifier, validation, generated),
        closeness=closeness(classifier, validation, many),
        usefulness=usefulness(training, validation, many, options.folder / "auc.json", name),
        nearness=nearness,
        fidelity=fidelity(options.checkpoint, validation),
        faults=faults(validation, many),
        speed=speed(options.checkpoint, library, library.bundled()[0]),
    )
    write_results(options.folder / "results.json", results)
    _write_sheet(validation, training, generated, options.folder / "sheet.png")
    captions = [(f"distance {pair.distance:.2f}", pair.generated, pair.training) for pair in pairs]
    draw_pairs(captions, options.folder / "nearest.png")
    return results


def _write_sheet(
    validation: RealImages, training: RealImages, generated: GeneratedImages, target: Path
) -> None:
    """Write the contact sheet; of the real images, the held-out ones come first."""
    rows = []
    for prompt in generated.prompts:
        real = [images.of_prompt(prompt).greys[:6] for images in (validation, training)]
        rows.append(SheetRow(prompt.id, generated.by_id[prompt.id], np.concatenate(real)))
    draw_sheet(rows, target)
