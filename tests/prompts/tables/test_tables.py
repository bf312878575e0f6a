"""Tables that can be used: which columns are what, what is kept, and of which type."""

from __future__ import annotations

import csv
import json
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from xray_tui.errors import ParameterError, TableError
from xray_tui.prompts.chexpert import CHEXPERT
from xray_tui.prompts.tables.columns import parse_mapping
from xray_tui.prompts.tables.rows import TableRow
from xray_tui.prompts.tables.source import opened
from xray_tui.prompts.tables.table import Table, read_table
from xray_tui.text import clean


def read(text: str | bytes, *columns: str) -> Table:
    data = text.encode() if isinstance(text, str) else text
    with opened("-", BytesIO(data)) as source:
        return read_table(source, parse_mapping(columns), most=10_000)


def rows(text: str | bytes, *columns: str) -> list[TableRow]:
    table = read(text, *columns)
    assert table.problems.lines() == []
    return list(table.rows)


def test_columns_named_as_fields_are_taken_and_the_others_are_kept_with_types() -> None:
    first, second = rows(
        "id,text,Label,region,view,findings,Negative,seed,steps,guidance,count,"
        "patient,age,weight,smoker,note\n"
        'S 1,"PA chest, {clear}.",Pleural Effusion,chest,PA,Edema; Fracture,blurry,7,5,2.5,3,'
        "007,63,70,True,\n"
        "\n"
        ',"AP\nchest.",,,,"[""Edema""]",,,6.0,,,008,,70.25,,1e5\n'
    )
    assert (first.id, first.text) == ("s-1", "PA chest, {clear}.")
    assert (first.region, first.label, first.view) == ("chest", "pleural-effusion", "PA")
    assert first.findings == ("Edema", "Fracture")
    assert first.seed == 7
    assert dict(first.parameters) == {
        "negative_prompt": "blurry",
        "steps": 5,
        "guidance_scale": 2.5,
        "count": 3,
    }
    assert first.kept == {
        "patient": "007",
        "age": 63,
        "weight": 70.0,
        "smoker": True,
        "note": None,
    }
    assert isinstance(first.kept["weight"], float)
    assert (second.line, second.text) == (4, "AP chest.")
    assert (second.region, second.label, second.view) == ("scratch", "scratch", "unspecified")
    assert (second.findings, dict(second.parameters), second.seed) == (
        ("Edema",),
        {"steps": 6},
        None,
    )
    assert second.kept == {
        "patient": "008",
        "age": None,
        "weight": 70.25,
        "smoker": None,
        "note": "1e5",
    }


def test_json_lines_keep_their_types() -> None:
    (row,) = rows(
        '{"text": "A", "label": 3, "seed": 7, "age": "63", "n": 1.0, "ok": true, "no": null,'
        ' "list": [1, "é"], "large": 99999999999999999999}\n'
    )
    assert (row.label, row.seed) == ("3", 7)
    assert row.kept == {
        "age": "63",
        "n": 1.0,
        "ok": True,
        "no": None,
        "list": '[1, "é"]',
        "large": "99999999999999999999",
    }


@pytest.mark.parametrize(
    "data",
    [
        "text,a\nÜber, 1\n".encode(),
        "text,a\nÜber, 1\n".encode("utf-8-sig"),
        "text,a\nÜber, 1\n".encode("utf-16"),
        "text,a\r\nÜber, 1\r\n".encode(),
        "text,a\rÜber, 1".encode(),
        "text;a\nÜber; 1\n".encode(),
        "text\ta\nÜber\t 1\n".encode(),
        '\n\n"text","a"\n,\n"Über"," 1"\n'.encode(),
    ],
    ids=["plain", "mark", "UTF-16", "CRLF", "CR", "semicolons", "tabs", "quoted"],
)
def test_encodings_line_ends_and_separators(data: bytes) -> None:
    (row,) = rows(data)
    assert row.text == "Über"
    assert str(row.kept["a"]).strip() == "1"


