"""Images of the bundled checkpoint are made again: bit-identical, or what differs is named."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from support.advice import advised
from support.changed_model import WEIGHTS, changed_model
from support.dataset_samples import make_image
from support.generation_samples import Watcher, a_batch, levels

from xray_tui.dataset.files import png
from xray_tui.dataset.progress import no_progress
from xray_tui.errors import DatasetError
from xray_tui.generation.reproducing.batches import Choices, batches
from xray_tui.generation.reproducing.comparing import Difference
from xray_tui.generation.reproducing.copies import Copies
from xray_tui.generation.reproducing.reproducer import Reproducer
from xray_tui.generation.reproducing.results import Failed, Reproduced
from xray_tui.generation.reproducing.sources import read
from xray_tui.generation.sampling.batch_fitter import SampledTask
from xray_tui.generation.sampling.provenance import provenance_of
from xray_tui.generation.sampling.sampler import Outcome, Sampler

MakeAgain = Callable[..., list[Reproduced | Failed]]


@pytest.fixture(scope="module")
def originals(sampler: Sampler, tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """A batch of three images, saved in a folder of their own."""
    folder = tmp_path_factory.mktemp("originals")
    tasks = a_batch(count=3, scheduler="dpm++-2m-sde-karras")
    outcomes = sampler.sample(tasks, Watcher())
    paths = []
    assert sampler.model is not None
    for place, (task, outcome) in enumerate(zip(tasks, outcomes, strict=True)):
        assert outcome.image is not None
        item = SampledTask(task, outcome, len(tasks), place)
        path = folder / f"{place}.png"
        path.write_bytes(png.encode(outcome.image, task, provenance_of(item, sampler.model, 0.1)))
        paths.append(path)
    return paths


@pytest.fixture
def make_again(sampler: Sampler) -> MakeAgain:
    """Makes files again with the loaded checkpoint."""

    def run(
        paths: Sequence[Path],
        *,
        copies: Copies | None = None,
        other: Sampler | None = None,
        **choices: Any,
    ) -> list[Reproduced | Failed]:
        chosen = Choices(**choices)
        reproducer = Reproducer(other or sampler, chosen, copies, lambda _: None)
        sources = [read(path) for path in paths]
        return [
            result
            for batch in batches(sources, chosen)
            for result in reproducer.make(batch, no_progress)
        ]

    return run


def changed(path: Path, original: Path, image: Image.Image | None = None, **changes: Any) -> Path:
    """A copy of ``original`` with another image, or other provenance."""
    contents = png.read(original)
    with Image.open(original) as opened:
        pixels = image or opened.copy()
    path.write_bytes(png.encode(pixels, contents.task, replace(contents.provenance, **changes)))
    return path


def only(results: list[Reproduced | Failed]) -> Reproduced:
    (result,) = results
    assert isinstance(result, Reproduced), result
    return result


def failure(results: list[Reproduced | Failed]) -> str:
    (result,) = results
    assert isinstance(result, Failed)
    return result.message


def test_a_batch_is_bit_identical(originals: list[Path], make_again: MakeAgain) -> None:
    results = make_again(originals)
    assert [result.path for result in results] == originals
    for result in results:
        assert isinstance(result, Reproduced)
        assert (result.is_identical, result.differences) == (True, ())


def test_one_image_of_a_batch_is_bit_identical_wherever_its_file_is(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    result = only(make_again([Path(shutil.copy(originals[2], tmp_path / "copy"))]))
    assert (result.is_identical, result.differences) == (True, ())


def test_another_batch_size_is_named(originals: list[Path], make_again: MakeAgain) -> None:
    result = only(make_again(originals[1:2], batch_size=1))
    assert result.differences == (Difference("batch size", "3", "1"),)
    assert result.distance.largest <= 2


def test_a_changed_model_file_and_another_dtype_are_named(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    model = changed_model(tmp_path / "model", bias=0.1)
    result = only(
        make_again(originals[:1], other=Sampler(), model=str(model), dtype="bfloat16", batch_size=1)
    )
    assert not result.is_identical
    assert result.distance.psnr is not None and result.distance.psnr < 60
    named = [one.what for one in result.differences]
    assert named == [f"model file {WEIGHTS}", "dtype", "batch size"]


def test_changed_pixels_are_found_though_all_is_as_recorded(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    with Image.open(originals[0]) as image:
        other = image.point(lambda level: min(level + 3, 255))
    result = only(make_again([changed(tmp_path / "x.png", originals[0], other)]))
    assert (result.is_identical, result.differences) == (False, ())
    assert result.distance.largest == 3


def test_a_device_that_is_not_here_is_replaced_and_named(
    originals: list[Path],
    make_again: MakeAgain,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    result = only(make_again([changed(tmp_path / "x.png", originals[0], device="cuda:3")]))
    assert result.differences == (Difference("device", "cuda:3", "cpu"),)
    (refused,) = make_again(originals[:1], device="cuda:3")
    assert isinstance(refused, Failed) and "cuda:3" in refused.message


def test_the_recorded_number_of_threads_is_used_and_texts_are_encoded_with_it(
    originals: list[Path],
    make_again: MakeAgain,
    tmp_path: Path,
    sampler: Sampler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import torch

    used: list[int] = []
    forgotten: list[str] = []

    def sample(tasks: Sequence[Any], watcher: object) -> list[Outcome]:
        used.append(torch.get_num_threads())
        return [Outcome(make_image(width=64, height=64))] * len(tasks)

    monkeypatch.setattr(sampler, "sample", sample)
    monkeypatch.setattr(sampler, "forget_texts", lambda: forgotten.append("all"))
    before = torch.get_num_threads()
    paths = [
        changed(tmp_path / f"{number}.png", originals[0], threads=threads)
        for number, threads in enumerate((3, 5, 3))
    ]
    results = make_again(paths)
    assert used == [3, 3, 5]
    assert len(forgotten) == 2
    assert torch.get_num_threads() == before
    assert all(isinstance(result, Reproduced) and not result.differences for result in results)


def test_where_memory_is_short_the_smaller_batch_is_named(
    originals: list[Path],
    make_again: MakeAgain,
    sampler: Sampler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def sample(tasks: Sequence[Any], watcher: object) -> list[Outcome]:
        if len(tasks) > 1:
            raise MemoryError
        return [Outcome(make_image(width=64, height=64))]

    monkeypatch.setattr(sampler, "sample", sample)
    result = only(make_again(originals[2:]))
    assert result.differences == (Difference("batch size", "3", "1"),)


def test_an_image_that_cannot_be_made_does_not_stop_the_others(
    originals: list[Path],
    make_again: MakeAgain,
    sampler: Sampler,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    image = make_image(width=64, height=64)
    outcomes = [Outcome(None, "the image contains NaN"), Outcome(image), Outcome(image)]
    monkeypatch.setattr(sampler, "sample", lambda *_: outcomes)
    first, *others = make_again(originals)
    assert first == Failed(originals[0], "the image contains NaN")
    assert all(isinstance(other, Reproduced) for other in others)


# ---- models --------------------------------------------------------------------------------------


def test_a_model_that_is_elsewhere_can_be_given(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    for ref in ("models/roentgen", "/gone/model.safetensors"):
        moved = changed(tmp_path / "moved.png", originals[0], model=ref)
        message = failure(make_again([moved]))
        advised(
            "this folder or file is not on this machine; to say where it is: --model PATH", message
        )
        assert ref in message
        assert only(make_again([moved], model="bundled")).differences == ()


def test_a_model_of_the_hub_is_to_be_downloaded(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    path = changed(
        tmp_path / "x.png", originals[0], model="owner/name", model_fingerprint="owner/name@1"
    )
    assert "xray-tui models download owner/name" in failure(make_again([path]))


def test_a_model_that_cannot_draw_the_size_is_refused(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    contents = png.read(originals[0])
    parameters = contents.task.parameters.model_copy(update={"height": 72})
    task = replace(contents.task, parameters=parameters)
    path = tmp_path / "x.png"
    path.write_bytes(png.encode(make_image(width=64, height=72), task, contents.provenance))
    assert "height = 72" in failure(make_again([path]))


# ---- saving --------------------------------------------------------------------------------------


def test_new_images_are_saved_with_how_they_were_made_and_nothing_is_overwritten(
    originals: list[Path], make_again: MakeAgain, tmp_path: Path
) -> None:
    copies = Copies(tmp_path / "new" / "folder")
    first, second = (
        only(make_again(originals[:1], copies=copies, batch_size=1)).saved for _ in range(2)
    )
    assert first is not None and second is not None
    assert (first.name, second.name) == ("0.png", "0-2.png")
    contents, original = png.read(first), png.read(originals[0])
    assert contents.is_marked
    assert (contents.provenance.batch_size, original.provenance.batch_size) == (1, 3)
    assert contents.task == original.task
    with Image.open(first) as one, Image.open(second) as other:
        assert np.array_equal(levels(one), levels(other))


def test_images_are_saved_outside_of_datasets_only(tmp_path: Path) -> None:
    (tmp_path / "xrays" / ".xray-tui").mkdir(parents=True)
    with pytest.raises(DatasetError) as caught:
        Copies(tmp_path / "xrays" / "again")
    advised("which holds only images of its own; choose a folder outside of it", str(caught.value))
    Copies(tmp_path / "again")
    (tmp_path / "file").touch()
    with pytest.raises(DatasetError) as caught:
        Copies(tmp_path / "file")
    advised("is a file; choose the name of a folder", str(caught.value))


def test_without_permission_another_folder_can_be_chosen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "closed").mkdir()
    with monkeypatch.context() as patch:  # root may write everywhere
        patch.setattr("os.access", lambda *_: False)
        with pytest.raises(DatasetError) as caught:
            Copies(tmp_path / "closed")
    advised("no permission to write to it; choose another folder", str(caught.value))
    Copies(tmp_path / "open")
