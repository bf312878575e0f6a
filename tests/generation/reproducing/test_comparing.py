"""Distances are numbers that can be checked by hand; each possible cause is named."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from PIL import Image
from support.dataset_samples import make_image, make_provenance

from xray_tui.generation.reproducing.comparing import Difference, Distance, differences, distance

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"


def test_identical_images_have_no_distance() -> None:
    assert distance(make_image(), make_image()) == Distance(0, 0, None)


def test_pixels_levels_and_decibels() -> None:
    dark, light = Image.new("L", (10, 10), 0), Image.new("L", (10, 10), 0)
    light.putpixel((3, 4), 255)
    light.putpixel((4, 4), 5)
    found = distance(dark, light)
    assert (found.pixels, found.largest) == (2, 255)
    assert found == distance(light, dark)  # no level wraps around
    assert found.psnr == pytest.approx(20.0, abs=0.01)  # the mean square is 255² / 100


def test_one_grey_level_everywhere() -> None:
    found = distance(Image.new("L", (8, 8), 100), Image.new("L", (8, 8), 101))
    assert (found.pixels, found.largest) == (64, 1)
    assert found.psnr == pytest.approx(48.13, abs=0.01)


def test_the_same_provenance_has_no_differences() -> None:
    later = make_provenance(created="2027-01-01T00:00:00+00:00", seconds=9.0, model="elsewhere")
    assert differences(make_provenance(), later) == ()


@pytest.mark.parametrize(
    ("change", "what", "recorded", "here"),
    [
        ({"device": "cuda:0"}, "device", "cpu", "cuda:0"),
        ({"dtype": "float16"}, "dtype", "float32", "float16"),
        ({"batch_size": 1, "batch_position": 0}, "batch size", "4", "1"),
        ({"batch_position": 0}, "batch position", "2", "0"),
        ({"threads": 1}, "threads", "2", "1"),
        ({"versions": {"xray-tui": "0.1.0", "torch": "3.0"}}, "torch", "2.13.0", "3.0"),
        ({"versions": {"xray-tui": "0.1.0"}}, "torch", "2.13.0", "none"),
    ],
)
def test_each_change_is_named(change: dict[str, Any], what: str, recorded: str, here: str) -> None:
    found = differences(make_provenance(), make_provenance(**change))
    assert found == (Difference(what, recorded, here),)


def test_a_package_that_changes_no_pixel_is_not_named() -> None:
    before = make_provenance()
    versions = {**before.versions, "pillow": "99", "python": "3.99"}
    assert differences(before, replace(before, versions=versions)) == ()


def test_changed_and_new_model_files_are_named() -> None:
    files = {WEIGHTS: "b" * 64, "vae/new.safetensors": "c" * 64}
    here = make_provenance(model_fingerprint="f" * 64, model_files=files)
    assert differences(make_provenance(), here) == (
        Difference(f"model file {WEIGHTS}", "a" * 64, "b" * 64),
        Difference("model file vae/new.safetensors", "none", "c" * 64),
    )


def test_a_file_with_another_name_is_the_same_file() -> None:
    before = make_provenance()
    here = make_provenance(model_fingerprint="f" * 64, model_files={"renamed": "a" * 64})
    assert differences(before, here) == (Difference("model", before.model_fingerprint, "f" * 64),)


def test_another_revision_or_configuration_with_the_same_weights_is_the_model() -> None:
    here = make_provenance(model_fingerprint="owner/name@1")
    (found,) = differences(make_provenance(model_fingerprint="owner/name@0"), here)
    assert found == Difference("model", "owner/name@0", "owner/name@1")