def test_the_end_of_a_name_says_the_format(tmp_path: Path) -> None:
    for name, text in (
        ("a.tsv", 'text\ta\nA, "x"\t1\n'.replace('"x"', "x")),
        ("a.JSONL", '{"text": "A, x", "a": 1}\n'),
        ("a.ndjson", '{"text": "A, x", "a": 1}\n'),
    ):
        (tmp_path / name).write_text(text)
        with opened(str(tmp_path / name), BytesIO()) as source:
            (row,) = read_table(source, {}, most=10).rows
        assert (row.text, row.kept) == ("A, x", {"a": 1})


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        ("prompt,impression", "prompt"),
        ("impression,annotated_prompt", "annotated_prompt"),
        ("impression,TEXT", "TEXT"),
        ("impression,age", "impression"),
    ],
)
def test_the_text_is_the_first_of_the_columns_that_can_be_it(header: str, expected: str) -> None:
    (row,) = rows(f"{header}\n{header}\n")
    assert row.text == expected
    assert set(row.kept) == {name for name in header.split(",") if name != expected}


def test_columns_are_mapped() -> None:
    (row,) = rows(
        "report,diagnosis,label,model\nA chest.,Normal,raw,scanner\n",
        "text=report",
        "label=diagnosis",
        "model=",
    )
    assert (row.text, row.label) == ("A chest.", "normal")
    assert row.kept == {"label": "raw", "model": "scanner"}
    assert dict(row.parameters) == {}


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["label"], "write FIELD=COLUMN"),
        (["lable=a"], "did you mean label"),
        (["label=a", "Label=b"], "names label twice"),
    ],
)
def test_a_wrong_mapping_is_refused(options: list[str], words: str) -> None:
    with pytest.raises(ParameterError, match=words):
        parse_mapping(options)


def test_a_mapped_column_that_no_row_has_is_named() -> None:
    for text in ("text,diagnoses\nA,b\n", '{"text": "A", "diagnoses": 1}\n'):
        words = r"no such column \(did you mean diagnoses\?\); the table has \w+, \w+$"
        with pytest.raises(TableError, match=words):
            read(text, "label=diagnosis")


CHEXPERT_ROWS = [
    (["1.0"] + [""] * 13, ("No Finding",), "no-finding"),
    ([""] * 10 + ["1", "0", "-1", ""], ("Pleural Effusion",), "pleural-effusion"),
    ([""] * 5 + ["1", "", "1.0", "", "", "-1.0", "", "", "1"], None, "several-findings"),
    ([""] * 13 + ["1"], ("Support Devices",), "support-devices"),
    ([""] * 14, (), "unspecified"),
    ([""] * 5 + ["-1"] + [""] * 8, (), "uncertain"),
    ([""] * 5 + ["0"] + [""] * 8, (), "unspecified"),
    ([""] + ["0"] * 13, (), "no-finding"),
    (["0"] + ["0"] * 13, (), "unspecified"),
    ([""] + ["0"] * 4 + ["-1"] + ["0"] * 8, (), "uncertain"),
    (["1"] + ["0"] * 12 + ["1"], ("No Finding", "Support Devices"), "no-finding"),
]


def test_columns_of_chexpert_are_findings_and_are_kept() -> None:
    table = StringIO()
    writer = csv.writer(table)
    writer.writerow(["report", *CHEXPERT])
    writer.writerows(["A chest.", *cells] for cells, _, _ in CHEXPERT_ROWS)
    found = rows(table.getvalue(), "text=report")
    assert [row.label for row in found] == [label for _, _, label in CHEXPERT_ROWS]
    assert {row.region for row in found} == {"chest"}
    for row, (_, findings, _) in zip(found, CHEXPERT_ROWS, strict=True):
        assert row.findings == (findings or row.findings)
    assert found[2].findings == ("Edema", "Pneumonia", "Support Devices")
    assert found[1].kept == {
        **dict.fromkeys(CHEXPERT),
        "Pleural Effusion": 1,
        "Pleural Other": 0,
        "Fracture": -1,
    }


