"""The datasets that the benchmarks write are ones that the product opens and finds no fault in.

Benchmarks are not part of the default suite, so a new column in a table once broke them unseen.
"""

from __future__ import annotations

from pathlib import Path

from support.review_datasets import write_large_dataset

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.query.parsing import parse


def test_a_large_dataset_is_reviewed_as_any_other(tmp_path: Path) -> None:
    root = tmp_path / "D"
    write_large_dataset(root, 60, 64)
    dataset = Dataset(root)
    assert len(dataset.catalog.records()) == 60
    desk = dataset.desk("anna")
    matches = desk.index.find(parse("scheduler:ddim steps>=14"))
    assert 0 < len(matches) < 60
    desk.set_decision([dataset.catalog.records()[0].id], "accepted")
    dataset.close()
