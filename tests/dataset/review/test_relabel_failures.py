"""Relabelling when some files cannot be moved: the others are moved."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.advice import advised
from support.dataset_samples import assert_in_step, make_image, make_provenance, make_task
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import metadata, png
from xray_tui.dataset.review import history, relabelling
from xray_tui.dataset.review.desk import ReviewDesk
from xray_tui.errors import DatasetDeniedError, DatasetError, DatasetFullError

IMAGES = 5


@pytest.fixture
def ids(dataset: Dataset) -> list[int]:
    with dataset.generator_lock():
        return [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "").id
            for seed in range(IMAGES)
        ]


@pytest.fixture
def desk(dataset: Dataset) -> ReviewDesk:
    return dataset.desk("ann")


def labels(desk: ReviewDesk) -> list[str]:
    """The labels of all images, by id."""
    ids = sorted(record.id for record in desk._catalog.records())
    return [row.label for row in desk.index.rows(ids)]


def file_of(dataset: Dataset, record_id: int) -> Path:
    record = dataset.catalog.record(record_id)
    assert record is not None
    return dataset.path_of(record)


def damage(path: Path) -> bytes:
    """Truncate a file; returns its previous content."""
    data = path.read_bytes()
    path.write_bytes(data[: len(data) // 2])
    return data


def full(*_: object) -> None:
    raise DatasetFullError("the disk is full")


def full_after(number: int, function: Callable[..., Any]) -> Callable[..., Any]:
    """``function``, but after ``number`` calls the disk is full."""
    calls = 0

    def limited(*arguments: Any) -> Any:
        nonlocal calls
        calls += 1
        return full() if calls > number else function(*arguments)

    return limited


def test_broken_files_do_not_stop_the_others(
    dataset: Dataset, desk: ReviewDesk, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    cut_off, data = file_of(dataset, ids[1]), damage(file_of(dataset, ids[1]))
    file_of(dataset, ids[2]).unlink()
    denied = file_of(dataset, ids[3])
    read = png.relabelled

    def read_or_deny(path: Path, change: png.Relabelling) -> tuple[png.Contents, bytes]:
        if path == denied:
            raise DatasetDeniedError(f"{path}: no permission")
        return read(path, change)

    monkeypatch.setattr(png, "relabelled", read_or_deny)
    with pytest.raises(DatasetError) as caught:
        desk.relabel(ids, "effusion")
    text = str(caught.value)
    name = cut_off.relative_to(dataset.root)
    assert text.startswith(f"2 moved, 3 not moved: {name}: a broken PNG file")
    assert f"{denied.name}: no permission" in text and text.endswith(
        f"for details: xray-tui verify --dataset {dataset.root}"
    )
    assert labels(desk) == ["effusion", "normal", "normal", "normal", "effusion"]
    monkeypatch.undo()
    assert desk.undo() == "relabelled 2 images as effusion"
    assert labels(desk) == ["normal"] * IMAGES
    cut_off.write_bytes(data)
    dataset.close()
    assert len(assert_in_step(dataset.root)) == IMAGES - 1


def test_a_message_lists_only_a_few_broken_files(
    dataset: Dataset, desk: ReviewDesk, ids: list[int]
) -> None:
    for number in ids[1:]:
        damage(file_of(dataset, number))
    with pytest.raises(DatasetError, match=r"^1 moved, 4 not moved: .*; and 1 more; ") as caught:
        desk.relabel(ids, "effusion")
    advised("; for details: ", str(caught.value))
    line = str(caught.value).rpartition(": ")[2]
    details = CliRunner().invoke(app, shlex.split(line)[1:]).output
    assert all(f"{file_of(dataset, number).name}: " in details for number in ids[1:])


def test_a_full_disk_stops_the_move_and_is_reported(
    dataset: Dataset, desk: ReviewDesk, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as patch:
        patch.setattr(relabelling, "write_new", full_after(2, relabelling.write_new))
        with pytest.raises(DatasetFullError, match=r"^2 moved, 3 not moved: the disk is full$"):
            desk.relabel(ids, "effusion")
    assert labels(desk) == ["effusion"] * 2 + ["normal"] * 3
    assert desk.undo() == "relabelled 2 images as effusion"
    for module, name in ((metadata, "replace_rows"), (history, "add")):
        with monkeypatch.context() as patch:
            patch.setattr(module, name, full)
            with pytest.raises(DatasetFullError, match=r"^5 moved: the disk is full$"):
                desk.relabel(ids, name.replace("_", "-"))
    dataset.close()
    assert {file.split("/")[1] for file in assert_in_step(dataset.root)} == {"add"}


def test_an_old_file_that_cannot_be_removed_is_quarantined_later(
    dataset: Dataset, desk: ReviewDesk, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    old, unlink = file_of(dataset, ids[0]), Path.unlink

    def refuse(path: Path, missing_ok: bool = False) -> None:
        if path == old:
            raise PermissionError(13, "Permission denied")
        unlink(path, missing_ok)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "unlink", refuse)
        assert desk.relabel(ids[:1], "effusion") == 1
    assert old.exists() and labels(desk)[0] == "effusion"
    dataset.close()
    assert len(assert_in_step(dataset.root)) == IMAGES
    assert not old.exists()


# ---- undo ----------------------------------------------------------------------------------------


def test_a_damaged_file_does_not_block_older_steps(
    dataset: Dataset, desk: ReviewDesk, ids: list[int]
) -> None:
    desk.set_decision(ids[:1], "accepted")
    desk.relabel(ids[:2], "effusion")
    broken = file_of(dataset, ids[0])
    data = damage(broken)
    with pytest.raises(DatasetError) as caught:
        desk.undo()
    assert str(caught.value).startswith(
        f"relabelled 2 images as effusion – 1 moved, 1 not moved: chest/effusion/{broken.name}"
    )
    assert labels(desk)[:2] == ["effusion", "normal"]
    assert desk.undo() == "accepted 1 image"
    assert desk.undo() == ""
    broken.write_bytes(data)
    assert [desk.redo(), desk.redo(), desk.redo()] == [
        "accepted 1 image", "relabelled 2 images as effusion", "",
    ]  # fmt: skip
    assert labels(desk)[:2] == ["effusion", "effusion"]
    assert desk.undo() == "relabelled 2 images as effusion"
    dataset.close()
    assert {file.split("/")[1] for file in assert_in_step(dataset.root)} == {"normal"}


def test_after_a_full_disk_the_rest_of_a_step_can_be_undone(
    dataset: Dataset, desk: ReviewDesk, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk.relabel(ids, "effusion")
    with monkeypatch.context() as patch:
        patch.setattr(relabelling, "write_new", full_after(2, relabelling.write_new))
        with pytest.raises(DatasetFullError, match=r"– 2 moved, 3 not moved: the disk is full$"):
            desk.undo()
    assert desk.undo() == "relabelled 5 images as effusion"
    assert labels(desk) == ["normal"] * IMAGES


def test_a_label_changed_again_by_another_reviewer_stays(
    dataset: Dataset, desk: ReviewDesk, ids: list[int]
) -> None:
    desk.relabel(ids[:2], "effusion")
    dataset.desk("bob").relabel(ids[:1], "pneumonia")
    assert desk.undo() == "relabelled 2 images as effusion"
    assert labels(desk)[:2] == ["pneumonia", "normal"]
    desk.redo()
    dataset.desk("bob").relabel(ids[:2], "nodule")
    unchanged = "modified or removed in the meantime, so nothing changed"
    assert desk.undo() == f"relabelled 2 images as effusion ({unchanged})"
    assert labels(desk)[:2] == ["nodule", "nodule"]
