"""Chooses the radiographs to use and to hold out, and turns each into 256×256 greys."""

from __future__ import annotations

import csv
import re
import zlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from xray_tui.training.errors import TrainingError
from xray_tui.training.material.limbs import SIDE, Grey, crop_to_limb

VALIDATION_SHARE = 0.05
RARER = 0.35
"""How strongly rare labels are favoured: 0 draws all images equally often, 1 all labels."""
LEFT_OUT_REGIONS = frozenset({"arm-other", "leg-other", "mixed-bone"})
_COLUMNS = ("file", "region", "label", "view", "population", "caption", "native_px", "notes")


@dataclass(frozen=True)
class Radiograph:
    """One row of the data's metadata.csv."""

    file: str
    region: str
    label: str
    view: str
    population: str
    caption: str
    soft: bool
    """Whether its source was only 128 pixels wide."""
    mirrored: bool = False
    """Whether this is the image flipped left to right."""

    @property
    def source(self) -> str:
        """Prefix of its collection: fa, nih, mhh, k or o."""
        return Path(self.file).name.split("-")[0]

    @property
    def side(self) -> str | None:
        """Left or Right if the file name says so, swapped if mirrored; otherwise None."""
        if self.source != "o":
            return None
        return "Left" if self.file.endswith("L.jpg") != self.mirrored else "Right"

    @property
    def patient(self) -> str:
        """The patient named in the file name; without one, each file counts as one patient."""
        name = Path(self.file).stem
        patterns = {"nih": r"nih-(\d+)", "o": r"o-(\d+)", "k": r"k-(person\d+)"}
        match = re.match(patterns.get(self.source, r"$^"), name)
        return match[0] if match else name

    @property
    def held_out(self) -> bool:
        """Whether its patient is held out for validation; the same on every machine."""
        return zlib.crc32(self.patient.encode()) % 1000 < 1000 * VALIDATION_SHARE


def read_radiographs(folder: Path) -> list[Radiograph]:
    """The radiographs worth training on: one view per image, a known region.

    Raises:
        TrainingError: metadata.csv lacks a column, or lists no such radiograph.
    """
    rows = read_metadata(folder)
    found = [
        Radiograph(
            row["file"],
            row["region"],
            row["label"],
            row["view"],
            row["population"],
            row["caption"],
            soft=row["native_px"] == "128x128",
        )
        for row in rows
        if row["region"] not in LEFT_OUT_REGIONS and "multiscan" not in row["notes"]
    ]
    if not found:
        raise TrainingError(f"{folder / 'metadata.csv'} lists no radiograph to train on")
    return found


def read_metadata(folder: Path) -> list[dict[str, str]]:
    """The rows of the data's metadata.csv, by column.

    Raises:
        TrainingError: a column is missing.
        OSError: the file cannot be read.
    """
    path = folder / "metadata.csv"
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.DictReader(file)
        missing = [name for name in _COLUMNS if name not in (reader.fieldnames or ())]
        if missing:
            raise TrainingError(f"{path} lacks the columns {', '.join(missing)}")
        return list(reader)


def load_grey(folder: Path, radiograph: Radiograph) -> Grey:
    """The image as 256×256 greys; limbs are cropped and their exposure equalised."""
    with Image.open(folder / radiograph.file) as image:
        grey = image.convert("L")
        if grey.size != (SIDE, SIDE):
            grey = grey.resize((SIDE, SIDE), Image.Resampling.LANCZOS)
        pixels = np.asarray(grey)
    return crop_to_limb(pixels, radiograph.region) if radiograph.source == "fa" else pixels


def label_weights(radiographs: list[Radiograph]) -> npt.NDArray[np.float64]:
    """Sampling weights that sum to 1: 1 / (images of the label)^RARER, soft sources ⅓.

    A label with a tenth of the images is drawn less often, but each of its images twice as often.
    """
    kinds = [(item.region, item.label, item.population[:5]) for item in radiographs]
    counts = Counter(kinds)
    weights = np.array(
        [
            (1 / 3 if item.soft else 1) * counts[kind] ** -RARER
            for item, kind in zip(radiographs, kinds, strict=True)
        ]
    )
    shares: npt.NDArray[np.float64] = weights / weights.sum()
    return shares
