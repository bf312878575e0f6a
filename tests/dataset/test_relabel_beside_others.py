"""Labels that are changed while another process opens the dataset, or generates into it."""

from __future__ import annotations

from pathlib import Path

import pytest
from support.dataset_samples import assert_in_step, make_provenance, make_task, picture

from xray_tui.dataset import mending
from xray_tui.dataset.catalog import Catalog
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.records import Record
from xray_tui.dataset.review_desk import ReviewDesk
from xray_tui.dataset.tree_scan import Tree, scan


@pytest.fixture
def records(dataset: Dataset) -> list[Record]:
    """Three images of a reviewer; the second has another label than the one it was made with."""
    with dataset.generator_lock():
        records = [
            dataset.save(picture(seed), make_task(seed), make_provenance(), "") for seed in range(3)
        ]
    desk = dataset.desk("ann")
    desk.set_decision([record.id for record in records], "accepted")
    desk.relabel([records[1].id], "effusion")
    return records


@pytest.fixture
def desk(dataset: Dataset) -> ReviewDesk:
    return dataset.desk("ann")


@pytest.mark.parametrize("when", ["after the scan", "during the scan", "after the catalog"])
def test_what_is_moved_while_another_process_mends_stays(
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
