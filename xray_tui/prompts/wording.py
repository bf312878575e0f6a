"""Chooses a value for each slot of a prompt, at random with a seed or as an example."""

from __future__ import annotations

import random

from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.slots import render, slot_names


def choose(prompt: Prompt, seed: int, index: int) -> dict[str, str]:
    """Draw a value for each slot of ``prompt``'s text, for image ``index`` (from 0) of a job.

    The same prompt id, text, values, seed and index always give the same choice, on any machine.
    """
    draw = random.Random(f"{prompt.id}:{seed}:{index}")
    return {name: draw.choice(prompt.slots[name]) for name in slot_names(prompt.text)}


def example(prompt: Prompt) -> str:
    """The text of ``prompt`` with the first value of each slot."""
    return render(prompt.text, {name: values[0] for name, values in prompt.slots.items()})
