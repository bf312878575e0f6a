"""Contact sheets: a row of generated images for each prompt, next to real ones of its label."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from xray_tui.training.material.limbs import Grey

CELL = 128
_CAPTION, _GAP, _HEAD = 20, 16, 28
_PAPER, _INK = 24, 230


@dataclass(frozen=True)
class SheetRow:
    """One row: a caption, and N×H×W greys of generated and of real images."""

    caption: str
    generated: Grey
    real: Grey


def draw_sheet(rows: Sequence[SheetRow], target: Path, columns: int = 6, cell: int = CELL) -> None:
    """Write a sheet to ``target``: ``columns`` generated and as many real images in each row.

    Without any real image, only the generated ones are shown.
    """
    groups = 2 if any(len(row.real) for row in rows) else 1
    wide = columns * cell
    high = cell + _CAPTION
    sheet = Image.new("L", (groups * wide + (groups - 1) * _GAP, _HEAD + high * len(rows)), _PAPER)
    draw = ImageDraw.Draw(sheet)
    heading, small = ImageFont.load_default(size=18), ImageFont.load_default(size=13)
    for group, name in enumerate(("generated", "real")[:groups]):
        draw.text((group * (wide + _GAP) + 4, 4), name, _INK, heading)
    for number, row in enumerate(rows):
        top = _HEAD + number * high
        draw.text((4, top + 3), row.caption, _INK, small)
        for group, greys in enumerate((row.generated, row.real)[:groups]):
            for column, grey in enumerate(greys[:columns]):
                place = (group * (wide + _GAP) + column * cell, top + _CAPTION)
                sheet.paste(_shrunk(grey, cell), place)
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)


def draw_pairs(pairs: Sequence[tuple[str, Grey, Grey]], target: Path, columns: int = 6) -> None:
    """Write a sheet of captioned pairs of H×W greys, side by side, to compare them by eye."""
    rows = -(-len(pairs) // columns)
    wide, high = 2 * CELL + _GAP, CELL + _CAPTION
    sheet = Image.new("L", (columns * wide, max(1, rows) * high), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, (caption, left, right) in enumerate(pairs):
        x, y = number % columns * wide, number // columns * high
        draw.text((x + 4, y + 3), caption, _INK, ImageFont.load_default(size=13))
        sheet.paste(_shrunk(left, CELL), (x, y + _CAPTION))
        sheet.paste(_shrunk(right, CELL), (x + CELL, y + _CAPTION))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)


def _shrunk(grey: Grey, cell: int) -> Image.Image:
    picture = Image.fromarray(np.ascontiguousarray(grey))
    return picture.resize((cell, cell), Image.Resampling.LANCZOS)
