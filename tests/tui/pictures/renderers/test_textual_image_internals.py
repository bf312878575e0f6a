"""Notices when a new version of textual-image changes the private parts that are used here."""

from __future__ import annotations

import base64
import io

from PIL import Image
from rich.segment import Segment
from support.preview_samples import gradient
from textual_image.renderable import tgp

from xray_tui.tui.pictures.renderers import textual_image_internals
from xray_tui.tui.pictures.renderers.renderer import MAX_CELLS


def test_an_image_has_the_parts_that_are_used() -> None:
    image = tgp.Image(gradient(20, 10))
    assert next(tgp.Image._image_id_counter) > 0
    assert image.terminal_image_id is None  # until our code sets it
    image.terminal_image_id = 7
    assert isinstance(image._image_data.to_base64(), str)
    rows = list(image._render_diacritics(4, 2))
    assert len(rows) == 2 and all(isinstance(row, Segment) for row in rows)
    assert all(row.text.endswith("\n") and row.style is not None for row in rows)


def test_the_library_has_marks_for_the_largest_picture() -> None:
    assert len(tgp._NUMBER_TO_DIACRITIC) == MAX_CELLS


def test_an_image_is_encoded_at_its_own_size() -> None:
    first, second = (textual_image_internals.encode(gradient(20, 10), 4, 2) for _ in range(2))
    assert Image.open(io.BytesIO(base64.b64decode(first.png))).size == (20, 10)
    assert first.number != second.number
    assert [segment.text.count("\U0010eeee") for segment in first.placeholders] == [4, 4]
