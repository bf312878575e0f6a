"""metadata.jsonl: typed rows, exactly one per record."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from support.dataset_samples import NASTY, make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.errors import DatasetError
from xray_tui.parameters import GenerationParameters

TYPES = {
    "file_name": str,
    "region": str,
    "label": str,
    "view": str,
    "findings": str,
    "text": str,
    "negative_prompt": str,
    "prompt_id": str,
    "slots": str,
    "seed": int,
    "model": str,
    "scheduler": str,
    "steps": int,
    "guidance_scale": float,
    "width": int,
    "height": int,
    "synthetic": bool,
    "table_row": str,
    "decision": str,
    "rating": int,
    "tags": str,
}


def filled(root: Path, count: int = 3) -> bytes:
    """Create a dataset with ``count`` images; returns the content of its metadata.jsonl."""
    dataset = Dataset(root)
    for seed in range(count):
        dataset.save(make_image(), make_task(seed), make_provenance(), "job-1")
    dataset.close()
    return (root / "metadata.jsonl").read_bytes()


def test_every_row_has_the_same_keys_and_types(dataset: Dataset, root: Path) -> None:
    sizes = GenerationParameters.build({"width": 64, "height": 72, "guidance_scale": 0})
    tasks = [
        make_task(0),
        make_task(1, findings=(), slots={}, negative_prompt="", view=""),
        make_task(3, table_row={"age": 63, "label": NASTY, "decision": None, "file_name": ""}),
        make_task(2, findings=(NASTY, "b"), slots={"a": NASTY}, text=NASTY, parameters=sizes),
    ]
    for task in tasks:
        dataset.save(make_image(), task, make_provenance(), "job-1")
    lines = (root / "metadata.jsonl").read_bytes().splitlines()
    assert len(lines) == len(tasks)
    for line, task in zip(lines, tasks, strict=True):
        row = json.loads(line)
        assert line.isascii()
        assert [(name, type(value)) for name, value in row.items()] == list(TYPES.items())
        assert json.loads(row["findings"]) == list(task.findings)
        assert (row["decision"], row["rating"], row["tags"]) == ("undecided", 0, "[]")
        assert (root / row["file_name"]).is_file()
        assert json.loads(row["slots"]) == task.slots
        assert json.loads(row["table_row"]) == task.table_row
        assert (row["text"], row["seed"], row["synthetic"]) == (task.text, task.seed, True)


@pytest.mark.parametrize("closed_after", [0, 1])
def test_metadata_in_step_with_the_catalog_is_not_rewritten(root: Path, closed_after: int) -> None:
    before = filled(root, closed_after) if closed_after else b""
    path = root / "metadata.jsonl"
    inode = path.stat().st_ino if before else None
    Dataset(root).close()
    assert (path.stat().st_ino if path.exists() else None) == inode


@pytest.mark.parametrize(
    "spoil",
    [
        pytest.param(lambda data: data[:-20], id="last line torn"),
        pytest.param(lambda data: data[:-1], id="last line feed missing"),
        pytest.param(lambda data: data + b'{"file_name": "x', id="an extra torn line"),
        pytest.param(lambda data: data + data.splitlines(True)[0], id="a duplicate row"),
        pytest.param(lambda data: b"".join(data.splitlines(True)[1:]), id="a row deleted"),
        pytest.param(lambda data: b"".join(data.splitlines(True)[:-1]), id="last row missing"),
        pytest.param(lambda data: data.replace(b"_2_", b"_9_"), id="last row of another file"),
        pytest.param(lambda data: b"", id="emptied"),
        pytest.param(lambda data: None, id="deleted"),
        pytest.param(lambda data: b"[" * 5000 + b"\n1\nnull\n", id="rubbish"),
        pytest.param(lambda data: b"a\nb\n" + b"[" * 100_000 + b"\n", id="deep rubbish"),
    ],
)
def test_metadata_out_of_step_with_the_catalog_is_rewritten(root: Path, spoil: object) -> None:
    good = filled(root)
    path = root / "metadata.jsonl"
    assert callable(spoil)
    bad = spoil(good)
    if bad is None:
        path.unlink()
    else:
        path.write_bytes(bad)
    Dataset(root).close()
    assert path.read_bytes() == good


def test_rows_without_records_are_removed(root: Path) -> None:
    Dataset(root).close()
    (root / "metadata.jsonl").write_bytes(b'{"file_name": "a.png"}\n')
    Dataset(root).close()
    assert (root / "metadata.jsonl").read_bytes() == b""
    Dataset(root).close()


def test_a_file_that_cannot_be_read_is_an_error(root: Path) -> None:
    filled(root)
    (root / "metadata.jsonl").unlink()
    (root / "metadata.jsonl").mkdir()
    with pytest.raises(DatasetError, match=r"metadata\.jsonl"):
        Dataset(root)
