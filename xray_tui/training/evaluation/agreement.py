"""Label agreement: does the classifier recognise the label of the prompt in a generated image?"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from xray_tui.training.evaluation.classifier import Classifier
from xray_tui.training.evaluation.groups import (
    AREAS,
    HEADS,
    UNKNOWN,
    Answers,
    Numbers,
    answers_of_item,
    answers_of_prompt,
    area,
    targets,
)
from xray_tui.training.evaluation.material import GeneratedImages, RealImages
from xray_tui.training.evaluation.results import Share

Hits = Sequence[bool]


def agreement(
    classifier: Classifier, validation: RealImages, generated: GeneratedImages
) -> tuple[Share, ...]:
    """For each answer of each head: how often the classifier gives it when it is true."""
    real_answers = [answers_of_item(item) for item in validation.items]
    prompted: list[Answers] = []
    for prompt in generated.prompts:
        prompted += [answers_of_prompt(prompt)] * len(generated.by_id[prompt.id])
    real = hits(classifier.answers(validation.greys), real_answers)
    synthetic = hits(classifier.answers(generated.all()), prompted)
    return tuple(
        Share(
            head=head,
            answer=name,
            real=_mean(real[head].get(name)),
            real_images=len(real[head].get(name, ())),
            generated=_mean(synthetic[head].get(name)),
            generated_images=len(synthetic[head].get(name, ())),
        )
        for head, names in {"area": AREAS, **HEADS}.items()
        for name in names
    )


def hits(given: dict[str, Numbers], answers: Sequence[Answers]) -> dict[str, dict[str, Hits]]:
    """For each head and true answer: whether each image with that answer was classified correctly.

    The area (chest, knee or limbs) follows from the region.
    """
    true = targets(answers)
    found: dict[str, dict[str, Hits]] = {
        head: {
            names[number]: list(given[head][true[head] == number] == number)
            for number in np.unique(true[head])
            if number != UNKNOWN
        }
        for head, names in HEADS.items()
    }
    areas = np.array([area(name) for name in HEADS["region"]])
    same = areas[given["region"]] == areas[true["region"]]
    found["area"] = {
        str(name): list(same[areas[true["region"]] == name])
        for name in np.unique(areas[true["region"]])
    }
    return found


def balanced(
    shares: Sequence[Share], head: str, without: Sequence[str] = ()
) -> tuple[float, float] | None:
    """Mean share of real and of generated images, over the answers of ``head``.

    Answers in ``without``, and those that lack real or generated images, do not count; None if no
    answer is left.
    """
    both = [
        (share.real, share.generated)
        for share in shares
        if share.head == head
        and share.answer not in without
        and share.real is not None
        and share.generated is not None
    ]
    if not both:
        return None
    real, generated = (sum(column) / len(both) for column in zip(*both, strict=True))
    return real, generated


def _mean(values: Sequence[bool] | None) -> float | None:
    return float(np.mean(values)) if values else None
