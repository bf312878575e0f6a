"""The query line: its syntax, its meaning, and its errors."""

from __future__ import annotations

import string

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from xray_tui.dataset.query.fields import CHECKS, SORTS
from xray_tui.dataset.query.parsing import (
    MAX_CONDITIONS,
    MAX_VALUE,
    MAX_VALUES,
    Condition,
    Query,
    QueryError,
    SortKey,
    parse,
)
from xray_tui.text import clean

SAVED = {"best": "rating>=4 is:accepted sort:-rating", "nested": "@best", "old": "wrong:field"}
ANY_TEXT = st.text(st.characters(), max_size=60)
ALMOST = st.lists(
    st.sampled_from(
        [*' \t"\\-,:=<>@*ab7', "label:", "rating>=", "tag:", "date:", "sort:", "2026-11-24", "none"]
    ),
    max_size=14,
).map("".join)
SLUGS = st.text(string.ascii_lowercase + "019-_*", min_size=1, max_size=6)
WORDS = st.text(min_size=1, max_size=8)
DAYS = st.dates().map(str)
ORDER = st.sampled_from(["<", "<=", ">", ">="])


def some(values: st.SearchStrategy) -> st.SearchStrategy:
    return st.lists(values, min_size=1, max_size=3).map(tuple)


def conditions(field: str, values: st.SearchStrategy, comparison: st.SearchStrategy) -> object:
    return st.builds(Condition, st.just(field), values, comparison, st.booleans())


def same(field: str, values: st.SearchStrategy) -> object:
    return conditions(field, values, st.just(":"))


CONDITIONS = st.one_of(
    *(same(field, some(SLUGS)) for field in ("label", "region", "prompt")),
    same("tag", some(st.sampled_from(["grid", "grid*", "*noise", "*i-d_*", "*"]))),
    same("verdict", some(st.sampled_from(["accepted", "undecided"]))),
    same("decision", some(st.sampled_from(["accepted", "disputed"]))),
    same("job", some(st.from_regex(r"[a-z0-9-]{1,8}", fullmatch=True))),
    same("model", some(WORDS)),
    same("scheduler", some(st.from_regex(r"[a-z0-9+*-]{1,8}", fullmatch=True))),
    conditions("steps", st.tuples(st.integers(0, 200)), ORDER),
    same("check", some(st.sampled_from(CHECKS))),
    same("reviewer", some(WORDS)),
    same("rating", some(st.integers(0, 5))),
    same("date", some(DAYS)),
    conditions("seed", st.tuples(st.integers(0, 2**32 - 1)), ORDER),
    conditions("date", st.tuples(DAYS), ORDER),
    same("note", st.tuples(WORDS)),
    same("text", st.tuples(WORDS)),
)
SORT_KEYS = st.builds(SortKey, st.sampled_from(SORTS), st.booleans())
QUERIES = st.builds(
    Query,
    st.lists(CONDITIONS, max_size=4).map(tuple),
    st.lists(SORT_KEYS, max_size=3).map(tuple),
)


@pytest.mark.parametrize(
    ("line", "condition"),
    [
        ("label:pneumonia", Condition("label", ("pneumonia",))),
        ("LABEL:Pneu*,normal", Condition("label", ("pneu*", "normal"))),
        ("-tag:grid*", Condition("tag", ("grid*",), negated=True)),
        ("is:accepted", Condition("decision", ("accepted",))),
        ("is:Disputed", Condition("decision", ("disputed",))),
        ("-is:disputed,accepted", Condition("decision", ("disputed", "accepted"), negated=True)),
        ("job:20261129-1015", Condition("job", ("20261129-1015",))),
        ('model:"My Models/*"', Condition("model", ("My Models/*",))),
        ("scheduler:DPM++-2m*", Condition("scheduler", ("dpm++-2m*",))),
        ("steps<20", Condition("steps", (20,), "<")),
        ("verdict:Rejected", Condition("verdict", ("rejected",))),
        ("rating:3", Condition("rating", (3,))),
        ("rating=3,004", Condition("rating", (3, 4))),
        ("rating>=3", Condition("rating", (3,), ">=")),
        ("seed<4294967295", Condition("seed", (2**32 - 1,), "<")),
        ("date>2026-11-01", Condition("date", ("2026-11-01",), ">")),
        ("check:none,blank", Condition("check", ("none", "blank"))),
        ('reviewer:"Anna Lee",bob', Condition("reviewer", ("Anna Lee", "bob"))),
        ('reviewer:"Lee, Anna"', Condition("reviewer", ("Lee, Anna",))),
        ("note:left,right", Condition("note", ("left,right",))),
        ('text:"Pleural effusion"', Condition("text", ("Pleural effusion",))),
        ("effusion,", Condition("text", ("effusion,",))),
        ("-effusion", Condition("text", ("effusion",), negated=True)),
        ('"label:x"', Condition("text", ("label:x",))),
        ('"-x"', Condition("text", ("-x",))),
        ('"@best"', Condition("text", ("@best",))),
        (r'"5\" or \\"', Condition("text", ('5" or \\',))),
        (r"a\b", Condition("text", (r"a\b",))),
        ('text:"not closed', Condition("text", ("not closed",))),
        ("10:30", Condition("text", ("10:30",))),
    ],
)
def test_terms_are_parsed(line: str, condition: Condition) -> None:
    assert parse(f" \t{line}") == Query((condition,))


