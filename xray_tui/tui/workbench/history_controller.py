"""Reads the dataset's images for the preview and for the counts of the prompts."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.mending import WRITE_DECISIONS_SECONDS
from xray_tui.errors import DatasetError
from xray_tui.models.catalogue import list_models
from xray_tui.tui.parameters.parameter_rows import Sizes
from xray_tui.tui.preview.latest_images import KEPT, SavedImage
from xray_tui.tui.workbench.decision_controller import DecisionController
from xray_tui.tui.workbench.library_controller import LibraryController
from xray_tui.tui.workbench.preflight_controller import PreflightController, file_size
from xray_tui.tui.workbench.saved_lines import SavedLines
from xray_tui.tui.workbench.stage import Stage

LOOK_SECONDS = 2.0
"""Seconds between two looks for images that were purged or restored."""
LATEST = 200
"""How many of the latest images the preview shows at the start."""


class HistoryController:
    """Reads ``dataset`` off the UI thread, and adds each image that is saved meanwhile."""

    def __init__(
        self,
        stage: Stage,
        dataset: Dataset,
        library: LibraryController,
        decisions: DecisionController,
        preflight: PreflightController,
    ) -> None:
        self._stage = stage
        self._dataset = dataset
        self._library = library
        self._decisions = decisions
        self._preflight = preflight
        self._lines = SavedLines(stage)
        self._saved = 0
        """Images saved since the app started."""
        self._removed: int | None = None
        """The images that were removed from the dataset, at the last look; None before it."""

    def open(self) -> None:
        """Show the latest images, the counts, and the known models."""
        self._stage.in_thread(self._read_all, "history")
        self._lines.start()
        self._stage.every(WRITE_DECISIONS_SECONDS, self._write_decisions)
        self._stage.every(LOOK_SECONDS, self._look_for_purges)

    def add(self, record: Record) -> None:
        """Show and count an image that was just saved."""
        self._saved += 1
        self._stage.preview.add_record(record, self._dataset.path_of(record))
        self._library.count_generated(record.task.prompt_id)
        self._lines.add(record)
        self._preflight.add(record, self._dataset.path_of(record))

    def refresh(self) -> None:
        """Read again everything that a review may have changed: decisions, labels and counts."""
        saved = self._saved

        def read() -> None:
            counts = self._dataset.catalog.counts(self._decisions.counts_only)
            records = self._dataset.catalog.records(limit=KEPT)
            opinions = self._decisions.read(records)
            self._stage.from_thread(show, counts, records, opinions)

        def show(
            counts: dict[str, Counts], records: list[Record], opinions: dict[int, Opinion]
        ) -> None:
            if self._saved != saved:  # an image was saved meanwhile, and may not be in the counts
                self.refresh()
                return
            self._library.show_counts(counts)
            preview = self._stage.preview
            preview.update_records(self._with_paths(records))
            preview.show_opinions(opinions)

        self._decisions.in_order(read)
        self._write_decisions()
        self._preflight.recount()

    def _with_paths(self, records: Sequence[Record]) -> list[SavedImage]:
        """``records`` and their files, oldest first."""
        return [(record, self._dataset.path_of(record)) for record in reversed(records)]

    def _look_for_purges(self) -> None:
        """Show which images exist if another process, or the review, purged or restored some."""

        def look() -> None:
            with suppress(DatasetError):  # the next write will report the same problem
                removed = self._dataset.catalog.removed()
                if self._removed not in (None, removed):
                    self._stage.from_thread(self.refresh)
                self._removed = removed

        self._stage.in_thread(look, "purges")

    def _write_decisions(self) -> None:
        self._stage.in_thread(self._dataset.write_decisions, "metadata")

    def _read_all(self) -> None:
        counts = self._dataset.catalog.counts(self._decisions.counts_only)
        records = self._dataset.catalog.records(limit=LATEST)
        images = self._with_paths(records)
        opinions = self._decisions.read(records)
        sizes = [(record, file_size(path)) for record, path in images]
        models = list_models()

        def show() -> None:
            self._library.show_counts(counts)
            self._stage.preview.show_history(images)
            self._stage.preview.show_opinions(opinions)
            self._stage.form.show_models(
                {
                    model.ref: Sizes(model.checkpoint.latent_factor, *model.checkpoint.native_size)
                    for model in models
                }
            )
            self._preflight.learn(sizes, models, self._dataset.existing)

        self._stage.from_thread(show)
