"""metadata.jsonl has the dataset's decision on every image, soon after it was made."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from support.dataset_samples import make_image, make_provenance, make_task
from typer.testing import CliRunner

from xray_tui.cli.main import app
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files import metadata
from xray_tui.dataset.opinions import Conclusion, Opinion, Review, conclude
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.verifying import verify

COUNT = 4


def rows(root: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (root / "metadata.jsonl").read_text().splitlines()]


def decisions(root: Path) -> list[str]:
    return [row["decision"] for row in rows(root)]


@pytest.fixture
def records(dataset: Dataset) -> list[Record]:
    nasty = make_task(0, text='a", "decision": "rejected", "rating": 3')
    tasks = [nasty, *(make_task(seed) for seed in range(1, COUNT))]
    return [dataset.save(make_image(), task, make_provenance(), "job-1") for task in tasks]


def test_decisions_are_written_together(
    dataset: Dataset, root: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    before = (root / "metadata.jsonl").read_bytes()
    desk = dataset.desk("ann")
    desk.set_decision([records[0].id], "accepted")
    desk.set_decision([records[2].id], "rejected")
    desk.set_rating([records[2].id], 2)
    desk.add_tag([records[2].id], "grid-noise")
    assert (root / "metadata.jsonl").read_bytes() == before  # not a whole file for each key

    def no_rewrite(*_: object) -> None:
        pytest.fail("only the decisions have to be written")

    monkeypatch.setattr(metadata, "rewrite", no_rewrite)
    dataset.write_decisions()
    assert decisions(root) == ["accepted", "undecided", "rejected", "undecided"]
    assert [row["rating"] for row in rows(root)] == [0, 0, 2, 0]
    assert [json.loads(row["tags"]) for row in rows(root)] == [[], [], ["grid-noise"], []]
    assert {tuple(map(type, row.values())) for row in rows(root)} == {
        tuple(map(type, json.loads(before.splitlines()[0]).values()))
    }
    inode = (root / "metadata.jsonl").stat().st_ino
    desk.write_decisions()
    assert (root / "metadata.jsonl").stat().st_ino == inode  # nothing new to write
    desk.undo()
    desk.write_decisions()
    assert json.loads(rows(root)[2]["tags"]) == []


def test_they_are_written_when_the_dataset_is_closed(root: Path, records: list[Record]) -> None:
    other = Dataset(root)
    other.desk("ann").set_decision([records[1].id], "accepted")
    other.close()
    other.close()
    assert decisions(root) == ["undecided", "accepted", "undecided", "undecided"]
    assert verify(root).left == ()


def test_they_are_written_at_the_next_opening_after_a_kill(
    dataset: Dataset, root: Path, records: list[Record]
) -> None:
    dataset.desk("ann").set_decision([records[1].id], "accepted")
    dataset._database.close()  # a kill: nothing is written
    dataset._closed = True
    assert decisions(root) == ["undecided"] * COUNT
    assert verify(root).left == ()  # not a damage: they are only written later
    Dataset(root).close()
    assert decisions(root)[1] == "accepted"


def test_a_decision_made_while_others_are_written_is_written_next(
    dataset: Dataset, root: Path, records: list[Record], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = dataset.desk("ann")
    desk.set_decision([records[0].id], "accepted")
    write = metadata.replace_decisions

    def decide_meanwhile(*given: Any) -> bool:
        monkeypatch.setattr(metadata, "replace_decisions", write)
        given = (given[0], list(given[1]))
        desk.set_decision([records[1].id], "rejected")
        return write(*given)

    monkeypatch.setattr(metadata, "replace_decisions", decide_meanwhile)
    dataset.write_decisions()
    assert decisions(root)[:2] == ["accepted", "undecided"]
    dataset.write_decisions()
    assert decisions(root)[:2] == ["accepted", "rejected"]


def test_relabelled_images_keep_their_decision(
    dataset: Dataset, root: Path, records: list[Record]
) -> None:
    desk = dataset.desk("ann")
    desk.set_decision([records[1].id], "accepted")
    dataset.write_decisions()
    desk.relabel([records[1].id], "effusion")
    assert (rows(root)[1]["label"], decisions(root)[1]) == ("effusion", "accepted")


def test_edited_decisions_are_a_problem_that_verify_repairs(
    dataset: Dataset, root: Path, records: list[Record]
) -> None:
    dataset.desk("ann").set_decision([records[-1].id], "rejected")
    dataset.close()
    path = root / "metadata.jsonl"
    path.write_text(path.read_text().replace("undecided", "accepted", 1))
    assert [problem.kind for problem in verify(root).left] == ["metadata"]
    assert verify(root, repair=True).left == ()
    assert decisions(root) == ["undecided"] * (COUNT - 1) + ["rejected"]


def test_the_rule_changes_the_decisions(
    dataset: Dataset, root: Path, records: list[Record]
) -> None:
    dataset.desk("ann").set_decision([records[0].id], "rejected")
    dataset.desk("bob").set_decision([records[0].id], "accepted")
    dataset.close()
    assert decisions(root)[0] == "accepted"
    arguments = ["reviews", "rule", "unanimous", "--dataset", str(root)]
    assert CliRunner().invoke(app, arguments).exit_code == 0
    assert decisions(root)[0] == "rejected"


def test_a_file_of_an_earlier_version_gets_all_columns(
    dataset: Dataset, root: Path, records: list[Record]
) -> None:
    dataset.close()
    good = (root / "metadata.jsonl").read_bytes()
    old = []
    for row in rows(root):
        row["findings"] = json.loads(row["findings"])
        for column in ("decision", "rating", "tags"):
            del row[column]
        old.append(json.dumps(row) + "\n")
    (root / "metadata.jsonl").write_text("".join(old))
    assert [problem.kind for problem in verify(root).left] == ["metadata"]
    assert verify(root, repair=True).left == ()
    assert (root / "metadata.jsonl").read_bytes() == good
    (root / "metadata.jsonl").write_text("".join(old))
    Dataset(root).close()  # the next image would have other columns
    assert (root / "metadata.jsonl").read_bytes() == good


def test_the_drawn_view_wins_also_for_images_of_earlier_versions(
    dataset: Dataset, root: Path
) -> None:
    dataset.save(make_image(), make_task(view="PA", slots={"view": "AP"}), make_provenance(), "")
    assert rows(root)[0]["view"] == "AP"
    dataset.close()
    path = root / "metadata.jsonl"
    path.write_text(path.read_text().replace('"view": "AP"', '"view": "PA"'))
    assert verify(root, repair=True).left == ()
    assert rows(root)[0]["view"] == "AP"


@pytest.mark.parametrize(
    ("rule", "expected"),
    [
        ("latest", Conclusion("rejected", 1, ("a", "b"))),
        ("majority", Conclusion("accepted", 3, ("a", "b"))),
        ("unanimous", Conclusion("rejected", 3, ("a", "b"))),
    ],
)
def test_the_conclusion_follows_the_rule(rule: Any, expected: Conclusion) -> None:
    opinions = [
        ("ann", Opinion("accepted", 5, ("a",))),
        ("bob", Opinion("accepted", 3)),
        ("cyd", Opinion("rejected", 1, ("b",))),
        ("dan", Opinion()),
    ]
    reviews = [Review(who, it, f"2026-01-0{day}") for day, (who, it) in enumerate(opinions, 1)]
    assert conclude(reversed(reviews), rule) == expected
