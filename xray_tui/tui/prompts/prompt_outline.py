"""The prompts arranged by region and label: the content of the prompt tree as plain data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from xray_tui.prompts.schema import Prompt

Key = tuple[str, ...]


@dataclass(frozen=True)
class Item:
    """One line of the tree: a prompt, or a region or label with prompts below it."""

    key: Key
    """Identifies the line across reloads: region, label of a branch, id of a prompt."""
    name: str
    prompts: tuple[Prompt, ...]
    children: tuple[Item, ...] = ()

    @property
    def prompt(self) -> Prompt | None:
        """The prompt of this line; None for a region or label."""
        return None if self.children else self.prompts[0]

    def walk(self) -> Iterator[Item]:
        """This item and all items below it, in the order shown."""
        yield self
        for child in self.children:
            yield from child.walk()


def outline(prompts: Iterable[Prompt]) -> tuple[Item, ...]:
    """Regions with their labels and prompts, each in the order of the file.

    A label with a single prompt has no line of its own: the prompt is directly below the region.
    """
    regions: dict[str, dict[str, list[Prompt]]] = {}
    for prompt in prompts:
        regions.setdefault(prompt.region, {}).setdefault(prompt.label, []).append(prompt)
    return tuple(_region(name, labels) for name, labels in regions.items())


def shape(items: Iterable[Item]) -> list[Key]:
    """The keys of all lines. Two outlines with the same shape differ only in their texts."""
    return [item.key for top in items for item in top.walk()]


def matches(prompt: Prompt, query: str) -> bool:
    """Whether each word of ``query`` is in the id, region, label, view, findings or text."""
    parts = (prompt.id, prompt.region, prompt.label, prompt.view, *prompt.findings, prompt.text)
    haystack = " ".join(parts).casefold()
    return all(word in haystack for word in query.casefold().split())


def _region(region: str, labels: dict[str, list[Prompt]]) -> Item:
    children: list[Item] = []
    for label, prompts in labels.items():
        leaves = tuple(_leaf(prompt) for prompt in prompts)
        if len(leaves) == 1:
            children.append(leaves[0])
        else:
            children.append(Item((region, label), label, tuple(prompts), leaves))
    everything = tuple(prompt for child in children for prompt in child.prompts)
    return Item((region,), region, everything, tuple(children))


def _leaf(prompt: Prompt) -> Item:
    short = prompt.id.removeprefix(f"{prompt.region}-")
    return Item((prompt.region, prompt.label, prompt.id), short, (prompt,))
