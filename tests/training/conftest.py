"""Small replacements for the real training data, shared by the tests of training."""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from xray_tui.models import hashing
from xray_tui.models.hub.environment import prepare_environment
from xray_tui.training.material.data import Radiograph

COLUMNS = (
    *("file", "region", "label", "view", "population", "source"),
    *("licence", "native_px", "fit", "caption", "notes"),
)
KINDS = (
    ("k-person{}_bacteria_1", "chest", "bacterial-pneumonia", "AP", "child 1-5 years"),
    ("nih-{:08d}_000", "chest", "normal", "PA", "adult"),
    ("mhh-{}", "chest", "covid-19", "AP", "adult"),
    ("o-{}R", "knee", "healthy", "PA", "adult"),
    ("fa-IMG{:07d}", "foot", "no-fracture", "frontal", "mixed ages"),
    ("fa-IMG9{:06d}", "leg-other", "no-fracture", "frontal", "mixed ages"),
)


@dataclass(frozen=True)
class Row:
    """One line of a metadata.csv."""

    name: str
    region: str
    label: str
    view: str
    population: str
    notes: str = ""

    def values(self) -> dict[str, str]:
        """The row as a dictionary, with empty values for columns that do not matter."""
        empty = dict.fromkeys(COLUMNS, "")
        file = f"{self.region}/{self.label}/{self.name}.jpg"
        caption = f"{self.region} x-ray, {self.view} view, {self.label}"
        own = {name: getattr(self, name) for name in COLUMNS if hasattr(self, name)}
        return empty | own | {"file": file, "caption": caption, "native_px": "512x512"}


def write_data(folder: Path, each: int, images: bool) -> Path:
    """Write a metadata.csv with ``each`` rows of every kind, and one row with several views.

    With ``images``, also write an image of noise for each row.
    """
    rows = [
        Row(name.format(number), region, label, view, population)
        for number in range(each)
        for name, region, label, view, population in KINDS
    ]
    rows.append(Row("fa-IMG7777777", "ankle", "no-fracture", "frontal", "mixed ages", "multiscan;"))
    folder.mkdir(parents=True, exist_ok=True)
    with (folder / "metadata.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        writer.writerows(row.values() for row in rows)
    random = np.random.default_rng(0)
    for row in rows if images else ():
        path = folder / row.values()["file"]
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(random.integers(0, 256, (256, 256), np.uint8)).save(path)
    return folder


def radiograph(name: str, region: str, label: str, **other: str) -> Radiograph:
    """One radiograph of ``region``, with plausible values for everything else."""
    values = {"view": "AP", "population": "adult", "caption": f"{region} x-ray, {label}"} | other
    return Radiograph(f"{region}/{label}/{name}.jpg", region, label, **values, soft=False)


@pytest.fixture(autouse=True)
def own_cache(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Keeps tests from reading or writing this machine's caches."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    monkeypatch.setattr(hashing, "_cached", None)


@pytest.fixture(scope="session", autouse=True)
def offline() -> None:
    """Keeps libraries from searching the network."""
    prepare_environment()
