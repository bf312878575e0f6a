"""Tables that cannot be used, or not all of their rows: following the advice helps."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import pytest
from support.advice import Advice, advised, assert_helps
from support.fork_server import ChildCommand, ForkServer

from xray_tui.errors import TableError, XrayTuiError
from xray_tui.prompts.tables.columns import parse_mapping
from xray_tui.prompts.tables.source import MAX_LINE, opened
from xray_tui.prompts.tables.table import read_table

LONG = "x" * 140_000
CELLS = [
    Advice("look for a quotation mark that is not closed", f'text\nA\n"{LONG}\n', 'text\nA\n"x"\n'),
    Advice("is opened and never closed; close it", 'text\n"A\n', 'text\n"A"\n'),
    Advice("double the quotation marks inside", 'text\n"A "B" C"\n', 'text\n"A ""B"" C"\n'),
    Advice("contains a NUL character; remove it", "text\nA\0\n", "text\nA\n"),
    Advice("is not valid UTF-8; save the table as UTF-8", "text\n\udce9\n", "text\né\n"),
    Advice("write one into the first line, or remove the column", ",text\n0,A\n", "n,text\n0,A\n"),
    Advice("write one into the first line, or remove the column", ",text\n0,A\n", "text\nA\n"),
    Advice("; give each a name of its own", "text,a,a\nA,1,2\n", "text,a,b\nA,1,2\n"),
    Advice('is not an object; write {"text": "…"}', '{"text": "A"}\n7\n', '{"text": "A"}\n'),
    Advice(
        "is no number of JSON; write null",
        '{"text": "A", "age": NaN}\n',
        '{"text": "A", "age": null}\n',
    ),
    Advice("; give each row its own", "text,id\nA,a\nB,a\n", "text,id\nA,a\nB,b\n"),
    Advice("is a formula; save the table with values instead", "text\n=B1\n", "text\nA\n"),
    Advice("is an error of a spreadsheet; correct it", "text\n#REF!\n", "text\nA\n"),
    Advice(
        'is no list; write ["Edema"] or Edema; Fracture',
        "text,findings\nA,[Edema]\n",
        'text,findings\nA,"[""Edema""]"\nB,Edema; Fracture\n',
    ),
    Advice("is a workbook or a zip archive; save the table as CSV", "PK\3\4", "text\nA\n"),
    Advice("is a workbook; save the table as CSV", "\udcd0\udccf\x11\udce0", "text\nA\n"),
    Advice("is an image, not a table; give a CSV", "\udc89PNG", "text\nA\n"),
    Advice("is compressed; unpack it first", "\x1f\udc8b", "text\nA\n"),
    Advice("begins with thousands of spaces; remove them", " " * 5000, "text\nA\n"),
    Advice("is not text in UTF-8; save the table as CSV", "t\0e\0x\0t\0\n\0A\0", "text\nA\n"),
    Advice(
        "is a JSON list; write one object a line (JSON lines)", '[{"text": "A"}]', '{"text": "A"}'
    ),
    Advice("; save the table as UTF-8", "\udcff\udcfet\0e\0x\0t\0\n\0A", "text\nA\n"),
    Advice("check its quotation marks and line ends", "x" * (MAX_LINE + 1), "text\nA\n"),
    Advice("the most in one job; split the table", "text\n" + "A\n" * 11, "text\n" + "A\n" * 5),
    Advice("has no rows below the first line", "text\n", "text\nA\n"),
]


def use(text: str, *columns: str) -> None:
    """Read a table in which lone surrogates stand for bytes; any bad row is an error."""
    with opened("-", BytesIO(text.encode(errors="surrogateescape"))) as source:
        table = read_table(source, parse_mapping(columns), most=10)
    if table.problems.count:
        raise TableError("\n".join(table.problems.lines()))


@pytest.mark.parametrize("advice", CELLS, ids=lambda advice: advice.text[:40])
def test_a_table_is_mended_as_advised(advice: Advice) -> None:
    assert_helps(advice, use)


def refusal(text: str, *columns: str) -> str:
    with pytest.raises(XrayTuiError) as caught:
        use(text, *columns)
    return str(caught.value)


def test_columns_are_named_as_advised() -> None:
    text = "report,Label,label\nA,b,c\n"
    advised("; name it with --column text=NAME", refusal("report\nA\n"))
    use("report\nA\n", "text=report")
    message = refusal(text, "text=report")
    advised("; choose one with --column ", message)
    use(text, "text=report", "label=label")
    advised("twice; give it once", refusal(text, "text=report", "text=Label"))
    advised(": write FIELD=COLUMN", refusal(text, "report"))


def test_a_file_is_renamed_or_given_as_standard_input(tmp_path: Path) -> None:
    (tmp_path / "t.txt").write_text("text\nA\n")
    with pytest.raises(TableError) as caught:
        opened(str(tmp_path / "t.txt"), BytesIO()).__enter__()
    advised("; rename the file, or give - for standard input", str(caught.value))
    renamed = (tmp_path / "t.txt").rename(tmp_path / "t.csv")
    with opened(str(renamed), BytesIO()) as source:
        assert len(read_table(source, {}, most=10).rows) == 1
    use(renamed.read_text())


def test_the_command_is_corrected_as_advised(tmp_path: Path, parent: ForkServer) -> None:
    def run(*arguments: str) -> tuple[int, str]:
        with (tmp_path / "output.txt").open("w+b") as file:
            words = ["generate", "--dataset", "D", "--steps", "1", "--size", "64x64", *arguments]
            ended = parent.start(ChildCommand(words, str(tmp_path)), file.fileno(), file.fileno())
            code = ended.wait()
            file.seek(0)
            return code, file.read().decode()

    (tmp_path / "t.csv").write_text("text,seed\nA chest.,1\n,2\n")
    code, output = run("--skip-bad")
    assert code == 2
    advised("are about a table; add --from", output)
    code, output = run("--from", "t.csv", "chest-normal-adult")
    assert code == 2
    advised("from the table; leave out ids and --text", output)
    code, output = run("--from", "t.csv")
    assert code == 2
    advised("so nothing was queued; correct them, or add --skip-bad", output)
    assert run("--from", "t.csv", "--skip-bad")[0] == 0
    (tmp_path / "t.csv").write_text("text,seed\nA chest.,1\nA chest.,2\n")
    assert run("--from", "t.csv")[0] == 0
    assert len(list((tmp_path / "D").glob("*/*/*.png"))) == 2
