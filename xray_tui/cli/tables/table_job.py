"""The job of ``xray-tui generate --from TABLE``: read, checked and planned."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass

from xray_tui.cli.output import note
from xray_tui.errors import TableError
from xray_tui.generation.planning.plan import MAX_TASKS, JobRequest
from xray_tui.generation.planning.table_plan import TablePlan
from xray_tui.prompts.tables.columns import parse_mapping
from xray_tui.prompts.tables.problems import Problems
from xray_tui.prompts.tables.source import opened
from xray_tui.prompts.tables.table import read_table
from xray_tui.text import counted


@dataclass(frozen=True)
class TableOptions:
    """What the command line says about the table."""

    path: str
    """``-`` is standard input."""
    columns: Sequence[str]
    """Each ``FIELD=COLUMN``."""
    skip_bad: bool
    """Whether bad rows are left out; otherwise they stop the command."""


def plan_table(options: TableOptions, request: JobRequest) -> TablePlan:
    """Read the table and plan its rows with the defaults, settings and flags of ``request``.

    Raises:
        ParameterError: an option is wrong.
        ModelError: the model cannot be used.
        TableError: the table cannot be used, or a row cannot and is not to be skipped.
    """
    mapped = parse_mapping(options.columns)
    with opened(options.path, sys.stdin.buffer) as source:
        table = read_table(source, mapped, most=MAX_TASKS)
    plan = TablePlan(table, request)
    _report(table.problems, skip=options.skip_bad)
    if plan.repeated:
        images = counted(plan.repeated, "image")
        note(f"{table.name}: rows with equal cells and seed give one image, so {images} fewer")
    if notice := plan.notice():
        note(notice)
    return plan


def _report(problems: Problems, *, skip: bool) -> None:
    if not problems.count:
        return
    rows = counted(problems.count, "row")
    if not skip:
        head = f"{rows} cannot be used, so nothing was queued; correct them, or add --skip-bad:"
        raise TableError("\n".join([f"{problems.name}: {head}", *problems.lines()]))
    note(f"{problems.name}: {rows} left out:")
    for line in problems.lines():
        note(line)
