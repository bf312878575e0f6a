"""Labels are changed while another process opens the dataset or generates into it."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from threading import Thread

import pytest
from support.dataset_samples import (
    assert_in_step,
    make_image,
    make_provenance,
    make_task,
    metadata_files,
)
from support.other_process import start_other

from xray_tui.dataset.catalog.catalog import Catalog
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import metadata
from xray_tui.dataset.files.tree_scan import Tree, scan
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair import mending
from xray_tui.dataset.review.desk import ReviewDesk


@pytest.fixture
def records(dataset: Dataset) -> list[Record]:
    """Three reviewed images; the label of the second has been changed."""
    with dataset.generator_lock():
        records = [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "")
            for seed in range(3)
        ]
    desk = dataset.desk("ann")
    desk.set_decision([record.id for record in records], "accepted")
    desk.relabel([records[1].id], "effusion")
    return records


@pytest.fixture
def desk(dataset: Dataset) -> ReviewDesk:
    return dataset.desk("ann")


@pytest.mark.parametrize("when", ["after the scan", "during the scan", "after the catalog"])
def test_images_moved_while_another_process_repairs_stay(
    dataset: Dataset,
    records: list[Record],
    desk: ReviewDesk,
    monkeypatch: pytest.MonkeyPatch,
    when: str,
) -> None:
    moved = {
        f"chest/{label}/{Path(record.file).name}"
        for label, record in zip(("pneumonia", "normal"), records, strict=False)
    }

    def review() -> None:
        desk.relabel([records[0].id], "pneumonia")
        desk.relabel([records[1].id], "normal")

    def scan_meanwhile(root: Path) -> Tree:
        tree = scan(root)
        if when == "after the catalog":
            tree.files |= moved
            return tree
        review()
        if when == "during the scan":  # the old folders were read too late, the new too early
            tree.files = {records[2].file}
        return tree

    def files_meanwhile(catalog: Catalog) -> set[str]:
        files = {record.file for record in catalog.all_records()}
        if when == "after the catalog":
            review()
        return files

    monkeypatch.setattr(mending, "scan", scan_meanwhile)
    monkeypatch.setattr(Catalog, "files", files_meanwhile)
    assert mending.mend(dataset.root, dataset._database) == mending.Mended()
    monkeypatch.undo()
    dataset.close()
    assert assert_in_step(dataset.root) == moved | {records[2].file}
    again = Dataset(dataset.root)
    assert [len(again.catalog.reviews(record.id)) for record in records] == [1, 1, 1]
    again.close()


class ProcessEnded(BaseException):
    """Raised to simulate the end of the reviewer's process."""


def test_a_label_changed_while_rows_are_written_is_kept(
    dataset: Dataset, records: list[Record], desk: ReviewDesk, monkeypatch: pytest.MonkeyPatch
) -> None:
    def end(*_: object) -> None:
        raise ProcessEnded

    def relabel(number: int) -> None:
        with pytest.raises(ProcessEnded):
            desk.relabel([records[number].id], "pneumonia")

    write, reviewer = metadata.rewrite, Thread(target=relabel, args=(1,))

    def write_during_a_review(path: Path, rows: Iterable[Record]) -> None:
        write(path, rows)
        reviewer.start()
        reviewer.join(0.2)

    monkeypatch.setattr(metadata, "replace_rows", end)
    relabel(0)
    monkeypatch.setattr(metadata, "rewrite", write_during_a_review)
    assert mending.mend_metadata(dataset.root, dataset.catalog)
    reviewer.join()
    monkeypatch.undo()
    dataset.close()
    assert sorted(assert_in_step(dataset.root)) == sorted(metadata_files(dataset.root))


@pytest.mark.parametrize(("kind", "action"), [("saver", "saved"), ("opener", "opened")])
def test_labels_are_changed_while_another_process_works(
    dataset: Dataset, records: list[Record], desk: ReviewDesk, kind: str, action: str
) -> None:
    ids = [record.id for record in records]
    with start_other(kind, dataset.root) as other:
        for step in range(8):
            desk.relabel(ids, f"label-{step % 3}")
            desk.set_rating(ids, step % 6)
            if step % 4 == 3:
                desk.undo()
                desk.undo()
                other.wait_for(action)
    assert not [" ".join(words) for words in other.printed if words[0] == "mended"]
    dataset.close()
    files = assert_in_step(dataset.root)
    assert sorted(metadata_files(dataset.root)) == sorted(files)
    assert {f"chest/label-0/{Path(record.file).name}" for record in records} <= files
    again = Dataset(dataset.root)
    opinions = [again.catalog.reviews(record.id)[0].opinion for record in records]
    assert [(opinion.decision, opinion.rating) for opinion in opinions] == [("accepted", 0)] * 3
    again.close()
