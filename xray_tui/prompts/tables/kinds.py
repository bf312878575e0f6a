"""The types of columns: a column of a CSV file is typed as a whole, by all of its cells."""

from __future__ import annotations

import re
from collections.abc import Mapping

Value = str | int | float | bool | None
"""A cell that is kept with an image; an empty cell is None."""

_WHOLE = re.compile(r"-?(0|[1-9][0-9]{0,17})", re.ASCII)  # 007 is no number, and must stay as it is
_DECIMAL = re.compile(r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}([eE][+-]?[0-9]{1,2})?", re.ASCII)
_TRUTH = {"true": True, "false": False}


class ColumnKinds:
    """Finds the type of each column from its cells, and converts them."""

    def __init__(self) -> None:
        self._whole: dict[str, bool] = {}
        self._decimal: dict[str, bool] = {}
        self._truth: dict[str, bool] = {}

    def note(self, cells: Mapping[str, Value]) -> None:
        """Count the cells of one row."""
        for name, value in cells.items():
            if not isinstance(value, str) or not value:
                continue
            if self._whole.get(name, True):
                self._whole[name] = _WHOLE.fullmatch(value) is not None
            if self._decimal.get(name, True):
                self._decimal[name] = bool(_DECIMAL.fullmatch(value) or _WHOLE.fullmatch(value))
            if self._truth.get(name, True):
                self._truth[name] = value.lower() in _TRUTH

    def convert(self, cells: dict[str, Value]) -> None:
        """Replace the texts of a row by values of their columns' types; empty ones by None."""
        for name, value in cells.items():
            if not isinstance(value, str):
                continue
            if not value:
                cells[name] = None
            elif self._whole.get(name):
                cells[name] = int(value)
            elif self._decimal.get(name):
                cells[name] = float(value)
            elif self._truth.get(name):
                cells[name] = _TRUTH[value.lower()]
