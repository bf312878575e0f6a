"""The screen of the review: the keys that judge images, move between them and filter them."""

from __future__ import annotations

from collections.abc import Collection
from typing import ClassVar

from textual import on
from textual.binding import BindingType

from xray_tui.dataset.opinions import Decision
from xray_tui.keymap import key_of
from xray_tui.tui.dialogs.outlets import OutgoingImage
from xray_tui.tui.error_toasts import toast_errors
from xray_tui.tui.review import keys
from xray_tui.tui.review.frame import ReviewFrame
from xray_tui.tui.review.query.line import QueryLine
from xray_tui.tui.stylesheet import stylesheet_for


class ReviewScreen(ReviewFrame):
    """The review of a dataset, with all its keys."""

    DEFAULT_CSS = stylesheet_for(__file__)
    AUTO_FOCUS = "Gallery"
    HELP_TITLE = "Review"
    MANUAL_PAGE = "review"
    help_introduction = staticmethod(keys.introduction)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (100, "-wide"), (160, "-huge")]  # noqa: RUF012
    BINDINGS: ClassVar[list[BindingType]] = keys.BINDINGS

    def take_key_first(self, key: str) -> bool:
        """A digit gives a reason for the images just rejected."""
        return self._judging.reasons.take_key(key)

    def on_mouse_down(self) -> None:
        """Another image may be clicked next, so digits mean its stars."""
        self._judging.reasons.close()

    # ---- judging ---------------------------------------------------------------------------------

    def action_decide(self, decision: Decision) -> None:
        """Accept or reject the selected images, or clear the decision."""

        def advance() -> bool:
            return self._auto_advance and decision != "undecided" and self.views.gallery.go(1)

        self._judging.decide(decision, advance)

    def action_rate(self, stars: int) -> None:
        """Rate the selected images with 0 to 5 stars."""
        self._judging.judge(lambda ids: self.desk.set_rating(ids, stars))

    @toast_errors
    def action_undo(self) -> None:
        """Undo the last step."""
        self._judging.undo()

    @toast_errors
    def action_redo(self) -> None:
        """Redo the step that was undone last."""
        self._judging.redo()

    @toast_errors
    def action_tag(self) -> None:
        """Add or remove a tag."""
        self._dialogs.tag()

    @toast_errors
    def action_note(self) -> None:
        """Write a note."""
        self._dialogs.note()

    @toast_errors
    def action_relabel(self) -> None:
        """Move the selected images to another label's folder."""
        self._dialogs.relabel()

    def action_auto_advance(self) -> None:
        """Switch auto-advance on or off: going to the next image after a decision."""
        self._auto_advance = not self._auto_advance
        self.show_status()

    # ---- moving ----------------------------------------------------------------------------------

    def action_step(self, step: int) -> None:
        """Show the previous or the next image in the loupe."""
        self.views.gallery.go(step)

    def action_edge(self, side: int) -> None:
        """Go to the first image of the list (-1), or to the last (1)."""
        self.views.gallery.action_edge(side)

    @toast_errors
    def action_next_undecided(self) -> None:
        """Go to the next undecided image; after the last one, continue at the first."""
        found = self.images.next_undecided(self.views.gallery.cursor_index)
        if found is None:
            self.toast("No undecided images here")
        elif found == self.views.gallery.cursor_id:
            self.toast("No other undecided images here")
        else:
            self.views.gallery.move_to(found)

    def action_back(self) -> None:
        """Return to the gallery; there, clear the marks, or leave the group.

        After these the same key means to clear the filter, so that the last press shows all images.
        """
        if self.views.current != "gallery":
            self.views.change_to("gallery")
        elif self.views.gallery.marked:
            self.views.gallery.clear_marks()
        else:
            self.images.leave_group()

    def action_clear_filter(self) -> None:
        """Show all images."""
        self.images.clear_filter()

    def action_focus_images(self) -> None:
        """Focus the images."""
        self.views.focus_current()

    def action_compare(self) -> None:
        """Compare the marked images, or this one and the next; press again for four."""
        if not self.views.toggle_compare():
            key = key_of("toggle")
            last = "this is the last image; " if len(self.images.ids) > 1 else ""
            self.toast(f"Nothing to compare with: {last}mark two to four images with {key}")

    # ---- new images ------------------------------------------------------------------------------

    def action_again(self) -> None:
        """Queue the selected images again, with new seeds."""
        self._dialogs.again()

    @toast_errors
    def action_pause_queue(self) -> None:
        """Pause the whole queue, or resume it."""
        self.host.pause_queue()

    def action_edit(self) -> None:
        """Load prompt, seed and parameters of the current image into the form."""
        self._dialogs.take_settings(self.action_leave)

    # ---- out of the app --------------------------------------------------------------------------

    @toast_errors
    def action_copy(self) -> None:
        """Copy path, prompt or seed of the selected images."""
        rows = self._dialogs.selected_rows()
        if rows:
            self._outlets.copy(
                [OutgoingImage(self.desk.root / row.file, row.text, row.seed) for row in rows]
            )

    @toast_errors
    def action_open_outside(self) -> None:
        """Open the selected images in another program."""
        rows = self._dialogs.selected_rows()
        if rows:
            self._outlets.open([self.desk.root / row.file for row in rows])

    # ---- the list --------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Type a filter."""
        self.query_line.focus()

    @on(QueryLine.Changed)
    def _filter(self, message: QueryLine.Changed) -> None:
        self.images.filter(message.text)

    @on(QueryLine.Submitted)
    def _filter_and_leave(self, message: QueryLine.Submitted) -> None:
        if self.images.filter(message.text):
            self.views.focus_current()

    @on(QueryLine.Closed)
    def _leave_filter(self) -> None:
        if self.query_line.text.strip() != self.images.filter_text:  # an invalid filter: drop it
            self.query_line.text = self.images.filter_text
            self.query_line.show_error("")
        self.views.focus_current()

    @on(QueryLine.SaveRequested)
    def _save_filter(self, message: QueryLine.SaveRequested) -> None:
        self._dialogs.save_filter(message.text)

    @on(QueryLine.DeleteRequested)
    @toast_errors
    def _delete_filter(self, message: QueryLine.DeleteRequested) -> None:
        self.images.delete_filter(message.text)

    def action_reload(self) -> None:
        """Apply the filter again, so that new images are included."""
        self.images.reload()

    def action_duplicates(self) -> None:
        """Show near duplicates, group by group."""
        self._duplicates.search()

    def action_next_part(self, step: int) -> None:
        """Show the next or previous group of near duplicates; without groups, move the focus.

        The focus moves between images and details; the filter line has a key of its own.
        """
        if self.images.shows_group:
            self._duplicates.go(step)
        elif not self.views.focus_other_part():
            self.toast(f"No details to go to; {key_of('info')} shows them")

    @toast_errors
    def action_keep_best(self) -> None:
        """Reject all images of the group except the best one."""
        self._duplicates.keep_best()

    # ---- other screens ---------------------------------------------------------------------------

    def action_info(self) -> None:
        """Show or hide the details of the current image."""
        self.toggle_class("-details")
        self.call_after_refresh(self.views.show_details)

    def action_merge(self) -> None:
        """Merge reviews that were made on other machines."""
        self._dialogs.merge()

    def action_purge(self) -> None:
        """Move all rejected images to the trash, after a question."""
        self._dialogs.purge()

    def action_blind(self) -> None:
        """Start a blind reading."""
        self._dialogs.blind()

    def action_statistics(self) -> None:
        """Show progress and targets."""
        self._dialogs.statistics()

    def action_leave(self) -> None:
        """Return to the workbench."""
        self.remember()
        self.dismiss(self.place)

    @property
    def absent_actions(self) -> Collection[str]:
        """Actions that this review lacks: without a workbench, there is none to return to."""
        return () if self.host.has_form else ("leave",)

    @property
    def idle_actions(self) -> Collection[str]:
        """Without images, all that needs one; without a workbench, what needs its form."""
        form = () if self.host.has_form else ("edit",)
        return {*form, *keys.OF_IMAGES} if self.images.is_empty else form

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Actions that do not exist here have no key, nor has a filter that cannot be cleared."""
        if action == "clear_filter":
            return self.clears_filter
        return action not in self.absent_actions
