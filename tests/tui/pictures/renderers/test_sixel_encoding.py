"""Sixel sequences, decoded again as a terminal would."""

from __future__ import annotations

import re
import time

import numpy as np
import pytest
from PIL import Image
from support.preview_samples import gradient

from xray_tui.tui.pictures.renderers.sixel_encoding import encode


def decoded(sequence: str) -> np.ndarray:
    """The picture that a VT340 draws; there, defining a colour does not also select it."""
    assert sequence.startswith("\x1bP0;1;0q") and sequence.endswith("\x1b\\")
    body = sequence[len("\x1bP0;1;0q") : -2]
    size = re.match(r'"1;1;(\d+);(\d+)', body)
    assert size is not None
    width, height = int(size[1]), int(size[2])
    canvas = np.full((height, width), -1)
    shares: dict[int, int] = {}
    colour, x, y = -1, 0, 0
    for token in re.finditer(r"#(\d+);2;(\d+);\2;\2|#(\d+)|!(\d+)(.)|([$-])|([?-~])", body):
        define, share, select, count, repeated, move, single = token.groups()
        if define:
            shares[int(define)] = int(share)
        elif select:
            colour = int(select)
        elif move:
            x, y = 0, y + (6 if move == "-" else 0)
        else:
            length = int(count or 1)
            bits = ord(repeated or single) - 63
            for row in range(6):
                if bits >> row & 1:
                    assert y + row < height and x + length <= width, "draws outside of the picture"
                    canvas[y + row, x : x + length] = shares[colour]
            x += length
    return canvas


@pytest.mark.parametrize("size", [(64, 60), (61, 59), (7, 13), (1, 1), (300, 5), (3, 301)])
@pytest.mark.parametrize("greys", [64, 16, 2])
def test_sixel_draws_every_pixel_in_its_grey(size: tuple[int, int], greys: int) -> None:
    picture = gradient(*size)
    expected = np.round(np.asarray(picture, dtype=float) * (greys - 1) / 255) * 100 / (greys - 1)
    drawn = decoded(encode(picture, greys))
    assert np.abs(drawn - expected).max() <= 0.5


def test_sixel_draws_noise_and_plain_areas() -> None:
    noise = np.random.default_rng(1).integers(0, 256, (50, 70), dtype=np.uint8)
    drawn = decoded(encode(Image.fromarray(noise)))
    assert np.abs(drawn - noise / 2.55).max() < 1.4
    assert (decoded(encode(Image.new("L", (33, 17), 255))) == 100).all()


def test_sixel_defines_all_colours_before_it_draws() -> None:
    body = encode(gradient())
    drawing = re.search(r"#\d+(?!;|\d)", body)
    assert drawing is not None
    assert ";2;" not in body[drawing.start() :]
    assert not body.removesuffix("\x1b\\").endswith("-")  # a line feed at the end would scroll


def test_sixel_of_a_whole_pane_is_quick() -> None:
    picture = gradient(600, 600)
    encode(picture)
    start = time.thread_time()
    encode(picture)
    assert time.thread_time() - start < 0.5  # about 0.03 s on an idle machine
