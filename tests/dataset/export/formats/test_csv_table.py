"""CSV tables in the columns of CheXpert, CheXGenBench and RoentGen-v2."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from support.exports import export_dataset

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.export.formats.csv_table import STYLES
from xray_tui.dataset.export.formats.format import Exported
from xray_tui.dataset.opinions import conclude
from xray_tui.dataset.records import Record

TASKS = {
    "effusion": {
        "findings": ("Pleural Effusion", "Cardiomegaly"),
        "text": 'Effusion, "left" side\nof a man',
        "slots": {"sex": "man", "age": "54 to 60 years", "view": "AP", "race": "Asian"},
    },
    "normal": {"findings": ("No Finding",), "slots": {}, "view": "lateral"},
    "other": {"findings": (), "region": "knee", "slots": {"sex": "girl"}, "view": ""},
}


@pytest.fixture
def saved(dataset: Dataset) -> Dataset:
    """Three accepted images, and one whose label was changed."""
    ids = [
        dataset.save(
            make_image(seed), make_task(seed, label=label, **task), make_provenance(), ""
        ).id
        for seed, (label, task) in enumerate([*TASKS.items(), ("edema", TASKS["normal"])])
    ]
    desk = dataset.desk("ann")
    desk.set_decision(ids, "accepted")
    assert desk.relabel(ids[3:], "nodule") == 1
    return dataset


def rows(root: Path, path: Path, style: str) -> dict[str, dict[str, str]]:
    """The rows of an export by label; the image of each row exists."""
    export_dataset(root, path, "csv", style=style)
    with (path / "train.csv").open(newline="") as lines:
        reader = csv.DictReader(lines)
        found = list(reader)
    column = {"": "Path", "chexgenbench": "img_savename", "roentgen-v2": "image_id"}[style]
    assert all((path / row[column]).is_file() for row in found)
    assert len((path / "metadata.jsonl").read_text().splitlines()) == len(found) == 4
    return {row[column].split("/")[2]: row for row in found}


def values_of(style: str, **task: Any) -> dict[str, object]:
    """The row of one image in a style."""
    made = make_task(**task)
    record = Record(1, made, "chest/normal/a.png", 64, 64, make_provenance(), "")
    image = Exported(record, conclude([], "latest"), "train", (64, 64))
    columns = STYLES[style]
    return dict(zip(columns.columns, columns.values(image, "a.png"), strict=True))


def test_chexpert(root: Path, saved: Dataset, tmp_path: Path) -> None:
    found = rows(root, tmp_path / "release", "")
    effusion = found["effusion"]
    assert list(effusion)[:5] == ["Path", "Sex", "Age", "Frontal/Lateral", "AP/PA"]
    assert len(effusion) == 19
    assert effusion["Path"].startswith("train/chest/effusion/")
    assert list(effusion.values())[1:5] == ["Male", "54", "Frontal", "AP"]
    asked = {name for name, value in effusion.items() if value == "1.0"}
    assert asked == {"Pleural Effusion", "Cardiomegaly"}
    assert list(found["normal"].values())[1:6] == ["Unknown", "", "Lateral", "", "1.0"]
    assert list(found["other"].values())[1:] == ["Female", *[""] * 17]
    assert set(list(found["nodule"].values())[5:]) == {""}


@pytest.mark.parametrize(
    ("view", "plane"),
    [
        ("PA", "Frontal"),
        ("ap", "Frontal"),
        ("AP supine", "Frontal"),
        ("frontal", "Frontal"),
        ("lateral", "Lateral"),
        ("left lateral", "Lateral"),
        ("unspecified", ""),
        ("", ""),
        ("oblique", ""),
        ("lateral decubitus", ""),
        ("PA and lateral", ""),
    ],
)
def test_an_unknown_view_is_empty(view: str, plane: str) -> None:
    values = values_of("chexpert", view=view, slots={})
    assert values["Frontal/Lateral"] == plane
    assert values["AP/PA"] == (view.upper() if view in ("PA", "ap") else "")
    if view == "unspecified":
        assert values_of("roentgen-v2", view=view, slots={})["view"] == ""


def test_an_age_that_is_not_in_years_is_empty() -> None:
    for style, column in (("chexpert", "Age"), ("roentgen-v2", "age")):
        assert values_of(style, slots={"age": "6 months"})[column] == ""
        assert values_of(style, slots={"age": "6-year-old"})[column] == "6"


def test_chexgenbench(root: Path, saved: Dataset, tmp_path: Path) -> None:
    found = rows(root, tmp_path / "release", "chexgenbench")
    assert list(found["effusion"]) == ["prompt", "img_savename"]
    assert found["effusion"]["prompt"] == 'Effusion, "left" side␊of a man'
    assert found["normal"]["prompt"] == make_task().text


def test_roentgen_v2(root: Path, saved: Dataset, tmp_path: Path) -> None:
    found = rows(root, tmp_path / "release", "roentgen-v2")
    effusion = found["effusion"]
    assert list(effusion)[:7] == ["image_id", "text", "gender", "age", "race", "view", "impression"]
    assert list(effusion.values())[2:7] == ["male", "54", "Asian", "AP", "effusion"]
    assert effusion["Pleural Effusion"] == "1" and effusion["Edema"] == "0"
    assert found["nodule"]["No Finding"] == ""


def test_splits_have_a_table_each(root: Path, saved: Dataset, tmp_path: Path) -> None:
    path = tmp_path / "release"
    export_dataset(root, path, "csv", shares=(50, 50), style="chexgenbench")
    names = [json.loads(line)["file_name"] for line in (path / "metadata.jsonl").open()]
    for split in ("train", "test"):
        with (path / f"{split}.csv").open(newline="") as lines:
            listed = [row["img_savename"] for row in csv.DictReader(lines)]
        assert listed == [name for name in names if name.startswith(f"{split}/")]
