"""Descriptions of an image for the comparison and the panel."""

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
    """A record with ``changes`` to fields of its provenance, parameters or task."""
    provenance = {name: changes.pop(name) for name in vars(make_provenance()) if name in changes}
    parameters = {name: changes.pop(name) for name in PIXEL_FIELDS if name in changes}
    resolved = PARAMETERS.model_copy(update=parameters)
    task = make_task(**changes, parameters=resolved)
    width, height = resolved.width, resolved.height
    assert width is not None and height is not None
    return Record(record_id, task, file, width, height, make_provenance(**provenance), "job-1")


def differ(**changes: Any) -> list[str]:
    """The names of values that differ if the second image is generated with ``changes``."""
    records = (a_record(), a_record(2, **changes))
    images = (compared(record, a_row(record.id), Path()) for record in records)
    return differences([dict(image.details) for image in images])


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
def test_everything_that_can_change_pixels_is_compared(
    changes: dict[str, Any], names: list[str]
) -> None:
    assert differ(**changes) == names


def test_values_that_change_no_pixels_are_not_compared() -> None:
    other = {"batch_position": 3, "created": "2026-02-02T00:00:00+00:00", "seconds": 9.0}
    assert differ(file="chest/other/b.png", **other) == []


def test_a_title_in_the_comparison_begins_with_the_label() -> None:
    opinion = Opinion("accepted", 3, ("grid-noise",))
    row = a_row(1, label="effusion", opinion=opinion)
    assert compared(a_record(), row, Path()).title == "✓ ★★★ chest/effusion · grid-noise"
    row = replace(row, opinion=Opinion())
    assert compared(a_record(), row, Path()).title == "· chest/effusion"


def test_the_panel_shows_actual_values_not_the_requested_ones() -> None:
    record = a_record(
        scheduler="ddim", eta=0.5, device="cuda:1", dtype="float16", batch_size=2,
        model_fingerprint="owner/model@0123456789abcdef",
    )  # fmt: skip
    details = details_of(record, a_row(1), (), "anna")
    assert (details.device, details.dtype, details.batch_size) == ("cuda:1", "float16", 2)
    assert (details.eta, details.weights, details.negative_prompt) == (0.5, "0123456789", "blurry")
