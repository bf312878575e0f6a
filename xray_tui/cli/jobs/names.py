"""Finds the jobs named on the command line: by their ids, or by the beginnings of ids."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from xray_tui.commands import command
from xray_tui.errors import DatasetError
from xray_tui.text import counted, quoted

if TYPE_CHECKING:
    from xray_tui.dataset.dataset import Dataset
    from xray_tui.dataset.queue.job_rows import JobRow

_CANDIDATES_SHOWN = 5


def find_jobs(dataset: Dataset, names: Sequence[str]) -> list[JobRow]:
    """The jobs whose ids are in ``names`` or begin with one of them; each job once.

    Raises:
        DatasetError: a name matches no job, or several jobs.
    """
    rows = {row.id: row for row in dataset.queue.rows()}
    found = []
    for name in names:
        matching = (
            [name] if name in rows else [job for job in rows if name and job.startswith(name)]
        )
        if not matching:
            shown = command("jobs", "list", "--all", dataset=dataset.root)
            raise DatasetError(f"there is no job {quoted(name)}; {shown} shows them")
        if len(matching) > 1:
            listed = ", ".join(matching[:_CANDIDATES_SHOWN])
            more = ", …" if len(matching) > _CANDIDATES_SHOWN else ""
            several = counted(len(matching), "job")
            raise DatasetError(f"{quoted(name)} matches {several}: {listed}{more}")
        found.append(rows[matching[0]])
    return list({row.id: row for row in found}.values())
