"""Queries find the right images, and no text of a user is part of the SQL."""

from __future__ import annotations

import sqlite3

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.review_tables import add_image, add_review, add_verdict, empty_tables

from xray_tui.dataset.query.fields import SORTS
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.query.sql import select_ids
from xray_tui.dataset.query.words import quote

ALL = [1, 2, 3, 4, 5, 6]


@pytest.fixture(scope="module")
def tables() -> sqlite3.Connection:
    created = empty_tables()
    add_image(created, 1)
    add_image(
        created,
        2,
        label="pneumonia",
        prompt_id="chest-pneumonia",
        text="Pleural effusion on the left, 100% opaque",
        file="chest/pneumonia/chest-pneumonia_7_0123abcd.png",
        seed=7,
        checks="blank",
        created="2026-11-25T00:00:00+00:00",
    )
    add_image(
        created,
        3,
        label="pneumo_thorax",
        seed=2**32 - 1,
        checks="low-contrast clipped",
        job_id="20261129-101500-0b1c",
        model="Lab/100%_Chest",
        scheduler="dpm++-2m-karras",
        steps=30,
    )
    add_image(created, 4, region="knee", label="pneumoxthorax", text="Ödem, 1000 lines")
    add_image(
        created,
        5,
        created="2026-10-31T23:59:59.999+00:00",
        checks="unreadable",
        job_id="20261128-090000-77aa",
        model="bundled",
        scheduler="ddim",
        steps=14,
    )
    add_image(created, 6, text=r"back\slash and under_score", created="2027-01-01T00:00:00+00:00")
    add_review(created, 1, "anna", rating=5, tags=" grid-noise wrong-label ", note="Äste, left")
    add_review(created, 2, "anna", decision="rejected", rating=2, tags=" grid ")
    add_review(created, 3, "anna", decision="undecided", rating=3)
    add_review(created, 1, "bob", decision="rejected", tags=" bobs ", note="bob was here")
    add_review(created, 4, "bob")
    add_review(created, 5, "Bo, O'Neil_%")
    add_verdict(created, 1, "rejected")
    add_verdict(created, 4, "accepted")
    created.executescript(
        "INSERT INTO jobs (id, created, title, state, place)"
        " VALUES ('20261130', '', '', 'done', 0);"
        "INSERT INTO records VALUES (3, 'task 3', '', '', 'x.png', 8, 8, '', '');"
        "INSERT INTO tasks VALUES ('20261130', 'task 3', 0, 0, '', 'done', '');"
    )
    return created


def found(tables: sqlite3.Connection, line: str, reviewer: str = "anna") -> list[int]:
    return [record_id for (record_id,) in tables.execute(*select_ids(parse(line), reviewer))]


@pytest.mark.parametrize(
    ("line", "ids"),
    [
        ("", ALL),
        ("label:pneumonia", [2]),
        ("label:pneumonia,normal", [1, 2, 5, 6]),
        ("label:pneumo*", [2, 3, 4]),
        ("label:pneumo_*", [3]),  # an underscore is not a wildcard
        ("label:*thorax,pneumonia", [2, 3, 4]),
        ("region:knee", [4]),
        ("prompt:chest-pneumonia", [2]),
        ("prompt:chest", []),
        ("decision:accepted", [1]),
        ("is:undecided", [3, 4, 5, 6]),
        ("verdict:undecided", [2, 3, 5, 6]),
        ("verdict:accepted,rejected", [1, 4]),
        ("is:disputed", [1]),  # bob rejected it; 3 is undecided for anna
        ("is:disputed,rejected", [1, 2]),
        ("job:20261129-101500-0b1c", [3]),
        ("job:20261130", [3]),  # it asked for an image that existed already
        ("job:2026112", [3, 5]),
        ("job:2026113", [3]),
        ("job:0261129", []),
        ("model:bundled", [5]),
        ("model:lab/100%_*", [3]),
        ("model:*chest", [3]),
        ("model:lab", []),
        ("scheduler:dpm++-2m-karras", [3]),
        ("scheduler:dpm*,ddim", [3, 5]),
        ("steps:14,30", [3, 5]),
        ("steps>14", [3]),
        ("steps<=14 steps>0", [5]),
        ("rating>=3", [1, 3]),
        ("rating:0", [4, 5, 6]),
        ("rating<2", [4, 5, 6]),
        ("rating>0 rating<5", [2, 3]),
        ("seed:7,4294967295", [2, 3]),
        ("seed<=4 seed>1", [4]),
        ("date:2026-11-24", [1, 3, 4]),
        ("date>2026-11-24", [2, 6]),
        ("date>=2026-11-01 date<=2026-11-25", [1, 2, 3, 4]),
        ("date<2026-11-01", [5]),
        ("tag:grid", [2]),
        ("tag:grid*", [1, 2]),
        ("tag:*label", [1]),
        ("tag:*noise*", [1]),
        ("tag:noise*", []),
        ("tag:*", [1, 2]),
        ("tag:grid,wrong-label", [1, 2]),
        ("tag:grid* tag:wrong-*", [1]),
        ("tag:bobs", []),  # a tag of another reviewer
        ("check:blank", [2]),
        ("check:clipped", [3]),
        ("check:none", [1, 4, 6]),
        ("check:none,unreadable", [1, 4, 5, 6]),
        ("reviewer:anna", [1, 2]),  # undecided does not count
        ("reviewer:anna reviewer:bob", [1]),
        ("reviewer:Bob,anna", [1, 2, 4]),
        ("reviewer:bo*", [1, 4, 5]),
        ('''reviewer:"bo, o'neil_%"''', [5]),
        ("note:ÄSTE", [1]),
        ("note:äst", [1]),
        ("note:bob", []),
        ("EFFUSION", [2]),
        ('"pleural effusion on"', [2]),
        ("chest-pneum", [2]),  # the id
        ("_7_0123", [2]),  # the file
        ("100%", [2]),  # a percent sign is not a wildcard
        ("under_score", [6]),
        (r"k\s", [6]),
        ("ödem", [4]),
        ("ÖDEM", [4]),
        ("Öd*", []),  # no wildcards in texts
    ],
)
def test_a_condition_finds_its_images_and_its_negation_the_others(
    tables: sqlite3.Connection, line: str, ids: list[int]
) -> None:
    assert found(tables, line) == ids
    if line and " " not in line:
        assert found(tables, f"-{line}") == [record_id for record_id in ALL if record_id not in ids]


