"""Draws a line of the prompt tree: mark, bullet and name on the left, counts on the right."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Protocol

from rich.style import Style
from rich.text import Text

from xray_tui.prompts.schema import Prompt
from xray_tui.tui.prompts.prompt_outline import Item

BUNDLED, OTHER, MARK = "●", "○", "✓"


class Counts(Protocol):
    """How many images of a prompt exist, and how many of them were accepted."""

    @property
    def images(self) -> int: ...
    @property
    def accepted(self) -> int: ...


@dataclass(frozen=True)
class Sum:
    """Counts of several prompts, added up."""

    images: int = 0
    accepted: int = 0


def count(counts: Counts | None) -> Sum:
    """``counts`` as a value that can be compared and added; zeros for None."""
    return Sum(counts.images, counts.accepted) if counts is not None else Sum()


def add_up(prompts: Iterable[Prompt], counts: Mapping[str, Counts]) -> Sum:
    """The counts of all ``prompts`` together."""
    found = [count(counts.get(prompt.id)) for prompt in prompts]
    return Sum(sum(one.images for one in found), sum(one.accepted for one in found))


def short_number(number: int) -> str:
    """``number`` in at most four characters, up to 999 million: 9999, 12k, 345k, 12M."""
    if number < 10_000:
        return str(number)
    if number < 1_000_000:
        return f"{number // 1000}k"
    return f"{number // 1_000_000}M"


@dataclass(frozen=True)
class LabelPainter:
    """Draws labels that are ``width`` cells wide, as ``name        11 (3)``."""

    width: int
    style: Style
    part_style: Callable[[str], Style]
    """Returns the style of a part: branch, bundled, quiet, mark or accepted."""

    def label(self, item: Item, *, expanded: bool, marked: Collection[str], total: Sum) -> Text:
        """The label of ``item``, cut to fit, with its counts at the right edge."""
        left = self._branch(item, expanded, marked) if item.children else self._leaf(item, marked)
        right = self._numbers(total)
        left.truncate(max(self.width - right.cell_len - 1, 4), overflow="ellipsis")
        gap = max(self.width - left.cell_len - right.cell_len, 1)
        return Text.assemble(left, Text(" " * gap, self.style), right, no_wrap=True, end="")

    def _branch(self, item: Item, expanded: bool, marked: Collection[str]) -> Text:
        number = sum(prompt.id in marked for prompt in item.prompts)
        return self._join(
            self._paint("▾ " if expanded else "▸ ", "quiet"),
            self._paint(item.name, "branch"),
            self._paint(f" {MARK}{number}" if number else "", "mark"),
        )

    def _leaf(self, item: Item, marked: Collection[str]) -> Text:
        prompt = item.prompts[0]
        bullet = (f"{BUNDLED} ", "bundled") if prompt.bundled else (f"{OTHER} ", "quiet")
        return self._join(
            self._paint(MARK if prompt.id in marked else " ", "mark"),
            self._paint(*bullet),
            self._paint(item.name),
        )

    def _numbers(self, total: Sum) -> Text:
        if not total.images:
            return self._join()
        accepted = f" ({short_number(total.accepted)})" if total.accepted else ""
        return self._join(
            self._paint(short_number(total.images)), self._paint(accepted, "accepted")
        )

    def _join(self, *parts: Text) -> Text:
        """The parts one after another, each in its own style (Text.append extends the first)."""
        return Text.assemble(*parts, no_wrap=True, end="")

    def _paint(self, text: str, part: str = "") -> Text:
        style = self.style + self.part_style(part) if part else self.style
        return Text(text, style, no_wrap=True, end="")
