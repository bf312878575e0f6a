"""``xray-tui stats``: tables, CSV, JSON, and wrong input."""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from support.advice import advised
from support.exports import reviewed_dataset

from xray_tui.cli.main import main

Run = Callable[..., str]


@pytest.fixture(scope="module")
def reviewed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """12 chests with three labels, of which ann accepted eight and rejected one."""
    root = tmp_path_factory.mktemp("stats") / "xrays"
    reviewed_dataset(root, 12)
    return root


@pytest.fixture
def stats(
    reviewed: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> Run:
    """Runs ``xray-tui stats`` in this process; returns what it printed."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(reviewed.parent / "config"))
    monkeypatch.setenv("XRAY_TUI_REVIEWER", "ann")

    def run(*options: str, root: Path = reviewed, code: int = 0) -> str:
        monkeypatch.setattr(sys, "argv", ["xray-tui", "stats", "--dataset", str(root), *options])
        with pytest.raises(SystemExit) as ended:
            main()
        printed = capsys.readouterr()
        assert (ended.value.code or 0) == code, printed
        assert (printed.out == "") == bool(code)
        return printed.err if code else printed.out

    return run


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
