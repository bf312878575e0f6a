"""Captions in the words of the shipped prompts, and in other words so that free text works."""

from __future__ import annotations

import random
import re
from collections import defaultdict
from collections.abc import Iterator, Sequence

from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.slots import render
from xray_tui.training.material.data import Radiograph

IN_PROMPT_WORDS = 0.6
"""Share of captions in a shipped prompt's own words, where one fits the image."""
SHORT = 0.1
"""Share of captions that name only the region, so that its name also works on its own."""

_NOUNS = ("radiograph", "x-ray", "xray", "film")
_REGIONS = {
    "hip-pelvis": ("hip", "pelvis", "hip and pelvis"),
    "hand-wrist": ("hand", "wrist", "hand and wrist"),
    "lower-leg": ("lower leg", "tibia and fibula"),
}
_VIEWS = {"AP", "PA", "Frontal", "Lateral", "Oblique"}
_NAMED_BY_FINDING = {"chest", "knee"}
"""Regions that the sentence about the finding implies; limbs often share that sentence."""
_ADULTS = ("adult", "adult", "grown-up")
_CHILDREN = ("child", "young child", "infant")


class Captioner:
    """Draws random captions; ``prompts`` are the shipped ones, whose words the model must learn."""

    def __init__(self, prompts: Sequence[Prompt]) -> None:
        self._fitting: dict[tuple[str, str, bool], list[Prompt]] = defaultdict(list)
        self._prompts = prompts
        for prompt in prompts:
            self._fitting[prompt.region, prompt.label, "child" in prompt.text].append(prompt)

    def draw(self, item: Radiograph, draw: random.Random) -> str:
        """One caption for ``item``."""
        if draw.random() < SHORT:
            return _region_alone(item, draw)
        child = item.region == "chest" and is_child(item)
        by_finding = self._fitting.get((item.region, item.label, child), ())
        fitting = [prompt for prompt in by_finding if _shows_view_of(prompt, item)]
        if fitting and draw.random() < IN_PROMPT_WORDS:
            return _in_prompt_words(draw.choice(fitting), item, draw)
        return _in_other_words(item, draw)

    def vocabulary(self) -> Iterator[str]:
        """Texts that contain every word of the prompts and their slots."""
        for prompt in self._prompts:
            yield prompt.text.replace("{", " ").replace("}", " ")
            for values in prompt.slots.values():
                yield from values


def is_child(item: Radiograph) -> bool:
    """Whether the image is known to be of a child."""
    return "child" in item.population or "paediatric" in item.population


def _shows_view_of(prompt: Prompt, item: Radiograph) -> bool:
    """Whether the view named in ``prompt``, if any, is the view of ``item``."""
    named = prompt.slots.get("view") or _VIEWS & set(re.findall(r"\w+", prompt.text))
    return not named or _facts(item)["view"].lower() in {view.lower() for view in named}


def _in_prompt_words(prompt: Prompt, item: Radiograph, draw: random.Random) -> str:
    """The prompt's text, or a part of it, with the slot values that are true of ``item``."""
    facts = _facts(item)
    values = {}
    for name, choices in prompt.slots.items():
        true = [value for value in choices if value.lower() == facts.get(name, "").lower()]
        values[name] = true[0] if true else draw.choice(choices)
    whole = render(prompt.text, values)
    first, *rest = whole.split(". ")
    alone = rest[-1] if rest and item.region in _NAMED_BY_FINDING else first
    return draw.choice((whole, whole, whole, first, alone))


def _facts(item: Radiograph) -> dict[str, str]:
    """The known facts about ``item``, by slot name."""
    facts = {"view": item.view.split("+")[0]}
    for sex in ("woman", "man"):
        if f" {sex}," in item.caption:
            facts["sex"] = sex
    if item.side:
        facts["side"] = item.side
    return facts


def _region_alone(item: Radiograph, draw: random.Random) -> str:
    noun, region = draw.choice(_NOUNS), _region(item, draw)
    text = draw.choice((region, f"{region} {noun}", f"{noun} {region}", f"{noun} of the {region}"))
    return f"{_facts(item)['view']} {text}" if draw.random() < 0.2 else text


def _region(item: Radiograph, draw: random.Random) -> str:
    return draw.choice(_REGIONS.get(item.region, (item.region,)))


def _in_other_words(item: Radiograph, draw: random.Random) -> str:
    facts = _facts(item)
    noun = draw.choice(_NOUNS)
    region = _region(item, draw)
    if "side" in facts and draw.random() < 0.5:
        region = f"{facts['side'].lower()} {region}"
    parts = [draw.choice((f"{region} {noun}", f"{noun} of the {region}"))]
    if draw.random() < 0.7:
        parts.insert(draw.choice((0, 1)), f"{facts['view']} view")
    if item.region == "chest" and draw.random() < 0.8:
        age = draw.choice(_CHILDREN if is_child(item) else _ADULTS)
        parts.append(facts["sex"] if "sex" in facts and draw.random() < 0.6 else age)
    finding = item.label.replace("-", " ")
    details = [part.strip() for part in item.caption.split(",")[1:]]
    parts.append(draw.choice((finding, finding, *details[-1:], f"{finding}, {details[-1]}")))
    return ", ".join(parts)
