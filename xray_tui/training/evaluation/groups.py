"""The classes of the classifier, and which real images correspond to which prompt."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from xray_tui.prompts.schema import Prompt
from xray_tui.training.material.captions import is_child
from xray_tui.training.material.data import Radiograph

Numbers = npt.NDArray[np.int64]
Key = tuple[str, str, bool]
"""Region, label, and whether the image is a child's chest."""

HEADS: Mapping[str, tuple[str, ...]] = {
    "region": (
        "chest",
        "knee",
        "hand-wrist",
        "elbow",
        "foot",
        "ankle",
        "hip-pelvis",
        "shoulder",
        "lower-leg",
    ),
    "age": ("adult", "child"),
    "child chest": ("normal", "bacterial-pneumonia", "viral-pneumonia"),
    "adult chest": (
        "normal",
        "effusion",
        "pneumothorax",
        "cardiomegaly",
        "atelectasis",
        "covid-19",
    ),
    "knee": ("healthy to doubtful", "minimal", "moderate to severe"),
}
"""The questions about an image, each with its possible answers."""

UNKNOWN = -1
"""The answer if a question does not apply, or its answer is not known."""

AREAS = ("chest", "knee", "limbs")
_KNEES = {
    "healthy": "healthy to doubtful",
    "doubtful-osteoarthritis": "healthy to doubtful",
    "minimal-osteoarthritis": "minimal",
    "moderate-osteoarthritis": "moderate to severe",
    "severe-osteoarthritis": "moderate to severe",
}


@dataclass(frozen=True)
class Answers:
    """The true answer to each question that has one, by head."""

    by_head: Mapping[str, str]

    def number(self, head: str) -> int:
        """The answer to ``head`` as an index into ``HEADS[head]``, or :data:`UNKNOWN`."""
        answer = self.by_head.get(head)
        return HEADS[head].index(answer) if answer in HEADS[head] else UNKNOWN


def answers_of_item(item: Radiograph) -> Answers:
    """The known answers for a real image.

    Children in the NIH collection are up to 17 years old and labelled by software, so only their
    region is used.
    """
    older_child = item.source == "nih" and is_child(item)
    return _answers(item.region, "" if older_child else item.label, young=_young(item, older_child))


def answers_of_prompt(prompt: Prompt) -> Answers:
    """The answers that an image of ``prompt`` should get."""
    young = _for_child(prompt) if prompt.region == "chest" else None
    return _answers(prompt.region, prompt.label, young=young)


def key_of_item(item: Radiograph) -> Key:
    """The key that a real image shares with the prompt that describes it."""
    return item.region, item.label, item.region == "chest" and is_child(item)


def key_of_prompt(prompt: Prompt) -> Key:
    """The key that a prompt shares with the real images it describes."""
    return prompt.region, prompt.label, _for_child(prompt)


def area(region: str) -> str:
    """Chest, knee or limbs: each is evaluated separately."""
    return region if region in AREAS else "limbs"


def targets(answers: Sequence[Answers]) -> dict[str, Numbers]:
    """For each head, N answers as indices into its names, or :data:`UNKNOWN`."""
    return {
        head: np.array([answer.number(head) for answer in answers], dtype=np.int64)
        for head in HEADS
    }


def _young(item: Radiograph, older_child: bool) -> bool | None:
    return None if item.region != "chest" or older_child else is_child(item)


def _for_child(prompt: Prompt) -> bool:
    return "child" in prompt.text


def _answers(region: str, label: str, *, young: bool | None) -> Answers:
    answers = {"region": region}
    if region == "chest" and young is not None:
        answers["age"] = "child" if young else "adult"
        answers["child chest" if young else "adult chest"] = label
    if region == "knee" and label in _KNEES:
        answers["knee"] = _KNEES[label]
    return Answers(answers)
