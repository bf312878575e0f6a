"""Classes: what training code calls the labels, and their numbers."""

from __future__ import annotations

from typing import Any

from support.dataset_samples import make_provenance, make_task

from xray_tui.dataset.export.formats.classes import Classes
from xray_tui.dataset.records import Record


def record(region: str, label: str) -> Record:
    task = make_task(1, region=region, label=label)
    file = f"{region}/{label}/{label}_1_00000000.png"
    return Record(1, task, file, 64, 64, make_provenance(), "job-1")


def test_labels_are_numbered_by_name() -> None:
    classes = Classes([("chest", "normal"), ("chest", "effusion")])
    assert classes.names == ["effusion", "normal"]
    assert (classes.name(record("chest", "normal")), classes.number(record("chest", "normal"))) == (
        "normal",
        1,
    )


def test_regions_tell_labels_apart() -> None:
    labels: Any = {("chest", "normal"), ("hand", "normal")}
    assert Classes(labels).names == ["chest.normal", "hand.normal"]
    assert Classes(labels).with_regions == [("chest", "chest.normal"), ("hand", "hand.normal")]
    assert Classes(labels).number(record("hand", "normal")) == 1


def test_a_label_invented_during_the_export_is_added() -> None:
    classes = Classes([("chest", "normal"), ("chest", "pneumonia")])
    assert classes.number(record("chest", "effusion")) == 2
    assert classes.names == ["normal", "pneumonia", "effusion"]
