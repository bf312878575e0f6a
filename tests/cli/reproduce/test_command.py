"""``xray-tui reproduce``: options, what it prints, exit codes, and files that it refuses."""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from support.advice import advised
from support.reproduced_images import a_copy, an_image
from support.run_command import RunCommand

from xray_tui.generation.reproducing.batches import Batch
from xray_tui.generation.reproducing.comparing import Difference, Distance
from xray_tui.generation.reproducing.reproducer import Reproducer
from xray_tui.generation.reproducing.results import Failed, Reproduced

SAME = Distance(0, 0, None)
NEAR = Distance(1234, 1, 66.25)


@pytest.fixture
def run(run_command: RunCommand, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunCommand:
    """Runs ``xray-tui reproduce``; returns standard output and standard error."""
    monkeypatch.chdir(tmp_path)
    return partial(run_command, "reproduce")


@pytest.fixture
def results(monkeypatch: pytest.MonkeyPatch) -> dict[str, tuple[Any, ...]]:
    """Distance and differences of each image, by its name; others are bit-identical."""
    known: dict[str, tuple[Any, ...]] = {}

    def make(self: Reproducer, batch: Batch, report: object) -> list[Reproduced | Failed]:
        del self, report
        return [
            Reproduced(source.path, *known.get(source.path.name, (SAME, ())), None)
            for source in batch.places.values()
        ]

    monkeypatch.setattr(Reproducer, "make", make)
    return known


def a_dataset(name: str, count: int) -> str:
    a_copy(Path(name), count).joinpath(".xray-tui").mkdir()
    return name


@pytest.mark.usefixtures("results")
def test_an_identical_image_is_one_line(run: RunCommand) -> None:
    assert run(an_image(Path("a.png"))) == ("a.png: bit-identical\n", "")


def test_how_far_and_why(run: RunCommand, results: dict[str, tuple[Any, ...]]) -> None:
    digest = "0123456789abcdef" * 4
    results["a.png"] = (NEAR, (Difference("batch size", "4", "1"),))
    results["b.png"] = (SAME, (Difference("torch", "2.13.0", "3.0"),))
    results["c.png"] = (Distance(1, 9, 70.0), ())
    results["d.png"] = (NEAR, (Difference("model file unet/x.safetensors", digest, "none"),))
    results["e.png"] = (NEAR, (Difference("model", f"me/it@{digest}", f"me/it@{digest[::-1]}"),))
    out, err = run(*map(an_image, map(Path, results)), code=1)
    lines = out.splitlines()
    assert lines[0] == (
        "a.png: 1,234 pixels differ by at most 1 grey level, PSNR 66.2 dB; not as recorded: batch "
        "size 1 instead of 4"
    )
    assert lines[1] == (
        "b.png: bit-identical, although not as recorded: torch 3.0 instead of 2.13.0"
    )
    assert "1 pixel differs by at most 9 grey levels" in lines[2]
    assert "all is as recorded" in lines[2]
    assert lines[3].endswith("model file unet/x.safetensors none instead of 0123456789ab")
    assert lines[4].endswith("model me/it@fedcba987654 instead of me/it@0123456789ab")
    assert lines[5] == "5 images: 1 bit-identical, 4 not identical"
    assert err == ""


@pytest.mark.usefixtures("results")
def test_a_bad_file_does_not_stop_the_others(run: RunCommand) -> None:
    Path("text.png").write_text("no image")
    out, err = run("text.png", an_image(Path("a.png")), "gone.png", code=2)
    assert err.splitlines() == [
        "xray-tui: text.png: not a PNG file",
        "xray-tui: gone.png: No such file or directory",
    ]
    assert out.splitlines() == [
        "a.png: bit-identical",
        "3 images: 1 bit-identical, 0 not identical, 2 not made",
    ]


def test_json_keeps_its_keys(run: RunCommand, results: dict[str, tuple[Any, ...]]) -> None:
    results["a.png"] = (NEAR, (Difference("dtype", "float32", "float16"),))
    out, err = run("gone.png", an_image(Path("a.png")), an_image(Path("b.png")), "--json", code=2)
    gone, different, identical, summary = map(json.loads, out.splitlines())
    assert gone == {"file": "gone.png", "error": "No such file or directory"}
    assert different == {
        "file": "a.png",
        "identical": False,
        "pixels": 1234,
        "largest": 1,
        "psnr": 66.25,
        "differences": [{"what": "dtype", "recorded": "float32", "here": "float16"}],
        "saved": None,
    }
    assert (identical["identical"], identical["psnr"]) == (True, None)
    assert summary == {"images": 3, "identical": 1, "different": 1, "failed": 1}
    assert err == ""


@pytest.mark.usefixtures("results")
def test_images_of_a_dataset_are_drawn(run: RunCommand) -> None:
    a_dataset("xrays", 25)
    out, _ = run("--dataset", "xrays")
    assert out.splitlines()[-1] == "20 images: 20 bit-identical, 0 not identical"
    few, _ = run("--dataset", "xrays", "--sample", "3", "--seed", "1")
    assert len(few.splitlines()) == 4
    assert run("--dataset", "xrays", "--sample", "3", "--seed", "1")[0] == few
    assert run("--dataset", "xrays", "--sample", "3", "--seed", "2")[0] != few


@pytest.mark.usefixtures("results")
def test_without_an_image_files_or_a_sample_can_be_given(run: RunCommand) -> None:
    _, err = run(code=2)
    advised("no image is given; give files, or --sample 20 for images of the dataset", err)
    run(an_image(Path("a.png")))
    a_dataset("dataset", 2)
    run("--sample", "20")


@pytest.mark.usefixtures("results")
def test_of_files_and_a_dataset_only_one_can_be_given(run: RunCommand) -> None:
    image, root = an_image(Path("a.png")), a_dataset("xrays", 1)
    _, err = run(image, "--dataset", root, code=2)
    advised("files are given, and images of a dataset; give only one of the two", err)
    run(image)
    run("--dataset", root)


@pytest.mark.parametrize(
    ("option", "value"),
    [("--dtype", "int8"), ("--device", "tpu"), ("--batch-size", "0"), ("--batch-size", "65")],
)
def test_bad_values_are_refused_before_anything_is_read(
    option: str, value: str, run: RunCommand
) -> None:
    out, err = run("gone.png", option, value, code=2)
    assert value in err and "gone.png" not in err
    assert (out, err.count("\n")) == ("", 1)
