"""Rules for names: of folders and files, blind sessions, saved filters, tags and reviewers.

Each ``…_problem`` function returns why a name cannot be used, as one sentence; empty if it can.
"""

import re

from xray_tui.text import clean, quoted

FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""The pattern of regions, labels and prompt ids, which are safe in file and folder names."""
SHORT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""The pattern of the names of sessions, saved filters and tags."""
SCRATCH = "scratch"
"""Region and label of the images of ad-hoc prompts, which are not in the library."""
REASONS = (
    "anatomy-wrong",
    "laterality-wrong",
    "text-artefact",
    "grid-noise",
    "wrong-label",
    "duplicate",
    "poor-contrast",
)
"""Tags that say why an image is unusable; the setting ``reject_reasons`` replaces them."""
SPLIT_WORDS = (
    "train",
    "training",
    "validation",
    "valid",
    "val",
    "dev",
    "test",
    "testing",
    "eval",
    "evaluation",
)
"""Words in paths from which Hugging Face's ``datasets`` derives splits (``data_files.py``, 5.2).

A word counts if it starts and ends at ``-``, ``.``, ``_``, a space, a digit or a folder's name.
Files outside the splits that are found this way are dropped without a message.
"""
LONGEST_REVIEWER = 64
_SPLIT_WORD = re.compile(rf"(?<![a-z])({'|'.join(SPLIT_WORDS)})(?![a-z+])")
_NO_SPLIT = "+"
"""Appended to a split word in a path, so that ``datasets`` derives no split from it.

No name contains this character, and ``datasets`` does not treat it as a separator.
"""
_WINDOWS_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")
_LETTERS = "a-z, 0-9, - and _, starting with a letter or digit"


def name_problem(name: str) -> str:
    """The problem with ``name`` as a region, a label or a prompt id."""
    return _problem(name, "a file or folder name", FILE_NAME, 64) or _device_problem(name)


def without_split_words(path: str) -> str:
    """``path``, made of names and slashes, with a ``+`` after each word of :data:`SPLIT_WORDS`."""
    return _SPLIT_WORD.sub(rf"\1{_NO_SPLIT}", path)


def name_in_path(part: str) -> str:
    """``part``, a name or a path, without each ``+`` that :func:`without_split_words` added."""
    return part.replace(_NO_SPLIT, "")


def session_name_problem(name: str) -> str:
    """The problem with ``name`` as a blind session, which is a folder."""
    return _problem(name, "a session name", SHORT_NAME, 40) or _device_problem(name)


def filter_name_problem(name: str) -> str:
    """The problem with ``name`` as a saved filter."""
    return _problem(name, "a filter name", SHORT_NAME, 40)


def tag_problem(tag: str) -> str:
    """The problem with ``tag`` as a tag."""
    return _problem(tag, "a tag", SHORT_NAME, 40)


def reviewer_name_problem(name: str) -> str:
    """The problem with ``name`` as a reviewer, whether from settings, a flag or reviews.jsonl."""
    if name.strip() and len(name) <= LONGEST_REVIEWER and clean(name) == name:
        return ""
    return (
        f"{quoted(name)} cannot be a reviewer's name; "
        f"use 1 to {LONGEST_REVIEWER} printable characters"
    )


def _problem(name: str, kind: str, allowed: re.Pattern[str], longest: int) -> str:
    if allowed.fullmatch(name):
        return ""
    return f"{quoted(name)} cannot be {kind}; use 1 to {longest} characters: {_LETTERS}"


def _device_problem(name: str) -> str:
    if not _WINDOWS_DEVICE.fullmatch(name):
        return ""
    return f"{name} is a device name on Windows; use another name, such as {name}-1"
