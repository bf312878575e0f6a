"""Lines of reviews.jsonl from any program: each is either a valid opinion or a bad line."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterator
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.dataset_samples import NASTY

from xray_tui.dataset.catalog import review_rows, schema
from xray_tui.dataset.files import review_log
from xray_tui.dataset.files.review_log import BadLine, GoodLine
from xray_tui.dataset.opinions import DECISIONS, Opinion, Review
from xray_tui.names import reviewer_name_problem, tag_problem

GOOD = {
    "file": "chest/normal/a_1_00000000.png",
    "task_id": "t",
    "label": "normal",
    "decision": "accepted",
    "rating": 3,
    "tags": ["grid-noise"],
    "note": "n",
    "reviewer": "ann",
    "reviewed": "2026-01-01T00:00:00.000+00:00",
}

JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=5)  # including unpaired surrogates
    | st.sampled_from([NASTY, "x" * 3_000, "accepted", "a b", "9999-12-31T23:59:59+00:00"])
    | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=5,
)
CHANGED = st.dictionaries(st.sampled_from([*sorted(GOOD), "given", "rated"]), JSON, max_size=2)
LINES = (
    CHANGED.map(lambda change: json.dumps(GOOD | change).encode())
    | JSON.map(lambda value: json.dumps(value).encode())
    | st.binary(max_size=40)
)


@pytest.fixture(scope="module")
def catalog() -> Iterator[sqlite3.Connection]:
    """A catalog in memory, with one image."""
    connection = sqlite3.connect(":memory:", isolation_level=None)
    schema.create(connection)
    connection.execute("INSERT INTO records VALUES (1, 't', 'j', 'p', 'f', 64, 64, '{}', '{}')")
    yield connection
    connection.close()


@given(LINES)
@settings(max_examples=100)
def test_a_line_is_a_valid_opinion_or_none(catalog: sqlite3.Connection, text: bytes) -> None:
    line = review_log.parse(text)
    if line is None:
        return
    review, opinion = line.review, line.review.opinion
    assert reviewer_name_problem(review.reviewer) == ""
    assert opinion.decision in DECISIONS and opinion.rating in range(6)
    assert not any(map(tag_problem, opinion.tags))
    assert list(opinion.tags) == sorted(set(opinion.tags))
    later = datetime.fromisoformat(review.reviewed) + timedelta(milliseconds=1)
    assert review_log.timestamp(later) > review.reviewed >= max(review.given, review.rating_given)
    again = review_log.parse(review_log.line("chest/normal/a.png", line.task_id, review).encode())
    assert again == GoodLine(line.task_id, "normal", review)
    catalog.execute("BEGIN")
    assert review_rows.put(catalog, 1, review)
    review_rows.update_verdicts(catalog, [1])
    stored = catalog.execute("SELECT * FROM reviews").fetchall()
    catalog.execute("ROLLBACK")
    tags = review_rows.joined(opinion.tags)
    values = (opinion.decision, opinion.rating, tags, opinion.note)
    times = (review.reviewed, review.earlier, review.rated)
    assert stored == [(1, review.reviewer, *values, *times)]


@pytest.mark.parametrize(
    "change",
    [
        {"task_id": 3},
        {"task_id": "\ud800"},
        {"label": None},
        {"decision": "perhaps"},
        {"decision": ["accepted"]},
        {"rating": True},
        {"rating": 6},
        {"rating": float("nan")},
        {"tags": "grid"},
        {"tags": {"grid": 1}},
        {"tags": [["grid"]]},
        {"tags": ["two words"]},
        {"note": None},
        {"note": "x" * 2_001},
        {"reviewer": ""},
        {"reviewer": "a\nb"},
        {"reviewer": "\ud800"},
        {"reviewed": ""},
        {"reviewed": 1e300},
        {"reviewed": "0001-01-01T00:00:00+23:00"},
        {"reviewed": "9999-12-31T23:59:59.999+00:00"},  # no later time exists
    ],
    ids=str,
)
def test_values_outside_the_limits_are_refused(change: dict[str, Any]) -> None:
    assert review_log.parse(json.dumps(GOOD).encode()) is not None
    assert review_log.parse(json.dumps(GOOD | change).encode()) is None
    for name in set(change) - {"label", "rating", "tags", "note"}:
        without = {key: value for key, value in GOOD.items() if key != name}
        assert review_log.parse(json.dumps(without).encode()) is None


def test_equivalent_lines_give_the_same_opinion() -> None:
    expected = Review(
        "ann", Opinion("accepted", 3, ("a", "b"), "n"), "2026-01-01T00:00:00.000+00:00"
    )
    for when in ("2026-01-01", "2026-01-01T01:00:00.0004+01:00", "2025-12-31T16:00:00-08:00"):
        line = review_log.parse(
            json.dumps(GOOD | {"tags": ["b", "a", "b"], "reviewed": when}).encode()
        )
        assert line is not None and line.review == expected
    short = {key: GOOD[key] for key in ("file", "task_id", "decision", "reviewer", "reviewed")}
    line = review_log.parse(json.dumps(short).encode())  # as earlier versions wrote it
    assert line is not None and (line.label, line.review.opinion) == ("", Opinion("accepted"))


def test_bad_lines_have_their_offset_and_line_number(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = json.dumps(GOOD).encode()
    monkeypatch.setattr(review_log, "_LONGEST_LINE", len(good) + 1)
    bad = [b'{"file": "che', b"x" * 5_000, b"\0" * (len(good) + 1), b"[" * 100, b"torn"]
    path = tmp_path / "reviews.jsonl"
    content = b"\n".join([bad[0], good, bad[1], b"", b" " * 5_000, bad[2], good, *bad[3:]])
    path.write_bytes(content)
    opinions, found = review_log.read_all(path)
    assert opinions["t"]["ann"].opinion.rating == 3
    assert [content[line.offset : line.offset + line.length] for line in found] == bad
    assert [line.number for line in found] == [1, 3, 6, 8, 9]
    lines = list(review_log.read_lines(path, content.index(good) - 3))
    assert [type(line) for line in lines[:2]] == [GoodLine, BadLine]
    assert isinstance(lines[1], BadLine)
    assert content[lines[1].offset : lines[1].offset + lines[1].length] == bad[1]
