"""Which images are on a sheet: some of each label, the same ones for the same seed."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from itertools import groupby

from xray_tui.dataset.export.selection import Chosen, Only


@dataclass(frozen=True)
class SheetRequest:
    """What is asked for."""

    reviewer: str
    """Whose opinions the query asks for."""
    only: Only = "accepted"
    query: str = ""
    seed: int = 0
    """Of the choice among the images of a label."""
    columns: int = 6
    per_label: int = 6
    """The most images of one label."""


@dataclass(frozen=True)
class LabelImages:
    """The images of one label that are on the sheet."""

    region: str
    label: str
    images: list[Chosen]
    among: int
    """The number of images that they were chosen from."""


def choose_for_labels(images: Iterable[Chosen], per_label: int, seed: int) -> list[LabelImages]:
    """At most ``per_label`` of the ``images`` of each label, by region and label.

    An image is chosen by a hash of ``seed`` and its file name, not by its place among the others:
    so most of a sheet stays as it is when images are added. Those of one label are in the order of
    the dataset.
    """

    def label(one: Chosen) -> tuple[str, str]:
        return one.region, one.label

    found = []
    for (region, name), group in groupby(sorted(images, key=label), key=label):
        candidates = list(group)
        drawn = sorted(candidates, key=lambda one: _draw(seed, one.file))[:per_label]
        in_order = sorted(drawn, key=lambda one: one.record_id)
        found.append(LabelImages(region, name, in_order, len(candidates)))
    return found


def _draw(seed: int, file: str) -> bytes:
    return sha256(f"{seed} {file}".encode(errors="replace")).digest()
