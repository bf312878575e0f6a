"""The images that the review shows: those that match the filter, or one group of them."""

from __future__ import annotations

from array import array
from collections.abc import Callable, Sequence

from xray_tui.dataset.query.parsing import Query, QueryError, parse
from xray_tui.dataset.query.saved_filters import SavedFilters
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.errors import DatasetError
from xray_tui.keymap import key_of
from xray_tui.text import clean
from xray_tui.tui.review.stage import ReviewStage

_NEARBY = 400
"""Images whose decisions are read before all undecided ones are searched for."""
_UNDECIDED = parse("decision:undecided")


class ImageList:
    """The images shown on ``stage``, in order. Searches run off the UI thread.

    ``reasons`` are tags that the query line offers even if no image has them.
    """

    def __init__(self, stage: ReviewStage, desk: ReviewDesk, reasons: tuple[str, ...]) -> None:
        self._stage = stage
        self._desk = desk
        self._reasons = reasons
        self._query = Query()
        self._group: tuple[int, ...] | None = None
        self.matching = array("q")
        """The records that match the filter."""
        self.filters = SavedFilters(desk.root)
        self.filter_text = ""
        """The filter as it was typed."""
        self.unseen = 0
        """Images generated since the list was read."""
        self._is_read = False
        self.newest = 0
        """The newest image of the dataset when the list was read."""

    @property
    def ids(self) -> Sequence[int]:
        """The records shown, in order."""
        return self.matching if self._group is None else self._group

    @property
    def shows_all(self) -> bool:
        """Whether all images of the dataset are shown, except those that are new."""
        return self._group is None and not self._query.conditions

    @property
    def is_empty(self) -> bool:
        """Whether the list was read and has no image."""
        return self._is_read and not len(self.ids)

    @property
    def shows_group(self) -> bool:
        """Whether a group is shown instead of all images that match."""
        return self._group is not None

    def show_group(self, group: tuple[int, ...]) -> None:
        """Show only these records."""
        self._group = group
        self._show()

    def leave_group(self) -> None:
        """Show all images that match again."""
        if self._group is not None:
            self._group = None
            self._show()

    def filter(self, text: str) -> bool:
        """Show the images that match ``text``.

        False if ``text`` is not a valid filter: the query line shows why, and the list stays as it
        is.
        """
        try:
            self._query = parse(text, self._read_filters() if "@" in text else {})
        except QueryError as error:
            self._stage.query_line.show_error(str(error), error.position)
            return False
        self._stage.query_line.show_error("")
        self.filter_text = text.strip()
        self.leave_group()
        self._search()
        return True

    def reload(
        self, record_id: int | None = None, then: Callable[[], object] = lambda: None
    ) -> None:
        """Search again for the images that match, then move to this record if it is one of them.

        ``then`` is called once they are shown, before the next key is handled. The query line
        offers the names that these images have now.
        """
        self._search(record_id, then)
        self.update_vocabulary()

    def _search(
        self, record_id: int | None = None, then: Callable[[], object] = lambda: None
    ) -> None:
        query, index = self._query, self._desk.index

        def find() -> tuple[int, array[int]]:
            newest = index.newest()  # first: the list may have even newer images
            found = index.find(query)
            return max(newest, max(found, default=0)), found

        def show(answer: tuple[int, array[int]]) -> None:
            if query is not self._query:  # the filter has been changed in the meantime
                return
            self.newest, self.matching = answer
            self._is_read, self.unseen = True, 0
            self._show()
            self._stage.views.read_again()
            if record_id is not None:
                self._stage.views.gallery.move_to(record_id)
            then()
            self._stage.count_soon()

        self._stage.answer(find, show, "find")

    def look_for_new(self) -> None:
        """Count the images that other processes generated since the list was read."""
        newest = self.newest

        def show(number: int) -> None:
            if newest == self.newest and number != self.unseen:
                self.unseen = number
                self._stage.show_status()

        self._stage.load(lambda: self._desk.index.number_after(newest), show, "new images")

    def update_vocabulary(self) -> None:
        """Let the query line offer the labels, tags and filters that exist now."""
        filters, line = tuple(self._read_filters()), self._stage.query_line
        read, reasons = self._desk.index.vocabulary, self._reasons
        self._stage.load(lambda: read(filters, reasons), line.set_vocabulary, "vocabulary")

    def delete_filter(self, text: str) -> None:
        """Delete the saved filter that ``text`` names, such as ``@best``.

        Raises:
            DatasetError: the file of the filters cannot be read or written.
        """
        name = text.strip().removeprefix("@")
        saved = self.filters.read().get(name)
        if saved is None or not text.strip().startswith("@"):
            self._stage.toast("Type the name of a saved filter first, such as @best", "error")
            return
        self.filters.remove(name)
        self.update_vocabulary()
        self._stage.query_line.text = saved
        self.filter(saved)
        self._stage.toast(f"Deleted @{name}; its text is kept in the filter line")

    def add_unseen(self, number: int) -> None:
        """Note that ``number`` new images were generated."""
        self.unseen += number
        self._stage.show_status()

    def next_undecided(self, index: int) -> int | None:
        """The first record after ``index`` that this reviewer is undecided on.

        After the last image the search continues at the first one; the record at ``index`` itself
        comes last. None if all are decided.
        """
        ids = [*self.ids[index + 1 :], *self.ids[: index + 1]]
        for row in self._desk.index.rows(ids[:_NEARBY]):
            if row.opinion.decision == "undecided":
                return row.record_id
        undecided = set(self._desk.index.find(_UNDECIDED))
        return next((record_id for record_id in ids if record_id in undecided), None)

    def _read_filters(self) -> dict[str, str]:
        try:
            return self.filters.read()
        except DatasetError as error:
            self._stage.toast(str(error), "error")
            return {}

    def clear_filter(self) -> None:
        """Show all images, with the cursor on the same one; a toast says what the filter was."""
        text = clean(self.filter_text)
        self._stage.query_line.text = ""
        self.filter("")
        self._stage.toast(f"Showing all images; the filter was {text}")

    @property
    def empty_text(self) -> str:
        """What to do next where there are no images."""
        if self.filter_text:
            found = f"No images match {clean(self.filter_text)}."
            return f"{found} Press esc to clear the filter, or {key_of('filter')} to change it."
        if self._stage.host.has_form:
            return (
                f"No images yet. Press {key_of('review')}, mark prompts with {key_of('toggle')}, "
                f"then press {key_of('generate')}."
            )
        return f"No images yet. Generate some with xray-tui, then press {key_of('refresh')} here."

    def _show(self) -> None:
        self._stage.views.gallery.empty_text = self.empty_text
        self._stage.views.show(self.ids)
        if self.shows_all:  # others are no longer in the dataset
            self._stage.views.gallery.forget_hidden_marks()
        self._stage.show_status()
