"""Rows of the catalog as typed objects."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Literal, NamedTuple

import pytest

from xray_tui.dataset.catalog.database import Database
from xray_tui.errors import CatalogDamagedError


class Setting(NamedTuple):
    name: str
    length: Annotated[int, "length(value)"]


@dataclass(frozen=True)
class Kinds:
    optional: Annotated[str | None, "nullif(value, 'none')"]
    choice: Annotated[Literal["left", "right"], "name"]
    anything: Annotated[object, "X'00'"]


class Converted(NamedTuple):
    name: str
    length: Annotated[int, "value", lambda stored: len(str(stored))]
    upper: Annotated[str, "name", lambda stored: str(stored).upper()]


@pytest.fixture
def database(tmp_path: Path) -> Iterator[Database]:
    opened = Database(tmp_path / "catalog.sqlite")
    with opened.transaction() as connection:
        connection.executemany(
            "INSERT INTO settings VALUES (?, ?)", [("left", "none"), ("right", "12")]
        )
    yield opened
    opened.close()


def test_fields_are_columns_or_expressions(database: Database) -> None:
    found = database.select(Setting, "FROM settings WHERE length(value) < ?", (3,))
    assert found == [Setting("right", 2)]


def test_a_field_may_be_optional_a_choice_or_anything(database: Database) -> None:
    found = database.select(Kinds, "FROM settings ORDER BY name")
    assert found == [Kinds(None, "left", b"\0"), Kinds("12", "right", b"\0")]


def test_a_function_converts_the_stored_value(database: Database) -> None:
    found = database.select(Converted, "FROM settings ORDER BY name")
    assert found == [Converted("left", 4, "LEFT"), Converted("right", 2, "RIGHT")]


def test_a_lookup_accepts_a_list_of_any_length(database: Database) -> None:
    names = (f"no setting {number}" for number in range(1_200))
    found = database.select_in(Setting, "FROM settings WHERE name IN", [*names, "left", "right"])
    assert sorted(row.name for row in found) == ["left", "right"]


def test_values_of_one_column(database: Database) -> None:
    assert database.column(str, "SELECT name FROM settings ORDER BY 1") == ["left", "right"]


def test_a_value_of_the_wrong_type_is_reported_as_damage(database: Database) -> None:
    with database.transaction() as connection:
        connection.execute("UPDATE settings SET value = X'00' WHERE name = 'left'")
    with pytest.raises(CatalogDamagedError, match="a value has the wrong type"):
        database.select(Kinds, "FROM settings")
    with pytest.raises(CatalogDamagedError, match="a value has the wrong type"):
        database.column(str, "SELECT value FROM settings")
