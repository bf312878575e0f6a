"""The dialogs of the review, and the changes that their answers make."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from xray_tui.dataset.opinions import LONGEST_NOTE
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.dataset.review.purging import Rejected
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.target_edits import TargetEdits
from xray_tui.dataset.review.targets import Targets
from xray_tui.environment import user_path
from xray_tui.errors import XrayTuiError
from xray_tui.keymap import key_of
from xray_tui.names import filter_name_problem, name_problem, tag_problem
from xray_tui.tasks import Task
from xray_tui.text import counted, size_text
from xray_tui.tui.blind.start import BlindStartScreen
from xray_tui.tui.dialogs.entry import EntryScreen, Report, Save, Suggestion
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.review.image_list import ImageList
from xray_tui.tui.review.judging import NO_IMAGE, Judging
from xray_tui.tui.review.stage import ReviewStage
from xray_tui.tui.review.statistics.screen import StatisticsScreen


class ReviewDialogs:
    """Asks the reviewer for input that a single key cannot give.

    ``reasons`` are tags that are always suggested.
    """

    def __init__(
        self,
        stage: ReviewStage,
        desk: ReviewDesk,
        images: ImageList,
        judging: Judging,
        reasons: Sequence[str],
    ) -> None:
        self._stage = stage
        self._desk = desk
        self._images = images
        self._judging = judging
        self._targets = TargetEdits(Targets(desk.root))
        self._reasons = reasons

    def tag(self) -> None:
        """Add a tag to the selected images, or remove it if all of them have it."""
        rows = self.selected_rows()
        if not rows:
            return
        on_all = set.intersection(*(set(row.opinion.tags) for row in rows))
        known = dict.fromkeys((*self._reasons, *self._desk.index.tags()))
        suggestions = [
            Suggestion(tag, "removes it" * (tag in on_all), tag in on_all) for tag in known
        ]

        def save(tag: str, report: Report) -> None:
            change = self._desk.remove_tag if tag in on_all else self._desk.add_tag
            self._judging.judge(lambda ids: change(ids, tag), report=report)
            self._images.update_vocabulary()

        hint = "Choose a reason, or type a tag of your own."
        self._ask(_title("Tag", rows), hint, tag_problem, save, suggestions=suggestions)

    def note(self) -> None:
        """Write a note on the selected images; an empty one deletes it."""
        rows = self.selected_rows()
        if not rows:
            return
        notes = {row.opinion.note for row in rows}
        differ = len(notes) > 1

        def problem(note: str) -> str:
            if differ and not note:  # enter alone must not delete all of them
                return "type a note for all images, or press esc to keep their notes"
            return f"at most {LONGEST_NOTE:,} characters" if len(note) > LONGEST_NOTE else ""

        def save(note: str, report: Report) -> None:
            self._judging.judge(lambda ids: self._desk.set_note(ids, note), report=report)

        hint = (
            "The notes differ. Your text replaces all of them."
            if differ
            else "Leave empty to delete the note."
        )
        text = "" if differ else rows[0].opinion.note
        self._ask(_title("Note", rows), hint, problem, save, text=text)

    def relabel(self) -> None:
        """Move the selected images to the folder of another label."""
        rows = self.selected_rows()
        if not rows:
            return
        regions = {row.region for row in rows}
        if len(regions) > 1:
            self._stage.toast(
                "The marked images belong to several regions. Mark images of one region.",
                "error",
            )
            return
        (region,) = regions
        now = {row.label for row in rows}
        labels = self._desk.index.labels(region)
        suggestions = [Suggestion(label, current=label in now) for label in labels]

        def save(label: str, report: Report) -> None:
            def report_move(problem: str) -> None:
                if not problem:
                    new = "" if label in labels else " (new label)"
                    moved = f"Moved {counted(len(rows), 'image')}" if len(rows) > 1 else "Moved"
                    self._stage.toast(f"{moved} to {region}/{label}{new}")
                    self._images.update_vocabulary()
                report(problem)

            self._judging.relabel(label, report_move)

        hint = f"Choose or type a label. Files move to {region}/<label>."
        self._ask(_title("Relabel", rows), hint, name_problem, save, suggestions=suggestions)

    def save_filter(self, text: str) -> None:
        """Save a filter under a name."""

        def save(name: str, report: Report) -> None:
            try:
                before = self._images.filters.save(name, text)
            except XrayTuiError as error:
                report(str(error))
                return
            self._images.update_vocabulary()
            replaced = f"; it was {before} before" * bool(before)
            self._stage.toast(f"Saved as @{name}{replaced}")
            report("")

        self._ask("Save filter", f"Name for: {text}", filter_name_problem, save)

    def merge(self) -> None:
        """Ask where the reviews of other machines are, and merge them."""

        def problem(text: str) -> str:
            return "" if user_path(text.strip()) and text.strip() else "type a path"

        def save(text: str, report: Report) -> None:
            path = user_path(text.strip())
            if path is not None:
                self._judging.merge(path, report)

        hint = "Path of a dataset, a reviews.jsonl file, or a folder with several of them."
        self._ask("Merge reviews", hint, problem, save)

    def purge(self) -> None:
        """Ask whether to move all rejected images to the trash."""

        def show(rejected: Rejected) -> None:
            if not rejected.images:
                self._stage.toast(f"No rejected images. Press {key_of('reject')} to reject one.")
                return
            images, size = counted(rejected.images, "rejected image"), size_text(rejected.bytes)
            accepted = counted(rejected.disputed, "of them was", "of them were")
            disputed = f"\n{accepted} accepted by a reviewer."
            question = QuestionScreen(
                "Purge",
                f"Move {images} ({size}) to the trash? {key_of('undo')} restores them."
                + disputed * bool(rejected.disputed),
                [Choice("keep", "k", "Keep them here"), Choice("purge", "m", "Move to the trash")],
            )
            self._stage.ask(question, lambda answer: answered(answer, rejected.images))

        def answered(answer: str | None, images: int) -> None:
            if answer == "purge":
                self._judging.purge(images, self._stage.views.gallery.cursor_id or 0)

        self._stage.answer(self._desk.purging.rejected, show, "purge")

    def blind(self) -> None:
        """Start a blind reading of images from the current list."""
        ids = self._images.ids

        def collect() -> BlindStartScreen:
            images = self._desk.blind_images()
            items, filtered = images.items(ids), not self._images.shows_all
            return BlindStartScreen(images, self._desk.reviewer, items, filtered=filtered)

        def show(screen: BlindStartScreen) -> None:
            if ids or screen.has_sessions:
                self._stage.ask(screen, lambda _: None)
            else:
                self._stage.toast(self._images.empty_text)

        self._stage.answer(collect, show, "blind")

    def statistics(self) -> None:
        """Show the progress of the review; missing images can be generated from there."""
        index, host = self._desk.index, self._stage.host

        def collect() -> StatisticsScreen:
            return StatisticsScreen(
                index.progress(),
                index.seconds_per_image(),
                self._targets,
                self._desk.summary(),
                coming=self._desk.images_to_come(),
                drawable=host.drawable_labels(),
            )

        def show(screen: StatisticsScreen) -> None:
            self._stage.ask(screen, answered)

        def answered(shortfalls: tuple[Shortfall, ...] | None) -> None:
            if shortfalls:
                host.generate_missing(shortfalls, otherwise=self.statistics)

        self._stage.answer(collect, show, "statistics")

    def again(self) -> None:
        """Queue the selected images again, with new seeds."""
        self._with_tasks(self._stage.views.targets, self._stage.host.generate_again)

    def take_settings(self, close: Callable[[], object]) -> None:
        """Load the settings of the current image into the form, and show the form."""
        host = self._stage.host

        def take(tasks: list[Task]) -> None:
            if host.has_form:
                close()
            host.take_settings(tasks[0])

        self._with_tasks(self._stage.views.current_ids, take)

    def _with_tasks(self, record_ids: Sequence[int], act: Callable[[list[Task]], object]) -> None:
        def read() -> list[Task]:
            records = map(self._desk.record, record_ids)
            return [record.task for record in records if record is not None]

        def show(tasks: list[Task]) -> None:
            if tasks:
                act(tasks)
            else:
                self._stage.toast(NO_IMAGE)

        self._stage.answer(read, show, "tasks")

    def selected_rows(self) -> list[GalleryRow]:
        """The rows of the selected images; if there are none, a toast says so."""
        rows = self._desk.index.rows(self._stage.views.targets)
        if not rows:
            self._stage.toast(NO_IMAGE)
        return rows

    def _ask(
        self,
        title: str,
        hint: str,
        problem: Callable[[str], str],
        save: Save,
        *,
        text: str = "",
        suggestions: list[Suggestion] | None = None,
    ) -> None:
        self._stage.ask(
            EntryScreen(title, hint, problem, text=text, suggestions=suggestions or [], save=save),
            lambda _: None,
        )


def _title(action: str, rows: list[GalleryRow]) -> str:
    return (
        f"{action}: {rows[0].prompt_id}"
        if len(rows) == 1
        else f"{action}: {counted(len(rows), 'image')}"
    )
