"""Which images the review shows: those that match the query, or groups of near duplicates."""

from __future__ import annotations

from array import array
from collections.abc import Sequence
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.query.parsing import Query, QueryError, parse
from xray_tui.dataset.query.saved_filters import SavedFilters
from xray_tui.dataset.repair.foreign_files import find_strangers
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted
from xray_tui.tui.error_toasts import errors_as_toasts, load_in_background
from xray_tui.tui.review.query.line import QueryLine

if TYPE_CHECKING:
    from xray_tui.tui.review.screen import ReviewScreen

_NEAR = 400
"""Images that are looked at one by one before all undecided ones are looked for."""
_SETTLED = 2.0
"""Seconds after which the first images are there, and other work holds up nothing."""
_NAMED = 3
"""Files that are told by name."""
_NAMES_SHOWN = 6
"""Seconds to read them."""
_TOLD: set[tuple[Path, tuple[str, ...]]] = set()
"""What was told of datasets: each review that is opened would tell it again."""
_UNDECIDED = parse("decision:undecided")
_REJECTED = parse("decision:rejected")
_WORTH: dict[Decision, int] = {"accepted": 2, "undecided": 1, "rejected": 0}


class ReviewList:
    """The images ``screen`` shows. What takes longer is done off the UI thread."""

    def __init__(self, screen: ReviewScreen, desk: ReviewDesk) -> None:
        self._screen = screen
        self._desk = desk
        self._query = Query()
        self._matching = array("q")
        self._groups: list[tuple[int, ...]] = []
        self._group: int | None = None
        self._examined = (0, 0)
        """Of the images that had not been examined: how many are now, and all."""
        self._backfill = desk.backfill(self._note_examined, self._examining_failed)
        self.filters = SavedFilters(desk.root)
        self.line = ""
        """The query as it was typed."""
        self.unseen = 0
        """Images made since the list was read."""

    @property
    def ids(self) -> Sequence[int]:
        """The records shown, in order."""
        return self._matching if self._group is None else self._groups[self._group]

    @property
    def group_text(self) -> str:
        """Which group is shown; empty where none is."""
        if self._group is None:
            return ""
        return f"duplicates {self._group + 1}/{len(self._groups)} · n b X"

    # ---- filtering -------------------------------------------------------------------------------

    def open(self) -> None:
        """Show all images, and learn the names in use."""
        self.reload()
        self.learn_names()
        self._backfill.start()
        self._screen.set_timer(_SETTLED, self._look_for_strangers)

    def filter(self, line: str) -> bool:
        """Show what matches ``line``; a wrong one is told, what is shown stays, and it is False."""
        try:
            self._query = parse(line, self._saved() if "@" in line else {})
        except QueryError as error:
            self._screen.query_one(QueryLine).show_error(str(error))
            return False
        self._screen.query_one(QueryLine).show_error("")
        self.line = line.strip()
        self.leave_groups()
        self.reload()
        return True

    def reload(self) -> None:
        """Find again what matches."""
        query = self._query

        def show(found: array[int]) -> None:
            if query is not self._query:  # another one was asked for meanwhile
                return
            self._matching, self.unseen = found, 0
            self._show()
            self._screen.count_soon()

        load_in_background(self._screen, lambda: self._desk.index.find(query), show, "find")

    def learn_names(self) -> None:
        """Complete the query line to the names in use."""
        saved, line = tuple(self._saved()), self._screen.query_one(QueryLine)
        vocabulary = self._desk.index.vocabulary
        load_in_background(self._screen, lambda: vocabulary(saved), line.set_vocabulary, "names")

    def _saved(self) -> dict[str, str]:
        with errors_as_toasts(self._screen):
            return self.filters.read()
        return {}

    def forget_filter(self, line: str) -> None:
        """Forget the saved filter that ``line`` names, such as ``@best``.

        Raises:
            DatasetError: the file of the filters cannot be read or written.
        """
        name = line.strip().removeprefix("@")
        saved = self.filters.read().get(name)
        if saved is None or not line.strip().startswith("@"):
            self._screen.tell("write the name of a saved filter first, such as @best", error=True)
            return
        self.filters.remove(name)
        self.learn_names()
        self._screen.query_one(QueryLine).text = saved
        self.filter(saved)
        self._screen.tell(f"@{name} is forgotten; what it stood for is in the line")

    def note_new(self, number: int) -> None:
        """So many images were made."""
        self.unseen += number
        self._screen.show_status()

    def next_undecided(self, index: int) -> int | None:
        """The first record after ``index``, or from the start, that this reviewer is undecided on.

        The one at ``index`` where there is no other, None where there is none.
        """
        ids = [*self.ids[index + 1 :], *self.ids[: index + 1]]
        for row in self._desk.index.rows(ids[:_NEAR]):
            if row.opinion.decision == "undecided":
                return row.record_id
        undecided = set(self._desk.index.find(_UNDECIDED))
        return next((record_id for record_id in ids if record_id in undecided), None)

    # ---- examining -------------------------------------------------------------------------------

    def close(self) -> None:
        """Stop what goes on in the background."""
        self._backfill.stop()

    def look_again(self, record_id: int) -> bool:
        """Examine an image anew, and return whether that found something new. From any thread."""
        return self._backfill.look_again(record_id)

    def _note_examined(self, what: str, done: int, total: int) -> None:
        self._examined = (done, total)
        if done and done >= total:  # what was found shows in cells and panel
            self._screen.call_later(self._show_examined)

    def _show_examined(self) -> None:
        if self._screen.is_attached:
            self._screen.changed(self._matching)

    def _examining_failed(self, error: DatasetError) -> None:
        self._screen.call_later(self._screen.tell, str(error), error=True)

    # ---- what is no image ------------------------------------------------------------------------

    def _look_for_strangers(self) -> None:
        """In a thread that nobody waits for: a slow disk must not hold up the end of the app."""
        Thread(target=self._find_strangers, name="strangers", daemon=True).start()

    def _find_strangers(self) -> None:
        try:
            strangers = find_strangers(self._desk.root)
        except DatasetError as error:
            self._examining_failed(error)
        else:
            if strangers:
                self._screen.call_later(self._tell_strangers, strangers)

    def _tell_strangers(self, strangers: list[str]) -> None:
        told = (self._desk.root, tuple(strangers))
        if told in _TOLD:
            return
        _TOLD.add(told)
        names = ", ".join(strangers[:_NAMED]) + ", …" * (len(strangers) > _NAMED)
        self._screen.notify(
            clean(
                f"{counted(len(strangers), 'file')} among the images, but not of this dataset: "
                f"{names}; xray-tui verify tells what they are"
            ),
            severity="warning",
            markup=False,
            timeout=_NAMES_SHOWN,
        )

    # ---- near duplicates -------------------------------------------------------------------------

    def look_for_groups(self) -> None:
        """Find groups of near duplicates among what matches, and show the first."""
        wanted = frozenset(self._matching)
        done, total = self._examined
        rest = f" ({done:,} of {total:,} older images are examined so far)" * (done < total)
        self._screen.tell(f"looking for near duplicates …{rest}")

        def look() -> tuple[list[tuple[int, ...]], int]:
            from xray_tui.dataset.checks.near_duplicates import groups  # and numpy with it

            hashes = [entry for entry in self._desk.index.hashes() if entry[0] in wanted]
            found, rejected = groups(hashes), set(self._desk.index.find(_REJECTED))
            return [group for group in found if len(set(group) - rejected) > 1], len(found)

        load_in_background(self._screen, look, self._show_groups, "groups")

    def _show_groups(self, groups: tuple[list[tuple[int, ...]], int]) -> None:
        left, found = groups
        if left:
            self._groups, self._group = left, 0
            self._show()
        elif found:
            self._screen.tell(f"of near duplicates ({found:,}×) all but one are rejected already")
        else:
            self._screen.tell("no two of the images shown are near duplicates")

    def go_to_group(self, step: int) -> None:
        """Show the next group, or the one before."""
        if self._group is None:
            self._screen.tell("D looks for groups of near duplicates first")
            return
        wanted = self._group + step
        if not 0 <= wanted < len(self._groups):
            self._screen.tell(f"this is the {'last' if step > 0 else 'first'} group")
            return
        self._group = wanted
        self._show()

    def keep_best(self) -> None:
        """Reject all images of the group but the best, and go on to the next group.

        Raises:
            DatasetError: that could not be stored.
        """
        if self._group is None:
            self._screen.tell("D looks for groups of near duplicates first")
            return
        done = self._reject_but_best()
        last = self._group == len(self._groups) - 1
        self._screen.tell(f"{done}; this was the last group" if last else done)
        if not last:
            self.go_to_group(1)

    def _reject_but_best(self) -> str:
        """Reject what is left of the group, but the best; returns what to say of it."""
        rows = self._desk.index.rows(self.ids)  # some may be gone: others work on the dataset, too
        if len(rows) < 2:
            self._screen.changed(self.ids)
            left = "one image" if rows else "no image"
            return f"nothing is rejected: {left} of this group is left in the dataset"
        best = best_of(rows)
        others = [row.record_id for row in rows if row.record_id != best]
        number = self._desk.set_decision(others, "rejected")
        self._screen.changed(self.ids)
        return f"{number} rejected, the best is kept; z undoes it"

    def leave_groups(self) -> None:
        """Show all that matches again."""
        if self._group is not None:
            self._group = None
            self._show()

    # ---- showing ---------------------------------------------------------------------------------

    def _show(self) -> None:
        self._screen.views.show(self.ids)
        self._screen.show_status()


def best_of(rows: Sequence[GalleryRow]) -> int:
    """The record id of one that is accepted, then with the most stars, then the first.

    There is at least one row. Where this reviewer has not decided, the dataset's decision counts,
    and what the checks found.
    """

    def merit(row: GalleryRow) -> tuple[int, int, int, int, int]:
        own, verdict = _WORTH[row.opinion.decision], _WORTH[row.verdict]
        return own, row.opinion.rating, verdict, -len(row.checks), -row.record_id

    return max(rows, key=merit).record_id
