"""Pictures in characters as pixels, and how alike they are to the picture they show."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont
from scipy.ndimage import uniform_filter
from textual.strip import Strip

WIDTH, HEIGHT = 12, 24
"""Pixels of a cell: halves, thirds and eighths are whole pixels, or whole pairs of them."""

Pixels = np.ndarray

_QUADRANTS = dict(zip("▘▝▀▖▌▞▛▗▚▐▜▄▙▟█", range(1, 16), strict=True))
_FONTS = (
    "/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf",
    "/usr/share/fonts/TTF/DejaVuSansMono.ttf",
)
_SEQUENCE = re.compile(r"\x1b\[([\d;]*)m|\x1b\[[?\d;]*[A-Za-z]|(.)")

Run = tuple[str, int, int]
"""Characters, their grey, and the grey behind them."""


def similarity(one: Pixels, other: Pixels) -> float:
    """The mean structural similarity of two pictures, 7×7 pixels at a time, as scikit-image's."""
    a, b = one.astype(float), other.astype(float)
    mean_a, mean_b = uniform_filter(a, 7), uniform_filter(b, 7)
    var_a = uniform_filter(a * a, 7) - mean_a**2
    var_b = uniform_filter(b * b, 7) - mean_b**2
    both = uniform_filter(a * b, 7) - mean_a * mean_b
    low, high = (0.01 * 255) ** 2, (0.03 * 255) ** 2
    top = (2 * mean_a * mean_b + low) * (2 * both + high)
    return float((top / ((mean_a**2 + mean_b**2 + low) * (var_a + var_b + high))).mean())


def original(picture: Image.Image, columns: int, rows: int) -> Pixels:
    """``picture`` in the pixels of that many cells."""
    size = (columns * WIDTH, rows * HEIGHT)
    return np.asarray(picture.resize(size, Image.Resampling.LANCZOS))


def seen(strips: Iterable[Strip]) -> Pixels:
    """What a terminal shows of ``strips``, drawn in greys."""
    rows = []
    for strip in strips:
        runs = []
        for text, style, _ in strip:
            assert style is not None and style.color is not None and style.bgcolor is not None
            front, back = style.color.get_truecolor(), style.bgcolor.get_truecolor()
            runs.append((text, front.red, back.red))
        rows.append(_row(runs))
    return np.concatenate(rows)


def chafa(path: Path, columns: int, rows: int) -> Pixels:
    """What the program chafa makes of a picture with its default symbols, in all colours."""
    command = ["chafa", "-f", "symbols", "-c", "full", "--animate", "off", "--polite", "on"]
    text = subprocess.run(
        [*command, "--stretch", "-s", f"{columns}x{rows}", str(path)],
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    lines = [list(_runs(line)) for line in text.splitlines()]
    drawn = [_row(line) for line in lines if line]
    assert [row.shape[1] for row in drawn] == [columns * WIDTH] * rows
    return np.concatenate(drawn)


def _runs(line: str) -> Iterator[Run]:
    front, back, swapped = 255, 0, False
    for codes, char in _SEQUENCE.findall(line):
        if char:
            yield (char, back, front) if swapped else (char, front, back)
            continue
        numbers = iter([int(code or 0) for code in codes.split(";")])
        for number in numbers:
            if number == 0:
                front, back, swapped = 255, 0, False
            elif number in (7, 27):
                swapped = number == 7
            elif number in (38, 48):
                grey = sum([next(numbers) for _ in range(4)][1:]) // 3
                front, back = (grey, back) if number == 38 else (front, grey)


def _row(runs: Iterable[Run]) -> Pixels:
    return np.concatenate(
        [
            np.rint(back + (front - back) * filled(char))
            for text, front, back in runs
            for char in text
        ],
        axis=1,
    )


@cache
def filled(char: str) -> Pixels:
    """The share of each pixel of a cell that ``char`` fills."""
    code, cell = ord(char), np.zeros((HEIGHT, WIDTH))
    if char in _QUADRANTS:
        _fill(cell, 2, _QUADRANTS[char])
    elif 0x2581 <= code <= 0x2587:
        cell[HEIGHT - HEIGHT * (code - 0x2580) // 8 :] = 1
    elif 0x2589 <= code <= 0x258F:
        edge = WIDTH * (0x2590 - code) / 8
        cell[:] = np.clip(edge - np.arange(WIDTH), 0, 1)
    elif 0x1FB00 <= code <= 0x1FB3B:
        bits = code - 0x1FB00 + 1
        _fill(cell, 3, bits + (bits > 20) + (bits > 40))
    elif char != " ":
        font = next((path for path in _FONTS if Path(path).exists()), None)
        assert font is not None, f"no font to draw {char!r} with"
        image = Image.new("L", (WIDTH, HEIGHT))
        ImageDraw.Draw(image).text((0, 0), char, 255, ImageFont.truetype(font, 20))
        cell = np.asarray(image) / 255
    return cell


def _fill(cell: Pixels, down: int, bits: int) -> None:
    for place in range(2 * down):
        if bits >> place & 1:
            y, x = divmod(place, 2)
            rows = slice(y * HEIGHT // down, (y + 1) * HEIGHT // down)
            cell[rows, x * WIDTH // 2 : (x + 1) * WIDTH // 2] = 1
