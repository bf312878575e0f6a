"""Groups of near duplicates, reviewed one after the other."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.keymap import key_of
from xray_tui.text import counted
from xray_tui.tui.review.image_list import ImageList
from xray_tui.tui.review.stage import ReviewStage

_REJECTED = parse("decision:rejected")
_WORTH: dict[Decision, int] = {"accepted": 2, "undecided": 1, "rejected": 0}


class DuplicateGroups:
    """Finds groups of near duplicates among the ``images`` that match, and shows one at a time.

    ``examined`` returns how many images without a hash have been examined so far, and how many
    there were at the start. Until an image is examined, its duplicates cannot be found.
    """

    def __init__(
        self,
        stage: ReviewStage,
        desk: ReviewDesk,
        images: ImageList,
        examined: Callable[[], tuple[int, int]],
    ) -> None:
        self._stage = stage
        self._desk = desk
        self._images = images
        self._examined = examined
        self._groups: list[tuple[int, ...]] = []
        self._current = 0

    @property
    def text(self) -> str:
        """Which group is shown, and the keys for groups; empty if none is shown."""
        if not self._images.shows_group:
            return ""
        place = f"Duplicates {self._current + 1}/{len(self._groups)}"
        return f"{place} · tab next · {key_of('keep_best')} keep best"

    def search(self) -> None:
        """Find the groups with more than one image that is not rejected, and show the first."""
        wanted = frozenset(self._images.matching)
        done, total = self._examined()
        rest = f" ({done:,} of {counted(total, 'older image')} examined so far)" * (done < total)
        self._stage.toast(f"Searching for duplicates …{rest}")

        def find() -> tuple[list[tuple[int, ...]], int]:
            from xray_tui.dataset.checks.near_duplicates import groups  # slow: it imports numpy

            hashes = [entry for entry in self._desk.index.hashes() if entry[0] in wanted]
            found, rejected = groups(hashes), set(self._desk.index.find(_REJECTED))
            return [group for group in found if len(set(group) - rejected) > 1], len(found)

        self._stage.answer(find, self._show_found, "groups")

    def _show_found(self, found: tuple[list[tuple[int, ...]], int]) -> None:
        unresolved, number = found
        if unresolved:
            self._groups = unresolved
            self._show(0)
        elif number:
            resolved = (
                "The only duplicate group is"
                if number == 1
                else f"All {counted(number, 'duplicate group')} are"
            )
            self._stage.toast(f"{resolved} already resolved")
        else:
            self._stage.toast("No near duplicates among these images")

    def go(self, step: int) -> None:
        """Show the next group (1) or the previous one (-1)."""
        if not self._images.shows_group:
            self._stage.toast(_search_first())
            return
        wanted = self._current + step
        if not 0 <= wanted < len(self._groups):
            self._stage.toast(f"This is the {'last' if step > 0 else 'first'} group")
            return
        self._show(wanted)

    def keep_best(self) -> None:
        """Reject all images of the group except the best one, and go to the next group.

        Raises:
            DatasetError: the decisions could not be stored.
        """
        if not self._images.shows_group:
            self._stage.toast(_search_first())
            return
        result = self._reject_all_but_best()
        last = self._current == len(self._groups) - 1
        self._stage.toast(f"{result}; this was the last group" if last else result)
        if not last:
            self.go(1)

    def _reject_all_but_best(self) -> str:
        """Reject the rest of the group; returns the text of the toast."""
        ids = self._images.ids
        rows = self._desk.index.rows(ids)  # other processes may have removed some
        if len(rows) < 2:
            self._stage.changed(ids)
            left = "only one image" if rows else "no image"
            return f"Nothing rejected: {left} of this group is left in the dataset"
        best = best_of(rows)
        others = [row.record_id for row in rows if row.record_id != best]
        number = self._desk.set_decision(others, "rejected")
        self._stage.changed(ids)
        return f"Rejected {counted(number, 'image')}, kept the best; {key_of('undo')} to undo"

    def _show(self, index: int) -> None:
        self._current = index
        self._images.show_group(self._groups[index])


def best_of(rows: Sequence[GalleryRow]) -> int:
    """The record id of the best of ``rows``, which must not be empty.

    This reviewer's decision counts first, then the stars, the dataset's decision and the number of
    failed checks. Among equals, the first image is the best.
    """

    def merit(row: GalleryRow) -> tuple[int, int, int, int, int]:
        own, verdict = _WORTH[row.opinion.decision], _WORTH[row.verdict]
        return own, row.opinion.rating, verdict, -len(row.checks), -row.record_id

    return max(rows, key=merit).record_id


def _search_first() -> str:
    return f"Press {key_of('duplicates')} to search for duplicates first"
