"""Parquet files as tables: the same rows as in JSON lines, typed."""

from __future__ import annotations

import datetime
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from support.advice import advised

from xray_tui.errors import TableError
from xray_tui.prompts.tables.source import opened
from xray_tui.prompts.tables.table import Table, read_table

pa: Any = pytest.importorskip("pyarrow", reason="pip install '.[parquet]' brings pyarrow")
pq: Any = pytest.importorskip("pyarrow.parquet")


def read(path: Path) -> Table:
    with opened(str(path), BytesIO()) as source:
        return read_table(source, {}, most=1000)


def refused(path: Path) -> str:
    with pytest.raises(TableError) as caught:
        read(path)
    return str(caught.value)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "reports.parquet"


def test_columns_keep_their_types(path: Path) -> None:
    columns = {
        "text": ["A chest.", "A knee."],
        "label": ["normal", None],
        "seed": [7, None],
        "age": [63.5, float("nan")],
        "smoker": [True, None],
        "seen": [datetime.date(2024, 2, 29), None],
        "dose": [Decimal("1.5"), None],
        "image": [{"bytes": b"\x89PNG", "path": "a.png"}, None],
        "raw": [b"\xff", None],
    }
    pq.write_table(pa.table(columns), path)
    first, second = read(path).rows
    assert (first.text, first.label, first.seed) == ("A chest.", "normal", 7)
    assert first.kept == {"age": 63.5, "smoker": True, "seen": "2024-02-29", "dose": 1.5}
    assert (second.label, second.seed, set(second.kept.values())) == ("scratch", None, {None})


def test_rows_are_in_order_and_few_are_in_memory(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("xray_tui.prompts.tables.parquet._AT_ONCE", 2)
    texts = [f"Chest {number}." for number in range(9)]
    pq.write_table(pa.table({"text": texts}), path, row_group_size=5)
    assert [row.text for row in read(path).rows] == texts


def test_a_bad_row_is_named_by_its_number(path: Path) -> None:
    pq.write_table(pa.table({"text": ["A chest.", None], "steps": [2, 2]}), path)
    (problem,) = read(path).problems.lines()
    assert problem.startswith(f"{path}: line 2, column text: ")


def test_files_that_are_no_tables_get_one_message(path: Path) -> None:
    path.write_bytes(b"text\nA chest.\n")
    assert "is damaged or not a Parquet file (" in refused(path)
    pq.write_table(pa.table({"text": ["A chest."]}), path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-9])
    advised("; write the file again", refused(path))
    path.write_bytes(whole)
    assert len(read(path).rows) == 1
    pq.write_table(pa.table([["A"], ["B"]], names=["text", "text"]), path)
    assert '2 columns are called "text"' in refused(path)
    pq.write_table(pa.table({"text": pa.array([], pa.string())}), path)
    assert "has no rows" in refused(path)
    path.unlink()
    assert "no such file" in refused(path)


def test_a_file_of_another_name_is_renamed_as_advised(tmp_path: Path, path: Path) -> None:
    other = tmp_path / "reports.csv"
    pq.write_table(pa.table({"text": ["A chest."]}), other)
    advised("is a Parquet file; give a file whose name ends in .parquet", refused(other))
    other.rename(path)
    assert len(read(path).rows) == 1


def test_without_pyarrow_the_extra_is_named(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pq.write_table(pa.table({"text": ["A chest."]}), path)
    with monkeypatch.context() as without:
        without.setattr("xray_tui.extras.find_spec", lambda _: None)
        message = refused(path)
    advised("which is not installed; install it: pip install 'xray-tui[", message)
    assert message.endswith("pip install 'xray-tui[parquet]'")
    assert len(read(path).rows) == 1  # it is installed
