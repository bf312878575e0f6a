"""Statistics for programs: the columns of CSV, and the keys of JSON."""

from __future__ import annotations

import csv
import json

from xray_tui.dataset.blind.statistics import Agreement, Share
from xray_tui.dataset.review.summary import PairAgreement, ReviewerCounts, ReviewSummary, TagCount
from xray_tui.dataset.review.tallies import Tally
from xray_tui.dataset.statistics.formats import as_csv, as_json
from xray_tui.dataset.statistics.gathering import Row, Statistics, Table

BY_SEX = Table(("sex", "view"), [Row(("man", "PA"), Tally(4, 2, 1)), Row((None, ""), Tally(1))])
BY_LABEL = Table(("region", "label"), [Row(("chest", "normal"), Tally(4, 2, 1, purged=3))])
BY_GUIDANCE = Table(("guidance",), [Row((7.0,), Tally(4)), Row((2.5,), Tally(1))])


def rows(*tables: Table) -> list[list[str]]:
    return list(csv.reader(b"".join(as_csv(tables)).decode().splitlines()))


def test_one_table_has_a_column_for_each_name() -> None:
    assert rows(BY_SEX) == [
        [
            *("sex", "view", "images", "accepted", "rejected", "undecided", "purged"),
            *("accepted_share", "images_per_accepted"),
        ],
        ["man", "PA", "4", "2", "1", "1", "0", "0.6667", "1.5"],
        ["", "", "1", "0", "0", "1", "0", "", ""],
    ]


def test_several_tables_are_one_below_the_other() -> None:
    head, *found = rows(BY_LABEL, BY_GUIDANCE)
    assert head[:3] == ["by", "value", "images"]
    assert [row[:3] for row in found] == [
        ["region/label", "chest/normal", "4"],
        ["guidance", "7", "4"],
        ["guidance", "2.5", "1"],
    ]


def test_a_value_is_no_formula() -> None:
    table = Table(("sex",), [Row(("=1+1",), Tally(1))])
    assert rows(table)[1][0] == "'=1+1"


def test_json_has_all_numbers() -> None:
    summary = ReviewSummary([ReviewerCounts("ann", 3, 2, 1, "now")], [TagCount("dark", 1)], [], 0)
    pair = PairAgreement("ann", "bob", Agreement(Share(2, 3), 0.4))
    found = Statistics(Tally(4, 2, 1, purged=3), [BY_SEX], summary, [pair])
    data = json.loads(json.dumps(as_json(found)))
    assert " ".join(data) == (
        "images accepted rejected undecided purged accepted_share images_per_accepted tables "
        "reviewers reasons days disputed agreement"
    )
    assert data["images_per_accepted"] == 3.0
    assert data["tables"][0]["by"] == ["sex", "view"]
    assert data["tables"][0]["rows"][0]["values"] == {"sex": "man", "view": "PA"}
    assert data["tables"][0]["rows"][1]["accepted_share"] is None
    assert data["reviewers"][0]["reviewer"] == "ann"
    assert data["reasons"] == [{"tag": "dark", "reviews": 1}]
    assert data["agreement"][0]["kappa"] == 0.4
