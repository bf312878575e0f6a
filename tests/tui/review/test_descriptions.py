"""What is told of an image in the comparison and in the panel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.dataset_samples import PARAMETERS, make_provenance, make_task
from support.gallery_samples import a_row

from xray_tui.dataset.opinions import Opinion
from xray_tui.dataset.records import Record
from xray_tui.parameters import PIXEL_FIELDS
from xray_tui.tui.review.descriptions import compared, details_of
from xray_tui.tui.review.differences import differences

FILE = "chest/normal/a.png"


def a_record(record_id: int = 1, file: str = FILE, **changes: Any) -> Record:
    """Made as ``changes`` say: fields of the provenance, the parameters, the task."""
    made = {name: changes.pop(name) for name in vars(make_provenance()) if name in changes}
    parameters = {name: changes.pop(name) for name in PIXEL_FIELDS if name in changes}
    resolved = PARAMETERS.model_copy(update=parameters)
    task = make_task(**changes, parameters=resolved)
    width, height = resolved.width, resolved.height
    assert width is not None and height is not None
    return Record(record_id, task, file, width, height, make_provenance(**made), "job-1")


def differ(**changes: Any) -> list[str]:
    """In what two images differ of which the second was made with ``changes``."""
    records = (a_record(), a_record(2, **changes))
    return differences([dict(compared(one, a_row(one.id), Path()).details) for one in records])


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"seed": 8}, ["seed"]),
        ({"text": "AP chest radiograph."}, ["text"]),
        ({"negative_prompt": ""}, ["negative"]),
        ({"slots": {"sex": "man"}}, ["slots"]),
        ({"prompt_id": "chest-other"}, ["prompt"]),
        ({"scheduler": "ddim", "eta": 0.5}, ["scheduler", "eta"]),
        ({"steps": 21}, ["steps"]),
        ({"guidance_scale": 4.0}, ["guidance"]),
        ({"width": 128}, ["size"]),
        ({"model": "owner/other"}, ["model"]),
        ({"model_fingerprint": "fedcba9876543210" * 4}, ["weights"]),
        ({"dtype": "float16"}, ["dtype"]),
        ({"device": "cuda:1"}, ["device"]),
        ({"batch_size": 1}, ["batch size"]),
        ({"threads": 8}, ["threads"]),
        ({"versions": {"torch": "2.14.0"}}, ["versions"]),
    ],
    ids=lambda value: "+".join(value) if isinstance(value, list) else "",
)
def test_all_that_can_change_pixels_is_compared(changes: dict[str, Any], names: list[str]) -> None:
    assert differ(**changes) == names


def test_what_changes_no_pixels_is_not() -> None:
    other = {"batch_position": 3, "created": "2026-02-02T00:00:00+00:00", "seconds": 9.0}
    assert differ(file="chest/other/b.png", **other) == []


def test_a_title_beside_others_names_the_label_first() -> None:
    opinion = Opinion("accepted", 3, ("grid-noise",))
    row = a_row(1, label="effusion", opinion=opinion)
    assert compared(a_record(), row, Path()).title == "✓ ★★★ chest/effusion · grid-noise"
    row = replace(row, opinion=Opinion())
    assert compared(a_record(), row, Path()).title == "· chest/effusion"


def test_the_panel_tells_how_it_was_made_not_what_was_asked_for() -> None:
    record = a_record(
        scheduler="ddim", eta=0.5, device="cuda:1", dtype="float16", batch_size=2,
        model_fingerprint="owner/model@0123456789abcdef",
    )  # fmt: skip
    told = details_of(record, a_row(1), (), "anna")
    assert (told.device, told.dtype, told.batch_size) == ("cuda:1", "float16", 2)
    assert (told.eta, told.weights, told.negative_prompt) == (0.5, "0123456789", "blurry")
