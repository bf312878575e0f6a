"""The rows of a table as cells, before anything is known about the columns."""

from __future__ import annotations

import csv
import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from xray_tui.errors import TableError
from xray_tui.prompts.tables.header import MAX_COLUMNS, MAX_NAME, check_names, text_problem
from xray_tui.prompts.tables.problems import Problem
from xray_tui.prompts.tables.source import Source
from xray_tui.text import clipped, counted, quoted

_CSV_MISTAKES = {
    "field larger": "a cell is longer than {limit:,} characters; look for a quotation mark that "
    "is not closed",
    "unexpected end": "a quotation mark is opened and never closed; close it",
    "expected after": "text follows the quotation mark that closes a cell; double the quotation "
    "marks inside",
}
"""What the csv module says, and what we say."""


@dataclass(frozen=True)
class Row:
    """A row as it is in the file. Texts may hold lone surrogates: bytes that are not UTF-8."""

    line: int
    """The line where it begins, from 1."""
    cells: Mapping[str, Any]
    """By the name of the column: texts from CSV, any JSON value from JSON lines."""


def read_rows(source: Source) -> Iterator[Row | Problem]:
    """Each row of ``source``, or what is wrong with it. Empty rows are left out.

    Raises:
        TableError: the table as a whole cannot be read.
    """
    return _json_rows(source) if source.format == "jsonl" else _csv_rows(source)


def _csv_rows(source: Source) -> Iterator[Row | Problem]:
    first = next((line for line in source.lines), "")
    lines = chain([first], source.lines)
    reader = csv.reader(lines, delimiter=_delimiter(source, first), strict=True)
    header: list[str] = []
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            break
        except csv.Error as error:
            reason = _csv_reason(str(error))
            if not header:
                raise TableError(f"{source.name}: line {line}: {reason}") from error
            yield Problem(line, "", reason)
            continue
        if not any(cells):
            continue
        if not header:
            header = [cell.strip() for cell in cells]
            check_names(source.name, header)
        elif len(cells) != len(header):
            had = counted(len(cells), "cell")
            yield Problem(
                line, "", f"has {had}, but the first line names {counted(len(header), 'column')}"
            )
        else:
            yield Row(line, dict(zip(header, cells, strict=True)))
    if not header:
        raise TableError(f"{source.name}: is empty; the first line names the columns")


def _delimiter(source: Source, first: str) -> str:
    if source.format == "tsv":
        return "\t"
    return max(",;\t", key=first.count)  # a spreadsheet uses ; where the comma is for decimals


def _csv_reason(message: str) -> str:
    found = next((text for part, text in _CSV_MISTAKES.items() if part in message), message)
    return found.format(limit=csv.field_size_limit())


def _json_rows(source: Source) -> Iterator[Row | Problem]:
    for number, line in enumerate(source.lines, 1):
        if not line.strip():
            continue
        try:
            value = json.loads(line, object_pairs_hook=_once, parse_constant=_no_constant)
        except RecursionError:
            yield Problem(number, "", "is nested too deeply to be read")
            continue
        except ValueError as error:
            yield Problem(number, "", f"is not JSON: {clipped(str(error), 80)}")
            continue
        if not isinstance(value, dict):
            yield Problem(number, "", 'is not an object; write {"text": "…"}')
        elif not all(name.strip() and len(name) <= MAX_NAME for name in value):
            yield Problem(
                number, "", f"has a name that is empty or longer than {MAX_NAME} characters"
            )
        elif len(value) > MAX_COLUMNS:
            yield Problem(
                number, "", f"has {counted(len(value), 'name')}; at most {MAX_COLUMNS} fit"
            )
        elif reason := next(filter(None, map(text_problem, value)), ""):
            yield Problem(number, "", f"has a name that {reason}")
        elif value:
            yield Row(number, value)


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        raise ValueError(f"{quoted(name)} is there twice")
    return found


def _no_constant(text: str) -> None:
    raise ValueError(f"{text} is no number of JSON; write null")
