"""Drawings of chest radiographs: air, a body, lungs, ribs, soft edges and grain."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFilter


@cache
def radiograph(number: int, size: int = 256) -> Image.Image:
    """A chest that depends only on ``number`` and ``size``; different numbers look different."""
    random = np.random.default_rng(number)

    def about(value: float, spread: float = 0.12) -> float:
        return float(value * size * random.uniform(1 - spread, 1 + spread))

    image = Image.new("L", (size, size), 24)
    draw = ImageDraw.Draw(image)
    draw.rounded_rectangle((about(0.07), about(0.06), about(0.92, 0.05), size), 40, fill=135)
    for left in (0.17, 0.55):
        draw.ellipse((about(left), about(0.15), about(left + 0.28), about(0.8)), fill=55)
    for number_of_rib in range(7):
        top = about(0.15 + 0.09 * number_of_rib, 0.08)
        box = (about(0.1), top, about(0.9, 0.06), top + about(0.2))
        draw.arc(box, 200, 340, fill=105, width=max(1, size // 40))
    draw.ellipse((about(0.42), about(0.45), about(0.75), about(0.85)), fill=165)
    draw.rectangle((about(0.47, 0.04), 0, about(0.53, 0.04), size), fill=185)
    soft = np.asarray(image.filter(ImageFilter.GaussianBlur(size / 90)), dtype=float)
    coarse = random.normal(0, 12, (9, 9))
    texture = Image.fromarray(coarse.astype(np.float32)).resize(
        (size, size), Image.Resampling.BICUBIC
    )
    grain = random.normal(0, 3, (size, size))
    return Image.fromarray(np.clip(soft + np.asarray(texture) + grain, 0, 255).astype(np.uint8))
