"""Notices when a new version of textual-image changes the private parts that are used here."""

from __future__ import annotations

import base64
import io

from PIL import Image
from support.preview_samples import gradient
from textual_image.renderable import tgp

from xray_tui.tui.pictures.renderers import textual_image_internals
from xray_tui.tui.pictures.renderers.renderer import MAX_CELLS


def test_the_library_has_marks_for_the_largest_picture() -> None:
    assert len(tgp._NUMBER_TO_DIACRITIC) == MAX_CELLS


def test_an_image_is_encoded_at_its_own_size() -> None:
    png = textual_image_internals.encode(gradient(20, 10))
    assert Image.open(io.BytesIO(base64.b64decode(png))).size == (20, 10)


def test_a_placeholder_names_its_row_and_its_column() -> None:
    image = tgp.Image(gradient(20, 10))
    image.terminal_image_id = 7
    rows = [row.text for row in image._render_diacritics(4, 2)]
    ours = textual_image_internals.placeholder(2, 1)
    assert rows[1][4 * 2 : 4 * 2 + 3] == ours  # the library adds the high byte of the number
