"""``xray-tui stats``: tables, CSV, JSON, and wrong input."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from support.advice import advised

Run = Callable[..., str]


@pytest.fixture
def stats(describe: Run) -> Run:
    """Runs ``xray-tui stats``; returns what it printed."""
    return partial(describe, "stats")


def test_a_pipe_gets_tables_of_80_columns(stats: Run) -> None:
    lines = stats().splitlines()
    assert lines[0] == "12 images: 8 accepted, 1 rejected, 3 undecided"
    assert lines[1] == "88.9 % of those decided are accepted: 1.12 decided for each accepted one"
    assert max(map(len, lines)) <= 80
    assert any(line.startswith("region/label") for line in lines)
    assert any(line.split()[-6:] == ["3", "0", "1", "100.0", "%", "1.00"] for line in lines)
    assert any(line.split() == ["ann", "9", "8", "1", "88.9", "%"] for line in lines)


def test_the_command_that_shows_more_stays_on_one_line(
    stats: Run, monkeypatch: pytest.MonkeyPatch, reviewed: Path
) -> None:
    monkeypatch.setattr("xray_tui.dataset.statistics.panels.MOST_ROWS", 3)
    (more,) = (line for line in stats("--filter", "is:accepted").splitlines() if "more: " in line)
    command = f"xray-tui stats --by prompt --filter is:accepted --dataset {reviewed}"
    assert more == f"… and 5 more: {command}"


def test_csv_and_json_have_the_same_numbers(stats: Run) -> None:
    rows = list(csv.DictReader(stats("--by", "label", "--csv").splitlines()))
    assert [(row["label"], row["images"]) for row in rows] == [
        ("effusion", "4"),
        ("normal", "4"),
        ("pneumonia", "4"),
    ]
    data = json.loads(stats("--by", "label", "--json"))
    (table,) = data["tables"]
    assert [(row["values"]["label"], str(row["accepted"])) for row in table["rows"]] == [
        (row["label"], row["accepted"]) for row in rows
    ]
    assert data["images"] == 12 and data["rejected"] == 1


def test_a_filter_restricts_the_images(stats: Run) -> None:
    assert stats("--filter", "label:normal is:accepted").startswith("3 images: 3 accepted")
    assert stats("--filter", "label:nothing") == "No image matches label:nothing\n"
    assert "character 1" in stats("--filter", "colour:red", code=2)


def test_wrong_input_is_one_message(stats: Run, tmp_path: Path) -> None:
    assert "use region, label, model" in stats("--by", "sexx", code=2)
    advised("use only one of --csv and --json", stats("--csv", "--json", code=2))
    assert len(stats(root=tmp_path / "none", code=2).splitlines()) == 1


def test_a_dataset_without_images_has_no_numbers(stats: Run, root: Path, dataset: object) -> None:
    assert stats(root=root) == "No images yet.\n"
    assert json.loads(stats("--json", root=root))["images"] == 0
