"""The rules by which Hugging Face's ``datasets`` finds splits in the names of files and folders.

After ``datasets/data_files.py`` of version 5.2.0: ``SPLIT_PATTERN_SHARDED``, ``SPLIT_KEYWORDS``,
``ALL_DEFAULT_PATTERNS`` and ``_get_data_files_patterns``; the globs are those of ``fsspec``. The
words are written down again, so that a word missing in ``xray_tui.names`` fails a test.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

KEYWORDS = {
    "train": ["train", "training"],
    "validation": ["validation", "valid", "dev", "val"],
    "test": ["test", "testing", "eval", "evaluation"],
}
WORDS = [word for words in KEYWORDS.values() for word in words]
_SEPARATORS = "-._ 0-9"
_SHARDED = "data/*-[0-9][0-9][0-9][0-9][0-9]-of-[0-9][0-9][0-9][0-9][0-9]*.*"
_IN_FOLDERS = ("**/{w}/**", "**/{w}[{s}]*/**", "**/*[{s}]{w}/**", "**/*[{s}]{w}[{s}]*/**")
_IN_FILES = ("**/{w}[{s}]*", "**/*[{s}]{w}[{s}]*")


def splits(files: Iterable[str]) -> dict[str, set[str]]:
    """The splits that ``load_dataset("imagefolder", data_dir=…)`` makes of ``files``.

    The files are relative to the folder, with slashes. A file in no split is dropped.
    """
    visible = {file for file in files if not any(map(_is_hidden, file.split("/")))}
    if sharded := _matching([_SHARDED], visible):
        return {"sharded": sharded}
    for bases in (_IN_FOLDERS, _IN_FILES):
        found = {split: _matching(_patterns(bases, split), visible) for split in KEYWORDS}
        if any(found.values()):
            return {split: matching for split, matching in found.items() if matching}
    return {"train": visible}


def _patterns(bases: Iterable[str], split: str) -> Iterator[str]:
    for word in KEYWORDS[split]:
        for base in bases:
            yield base.format(w=word, s=_SEPARATORS)


def _is_hidden(part: str) -> bool:
    return part.startswith((".", "__"))


def _matching(patterns: Iterable[str], files: Iterable[str]) -> set[str]:
    expressions = [re.compile(_translated(pattern)) for pattern in patterns]
    return {file for file in files if any(one.fullmatch(file) for one in expressions)}


def _translated(pattern: str) -> str:
    """A glob as a regular expression; ``**`` is any number of folders."""
    *folders, last = pattern.split("/")
    head = "".join("(?:.+/)?" if part == "**" else f"{_part(part)}/" for part in folders)
    return head + (".+" if last == "**" else _part(last))


def _part(part: str) -> str:
    pieces = re.split(r"(\*|\[[^]]*\])", part)
    return "".join(
        "[^/]*" if piece == "*" else piece if piece.startswith("[") else re.escape(piece)
        for piece in pieces
    )
