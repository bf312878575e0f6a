"""Suggestions for the text at the cursor of a query line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from xray_tui.dataset.query.fields import ALIASES, DISPUTED, FIELDS, SORTS
from xray_tui.dataset.query.words import Part, Word, quote, split

_LETTERS = 2
"""Letters to type before a word without a field is completed to a label, region or tag."""
_MEANINGS = {"decision": {DISPUTED: "reviewers disagree"}}

_OF_OTHERS = ("verdict", "reviewer")
"""Fields that depend on the decisions of other reviewers."""


@dataclass(frozen=True)
class Vocabulary:
    """The names that occur in a dataset."""

    labels: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    prompts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    reviewers: tuple[str, ...] = ()
    jobs: Mapping[str, str] = field(default_factory=dict)
    """The ids of jobs, the latest first, each with a title."""
    models: tuple[str, ...] = ()
    saved: tuple[str, ...] = ()
    """Names of the saved filters, without ``@``."""
    hide_votes: bool = False
    """Whether nothing is suggested that depends on other reviewers."""

    def values(self, field: str) -> Iterable[str]:
        """The known values of ``field``."""
        if self.hide_votes and ALIASES.get(field, field) == "decision":
            return tuple(name for name in FIELDS["decision"].choices if name != DISPUTED)
        names: dict[str, Iterable[str]] = {
            "label": self.labels,
            "region": self.regions,
            "prompt": self.prompts,
            "tag": self.tags,
            "reviewer": self.reviewers,
            "job": self.jobs,
            "model": self.models,
            "sort": (*SORTS, *(f"-{name}" for name in SORTS)),
        }
        field = ALIASES.get(field, field)
        return names.get(field, FIELDS[field].choices if field in FIELDS else ())

    def meanings(self, field: str) -> Mapping[str, str]:
        """Explanations of those values of ``field`` that need one."""
        return self.jobs if field == "job" else _MEANINGS.get(ALIASES.get(field, field), {})


@dataclass(frozen=True)
class Candidate:
    """A suggested text, and the part of the line that it replaces."""

    text: str
    start: int
    """The start in the line of the replaced part."""
    end: int
    help: str = ""
    """An explanation, if the text needs one."""

    def put_into(self, line: str) -> str:
        """``line`` with this text; afterwards the cursor belongs at the end of the text."""
        return line[: self.start] + self.text + line[self.end :]


def candidates(line: str, cursor: int, vocabulary: Vocabulary) -> list[Candidate]:
    """The suggestions at ``cursor``, the best first."""
    word = next((word for word in split(line) if word.start <= cursor <= word.end), None)
    if word is None:
        return list(_fields("", Part("", cursor, cursor), vocabulary))
    if word.shape.startswith("@"):
        names = (f"@{name}" for name in vocabulary.saved)
        return _matching(names, _typed(word, Part(word.text, word.start, word.end), cursor))
    value = word.value
    if not word.operator:
        typed = _typed(word, value, cursor)
        return [*_fields(typed.text, typed, vocabulary), *_terms(typed, vocabulary)]
    if cursor < value.start:
        name = Part(word.field, word.start + word.negated, value.start)
        return list(_fields(_typed(word, name, cursor).text, name, vocabulary))
    parts = word.values if word.field == "sort" or _takes_list(word.field) else [value]
    part = next(part for part in parts if cursor <= part.end)
    meanings = vocabulary.meanings(word.field)
    return _matching(vocabulary.values(word.field), _typed(word, part, cursor), meanings)


def _fields(typed: str, place: Part, vocabulary: Vocabulary) -> Iterable[Candidate]:
    """Fields that start with the typed text, each with its most common operator."""
    meanings = {name: field.help for name, field in FIELDS.items()}
    meanings |= {"is": "your decision, or disputed", "sort": "order of the images"}
    for name, meaning in meanings.items():
        if vocabulary.hide_votes and name in _OF_OTHERS:
            continue
        operator = ">=" if name in ("rating", "steps", "date") else ":"
        if name.startswith(typed.lower()):
            yield Candidate(name + operator, place.start, place.end, meaning)


def _terms(typed: Part, vocabulary: Vocabulary) -> Iterable[Candidate]:
    if len(typed.text) >= _LETTERS:
        for field in ("label", "region", "tag"):
            for candidate in _matching(vocabulary.values(field), typed):
                yield Candidate(f"{field}:{candidate.text}", typed.start, typed.end)


def _matching(
    names: Iterable[str], typed: Part, meanings: Mapping[str, str] | None = None
) -> list[Candidate]:
    """Names that start with the typed text, then names that contain it."""
    sought = typed.text.lower()
    found = [name for name in names if sought in name.lower() and name != typed.text]
    found.sort(key=lambda name: not name.lower().startswith(sought))
    explained = meanings or {}
    return [
        Candidate(_quoted_if_needed(name), typed.start, typed.end, explained.get(name, ""))
        for name in found
    ]


def _quoted_if_needed(name: str) -> str:
    words = split(name)
    is_plain = len(words) == 1 and words[0].text == name and "," not in name
    return name if is_plain else quote(name)


def _takes_list(field: str) -> bool:
    name = ALIASES.get(field, field)
    return name in FIELDS and FIELDS[name].takes_list


def _typed(word: Word, part: Part, cursor: int) -> Part:
    """``part`` with only the text before the cursor."""
    pairs = zip(word.text, word.places, strict=True)
    text = "".join(char for char, place in pairs if part.start <= place < cursor)
    return Part(text, part.start, part.end)
