"""Reading a whole table: its valid rows, and what is wrong with the others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from xray_tui.errors import TableError
from xray_tui.prompts.tables.columns import Columns, Mapped, find_columns, unseen
from xray_tui.prompts.tables.kinds import ColumnKinds
from xray_tui.prompts.tables.problems import Problem, Problems
from xray_tui.prompts.tables.reading import Row, read_rows
from xray_tui.prompts.tables.rows import RowReader, TableRow
from xray_tui.prompts.tables.source import Source
from xray_tui.text import counted


@dataclass(frozen=True)
class Table:
    """The rows of a table that can be used, in its order, and the others."""

    name: str
    rows: Sequence[TableRow]
    problems: Problems


def read_table(source: Source, mapped: Mapped, *, most: int) -> Table:
    """Read ``source``; ``mapped`` says which columns are which fields, where names do not.

    Columns that are kept are typed: those of CSV as a whole, by their valid rows.

    Raises:
        TableError: the table as a whole cannot be used, or has more than ``most`` rows.
    """
    problems = Problems(source.name)
    rows: list[TableRow] = []
    reader = RowReader()
    kinds = ColumnKinds()
    known = _KnownColumns(source.name, mapped)
    for row in read_rows(source):
        found = row if isinstance(row, Problem) else _read(row, known, reader)
        if isinstance(found, Problem):
            problems.add(found)
            continue
        kinds.note(found.kept)
        rows.append(found)
        if len(rows) > most:
            raise TableError(
                f"{source.name}: has more than {counted(most, 'row')}, the most in one job; "
                "split the table"
            )
    known.check_all_seen()
    if not rows and not problems.count:
        raise TableError(f"{source.name}: has no rows below the first line, which names columns")
    if source.format != "jsonl":
        for one in rows:
            kinds.convert(one.kept)
    return Table(source.name, rows, problems)


def _read(row: Row, known: _KnownColumns, reader: RowReader) -> TableRow | Problem:
    try:
        columns = known.of(row)
    except TableError as error:
        if not known.any_found:
            raise
        return Problem(row.line, "", str(error).partition(": ")[2])
    return reader.read(row, columns)


class _KnownColumns:
    """The columns of each row. In JSON lines, rows may have different ones."""

    def __init__(self, table: str, mapped: Mapped) -> None:
        self._table = table
        self._mapped = mapped
        self._found: dict[tuple[str, ...], Columns] = {}
        self._names: set[str] = set()

    @property
    def any_found(self) -> bool:
        """Whether the columns of a row were found before."""
        return bool(self._found)

    def of(self, row: Row) -> Columns:
        """The columns of ``row``.

        Raises:
            TableError: they do not make a request.
        """
        names = tuple(row.cells)
        columns = self._found.get(names)
        if columns is None:
            columns = find_columns(self._table, names, self._mapped)
            if len(self._found) > 1000:
                self._found.clear()
            self._found[names] = columns
            self._names.update(names)
        return columns

    def check_all_seen(self) -> None:
        """Check that each column that the user named is in the table.

        Raises:
            TableError: one is not.
        """
        if self._found and (reason := unseen(self._mapped, sorted(self._names))):
            raise TableError(f"{self._table}: {reason}")
