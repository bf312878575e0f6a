"""Examining images: similar images have similar hashes, and flaws are named."""

from __future__ import annotations

import io
import subprocess
import sys
from collections.abc import Callable

import numpy as np
import pytest
from PIL import Image, ImageDraw
from support.radiographs import radiograph

from xray_tui.dataset.checks.examining import BLANK, CLIPPED, LOW_CONTRAST, examine
from xray_tui.dataset.checks.near_duplicates import DEFAULT_DISTANCE

Change = Callable[[Image.Image], Image.Image]


def noisy(image: Image.Image) -> Image.Image:
    noise = np.random.default_rng(1).normal(0, 8, image.size[::-1])
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


def as_jpeg(image: Image.Image) -> Image.Image:
    buffer = io.BytesIO()
    image.save(buffer, "JPEG", quality=30)
    return Image.open(buffer)


def with_levels(gain: float, offset: float) -> Change:
    return lambda image: image.point(lambda grey: round(grey * gain + offset))


def on_black(image: Image.Image) -> Image.Image:
    """The image on a black background of four times its area, with a rough edge."""
    framed = Image.new("L", (image.width * 2, image.height * 2))
    framed.paste(image, (image.width // 2, image.height // 2))
    framed.paste(6, (0, 0, image.width // 2 - 4, 9))
    return framed


def diagonal_only(image: Image.Image) -> Image.Image:
    """The image, blackened except for a strip from corner to corner."""
    mask = Image.new("L", image.size)
    ImageDraw.Draw(mask).line((0, 0, *image.size), fill=255, width=image.width // 8)
    return Image.composite(image, Image.new("L", image.size), mask)


SAME: dict[str, Change] = {
    "noise": noisy,
    "JPEG": as_jpeg,
    "brighter": with_levels(1, 20),
    "darker": with_levels(1, -20),
    "flatter": with_levels(0.7, 30),
    "half the size": lambda image: image.resize((image.width // 2, image.height // 2)),
}


def bits_between(one: Image.Image, other: Image.Image) -> int:
    return (int(examine(one).phash, 16) ^ int(examine(other).phash, 16)).bit_count()


@pytest.mark.parametrize("name", SAME)
def test_the_hash_survives_changes_that_keep_the_image_recognisable(name: str) -> None:
    for number in range(8):
        assert bits_between(radiograph(number), SAME[name](radiograph(number))) <= DEFAULT_DISTANCE


def test_different_images_have_different_hashes() -> None:
    hashes = [int(examine(radiograph(n)).phash, 16) for n in range(12)]
    distances = [(a ^ b).bit_count() for n, a in enumerate(hashes) for b in hashes[:n]]
    assert min(distances) > DEFAULT_DISTANCE


def test_a_hash_has_16_digits_for_images_of_any_size() -> None:
    for size in ((1, 1), (3, 700), (64, 64)):
        phash = examine(radiograph(1).resize(size)).phash
        assert len(phash) == 16 and int(phash, 16) >= 0
    assert examine(radiograph(1)).phash == examine(radiograph(1)).phash


CHECKED: dict[str, tuple[Change, tuple[str, ...]]] = {
    "unchanged": (lambda image: image, ()),
    "on black": (on_black, ()),
    "black": (with_levels(0, 0), (BLANK,)),
    "white": (with_levels(0, 255), (BLANK,)),
    "nearly grey": (with_levels(0.02, 90), (BLANK,)),
    "flat": (with_levels(0.2, 90), (LOW_CONTRAST,)),
    "flat, on black": (lambda image: on_black(with_levels(0.2, 90)(image)), (LOW_CONTRAST,)),
    "a little flat": (with_levels(0.5, 60), ()),
    "burnt out": (with_levels(2.5, 0), (CLIPPED,)),
    "burnt out, on black": (lambda image: on_black(with_levels(2.5, 0)(image)), (CLIPPED,)),
    "mostly black": (diagonal_only, (CLIPPED,)),
}


@pytest.mark.parametrize("name", CHECKED)
def test_flaws_are_named(name: str) -> None:
    change, checks = CHECKED[name]
    for number in range(6):
        assert examine(change(radiograph(number))).checks == checks


def test_black_with_a_mark_is_blank() -> None:
    black = Image.new("L", (256, 256))
    black.paste(radiograph(1).resize((20, 20)), (5, 5))
    assert examine(black).checks == (BLANK,)


def test_importing_the_module_does_not_load_scipy() -> None:
    code = "import sys, xray_tui.dataset.checks.examining; sys.exit('scipy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
