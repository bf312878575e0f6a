"""``python -m xray_tui.training.evaluation``: judge a checkpoint and write it into its card."""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np

from xray_tui.models.catalogue import bundled_path
from xray_tui.prompts.library import default_path, load
from xray_tui.training.card import write_card
from xray_tui.training.evaluation.agreement import agreement
from xray_tui.training.evaluation.classifier import STEPS, train_classifier
from xray_tui.training.evaluation.closeness import closeness
from xray_tui.training.evaluation.groups import key_of_prompt
from xray_tui.training.evaluation.material import (
    GeneratedImages,
    RealImages,
    draw_all,
    read_real,
)
from xray_tui.training.evaluation.memorisation import memorisation
from xray_tui.training.evaluation.results import Results, write_results
from xray_tui.training.evaluation.soundness import faults, fidelity, speed
from xray_tui.training.evaluation.table import as_markdown
from xray_tui.training.evaluation.usefulness import HEALTHY, ILL, usefulness
from xray_tui.training.sheet import SheetRow, draw_pairs, draw_sheet
from xray_tui.training.stages.sampling import CheckpointSampler

USEFUL = 4
"""Times as many images of each prompt for children's chests: a set to train on."""


@dataclass(frozen=True)
class Options:
    """The command line."""

    data: Path
    work: Path
    checkpoint: Path
    count: int
    classifier_steps: int
    limit: int | None

    @property
    def kept(self) -> Path:
        """The folder for all that is made once, and for the results."""
        return self.work / "evaluation"


def main() -> None:
    """Parse the command line and judge the checkpoint."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with metadata.csv")
    parser.add_argument("--work", type=Path, default=Path(".training"), help="saved states")
    parser.add_argument("--checkpoint", type=Path, default=bundled_path())
    parser.add_argument("--count", type=int, default=50, help="images of each bundled prompt")
    parser.add_argument("--classifier-steps", type=int, default=STEPS)
    parser.add_argument("--limit", type=int, help="use only so many real images, for a quick try")
    options = Options(**vars(parser.parse_args()))
    options.kept.mkdir(parents=True, exist_ok=True)
    print(as_markdown(evaluate(options)))
    write_card(options.checkpoint, options.work, options.data)


def evaluate(options: Options) -> Results:
    """Everything that is measured, also written to results.json, and the pictures to look at."""
    library = load(default_path())
    sampler = CheckpointSampler(options.checkpoint, library)
    name = sampler.fingerprint[:12]
    training, validation = read_real(options.data, options.work, options.limit)
    state = options.kept / f"classifier-{len(training.items)}-{options.classifier_steps}.pt"
    classifier = train_classifier(training.items, training.greys, state, options.classifier_steps)
    counts = {
        prompt.id: options.count * (USEFUL if key_of_prompt(prompt) in (HEALTHY, *ILL) else 1)
        for prompt in library.bundled()
    }
    images = options.kept / f"images-{name}"
    many = draw_all(sampler, library.bundled(), counts, images)
    generated = many.first(options.count)
    nearness, pairs = memorisation(training, validation, generated)
    results = Results(
        fingerprint=sampler.fingerprint,
        date=datetime.now(UTC).date().isoformat(),
        images_per_prompt=options.count,
        agreement=agreement(classifier, validation, generated),
        closeness=closeness(classifier, validation, many),
        usefulness=usefulness(training, validation, many, options.kept / "auc.json", name),
        nearness=nearness,
        fidelity=fidelity(options.checkpoint, validation),
        faults=faults(validation, many),
        speed=speed(options.checkpoint, library, library.bundled()[0]),
    )
    write_results(options.kept / "results.json", results)
    _draw_comparison(validation, training, generated, options.kept / "sheet.png")
    captions = [(f"distance {pair.distance:.2f}", pair.generated, pair.training) for pair in pairs]
    draw_pairs(captions, options.kept / "nearest.png")
    return results


def _draw_comparison(
    validation: RealImages, training: RealImages, generated: GeneratedImages, target: Path
) -> None:
    """The contact sheet; real images kept aside come first."""
    rows = []
    for prompt in generated.prompts:
        real = [images.of_prompt(prompt).greys[:6] for images in (validation, training)]
        rows.append(SheetRow(prompt.id, generated.by_id[prompt.id], np.concatenate(real)))
    draw_sheet(rows, target)


if __name__ == "__main__":
    main()
