"""A row of a table becomes a request for images, or a sentence that says why it cannot."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from xray_tui.errors import ParameterError
from xray_tui.names import SCRATCH, name_problem
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import check_overrides, parse_parameter
from xray_tui.prompts.schema import MAX_TEXT
from xray_tui.prompts.scratch import UNKNOWN_VIEW
from xray_tui.prompts.tables.columns import OF_THE_ROW, Columns
from xray_tui.prompts.tables.header import text_problem
from xray_tui.prompts.tables.kinds import Value
from xray_tui.prompts.tables.problems import Problem
from xray_tui.prompts.tables.reading import Row
from xray_tui.text import quoted

MAX_KEPT = 10_000
"""Characters in a cell that is kept with the image."""
MAX_KEPT_TOGETHER = 100_000
"""Characters in all such cells of a row: they are in the PNG, the catalog and metadata.jsonl."""
MAX_FINDINGS = 50
_SHORT = 100
"""Characters in a view or in the name of a finding."""
_SHEET_ERRORS = ("#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#N/A", "#NULL!", "#NUM!")
_ZEROS = re.compile(r"(-?[0-9]+)\.0+", re.ASCII)
"""How pandas writes the whole numbers of a column with empty cells."""
_SIGNS = {"": None, "1": 1, "0": 0, "-1": -1}
_GENDERS = {"f": "female", "m": "male"}
_NO_FINDING = "No Finding"
_SUPPORT = "Support Devices"


@dataclass(frozen=True, slots=True)
class TableRow:
    """A valid row: one request for images."""

    line: int
    id: str
    """Prompt id of its images. Rows with equal cells have the same, unless the table gives ids."""
    text: str
    region: str
    label: str
    view: str
    findings: tuple[str, ...]
    parameters: tuple[tuple[str, Any], ...]
    """The generation parameters that it sets itself, without the seed."""
    seed: int | None
    kept: dict[str, Value]
    """The other columns."""


class _BadCellError(Exception):
    """A cell that cannot be used: its column, and the reason."""

    def __init__(self, column: str, reason: str) -> None:
        super().__init__(column, reason)
        self.column = column
        self.reason = reason


class RowReader:
    """Turns rows into requests; remembers what it has checked before, as most rows are alike."""

    def __init__(self) -> None:
        self._checked: dict[tuple[str, type, Any], Any] = {}
        self._ids: dict[str, int] = {}

    def read(self, row: Row, columns: Columns) -> TableRow | Problem:
        """The request of ``row``, or what is wrong with its first bad cell."""
        try:
            return self._read(row, columns)
        except _BadCellError as error:
            return Problem(row.line, error.column, error.reason)

    def _read(self, row: Row, columns: Columns) -> TableRow:
        given = {field: row.cells.get(name) for field, name in columns.fields.items()}
        for field, value in given.items():
            _check_given(columns.fields[field], value)
        names = columns.fields
        kept = {name: _kept(name, row.cells[name]) for name in columns.kept if name in row.cells}
        if sum(len(value) for value in kept.values() if isinstance(value, str)) > MAX_KEPT_TOGETHER:
            raise _BadCellError("", f"has more than {MAX_KEPT_TOGETHER:,} characters to keep")
        signs = {name: _sign(name, row.cells.get(name)) for name in columns.findings}
        kept |= signs
        found = tuple(columns.findings[name] for name, sign in signs.items() if sign == 1)
        if "findings" in given:
            found = _findings(names["findings"], given["findings"])
        region = _folder(names.get("region", ""), given.get("region"))
        label = _folder(names.get("label", ""), given.get("label"))
        parameters = {
            field: self._parameter(field, names[field], value)
            for field, value in given.items()
            if field not in OF_THE_ROW and not _is_empty(value)
        }
        seed = parameters.pop("seed", None)
        return TableRow(
            line=row.line,
            text=_text(names["text"], given["text"], row, columns),
            region=region or ("chest" if columns.is_chest else SCRATCH),
            label=label or (_label_of(found, signs, columns) if columns.findings else SCRATCH),
            view=_view(names.get("view", ""), given.get("view")),
            findings=found,
            parameters=tuple(sorted(parameters.items())),
            seed=seed,
            kept=kept,
            id=self._id(names.get("id", ""), given.get("id"), row),
        )

    def _parameter(self, field: str, column: str, value: Any) -> Any:
        key = (field, type(value), value if isinstance(value, str | int | float) else None)
        if key not in self._checked:
            try:
                checked = _parsed(field, value)
            except ParameterError as error:
                shown = quoted(value if isinstance(value, str) else json.dumps(value), 40)
                reason = str(error).partition(": ")[2] or str(error)
                raise _BadCellError(column, f"{shown} {reason}") from None
            if len(self._checked) > 10_000:  # seeds: each is another one
                self._checked.clear()
            self._checked[key] = checked
        return self._checked[key]

    def _id(self, column: str, value: Any, row: Row) -> str:
        name = _folder(column, value)
        if not name:
            cells = json.dumps(row.cells, sort_keys=True, default=str)
            digest = hashlib.sha256(cells.encode(errors="surrogatepass")).hexdigest()
            return f"row-{digest[:10]}"
        if name in self._ids:
            earlier = self._ids[name]
            raise _BadCellError(
                column, f"the id {quoted(name)} is that of line {earlier}; give each row its own"
            )
        self._ids[name] = row.line
        return name


def _check_given(column: str, value: Any) -> None:
    if not isinstance(value, str):
        return
    if reason := text_problem(value):
        raise _BadCellError(column, reason)
    start = value.lstrip()
    if start.startswith("="):
        raise _BadCellError(
            column, f"{quoted(value, 40)} is a formula; save the table with values instead"
        )
    if start.startswith(_SHEET_ERRORS):
        raise _BadCellError(column, f"{quoted(value, 40)} is an error of a spreadsheet; correct it")


def _is_empty(value: Any) -> bool:
    return value is None or (isinstance(value, str) and not value.strip())


def _parsed(field: str, value: Any) -> Any:
    if not isinstance(value, str):
        return check_overrides({field: value})[field]
    value = value.strip()
    if field_specs()[field].kind == "integer" and (match := _ZEROS.fullmatch(value)):
        value = match[1]
    return parse_parameter(field, value)


def _as_text(column: str, value: Any) -> str:
    """A text or a number as text, in one line; empty if there is none."""
    if value is None:
        return ""
    if isinstance(value, str | int | float) and not isinstance(value, bool):
        return " ".join(str(value).split())
    raise _BadCellError(column, f"{quoted(json.dumps(value), 40)} must be text")


def _folder(column: str, value: Any) -> str:
    """A region, a label or an id: in lower case, with hyphens for spaces."""
    name = _as_text(column, value).lower().replace(" ", "-")
    if name and (reason := name_problem(name)):
        raise _BadCellError(column, reason)
    return name


def _text(column: str, value: Any, row: Row, columns: Columns) -> str:
    text = _as_text(column, value)
    if not text:
        raise _BadCellError(column, "is empty; enter a text")
    if columns.patient:
        text = f"{_patient(row, columns)}{text}"
    if len(text) > MAX_TEXT:
        raise _BadCellError(
            column, f"is {len(text):,} characters long; at most {MAX_TEXT:,} are allowed"
        )
    return text


def _patient(row: Row, columns: Columns) -> str:
    """``63 year old white female. `` from those of the three that the row has."""
    age, race, gender = (_as_text(name, row.cells.get(name)) for name in columns.patient)
    age = _ZEROS.sub(r"\1", age)
    gender = _GENDERS.get(gender.lower(), gender)
    words = [f"{age} year old" if age else "", race, gender]
    said = " ".join(filter(None, words))
    return f"{said}. " if said else ""


def _view(column: str, value: Any) -> str:
    view = _as_text(column, value)
    if len(view) > _SHORT:
        raise _BadCellError(column, f"is longer than {_SHORT} characters")
    return view or UNKNOWN_VIEW


def _findings(column: str, value: Any) -> tuple[str, ...]:
    """A list, a list as JSON text, or names with ``;`` or ``|`` between them."""
    if isinstance(value, str) and value.lstrip().startswith("["):
        try:
            value = json.loads(value)
        except (ValueError, RecursionError):
            raise _BadCellError(
                column, f'{quoted(value, 40)} is no list; write ["Edema"] or Edema; Fracture'
            ) from None
    if isinstance(value, str):
        value = re.split("[;|]", value)
    names = [_as_text(column, name) for name in (value if isinstance(value, list) else [value])]
    found = tuple(filter(None, names))
    if len(found) > MAX_FINDINGS or any(len(name) > _SHORT for name in found):
        raise _BadCellError(
            column, f"has more than {MAX_FINDINGS} findings, or one of over {_SHORT} characters"
        )
    return found


def _sign(column: str, value: Any) -> int | None:
    """CheXpert's value: 1 there, 0 not there, -1 uncertain, None not said."""
    text = "" if value is None else str(value).strip()
    sign = _ZEROS.sub(r"\1", text)
    if sign not in _SIGNS or isinstance(value, bool):
        raise _BadCellError(column, f"{quoted(text, 40)} must be 1, 0, -1 or empty")
    return _SIGNS[sign]


