"""Images that an earlier version named with a split word get the names they would have now."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.advice import advised
from support.dataset_samples import (
    assert_in_step,
    images,
    make_image,
    make_provenance,
    make_task,
    metadata_files,
)
from support.datasets_splits import splits

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import layout
from xray_tui.dataset.opinions import Conclusion
from xray_tui.dataset.repair.verifying import verify

TASKS = [
    make_task(1, region="ankle", prompt_id="ankle-neutral"),
    make_task(2, region="ankle", prompt_id="ankle-stress-test"),
    make_task(3, region="ankle", label="dev", prompt_id="ankle-neutral"),
    make_task(4, region="val", label="train", prompt_id="evaluation"),
]


@pytest.fixture
def old(root: Path, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A reviewed dataset as an earlier version wrote it; returns its files."""
    with monkeypatch.context() as patch:
        patch.setattr(layout, "without_split_words", lambda path: path)
        dataset = Dataset(root)
        records = [dataset.save(make_image(), t, make_provenance(), "job-1") for t in TASKS]
        dataset.desk("ann").set_decision([records[1].id], "accepted")
        dataset.close()
    return [record.file for record in records]


def test_an_old_dataset_stays_readable(root: Path, old: list[str]) -> None:
    assert assert_in_step(root) == set(old)
    dataset = Dataset(root)
    assert [record.label for record in dataset.catalog.all_records()] == [t.label for t in TASKS]
    assert dataset.existing(TASKS) == {task.id for task in TASKS}
    dataset.close()


def test_verify_names_the_folders_and_repairs_them(root: Path, old: list[str]) -> None:
    assert splits([*old, "metadata.jsonl"]) != {"train": {*old, "metadata.jsonl"}}
    found = verify(root)
    assert [(problem.kind, problem.file) for problem in found.left] == [
        ("split word", "ankle/dev"),
        ("split word", "ankle/normal"),
        ("split word", "val/train"),
    ]
    assert images(root) == set(old)

    assert verify(root, repair=True).left == ()
    assert verify(root).left == ()
    now = assert_in_step(root)
    assert splits([*now, "metadata.jsonl"]) == {"train": {*now, "metadata.jsonl"}}
    assert metadata_files(root)[0] == old[0]
    assert not (root / "val").exists()

    dataset = Dataset(root)
    conclusions = list(dataset.catalog.conclusions())
    assert [label.decision for _, label in conclusions].count("accepted") == 1
    assert conclusions[1][1] == Conclusion("accepted")
    assert dataset.desk("ann").next_undo() is not None
    dataset.close()


@pytest.mark.parametrize("method", ["move_records", "metadata_written"])
def test_an_interrupted_renaming_can_be_repeated(
    root: Path, old: list[str], monkeypatch: pytest.MonkeyPatch, method: str
) -> None:
    class Killed(BaseException):
        pass

    def kill(*_: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        patch.setattr(Catalog, method, kill)
        with pytest.raises(Killed):
            verify(root, repair=True)
    assert verify(root, repair=True).left == ()
    assert len(assert_in_step(root)) == len(TASKS)
    assert verify(root).left == ()


def test_a_name_that_is_taken_is_reported(root: Path, old: list[str]) -> None:
    taken = root / layout.present_name(old[1])
    taken.mkdir()
    left = verify(root, repair=True).left
    assert [(problem.kind, problem.file) for problem in left] == [("split word", old[1])]
    advised("another file has the name ", left[0].text)
    taken.rename(root.parent / "elsewhere")
    assert verify(root, repair=True).left == ()
    assert images(root) == assert_files(root)


def assert_files(root: Path) -> set[str]:
    """The file of every record, each of which exists."""
    dataset = Dataset(root)
    files = dataset.catalog.files()
    dataset.close()
    assert all((root / file).is_file() for file in files)
    return files


def test_saving_an_image_again_leaves_one_file(root: Path, old: list[str]) -> None:
    dataset = Dataset(root)
    record = dataset.save(make_image(), TASKS[1], make_provenance(), "job-1")
    dataset.close()
    assert record.file == layout.present_name(old[1])
    assert not (root / old[1]).exists()
    assert_in_step(root)
