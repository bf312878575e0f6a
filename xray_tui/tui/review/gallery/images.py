"""The images of the gallery in order, their rows as far as they were read, and the marks."""

from __future__ import annotations

from array import array
from collections import OrderedDict
from collections.abc import Callable, Iterable, Sequence

from xray_tui.dataset.review.gallery_rows import GalleryRow

_KEPT = 2000
"""Rows kept in memory: dozens of pages."""


class GalleryList:
    """Record ids, eight bytes each, and the rows of those that were recently in view."""

    def __init__(self, read: Callable[[Sequence[int]], list[GalleryRow]]) -> None:
        self.ids: array[int] = array("q")
        self._read = read
        self._rows: OrderedDict[int, GalleryRow | None] = OrderedDict()

    def __len__(self) -> int:
        return len(self.ids)

    def replace(self, ids: Iterable[int]) -> bool:
        """Replace the list, but keep the rows that were read. False if the list has not changed."""
        before, self.ids = self.ids, array("q", ids)
        return self.ids != before

    def index(self, record_id: int | None) -> int | None:
        """The index of a record; None if it is not in the list."""
        try:
            return self.ids.index(record_id) if record_id is not None else None
        except ValueError:
            return None

    def row(self, index: int) -> GalleryRow | None:
        """The row of an image; None if its record has been removed."""
        record_id = self.ids[index]
        if record_id not in self._rows:
            self.read(range(index, index + 1))
        return self._rows[record_id]

    def read(self, indexes: range) -> None:
        """Read the rows at ``indexes`` that have not been read yet, in one query."""
        wanted = self.ids[indexes.start : indexes.stop]
        missing = [record_id for record_id in wanted if record_id not in self._rows]
        if missing:
            self._rows |= dict.fromkeys(missing)
            self._rows |= {row.record_id: row for row in self._read(missing)}
        for record_id in wanted:
            self._rows.move_to_end(record_id)
        while len(self._rows) > max(_KEPT, len(wanted)):
            self._rows.popitem(last=False)

    def forget(self, ids: Iterable[int]) -> None:
        """Read these rows again when they are next in view."""
        for record_id in ids:
            self._rows.pop(record_id, None)

    def forget_all(self) -> None:
        """Read every row again when it is next in view."""
        self._rows.clear()


class Marks:
    """A set of marked records; while shift is held, a stretch of marks follows the cursor."""

    def __init__(self) -> None:
        self.ids: frozenset[int] = frozenset()
        self.hidden: frozenset[int] = frozenset()
        """Records that were marked and are not in the list now; no key applies to them."""
        self._before: frozenset[int] = frozenset()
        self._anchor: int | None = None

    def toggle(self, ids: Iterable[int]) -> None:
        """Mark all of ``ids``; if all are already marked, unmark them."""
        these = frozenset(ids)
        self.ids = self.ids - these if these <= self.ids else self.ids | these
        self.end_stretch()

    def stretch(self, ids: array[int], start: int, end: int) -> None:
        """Mark from where the stretch began, or from ``start`` if there is none yet, to ``end``."""
        if self._anchor is None:
            self._anchor, self._before = start, self.ids
        first, last = sorted((self._anchor, end))
        self.ids = self._before | frozenset(ids[first : last + 1])

    def end_stretch(self) -> None:
        """Let the next call of :meth:`stretch` begin a new one."""
        self._anchor = None

    def show(self, listed: Iterable[int]) -> None:
        """Hide the marks of all records but those ``listed``."""
        if every := self.ids | self.hidden:
            self.ids = every & frozenset(listed)
            self.hidden = every - self.ids
        self.end_stretch()
