"""Reads a prompts.toml file and reports each problem with its line, prompt and key."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, ValidationError

from xray_tui import toml_text
from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.files import (
    MAX_BYTES,
    TOO_LARGE,
    default_path,
    fingerprint,
    packaged_path,
    read_text,
)
from xray_tui.prompts.messages import (
    MAX_LINES,
    Problem,
    is_prompt,
    problems_in,
    prompt_name,
    unknown_key,
)
from xray_tui.prompts.schema import Defaults, Prompt, PromptLibrary, with_tuples
from xray_tui.text import clean, clipped, quoted
from xray_tui.toml_positions import KeyPath, Positions
from xray_tui.toml_scanner import scan

__all__ = ["default_path", "fingerprint", "library_error", "load", "packaged_path", "parse"]

MAX_LINE = 20_000
"""Characters allowed in one line of the file."""

_TOP_KEYS = ("defaults", "prompts")
_Model = TypeVar("_Model", bound=BaseModel)


def load(path: Path) -> PromptLibrary:
    """Read and check the library at ``path``.

    Raises:
        PromptLibraryError: the file cannot be read, or :func:`parse` finds problems.
    """
    return parse(read_text(path), path)


def parse(text: str, source: Path) -> PromptLibrary:
    """Check ``text``, the content of the file ``source``; the file itself is not read.

    Raises:
        PromptLibraryError: there are problems. The message has one line for each, up to 20: the
            file and line, the prompt, the key, the mistake and the allowed values. It is safe to
            show in a terminal.
    """
    _refuse_excess(text, source)
    positions = scan(text)
    if positions.excess:
        line, reason = positions.excess
        raise _error(source, line, [_at(positions, line), reason])
    data = with_tuples(_read_toml(text, source, positions))
    problems: list[Problem] = []
    library = _validated(data, source, problems)
    if library is None:
        raise PromptLibraryError(_report(problems, data.get("prompts"), source, positions))
    return library


def library_error(
    problems: Sequence[Problem], library: PromptLibrary, text: str
) -> PromptLibraryError:
    """An error that reports ``problems`` of ``library`` like those that :func:`parse` finds.

    ``text`` is the content of its file. A problem with an empty path is reported without a line.
    """
    prompts = tuple({"id": prompt.id} for prompt in library.prompts)
    return PromptLibraryError(_report(problems, prompts, library.source, scan(text)))


def _refuse_excess(text: str, source: Path) -> None:
    """Refuse a text that would take long to parse, or that could not be written to a file."""
    try:
        size = len(text.encode())
    except UnicodeEncodeError as error:
        line = text.count("\n", 0, error.start) + 1
        raise _error(
            source, line, ["half a character (a lone surrogate); write the whole character"]
        ) from None
    try:
        toml_text.refuse_mark(text)
    except toml_text.TomlTextError as error:
        raise _error(source, error.line, [str(error)]) from None
    if size > MAX_BYTES:
        raise PromptLibraryError(
            f"{clean(source)}: is larger than {MAX_BYTES:,} bytes; {TOO_LARGE}"
        )
    for number, line_text in enumerate(text.split("\n"), 1):
        if len(line_text) > MAX_LINE:
            reason = f"a line of {len(line_text):,} characters; at most {MAX_LINE:,} are allowed"
            raise _error(source, number, [reason])


def _read_toml(text: str, source: Path, positions: Positions) -> dict[str, Any]:
    try:
        return toml_text.parse(text)
    except toml_text.TomlTextError as error:
        excerpt = clipped(text.split("\n")[error.line - 1].strip(), 80)
        place = _at(positions, error.line)
        raise _error(source, error.line, [place, str(error), f"the line is: {excerpt}"]) from None


def _at(positions: Positions, line: int) -> str:
    """The prompt and the key at ``line`` of a text that was not parsed."""
    path = positions.path_at(line)
    prompt = prompt_name(path, ()) if is_prompt(path) else ""
    key = str(Problem(path, "")).removesuffix(": ")
    return ": ".join(part for part in (prompt, key) if part)


def _error(source: Path, line: int, parts: Iterable[str]) -> PromptLibraryError:
    return PromptLibraryError(
        ": ".join([f"{clean(source)}:{line}", *(part for part in parts if part)])
    )


def _validated(data: dict[str, Any], source: Path, problems: list[Problem]) -> PromptLibrary | None:
    """The library, or None with at least one problem added."""
    problems += [
        Problem((key,), unknown_key(key, _TOP_KEYS)) for key in data if key not in _TOP_KEYS
    ]
    defaults = _checked(Defaults, data.get("defaults", {}), ("defaults",), problems)
    prompts = list(_checked_prompts(data.get("prompts", ()), problems))
    if problems or defaults is None:
        return None
    return PromptLibrary(defaults=defaults, prompts=tuple(prompts), source=source)


def _checked_prompts(entries: object, problems: list[Problem]) -> Iterator[Prompt]:
    if not isinstance(entries, tuple) or not entries:
        wrong = "is not a list" if entries else "there are no prompts"
        problems.append(Problem(("prompts",), f"{wrong}; write one or more [[prompts]] entries"))
        return
    first_with: dict[str, int] = {}
    for number, entry in enumerate(entries):
        if len(problems) > MAX_LINES:  # more would not be shown
            return
        path = ("prompts", number)
        prompt = _checked(Prompt, entry, path, problems)
        prompt_id = entry.get("id") if isinstance(entry, Mapping) else None
        if isinstance(prompt_id, str) and first_with.setdefault(prompt_id, number) != number:
            first = first_with[prompt_id] + 1
            reason = f"{quoted(prompt_id)} is also the id of prompt number {first}; use another id"
            problems.append(Problem((*path, "id"), reason))
        if prompt is not None:
            yield prompt


def _checked(
    model: type[_Model], values: object, path: KeyPath, problems: list[Problem]
) -> _Model | None:
    try:
        return model.model_validate(values)
    except ValidationError as error:
        problems += problems_in(error, model.model_fields, path)
        return None


def _report(
    problems: Sequence[Problem], prompts: object, source: Path, positions: Positions
) -> str:
    placed = sorted(
        ((positions.line_of(problem.path), problem) for problem in problems), key=lambda at: at[0]
    )
    lines = []
    for line, problem in placed[:MAX_LINES]:
        path = problem.path
        prompt = f"{prompt_name(path, prompts)}: " if is_prompt(path) else ""
        place = f":{line}" if path else ""
        lines.append(f"{clean(source)}{place}: {prompt}{problem}")
    if len(placed) > MAX_LINES:
        lines.append("… and more")
    return "\n".join(lines)
