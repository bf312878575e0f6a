"""Reads the dataset's images for the preview and for the counts of the prompts."""

from __future__ import annotations

from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.mending import WRITE_DECISIONS_SECONDS
from xray_tui.models.catalogue import list_models
from xray_tui.tui.preview.latest_images import KEPT
from xray_tui.tui.workbench.decision_controller import DecisionController
from xray_tui.tui.workbench.library_controller import LibraryController
from xray_tui.tui.workbench.preflight_controller import PreflightController, file_size
from xray_tui.tui.workbench.saved_lines import SavedLines
from xray_tui.tui.workbench.stage import Stage

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

    def open(self) -> None:
        """Show the latest images, the counts, and the known models."""
        self._stage.in_thread(self._read_all, "history")
        self._lines.start()
        self._stage.every(WRITE_DECISIONS_SECONDS, self._write_decisions)

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
            preview.update_records((record, self._dataset.path_of(record)) for record in records)
            preview.show_opinions(opinions)

        self._decisions.in_order(read)
        self._write_decisions()
        self._preflight.recount()

    def _write_decisions(self) -> None:
        self._stage.in_thread(self._dataset.write_decisions, "metadata")

    def _read_all(self) -> None:
        counts = self._dataset.catalog.counts(self._decisions.counts_only)
        records = self._dataset.catalog.records(limit=LATEST)
        images = [(record, self._dataset.path_of(record)) for record in reversed(records)]
        opinions = self._decisions.read(records)
        sizes = [(record, file_size(path)) for record, path in images]
        models = list_models()

        def show() -> None:
            self._library.show_counts(counts)
            self._stage.preview.show_history(images)
            self._stage.preview.show_opinions(opinions)
            self._stage.form.show_models(
                {model.ref: model.checkpoint.latent_factor for model in models}
            )
            self._preflight.learn(sizes, models, self._dataset.existing)

        self._stage.from_thread(show)