def test_conditions_use_only_the_opinions_of_the_reviewer(tables: sqlite3.Connection) -> None:
    assert found(tables, "tag:bobs is:rejected note:here", "bob") == [1]
    assert found(tables, "rating>0", "nobody") == []
    assert found(tables, "is:undecided", "nobody\udcff") == ALL


@pytest.mark.parametrize(
    ("sort", "ids"),
    [
        ("date", [5, 1, 3, 4, 2, 6]),
        ("-date", [6, 2, 1, 3, 4, 5]),
        ("label", [1, 5, 6, 3, 2, 4]),
        ("prompt,-seed", [3, 6, 5, 4, 1, 2]),
        ("seed", [1, 4, 5, 6, 2, 3]),
        ("-rating", [1, 3, 2, 4, 5, 6]),
        ("decision", [1, 2, 3, 4, 5, 6]),
        ("-decision", [3, 4, 5, 6, 2, 1]),
        ("check", [1, 4, 6, 2, 3, 5]),
        ("-file", [2, 6, 5, 4, 3, 1]),
    ],
)
def test_images_are_sorted(tables: sqlite3.Connection, sort: str, ids: list[int]) -> None:
    assert found(tables, f"sort:{sort}") == ids


def test_a_query_reads_only_the_tables_it_needs() -> None:
    plain, _ = select_ids(parse("label:a check:none text sort:file"), "anna")
    assert "reviews" not in plain and "verdicts" not in plain
    assert "reviews" in select_ids(parse("sort:rating"), "anna")[0]


HOSTILE = st.sampled_from(["' OR 1=1 --", '"; DROP TABLE images; --', "?", "%", "\x00", "\\"])
ASCII = st.text(st.characters(max_codepoint=127), min_size=1, max_size=8)
GREEK = st.text(st.characters(min_codepoint=0x370, max_codepoint=0x3FF), min_size=1, max_size=5)


@settings(max_examples=60)
@given(HOSTILE | ASCII | GREEK, st.sampled_from(SORTS))
def test_no_value_is_part_of_the_statement(text: str, sort: str) -> None:
    def statement(text: str) -> str:
        line = f"{quote(text)} note:{quote(text)} -reviewer:{quote(text)},bob sort:{sort}"
        sql, values = select_ids(parse(line), text)
        sqlite3.connect(":memory:").execute(f"SELECT {', '.join('?' * len(values))}", values)
        return sql

    if text.isascii():
        assert statement(text) == statement("x")
    else:
        assert statement(text).isascii()


def test_the_largest_queries_are_within_the_limits_of_sqlite() -> None:
    tables = empty_tables()
    for term in ("label:" + "a*," * 99 + "a", "tag:" + "a," * 99 + "a", "note:" + "ö" * 200):
        tables.execute(*select_ids(parse(" ".join([term] * 50)), "anna"))
    tables.execute(*select_ids(parse("sort:" + ",".join(["label"] * 100)), "anna"))
    tables.execute(*select_ids(parse("job:" + "a," * 99 + "a"), "anna"))
