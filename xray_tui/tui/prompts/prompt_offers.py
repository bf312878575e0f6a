"""Texts that the prompt editor offers, taken from the other prompts of the library."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from xray_tui.prompts.schema import Prompt
from xray_tui.tui.prompts.prompt_draft import slot_line, slots_used


def usual_view(region: str, prompts: Sequence[Prompt]) -> str:
    """The view that most prompts of ``region`` have; for a new region, that most prompts have."""
    views = [prompt.view for prompt in prompts if prompt.region == region.strip()]
    views = views or [prompt.view for prompt in prompts]
    return Counter(views).most_common(1)[0][0] if views else ""


def with_missing_slots(slots: str, text: str, prompts: Sequence[Prompt]) -> str:
    """``slots``, with one more line for each slot that ``text`` uses and that has no line.

    Its values are those of the first prompt with a slot of this name; a new slot has none yet.
    """
    listed = {line.partition("=")[0].strip() for line in slots.splitlines()}
    missing = [name for name in slots_used(text) if name not in listed]
    if not missing:
        return slots
    known = {name: values for prompt in reversed(prompts) for name, values in prompt.slots.items()}
    added = [f"{name} = {slot_line(known.get(name, ()))}" for name in missing]
    return "\n".join([line for line in [*slots.splitlines(), *added] if line.strip()])
