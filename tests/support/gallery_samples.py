"""Rows, thumbnails and an app for the tests of the gallery."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from typing import Any

from PIL import Image
from support.textual_internals import screen_text
from support.tui_samples import ThemedApp
from textual.app import ComposeResult

from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.errors import DatasetError
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.review.gallery.gallery import Gallery


def a_row(record_id: int, **changes: Any) -> GalleryRow:
    values: dict[str, Any] = {
        "record_id": record_id,
        "file": f"chest/normal/{record_id}.png",
        "region": "chest",
        "label": f"label-{record_id}",
        "prompt_id": "chest-normal",
        "text": "PA chest radiograph.",
        "seed": 1000 + record_id,
        "created": "2025-11-26T10:12:00+00:00",
        "phash": "",
        "checks": (),
        "opinion": Opinion(),
        "verdict": "undecided",
    }
    return GalleryRow(**values | changes)


class GalleryHost(ThemedApp):
    """A gallery of invented records; it logs which rows and pictures the gallery asks for.

    ``opinions`` and ``changes`` (fields of a row) are by record id; ``broken`` maps record ids to
    messages of unreadable files; ``gone`` are no longer in the catalog.
    """

    def __init__(self, theme: str = "reading-room", renderer: Renderer | None = None) -> None:
        super().__init__(theme)
        self._renderer = renderer
        self.opinions: dict[int, Opinion] = {}
        self.changes: dict[int, dict[str, Any]] = {}
        self.broken: dict[int, str] = {}
        self.gone: set[int] = set()
        self.opened: list[int | None] = []
        self.read: list[int] = []
        self.decoded: list[int] = []
        self.pixels: list[int] = []
        self.threads: set[threading.Thread] = set()

    def compose(self) -> ComposeResult:
        yield Gallery(self._rows, self._thumbnail, self._note_opened, self._renderer)

    @property
    def gallery(self) -> Gallery:
        return self.query_one(Gallery)

    @property
    def text(self) -> str:
        return screen_text(self.screen)

    def show(self, count: int, keep: int | None = None) -> None:
        """Show the records 1 … ``count``."""
        self.gallery.show(range(1, count + 1), keep)

    def on_gallery_highlighted(self, event: Gallery.Highlighted) -> None:
        self.messages.append(event)

    def _note_opened(self) -> None:
        self.opened.append(self.gallery.cursor_id)

    def on_gallery_marks_changed(self, event: Gallery.MarksChanged) -> None:
        self.messages.append(event)

    def _rows(self, ids: Sequence[int]) -> list[GalleryRow]:
        self.read += ids
        return [
            a_row(
                number, opinion=self.opinions.get(number, Opinion()), **self.changes.get(number, {})
            )
            for number in ids
            if number not in self.gone
        ]

    def _thumbnail(self, row: GalleryRow, pixels: int) -> Image.Image:
        self.threads.add(threading.current_thread())
        self.decoded.append(row.record_id)
        self.pixels.append(pixels)
        if row.record_id in self.broken:
            raise DatasetError(self.broken[row.record_id])
        picture = Image.new("L", (32, 32), 200)
        picture.putpixel((row.record_id % 32, 0), 0)
        return picture
