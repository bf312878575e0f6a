"""Plots the loss curves with Pillow."""

from __future__ import annotations

import csv
import math
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image, ImageDraw, ImageFont

WIDTH, HEIGHT = 900, 300
"""Pixels of one panel."""
_LARGER = 3
"""Plots are drawn this many times larger and then shrunk, for smooth lines."""
_LEFT, _RIGHT, _TOP, _BOTTOM = 80, 30, 44, 56
_PAPER, _INK, _GRID, _LINE = "#ffffff", "#222222", "#dddddd", "#1f6f8b"
_STEPS = (1, 2, 2.5, 5, 10)


@dataclass(frozen=True)
class Curve:
    """One panel: ``values`` over ``minutes`` of training."""

    title: str
    unit: str
    minutes: Sequence[float]
    values: Sequence[float]


def read_log(path: Path) -> dict[str, list[float]]:
    """The columns of a training log by name; empty if there is no log.

    Rows from before a restart from scratch are dropped. A restart shows in the seconds, which
    otherwise only grow.
    """
    if not path.exists():
        return {}
    with path.open(encoding="utf-8", newline="") as file:
        logged = list(csv.DictReader(file))
    rows: list[dict[str, str]] = []
    for row in reversed(logged):
        if not rows or float(row["seconds"]) < float(rows[-1]["seconds"]):
            rows.append(row)
    rows.reverse()
    return {name: [float(row[name]) for row in rows] for name in (rows[0] if rows else ())}


def training_curves(work: Path) -> list[Curve]:
    """The curves in the logs of ``work``: losses, and the quality on held-out images."""
    wanted = (
        ("vae.csv", "loss", "Autoencoder: loss of one batch", ""),
        ("vae.csv", "psnr", "Autoencoder: PSNR on held-out images", "dB"),
        ("decoder.csv", "psnr", "Retrained decoder: PSNR on held-out images", "dB"),
        ("denoiser.csv", "loss", "Denoiser: mean loss since the last point", ""),
        ("denoiser.csv", "kept_aside", "Denoiser: loss on held-out images", ""),
    )
    logs = {name: read_log(work / name) for name in dict.fromkeys(row[0] for row in wanted)}
    return [
        Curve(title, unit, [second / 60 for second in logs[file]["seconds"]], logs[file][column])
        for file, column, title, unit in wanted
        if column in logs[file]
    ]


def draw_curves(curves: Sequence[Curve], target: Path) -> None:
    """Plot one panel below the other into the image file ``target``."""
    sheet = Image.new("RGB", (WIDTH * _LARGER, HEIGHT * _LARGER * max(1, len(curves))), _PAPER)
    draw = ImageDraw.Draw(sheet)
    for number, curve in enumerate(curves):
        _panel(draw, curve, number * HEIGHT)
    small = sheet.resize((sheet.width // _LARGER, sheet.height // _LARGER), Image.Resampling.BOX)
    small.quantize(32).save(target, optimize=True)


def ticks(low: float, high: float, wanted: int = 5) -> list[float]:
    """About ``wanted`` round numbers between ``low`` and ``high``."""
    span = (high - low) or abs(high) or 1.0
    magnitude = 10 ** math.floor(math.log10(span / wanted))
    step = min(_STEPS, key=lambda factor: abs(factor * magnitude - span / wanted)) * magnitude
    first = math.ceil(low / step - 1e-9)
    count = math.floor(high / step + 1e-9) - first + 1
    return [round((first + index) * step, 10) for index in range(max(0, count))]


def _panel(draw: ImageDraw.ImageDraw, curve: Curve, top: int) -> None:
    font, small = (ImageFont.load_default(size=size * _LARGER) for size in (17, 14))
    low, high = _range(curve.values)
    last = max(curve.minutes[-1], 1e-9)

    def place(minute: float, value: float) -> tuple[float, float]:
        x = _LEFT + (WIDTH - _LEFT - _RIGHT) * minute / last
        y = top + HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * (value - low) / (high - low)
        return x * _LARGER, y * _LARGER

    for value in ticks(low, high):
        draw.line((place(0, value), place(last, value)), _GRID, _LARGER)
        left, y = place(0, value)
        draw.text((left - 8 * _LARGER, y), f"{value:g}", _INK, small, anchor="rm")
    for minute in ticks(0, last, 8):
        x, y = place(minute, low)
        draw.line(((x, y), (x, y + 5 * _LARGER)), _INK, _LARGER)
        draw.text((x, y + 8 * _LARGER), f"{minute:g}", _INK, small, anchor="ma")
    draw.line((place(0, high), place(0, low), place(last, low)), _INK, _LARGER)
    points = [place(*point) for point in zip(curve.minutes, curve.values, strict=True)]
    if len(points) > 1:
        draw.line(points, _LINE, 2 * _LARGER, joint="curve")
    for x, y in points if len(points) < 40 else points[-1:]:
        draw.circle((x, y), 2.5 * _LARGER, _LINE)
    heading = f"{curve.title}, last {curve.values[-1]:.3g} {curve.unit}"
    draw.text((_LEFT * _LARGER, (top + 14) * _LARGER), heading, _INK, font)
    middle = (_LEFT + (WIDTH - _LEFT - _RIGHT) / 2) * _LARGER
    draw.text((middle, (top + HEIGHT - 24) * _LARGER), "minutes", _INK, small, anchor="ma")


def _range(values: Sequence[float]) -> tuple[float, float]:
    """Range of the vertical axis: all values and a small margin."""
    low, high = min(values), max(values)
    margin = 0.06 * (high - low) or 0.1 * abs(high) or 1.0
    return low - margin, high + margin
