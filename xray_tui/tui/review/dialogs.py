"""The dialogs of the review: what they ask, and what becomes of the answer."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from xray_tui.dataset.opinions import LONGEST_NOTE, REASONS
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.dataset.review.targets import Shortfall, Targets
from xray_tui.errors import XrayTuiError
from xray_tui.names import filter_name_problem, name_problem, tag_problem
from xray_tui.tui.blind.start import BlindStartScreen
from xray_tui.tui.dialogs.entry import EntryScreen, Suggestion
from xray_tui.tui.error_toasts import load_in_background
from xray_tui.tui.review.judging import NO_IMAGE, ReviewActs
from xray_tui.tui.review.statistics.screen import StatisticsScreen

if TYPE_CHECKING:
    from xray_tui.tui.review.screen import ReviewScreen


class ReviewDialogs:
    """Asks the user of ``screen`` for what a single key cannot tell."""

    def __init__(self, screen: ReviewScreen, desk: ReviewDesk, acts: ReviewActs) -> None:
        self._screen = screen
        self._desk = desk
        self._acts = acts

    def tag(self) -> None:
        """Add a tag to what is looked at, or take it away where all have it."""
        rows = self._rows()
        if not rows:
            return
        on_all = set.intersection(*(set(row.opinion.tags) for row in rows))
        known = [*REASONS, *(tag for tag in self._desk.index.tags() if tag not in REASONS)]
        suggestions = [
            Suggestion(tag, "takes it away" * (tag in on_all), tag in on_all) for tag in known
        ]

        def answered(tag: str | None) -> None:
            if tag is not None:
                change = self._desk.remove_tag if tag in on_all else self._desk.add_tag
                self._acts.judge(lambda ids: change(ids, tag))
                self._screen.list.learn_names()

        hint = "Choose a reason, or type a tag of your own."
        self._ask(_title("Tag", rows), hint, tag_problem, answered, suggestions=suggestions)

    def note(self) -> None:
        """Write a note on what is looked at; an empty one takes it away."""
        rows = self._rows()
        if not rows:
            return
        notes = {row.opinion.note for row in rows}
        differ = len(notes) > 1

        def problem(note: str) -> str:
            if differ and not note:  # a field left as it was must not take them away
                return "write a note for all of them, or leave theirs with esc"
            return f"at most {LONGEST_NOTE:,} characters" if len(note) > LONGEST_NOTE else ""

        def answered(note: str | None) -> None:
            if note is not None:
                self._acts.judge(lambda ids: self._desk.set_note(ids, note))

        hint = (
            "Their notes differ; what you write takes the place of each."
            if differ
            else "Empty takes the note away."
        )
        text = "" if differ else rows[0].opinion.note
        self._ask(_title("Note", rows), hint, problem, answered, text=text)

    def relabel(self) -> None:
        """Move what is looked at to the folder of another label."""
        rows = self._rows()
        if not rows:
            return
        regions = {row.region for row in rows}
        if len(regions) > 1:
            self._screen.tell("images of several regions are marked; mark those of one", error=True)
            return
        (region,) = regions
        now = {row.label for row in rows}
        labels = self._desk.index.labels(region)
        suggestions = [Suggestion(label, current=label in now) for label in labels]

        def answered(label: str | None) -> None:
            if label is None:
                return

            def moved() -> None:
                new = "" if label in labels else ", a label that is new"
                self._screen.tell(f"moved to {region}/{label}{new}")
                self._screen.list.learn_names()

            self._acts.relabel(label, moved)

        hint = f"The files move to {region}/<label>; choose one, or type a new one."
        self._ask(_title("Relabel", rows), hint, name_problem, answered, suggestions=suggestions)

    def save_filter(self, line: str) -> None:
        """Keep a query under a name."""

        def answered(name: str | None) -> None:
            if name is None:
                return
            try:
                before = self._screen.list.filters.save(name, line)
            except XrayTuiError as error:
                self._screen.tell(str(error), error=True)
                return
            self._screen.list.learn_names()
            was = f"; it was {before} before" * bool(before)
            self._screen.tell(f"saved: @{name} in the filter stands for it{was}")

        self._ask("Save the filter", f"A name for: {line}", filter_name_problem, answered)

    def blind(self) -> None:
        """Read the images that are shown, without knowing what they are."""
        ids = self._screen.list.ids

        def collect() -> BlindStartScreen:
            images = self._desk.blind_images()
            return BlindStartScreen(images, self._desk.reviewer, images.items(ids))

        load_in_background(self._screen, collect, self._screen.app.push_screen, "blind")

    def statistics(self) -> None:
        """How far the review has come; what the targets miss is made where there is a workbench."""
        index, host = self._desk.index, self._screen.host

        def collect() -> StatisticsScreen:
            return StatisticsScreen(
                index.progress(),
                index.seconds_per_image(),
                Targets(self._desk.root),
                can_generate=host is not None,
                coming=self._desk.coming(),
                drawable=host.drawable_labels() if host is not None else (),
            )

        def show(screen: StatisticsScreen) -> None:
            self._screen.app.push_screen(screen, answered)

        def answered(shortfalls: tuple[Shortfall, ...] | None) -> None:
            if shortfalls and host is not None:
                host.make_missing(shortfalls)

        load_in_background(self._screen, collect, show, "statistics")

    def _rows(self) -> list[GalleryRow]:
        """What the dialog is about; where there is nothing, that is told."""
        rows = self._desk.index.rows(self._screen.views.targets)
        if not rows:
            self._screen.tell(NO_IMAGE)
        return rows

    def _ask(
        self,
        title: str,
        hint: str,
        problem: Callable[[str], str],
        answered: Callable[[str | None], None],
        *,
        text: str = "",
        suggestions: list[Suggestion] | None = None,
    ) -> None:
        self._screen.app.push_screen(
            EntryScreen(title, hint, problem, text=text, suggestions=suggestions or []), answered
        )


def _title(what: str, rows: list[GalleryRow]) -> str:
    return f"{what}: {rows[0].prompt_id}" if len(rows) == 1 else f"{what}: {len(rows):,} images"
