"""Turns the rows of a table into a job: each row asks for one image, or for ``count`` of them."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from typing import Any

from xray_tui.errors import ModelError, ParameterError, TableError
from xray_tui.generation.planning.plan import (
    JobRequest,
    check_count,
    new_job,
    seeds,
    sized,
    without_idle_eta,
)
from xray_tui.models.catalogue import ModelInfo, fingerprint, is_bundled, resolve
from xray_tui.models.vocabulary import unknown_words
from xray_tui.parameters import MAX_SEED, GenerationParameters
from xray_tui.prompts.tables.problems import Problem
from xray_tui.prompts.tables.rows import TableRow
from xray_tui.prompts.tables.table import Table
from xray_tui.tasks import Job, Task
from xray_tui.text import clean

_NAMED = 3
"""Words that a notice names; of the rest it says only the number."""


class TablePlan:
    """The tasks of a table. ``request`` has the library's defaults, the settings and the flags.

    Flags win over the columns of the table, these over the settings, and these over the library's
    defaults. Rows without a seed get consecutive ones, so that no two of them are the same image.
    """

    def __init__(self, table: Table, request: JobRequest) -> None:
        """Plan the rows; those that the model cannot draw are added to the table's problems.

        The first time a model is used, its weights are read to compute their fingerprint.

        Raises:
            ParameterError: settings or flags are not valid, or the job would be too large.
            ModelError: the model that settings or flags name cannot be used.
        """
        self._table = table
        self._request = request
        self._models: dict[str, tuple[ModelInfo, str]] = {}
        self._parameters: dict[tuple[tuple[str, Any], ...], GenerationParameters | str] = {}
        usual = self._build({})
        self._sized(usual)
        self._next_seed = secrets.randbelow(MAX_SEED + 1) if usual.seed is None else usual.seed
        self._wanted = 0
        self._tasks: dict[str, Task] = {}
        for row in table.rows:
            self._plan(row)

    @property
    def repeated(self) -> int:
        """Images that were asked for twice: by rows with equal cells and the same seed."""
        return self._wanted - len(self._tasks)

    def job(self) -> Job:
        """A job of all images.

        Raises:
            TableError: there are none.
        """
        if not self._tasks:
            raise TableError(f"{self._table.name}: has no row that can be used")
        return new_job(self._tasks.values())

    def as_json(self) -> dict[str, Any]:
        """What to store with the job. The rows are in its tasks, and nowhere else."""
        asked = {"table": self._table.name, "rows": len(self._table.rows)}
        return {**self._request.as_json(), **asked}

    def notice(self) -> str:
        """A notice if the bundled model draws texts with words that it does not know; or empty."""
        found: dict[str, None] = {}
        seen: set[str] = set()
        for task in self._tasks.values():
            if is_bundled(task.parameters.model) and task.text not in seen:
                seen.add(task.text)
                found.update(dict.fromkeys(unknown_words(task.text)))
        named, more = list(found)[:_NAMED], len(found) - _NAMED
        if not found:
            return ""
        rest = f" and {more:,} more" if more > 0 else ""
        words = "word" if len(found) == 1 else "words"
        return f"the bundled model does not know the {words} {', '.join(map(clean, named))}{rest}"

    def _plan(self, row: TableRow) -> None:
        parameters = self._parameters_of(row)
        if isinstance(parameters, str):
            self._table.problems.add(Problem(row.line, "", parameters))
            return
        self._wanted += parameters.count
        check_count(self._wanted)
        own = None if "seed" in self._request.overrides else row.seed
        negative = parameters.negative_prompt
        for seed in self._seeds(row, own, parameters):
            task = Task(
                prompt_id=row.id,
                region=row.region,
                label=row.label,
                view=row.view,
                findings=row.findings,
                text=row.text,
                negative_prompt=(
                    self._request.library.defaults.negative if negative is None else negative
                ),
                slots={},
                seed=seed,
                parameters=parameters,
                model_fingerprint=self._models[parameters.model][1],
                table_row=row.kept,
            )
            self._tasks[task.id] = task

    def _seeds(self, row: TableRow, own: int | None, parameters: GenerationParameters) -> list[int]:
        # With random seeds, the line lets rows with equal cells differ.
        first = self._next_seed if own is None else own
        found = list(seeds(f"{row.id}:{row.line}", parameters, first))
        if own is None and parameters.seed_mode == "increment":
            self._next_seed = (found[-1] + 1) % (MAX_SEED + 1)
        return found

    def _parameters_of(self, row: TableRow) -> GenerationParameters | str:
        """The parameters of ``row``, the same object for equal ones; or why it cannot be drawn."""
        if row.parameters not in self._parameters:
            try:
                found: GenerationParameters | str = self._sized(self._build(dict(row.parameters)))
            except (ParameterError, ModelError) as error:
                found = str(error)
            self._parameters[row.parameters] = found
        return self._parameters[row.parameters]

    def _build(self, own: Mapping[str, Any]) -> GenerationParameters:
        request = self._request
        defaults = request.library.defaults.parameters
        return without_idle_eta(
            GenerationParameters.build(defaults, request.settings, own, request.overrides)
        )

    def _sized(self, parameters: GenerationParameters) -> GenerationParameters:
        ref = parameters.model
        if ref not in self._models:
            info = resolve(ref)
            self._models[ref] = info, fingerprint(info)
        return sized(parameters, self._models[ref][0])