def _label_of(findings: tuple[str, ...], signs: Mapping[str, int | None], columns: Columns) -> str:
    """The label of an image for its findings, where no column says it.

    Only a row that says so is without a finding: most cells of CheXpert's tables are empty.
    """
    there = [name for name in findings if name not in (_NO_FINDING, _SUPPORT)]
    if len(there) > 1:
        return "several-findings"
    if there:
        return _as_label(there[0])
    by_name = {columns.findings[column]: sign for column, sign in signs.items()}
    diseases = [sign for name, sign in by_name.items() if name not in (_NO_FINDING, _SUPPORT)]
    ruled_out = by_name.get(_NO_FINDING) is None and set(diseases) == {0}
    if _NO_FINDING in findings or ruled_out:
        return _as_label(_NO_FINDING)
    if -1 in by_name.values():
        return "uncertain"
    return _as_label(_SUPPORT) if _SUPPORT in findings else "unspecified"


def _as_label(finding: str) -> str:
    return finding.lower().replace(" ", "-")


def _kept(column: str, value: Any) -> Value:
    if isinstance(value, list | dict):
        value = json.dumps(value, ensure_ascii=False)
    elif isinstance(value, int) and not -(2**63) <= value < 2**63:
        value = str(value)  # readers of metadata.jsonl have no larger integers
    if isinstance(value, str):
        if reason := text_problem(value):
            raise _BadCellError(column, reason)
        if len(value) > MAX_KEPT:
            raise _BadCellError(
                column, f"has {len(value):,} characters; at most {MAX_KEPT:,} are kept"
            )
    found: Value = value
    return found
