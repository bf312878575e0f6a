"""Tables that cannot be used, or have a row that cannot: one message each, which says where."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest

from xray_tui.errors import TableError
from xray_tui.prompts.tables.source import opened
from xray_tui.prompts.tables.table import Table, read_table

GOOD = b"text,label,steps,id,note\nA chest.,normal,2,a,x\n"
"""One good row; bad rows follow in line 3."""


def read(data: bytes, name: str = "t.csv", folder: Path | None = None, most: int = 100) -> Table:
    if folder is None:
        with opened("-", BytesIO(data)) as source:
            return read_table(source, {}, most=most)
    path = folder / name
    path.write_bytes(data)
    with opened(str(path), BytesIO()) as source:
        return read_table(source, {}, most=most)


WHOLE = {
    "empty": (b"", "is empty"),
    "only line feeds": (b"\n\n\n", "is empty"),
    "only a mark": (b"\xef\xbb\xbf", "is empty"),
    "a mark and a line feed": (b"\xef\xbb\xbf\n", "is empty"),
    "only spaces": (b" " * 5000, "thousands of spaces"),
    "no rows": (b"text,label\n", "has no rows"),
    "no text": (b"label,report\nnormal,A chest.\n", "no column is the text"),
    "no first line": (b"A chest.,normal\nA knee.,normal\n", "no column is the text"),
    "no name": (b",text\n0,A chest.\n", "column 1 has no name"),
    "a name twice": (b"text,age,age\nA chest.,1,2\n", '2 columns are called "age"'),
    "a field twice": (b"text,label,Label\nA chest.,a,b\n", "are both label"),
    "a name with NUL": (b"text,a\0ge\nA chest.,1\n", "column 2 contains a NUL character"),
    "a name not in UTF-8": (b"text,\xe4ge\nA chest.,1\n", "column 2 "),
    "a long name": (b"text," + b"x" * 101 + b"\nA chest.,1\n", "a name of 101 characters"),
    "1001 columns": (b"text" + b",x" * 1000 + b"\n", "has 1,001 columns"),
    "a mark that is not closed in the first line": (b'text,"label\nA', "line 1: a quotation mark"),
    "a workbook": (b"PK\x03\x04\x14\0\6\0", "is a workbook"),
    "an old workbook": (b"\xd0\xcf\x11\xe0\xa1\xb1", "is a workbook"),
    "compressed": (b"\x1f\x8b\x08\0", "is compressed"),
    "Parquet": (b"PAR1\x15\x04", "is a Parquet file"),
    "a PNG": (b"\x89PNG\r\n\x1a\n", "is an image"),
    "UTF-16 without a mark": ("text\nA chest.\n".encode("utf-16-le"), "is not text in UTF-8"),
    "UTF-16 cut": ("text\nA chest.\n".encode("utf-16")[:-1], "is not valid UTF-16"),
    "a JSON list": (b'[{"text": "A chest."}]', "is a JSON list"),
    "too many rows": (b"text\n" + b"A chest.\n" * 101, "has more than 100 rows"),
    "JSON without text": (b'{"report": "A chest."}\n', "no column is the text"),
    "a line without an end": (b'{"text": "' + b"x" * (17 << 20), "line 1 is longer than"),
}


@pytest.mark.parametrize("case", WHOLE)
def test_a_table_that_cannot_be_used_gets_one_message(case: str) -> None:
    data, words = WHOLE[case]
    with pytest.raises(TableError) as caught:
        read(data)
    message = str(caught.value)
    assert message.startswith("standard input: ")
    assert words in message
    assert "\n" not in message and message.isprintable()


ROWS = {
    "no text": (b",normal,2,b,x", "column text: is empty"),
    "a blank text": (b"  ,normal,2,b,x", "column text: is empty"),
    "a long text": (b"x" * 2001 + b",normal,2,b,x", "column text: is 2,001 characters long"),
    "a cell of 10 MB": (b"x" * 10_000_000 + b",normal,2,b,x", "a cell is longer than 131,072"),
    "10 MB to keep": (b"A,normal,2,b," + b"x" * 100_000, "column note: has 100,000 characters"),
    "NUL in a text": (b"A\0B,normal,2,b,x", "column text: contains a NUL"),
    "NUL to keep": (b"A,normal,2,b,\0", "column note: contains a NUL"),
    "Windows-1252": (b"\xfcber,normal,2,b,x", "column text: "),
    "Latin-1 to keep": (b"A,normal,2,b,\xe9", "is not valid UTF-8"),
    "a formula": (b"=A1&B1,normal,2,b,x", 'column text: "=A1&B1" is a formula'),
    "a formula for steps": (b"A,normal,=1+1,b,x", "column steps: "),
    "an error of a spreadsheet": (b"A,#REF!,2,b,x", 'column label: "#REF!" is an error'),
    "a label with a slash": (b"A,../x,2,b,x", "column label: "),
    "a label that is a device": (b"A,aux,2,b,x", "column label: aux is a device name"),
    "a long label": (b"A," + b"x" * 65 + b",2,b,x", "column label: "),
    "no whole number": (b"A,normal,two,b,x", 'column steps: "two" must be a whole number'),
    "out of range": (b"A,normal,0,b,x", 'column steps: "0" must be at least 1'),
    "an id twice": (b"A,normal,2,A,x", 'column id: the id "a" is that of line 2'),
    "a cell too few": (b"A,normal,2,b", "has 4 cells"),
    "a cell too many": (b"A,normal,2,b,x,y", "has 6 cells"),
    "a mark inside": (b'"A "b" c",normal,2,b,x', "text follows the quotation mark"),
    "a mark that is not closed": (b'"A,normal,2,b,x\nB,normal,2,c,x', "is opened and never"),
}


@pytest.mark.parametrize("end", [b"\n", b"\r\n", b"\r"], ids=["LF", "CRLF", "CR"])
@pytest.mark.parametrize("case", ROWS)
def test_a_bad_row_is_named_by_line_and_column(case: str, end: bytes) -> None:
    data, words = ROWS[case]
    table = read((GOOD + data + b"\n").replace(b"\n", end))
    (line,) = table.problems.lines()
    assert line.startswith("standard input: line 3")
    assert words in line
    assert line.isprintable()
    assert [row.line for row in table.rows] == [2]


JSON_ROWS = {
    "torn": (b'{"text": "A', "line 2: is not JSON"),
    "a number": (b"7", "line 2: is not an object"),
    "a name twice": (b'{"text": "A", "text": "B"}', '"text" is there twice'),
    "NaN": (b'{"text": "A", "age": NaN}', "NaN is no number of JSON"),
    "deep": (b'{"text": ' + b"[" * 100_000, "nested too deeply"),
    "half a character": (b'{"text": "A\\ud800"}', "column text: "),
    "a list as text": (b'{"text": ["A"]}', "column text: "),
    "a list as seed": (b'{"text": "A", "seed": [1]}', 'column seed: "[1]" must be a whole number'),
    "a label that is true": (b'{"text": "A", "label": true}', "column label: "),
    "no text": (b'{"report": "A"}', "no column is the text"),
    "an empty name": (b'{"text": "A", "": 1}', "has a name that is empty"),
    "a finding that is text": (
        b'{"text": "A", "Edema": 1, "Fracture": "yes", "Pneumonia": 0}',
        'column Fracture: "yes" must be 1, 0, -1 or empty',
    ),
}


@pytest.mark.parametrize("case", JSON_ROWS)
def test_a_bad_row_of_json_lines_is_named(case: str) -> None:
    data, words = JSON_ROWS[case]
    table = read(b'{"text": "A chest."}\n' + data + b"\n")
    (line,) = table.problems.lines()
    assert line.startswith("standard input: line 2")
    assert words in line
    assert len(table.rows) == 1


def test_of_many_bad_rows_the_first_20_are_listed() -> None:
    table = read(GOOD + b",normal,2,,x\n" * 35)
    lines = table.problems.lines()
    assert len(lines) == 21
    assert lines[0].startswith("standard input: line 3, column text")
    assert lines[-1] == "… and 15 more rows"


def test_files_that_cannot_be_opened(tmp_path: Path) -> None:
    for name, words in (("no.csv", "no such file"), ("t.xlsx", "the name of a table ends in")):
        with pytest.raises(TableError, match=words):
            opened(str(tmp_path / name), BytesIO()).__enter__()
    (tmp_path / "folder.csv").mkdir()
    with pytest.raises(TableError, match="is a directory"):
        opened(str(tmp_path / "folder.csv"), BytesIO()).__enter__()
