"""``xray-tui reviews``: the opinions of several reviewers and machines."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from rich.cells import cell_len
from support.dataset_samples import make_image, make_provenance, make_task
from support.run_command import RunCommand

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import review_log as review_lines
from xray_tui.dataset.opinions import Decision, Opinion, Review
from xray_tui.dataset.records import Record

HEAVY = {"torch", "diffusers", "transformers", "textual"}
IMAGES = 4

RunReviews = Callable[..., str]


@pytest.fixture
def records(dataset: Dataset) -> list[Record]:
    with dataset.generator_lock():
        return [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1")
            for seed in range(IMAGES)
        ]


@pytest.fixture
def reviews(root: Path, run_command: RunCommand, monkeypatch: pytest.MonkeyPatch) -> RunReviews:
    """Runs ``xray-tui reviews``, asserts its exit code, and returns its output."""
    monkeypatch.setenv("XRAY_TUI_DATASET", str(root))

    def run(*arguments: str, code: int = 0) -> str:
        out, err = run_command("reviews", *arguments, code=code)
        assert (not out) == (code != 0)
        text = out + err
        assert all(line.isprintable() for line in text.splitlines())
        return text

    return run


def decide(dataset: Dataset, reviewer: str, decisions: str, records: list[Record]) -> None:
    """Decide on ``records``: ``a`` accepts, ``r`` rejects, ``-`` skips a record."""
    names: dict[str, Decision] = {"a": "accepted", "r": "rejected"}
    for letter, record in zip(decisions, records, strict=True):
        if letter in names:
            dataset.desk(reviewer).set_decision([record.id], names[letter])


def json_lines(text: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in text.splitlines()]


def test_merge_reports_how_many_reviews_it_merged_and_skipped(
    dataset: Dataset, records: list[Record], reviews: RunReviews, tmp_path: Path
) -> None:
    decide(dataset, "ann", "ar--", records)
    late, early = "2999-01-01T00:00:00+00:00", "2001-01-01T00:00:00+00:00"
    lines = [
        review_lines.line(file, task_id, Review(reviewer, Opinion("rejected"), when))
        for file, task_id, reviewer, when in [
            (records[0].file, records[0].task.id, "ann", late),
            (records[1].file, records[1].task.id, "ann", early),
            ("chest/pneumonia/a.png", records[2].task.id, "bob", early),
            ("chest/normal/b.png", "not here", "bob", early),
        ]
    ]
    file = tmp_path / "\x1b[31mother.jsonl"
    file.write_text("\n".join([*lines, "rubbish"]))
    assert reviews("merge", str(file)).splitlines() == [
        f"{tmp_path}/␛[31mother.jsonl: merged 2 reviews (1 already known)",
        "xray-tui: not in this dataset: 1 reviewed image",
        "xray-tui: images with another label there: 1 review, "
        "merged without changing the label here",
        "xray-tui: skipped because they are not reviews: 1 line",
    ]
    assert dataset.catalog.counts()["chest-normal"].accepted == 0
    again = json_lines(reviews("merge", "--json", str(file), str(file)))
    assert again == [
        {
            "path": str(file),
            "taken": 0,
            "known": 3,
            "unknown_images": 1,
            "other_labels": 0,
            "bad_lines": 1,
        }
    ] * 2  # fmt: skip


def test_a_file_that_cannot_be_merged_prints_one_message(
    dataset: Dataset, records: list[Record], reviews: RunReviews, root: Path, tmp_path: Path
) -> None:
    decide(dataset, "ann", "a---", records)
    own = root / ".xray-tui" / "reviews.jsonl"
    for name, says in (
        (tmp_path / "no.jsonl", "there is no such file"),
        (root, "this is the dataset itself; choose a dataset from another machine"),
        (own, "belongs to this dataset; choose a file from another machine"),
        (root / records[0].file, "has no reviews; choose a reviews.jsonl file"),
    ):
        output = reviews("merge", str(name), code=2)
        assert output.startswith(f"xray-tui: {name}") and output.count("\n") == 1
        assert says in output


def test_list_shows_the_reviewers_and_the_rule(
    dataset: Dataset, records: list[Record], reviews: RunReviews
) -> None:
    assert reviews("list") == "No reviews yet. To start: xray-tui review\n"
    decide(dataset, "ann", "aar-", records)
    decide(dataset, "肺 [/red]", "arr-", records)
    dataset.desk("cay").set_rating([records[0].id], 3)
    lines = reviews("list").splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    assert [line.split() for line in lines[:3]] == [
        ["reviewer", "decided", "accepted", "rejected", "last"],
        ["ann", "3", "2", "1", "just", "now"],
        ["cay", "0", "0", "0", "just", "now"],
    ]
    assert lines[3].split() == ["肺", "[/red]", "3", "1", "2", "just", "now"]
    assert len({cell_len(line) for line in lines[1:4]}) == 1
    assert lines[-1] == "Rule: latest (the last decision counts)"
    listed = json_lines(reviews("list", "--json"))
    assert [(counts["reviewer"], counts["accepted"]) for counts in listed] == [
        ("ann", 2), ("cay", 0), ("肺 [/red]", 1),
    ]  # fmt: skip

    assert dataset.catalog.counts()["chest-normal"].accepted == 1
    assert reviews("rule", "unanimous").startswith("Rule: unanimous (accepted if all")
    assert reviews("rule").startswith("Rule: unanimous")
    dataset.desk("cay").set_decision([records[1].id], "accepted")
    assert dataset.catalog.counts()["chest-normal"].accepted == 1
    reviews("rule", "majority")
    assert dataset.catalog.counts()["chest-normal"].accepted == 2
    assert "is not a rule; the rules are latest, majority, unanimous" in reviews(
        "rule", "best", code=2
    )


def test_export_has_a_row_for_each_image_and_reviewer(
    dataset: Dataset, records: list[Record], reviews: RunReviews, tmp_path: Path
) -> None:
    decide(dataset, "ann", "aa--", records)
    decide(dataset, "bob", "r-r-", records)
    desk = dataset.desk("bob")
    for tag in ("wrong-label", "duplicate"):
        desk.add_tag([records[0].id], tag)
    desk.set_rating([records[0].id], 2)
    desk.set_note([records[0].id], '=cmd|"x", \x1b\nsecond line')
    desk.relabel([records[0].id], "effusion")
    file = tmp_path / "out.CSV"
    assert reviews("export", str(file)) == f"Wrote 5 rows to {file}\n"
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [(row["reviewer"], row["decision"], row["verdict"], row["label"]) for row in rows] == [
        ("ann", "accepted", "rejected", "effusion"),
        ("bob", "rejected", "rejected", "effusion"),
        ("ann", "accepted", "accepted", "normal"),
        ("bob", "rejected", "rejected", "normal"),
        ("", "undecided", "undecided", "normal"),
    ]
    assert rows[1]["file"] == records[0].file.replace("/normal/", "/effusion/")
    assert (rows[1]["tags"], rows[1]["rating"]) == ("duplicate wrong-label", "2")
    assert rows[1]["note"] == '\'=cmd|"x", ␛␊second line'  # no formula, no control characters
    assert rows[1]["reviewed"].endswith("+00:00") and rows[4]["reviewed"] == ""

    reviews("export", "--reviewer", "ann", str(file))
    with file.open(newline="") as opened:
        rows = list(csv.DictReader(opened))
    assert [row["reviewer"] for row in rows] == ["ann", "ann", "", ""]
    assert [row["verdict"] for row in rows] == ["rejected", "accepted", "rejected", "undecided"]
    before = file.read_bytes()
    for arguments, says in (
        (["--reviewer", "eve", str(file)], '"eve" has no reviews here'),
        ([str(dataset.root / records[1].file)], "choose a file name that ends in .csv"),
        ([str(tmp_path / "nowhere" / "a.csv")], "there is no folder"),
    ):
        assert says in reviews("export", *arguments, code=2)
    assert file.read_bytes() == before


def test_agreement_is_shown_for_each_pair_of_reviewers(
    dataset: Dataset, records: list[Record], reviews: RunReviews
) -> None:
    decide(dataset, "ann", "aarr", records)
    assert reviews("agreement") == "No two reviewers have decided on the same image.\n"
    decide(dataset, "bob", "aara", records)
    decide(dataset, "cay", "a---", records)
    lines = reviews("agreement").splitlines()
    assert all(cell_len(line) <= 80 for line in lines)
    assert [line.split() for line in lines[1:4]] == [
        ["ann,", "bob", "4", "75.0", "%", "0.50"],
        ["ann,", "cay", "1", "100.0", "%", "–"],
        ["bob,", "cay", "1", "100.0", "%", "–"],
    ]
    first, *_ = json_lines(reviews("agreement", "--json"))
    assert first == {"first": "ann", "second": "bob", "images": 4, "agreed": 3, "kappa": 0.5}


@pytest.mark.parametrize("command", [["list"], ["rule"], ["agreement"], ["export", "a.csv"]])
def test_a_folder_that_is_not_a_dataset_is_not_touched(
    reviews: RunReviews, root: Path, command: list[str]
) -> None:
    assert "there is no dataset here" in reviews(*command, code=2)
    assert not root.exists()


def test_no_heavy_library_is_loaded(root: Path, tmp_path: Path) -> None:
    Dataset(root).close()
    file = tmp_path / "there.jsonl"
    file.write_text(
        review_lines.line("a/b/c.png", "t", Review("ann", Opinion("accepted"), "2026-01-01"))
    )
    code = (
        "import sys; from xray_tui.cli.main import main\ntry: main()\nfinally: print(*sys.modules)"
    )
    result = subprocess.run(
        [sys.executable, "-c", code, "reviews", "merge", file, "--dataset", root],
        capture_output=True,
        text=True,
        check=True,
    )
    loaded = set(result.stdout.splitlines()[-1].split())
    assert "xray_tui.dataset.review.merging" in loaded
    assert loaded.isdisjoint(HEAVY)