def test_two_names_of_chexpert_are_columns_like_others() -> None:
    (row,) = rows("text,Fracture,Edema\nA,distal,no\n")
    assert (row.findings, row.region) == ((), "scratch")
    assert row.kept == {"Fracture": "distal", "Edema": "no"}


def test_columns_of_roentgen_begin_the_text_with_the_patient() -> None:
    first, second = rows(
        "gender,age,race,view,impression\n"
        "female,63.0,white,PA,Small effusion.\n"
        ",,,AP,Clear lungs.\n"
    )
    assert first.text == "63 year old white female. Small effusion."
    assert (first.view, first.region) == ("PA", "chest")
    assert first.kept == {"gender": "female", "age": 63.0, "race": "white"}
    assert (second.text, second.view) == ("Clear lungs.", "AP")


@pytest.mark.parametrize(("gender", "word"), [("F", "female"), ("m", "male"), ("Male", "Male")])
def test_a_letter_for_the_gender_is_written_out(gender: str, word: str) -> None:
    (row,) = rows(f"gender,age,race,impression\n{gender},63,White,Clear lungs.\n")
    assert row.text == f"63 year old White {word}. Clear lungs."


def test_ids_without_a_column_follow_the_cells() -> None:
    text = "text,age\nA,1\nA,2\nA,1\n"
    first, second, third = rows(text)
    assert first.id == third.id != second.id
    assert [row.id for row in rows(text)] == [first.id, second.id, third.id]


CELLS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=20)
KEPT_NAME = st.text("abcxyzäß ", min_size=1, max_size=8).map(lambda name: f"k{name}".strip())


@given(st.lists(KEPT_NAME, unique=True, max_size=4), st.data())
def test_what_a_program_writes_as_csv_comes_back(names: list[str], data: st.DataObject) -> None:
    cells = [data.draw(st.lists(CELLS, min_size=len(names), max_size=len(names))) for _ in "ab"]
    table = StringIO()
    csv.writer(table).writerows([["text", *names], *(["A", *row] for row in cells)])
    found = rows(table.getvalue())
    assert [row.text for row in found] == ["A", "A"]
    for row, expected in zip(found, cells, strict=True):
        for name, cell in zip(names, expected, strict=True):
            kept = row.kept[name]
            if isinstance(kept, str) or kept is None:
                assert (kept or "") == cell
            elif isinstance(kept, bool):
                assert str(kept).lower() == cell.lower()
            else:
                assert float(cell) == kept


@given(
    st.lists(
        st.dictionaries(
            KEPT_NAME,
            st.integers()
            | st.floats(allow_nan=False, allow_infinity=False)
            | CELLS
            | st.booleans()
            | st.none(),
            max_size=3,
        ),
        min_size=1,
        max_size=3,
    )
)
def test_what_a_program_writes_as_json_lines_comes_back(objects: list[dict[str, Any]]) -> None:
    text = "".join(json.dumps({"text": "A", **one}) + "\n" for one in objects)
    for row, one in zip(rows(text), objects, strict=True):
        for name, value in one.items():
            assert row.kept[name] == value or row.kept[name] == str(value)


@given(
    st.binary(max_size=200)
    | st.text(max_size=200).map(lambda text: f"text,{text}".encode("utf-8", "surrogatepass"))
    | st.text(max_size=100).map(
        lambda text: f'{{"text": "A"}}\n{{{text}'.encode("utf-8", "surrogatepass")
    )
)
def test_any_bytes_are_read_or_refused_with_a_message(data: bytes) -> None:
    try:
        table = read(data)
    except TableError as error:
        assert clean(str(error)) == str(error)
        return
    assert all(clean(line) == line for line in table.problems.lines())
    for row in table.rows:
        json.dumps(row.kept, ensure_ascii=False, allow_nan=False).encode()
