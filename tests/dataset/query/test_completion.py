"""Suggestions at the cursor, and the text they replace. ``|`` is the cursor."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from xray_tui.dataset.query.completion import Candidate, Vocabulary, candidates
from xray_tui.dataset.query.fields import FIELDS
from xray_tui.dataset.query.parsing import parse

VOCABULARY = Vocabulary(
    labels=("normal", "pneumonia", "bacterial-pneumonia"),
    regions=("chest", "knee"),
    prompts=("chest-normal",),
    tags=("mine", "duplicate", "wrong-label", "grid-noise"),
    reviewers=("anna", "Bob Lee", "Lee, Ann"),
    jobs={"20261129-101500-0b1c": "effusion, 10 images", "20261128-090000-77aa": ""},
    models=("bundled", "lab/Chest XL"),
    saved=("best", "todo"),
)


def suggestions(marked: str) -> list[Candidate]:
    return candidates(marked.replace("|", ""), marked.index("|"), VOCABULARY)


@pytest.mark.parametrize(
    ("line", "completed"),
    [
        ("lab|", ["label:", "tag:wrong-label"]),
        ("woman -ta|", ["woman -tag:"]),
        ("RE|", ["region:", "reviewer:"]),
        ("rat| woman", ["rating>= woman"]),
        ("la|xx:foo", ["label:foo"]),
        ("label:pneu|", ["label:pneumonia", "label:bacterial-pneumonia"]),
        ("-label:pneu| x", ["-label:pneumonia x", "-label:bacterial-pneumonia x"]),
        ("label:no|nsense x", ["label:normal x"]),
        ("label:normal,P|,x", ["label:normal,pneumonia,x", "label:normal,bacterial-pneumonia,x"]),
        ("label:normal|", []),
        ("is:acc|", ["is:accepted"]),
        ("verdict:und|", ["verdict:undecided"]),
        ("tag:du|", ["tag:duplicate"]),
        ("tag:mi|", ["tag:mine"]),
        ("check:no|", ["check:none"]),
        ("rating>=|", [f"rating>={number}" for number in range(6)]),
        ("reviewer:bo|", ['reviewer:"Bob Lee"']),
        ('reviewer:"lee, |', ['reviewer:"Lee, Ann"']),
        ("is:dis|", ["is:disputed"]),
        ("job:|", ["job:20261129-101500-0b1c", "job:20261128-090000-77aa"]),
        ("job:2026112|8", ["job:20261129-101500-0b1c", "job:20261128-090000-77aa"]),
        ("-job:77|", ["-job:20261128-090000-77aa"]),
        ("model:xl|", ['model:"lab/Chest XL"']),
        ("scheduler:UNI|", ["scheduler:unipc", "scheduler:unipc-karras"]),
        ("ste|", ["steps>="]),
        ("sort:label,da|", ["sort:label,date", "sort:label,-date"]),
        ("sort:-da|", ["sort:-date"]),
        ("@be|", ["@best"]),
        ("a @| b", ["a @best b", "a @todo b"]),
        ("pneu|", ["label:pneumonia", "label:bacterial-pneumonia"]),
        ("-kne|", ["-region:knee"]),
        ("note:pne|", []),
        ("foo:pne|", []),
        ("k|", []),
    ],
)
def test_suggestions_fit_into_the_line(line: str, completed: list[str]) -> None:
    plain = line.replace("|", "")
    assert [candidate.put_into(plain) for candidate in suggestions(line)] == completed


def test_between_words_every_field_is_suggested_and_explained() -> None:
    found = suggestions("label:normal | woman")
    assert len(found) == len(FIELDS) + 2  # is: and sort:
    assert all(candidate.help for candidate in found)
    assert found[0].put_into("label:normal  woman") == "label:normal label: woman"


def test_values_that_need_it_are_explained() -> None:
    assert suggestions("job:29|")[0].help == "effusion, 10 images"
    assert suggestions("is:disp|")[0].help == suggestions("decision:disp|")[0].help != ""


PIECES = st.sampled_from([*' "\\,:-@*', "label", "reviewer:", "an", "Lee", "sort:", "rating>="])


@settings(max_examples=100)
@given(st.lists(PIECES, max_size=8).map("".join), st.integers(0, 40))
def test_suggestions_never_fail_and_are_valid(line: str, cursor: int) -> None:
    cursor = min(cursor, len(line))
    for candidate in candidates(line, cursor, VOCABULARY):
        assert 0 <= candidate.start <= candidate.end <= len(line)
        if candidate.text[-1] not in ":=" and candidate.text[0] not in "@-":
            assert parse(f"reviewer:{candidate.text}").conditions[0].values
