"""The classes of an export, for training code that knows labels by name or number."""

from __future__ import annotations

from collections.abc import Collection

from xray_tui.dataset.records import Record


class Classes:
    """The classes for ``labels``, pairs of region and label.

    A class is called like its label, or ``chest.normal`` if there are several regions.
    """

    def __init__(self, labels: Collection[tuple[str, str]]) -> None:
        self._has_regions = len({region for region, _ in labels}) > 1
        self._numbers = {label: number for number, label in enumerate(sorted(set(labels)))}

    @property
    def names(self) -> list[str]:
        """The classes in the order of their numbers."""
        return [name for _, name in self.with_regions]

    @property
    def with_regions(self) -> list[tuple[str, str]]:
        """The same, each after its region."""
        return [(region, self._name(region, label)) for region, label in self._numbers]

    def name(self, record: Record) -> str:
        """The class of an image."""
        return self._name(record.task.region, record.label)

    def number(self, record: Record) -> int:
        """The class of an image as a number, from 0. Not for use in several threads.

        A label that a reviewer has just invented gets the next number.
        """
        return self._numbers.setdefault((record.task.region, record.label), len(self._numbers))

    def _name(self, region: str, label: str) -> str:
        return f"{region}.{label}" if self._has_regions else label
