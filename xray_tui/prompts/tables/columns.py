"""Which column of a table is what: text, label, a parameter, a finding, or one to keep."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from xray_tui.errors import ParameterError, TableError
from xray_tui.parameters import GenerationParameters
from xray_tui.prompts.chexpert import CHEXPERT
from xray_tui.text import clipped, did_you_mean, quoted

LEAST_FINDINGS = 3
"""From this many of CheXpert's names on, such columns are findings and not something else."""
OF_THE_ROW = ("id", "text", "label", "region", "view", "findings")
PARAMETERS = tuple(GenerationParameters.model_fields)
FIELDS = (*OF_THE_ROW, *PARAMETERS)
"""What a column can be."""
TEXTS = ("text", "prompt", "annotated_prompt", "impression")
"""Columns that are the text if there is no other: the first of them that a table has."""
_ALIASES = {"negative": "negative_prompt", "guidance": "guidance_scale"}
_CHEXPERT = {name.lower(): name for name in CHEXPERT}
_SHOWN = 20
"""How many columns of a table a message lists."""
_PATIENT = ("age", "race", "gender")
_ROENTGEN = frozenset({*_PATIENT, "impression"})
"""The columns of RoentGen-v2's tables."""

Mapped = Mapping[str, str]
"""A column for a field; empty where the table has none for it."""


@dataclass(frozen=True)
class Columns:
    """The columns of a table by their use."""

    fields: Mapping[str, str]
    """The column of each field that the table has."""
    findings: Mapping[str, str]
    """The name that CheXpert has for each column of a finding."""
    patient: tuple[str, ...]
    """Columns whose values stand before the text, for RoentGen-v2: age, race and gender."""
    kept: tuple[str, ...]
    """Columns that are kept with the image. Those of findings are, too."""

    @property
    def is_chest(self) -> bool:
        """Whether the columns belong to radiographs of the chest."""
        return bool(self.findings or self.patient)


def parse_mapping(options: Iterable[str]) -> dict[str, str]:
    """What was given as ``FIELD=COLUMN``; an empty column means that none is the field.

    Raises:
        ParameterError: an option is not of this form, names no field, or names one twice.
    """
    found: dict[str, str] = {}
    for option in options:
        name, equals, column = option.partition("=")
        field = _field(name)
        if not equals or field is None:
            names = ", ".join(FIELDS)
            raise ParameterError(
                f"--column {quoted(option)}: write FIELD=COLUMN"
                f"{did_you_mean(_plain(name), FIELDS)}; the fields are {names}"
            )
        if field in found:
            raise ParameterError(f"--column names {field} twice; give it once")
        found[field] = column.strip()
    return found


def find_columns(table: str, names: Iterable[str], mapped: Mapped) -> Columns:
    """What the columns ``names`` of ``table`` are.

    Raises:
        TableError: two columns are the same field, or none is the text.
    """
    names = tuple(names)
    fields = {field: column for field, column in mapped.items() if column in names}
    taken = set(fields.values())
    plain = {name: _plain(name) for name in names}
    chexpert = {name: _CHEXPERT[known] for name in names if (known := _spaced(name)) in _CHEXPERT}
    findings = chexpert if len(chexpert) >= LEAST_FINDINGS else {}
    for name in names:
        field = _field(name)
        if name in taken or name in findings or field in (None, "text") or field in mapped:
            continue
        assert field is not None
        if field in fields:
            raise TableError(
                f"{table}: the columns {quoted(fields[field])} and {quoted(name)} are both "
                f"{field}; choose one with --column {field}=NAME"
            )
        fields[field] = name
    patient: tuple[str, ...] = ()
    if "text" not in mapped:
        texts = [name for text in TEXTS for name in names if plain[name] == text]
        texts = [name for name in texts if name not in fields.values()]
        if texts:
            fields["text"] = texts[0]
            if plain[texts[0]] == "impression" and set(plain.values()) >= _ROENTGEN:
                patient = tuple(n for part in _PATIENT for n in names if plain[n] == part)
    if "text" not in fields:
        raise TableError(_no_text(table, names, mapped))
    used = set(fields.values())
    kept = tuple(name for name in names if name not in used)
    return Columns(fields, findings, patient, kept)


def unseen(mapped: Mapped, names: Iterable[str]) -> str:
    """Why ``mapped`` does not fit a table with the columns ``names``; empty if it does."""
    known = list(names)
    for field, column in mapped.items():
        if column and column not in known:
            meant = did_you_mean(column, known)
            more = " and others" if len(known) > _SHOWN else ""
            return (
                f"--column {field}={clipped(column)}: there is no such column{meant}; "
                f"the table has {', '.join(map(clipped, known[:_SHOWN]))}{more}"
            )
    return ""


def _no_text(table: str, names: tuple[str, ...], mapped: Mapped) -> str:
    wrong = unseen(mapped, names)
    if wrong:
        return f"{table}: {wrong}"
    shown = clipped(", ".join(names), 200)
    return (
        f"{table}: no column is the text of the image ({', '.join(TEXTS)}); name it with "
        f"--column text=NAME. The columns are {shown}"
    )


def _field(name: str) -> str | None:
    """The field that a column of this name is; None if it is kept."""
    plain = _plain(name)
    plain = _ALIASES.get(plain, plain)
    return plain if plain in FIELDS else None


def _plain(name: str) -> str:
    return "_".join(name.lower().replace("-", " ").split())


def _spaced(name: str) -> str:
    return " ".join(name.lower().replace("_", " ").split())
