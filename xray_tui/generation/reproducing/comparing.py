"""How far two images are apart, and what is different in how they were made."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL import Image

from xray_tui.dataset.records import Provenance

_DECIDING = ("xray-tui", "torch", "diffusers", "transformers", "numpy")
"""The packages whose version can change a pixel."""
_WHITE = 255
NOTHING = "none"
"""In place of a value that one side lacks."""


@dataclass(frozen=True)
class Difference:
    """Something that is not as the file records it."""

    what: str
    recorded: str
    here: str


@dataclass(frozen=True)
class Distance:
    """How far an image is from another one."""

    pixels: int
    """How many pixels differ."""
    largest: int
    """The largest difference of a pixel, in grey levels (0 to 255)."""
    psnr: float | None
    """Peak signal-to-noise ratio in dB; None if the images are identical."""


def distance(image: Image.Image, other: Image.Image) -> Distance:
    """The distance of two images of mode L and of the same size."""
    apart = np.abs(np.asarray(image).astype(np.int16) - np.asarray(other).astype(np.int16))
    largest = int(apart.max())
    if largest == 0:
        return Distance(0, 0, None)
    mean_square = float(np.square(apart.astype(np.float64)).mean())
    psnr = 10 * math.log10(_WHITE**2 / mean_square)
    return Distance(int(np.count_nonzero(apart)), largest, psnr)


def differences(recorded: Provenance, here: Provenance) -> tuple[Difference, ...]:
    """What can be the cause of other pixels: model files, versions, device, dtype, batch, threads.

    ``here`` says how the image was made again.
    """
    pairs = [
        *((name, recorded.versions.get(name), here.versions.get(name)) for name in _DECIDING),
        ("device", recorded.device, here.device),
        ("dtype", recorded.dtype, here.dtype),
        ("batch size", recorded.batch_size, here.batch_size),
    ]
    if recorded.batch_size == here.batch_size:  # otherwise the place means nothing
        pairs.append(("batch position", recorded.batch_position, here.batch_position))
    pairs.append(("threads", recorded.threads, here.threads))
    found = [
        Difference(what, _text(before), _text(now)) for what, before, now in pairs if before != now
    ]
    return (*_of_model(recorded, here), *found)


def _of_model(recorded: Provenance, here: Provenance) -> Iterator[Difference]:
    if recorded.model_fingerprint == here.model_fingerprint:
        return
    before, now = recorded.model_files, here.model_files
    if before and sorted(before.values()) != sorted(now.values()):  # a file may have a new name
        for name in sorted({*before, *now}):
            if before.get(name) != now.get(name):
                what = f"model file {name}"
                yield Difference(what, before.get(name, NOTHING), now.get(name, NOTHING))
        return
    # The weights are the same: a configuration, the tokenizer, or the revision on the hub.
    yield Difference("model", recorded.model_fingerprint, here.model_fingerprint)


def _text(value: object) -> str:
    return NOTHING if value is None else str(value)