def test_a_line_of_several_terms_is_parsed() -> None:
    query = parse("label:normal  woman rating>=3 sort:label,-date")
    assert [condition.field for condition in query.conditions] == ["label", "text", "rating"]
    assert query.sort == (SortKey("label"), SortKey("date", descending=True))
    assert parse("") == parse(" \n ") == Query()


@pytest.mark.parametrize(
    ("line", "position", "words"),
    [
        ("woman foo:bar", 6, '"foo" is not a field; use label, region'),
        ("knee foo:bar", 5, "text, is, sort, or quotes"),
        ("is:maybe", 3, '"is" cannot be "maybe"; use accepted, rejected, undecided, disputed'),
        ("verdict:disputed", 8, "use accepted, rejected, undecided"),
        ("job:a_b", 4, "use the id of a job, or its beginning"),
        ("scheduler:a_b", 10, "use a scheduler such as dpm++-2m"),
        ("steps:201", 6, "use a whole number from 0 to 200"),
        ("model>a", 0, "model cannot be used with >"),
        ("rating:3,9", 9, 'rating cannot be "9"; use a whole number from 0 to 5'),
        ("rating:٣", 7, "use a whole number from 0 to 5"),
        ("seed:4294967296", 5, "from 0 to 4294967295"),
        ("rating>=3,4", 0, ">= takes only one value"),
        ("rating!=3", 0, "rating cannot be used with !=; use :, <, <=, > or >=, and a leading -"),
        ("label>a", 0, "label cannot be used with >; use :, and a leading - for not"),
        ("date:2026-02-30", 5, "use a day such as 2026-11-24"),
        ("date:20261124", 5, "use a day such as 2026-11-24"),
        ("label:two/words", 6, "use a-z, 0-9, - and _, and * for any text"),
        ("tag:a*b", 4, "and * at the start or the end"),
        ("check:odd", 6, "use unreadable, blank, low-contrast, clipped, none"),
        ("label:", 6, "label needs a value;"),
        ("label:a,", 8, "label needs a value;"),
        ('note:""', 5, "note needs a value;"),
        ("a -", 2, "a term must follow the -"),
        ('a ""', 2, "the quotes are empty"),
        ("sort:age", 5, 'cannot be sorted by "age"; use date, label, prompt'),
        ("sort>date", 0, "sort needs a colon"),
        ("-sort:date", 0, "use sort:-date for the latest first"),
        ("sort:date a sort:label", 12, "sort appears twice"),
        ("a -@best", 2, "cannot be negated"),
        ("a @none", 2, 'there is no saved filter "none"; use @best, @nested, @old'),
        ("@nested", 0, "@nested is wrong: character 1: a saved filter cannot use another one"),
        ("@old", 0, '@old is wrong: character 1: "wrong" is not a field'),
        ("a " + "b" * (MAX_VALUE + 1), 2, "too long"),
        ("a seed:" + "1," * MAX_VALUES + "1", 2, "too many values"),
        ("a " * (MAX_CONDITIONS + 1), 2 * MAX_CONDITIONS, "too many terms"),
        ("foo\x1b:a label:\x1b[2J", 13, 'label cannot be "␛[2J"'),
    ],
)
def test_an_error_names_the_position_and_the_problem(line: str, position: int, words: str) -> None:
    with pytest.raises(QueryError) as caught:
        parse(line, SAVED)
    assert caught.value.position == position
    message = str(caught.value)
    assert message.startswith(f"character {position + 1}: ") and words in message
    assert clean(message) == message


def test_saved_filters_are_replaced_by_their_terms() -> None:
    written_out = "label:normal rating>=4 is:accepted sort:-rating"
    assert parse("label:normal @best", SAVED) == parse(written_out)
    assert parse("sort:seed @best", SAVED).sort == (SortKey("seed"),)
    with pytest.raises(QueryError, match="none is saved yet"):
        parse("@best", {})


@given(ANY_TEXT | ALMOST)
@example('-"')
@example('label:"a"b"c d')
def test_any_text_is_a_query_or_an_error(line: str) -> None:
    try:
        query = parse(line, {"a": "label:a"})
    except QueryError as error:
        assert 0 <= error.position <= len(line)
        assert clean(str(error)) == str(error)
    else:
        assert parse(str(query)) == query


@settings(max_examples=30)
@given(QUERIES)
def test_a_query_survives_writing_and_parsing(query: Query) -> None:
    assert parse(str(query)) == query
    assert str(parse(str(query))) == str(query)
