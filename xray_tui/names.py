"""Rules for names: of folders and files, blind sessions, saved filters, tags and reviewers.

Each function returns why a name cannot be used, as one sentence; empty if it can be used.
"""

import re

from xray_tui.text import clean, quoted

FILE_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
"""The pattern of regions, labels and prompt ids, which are safe in file and folder names."""
SHORT_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,39}")
"""The pattern of the names of sessions, saved filters and tags."""
LONGEST_REVIEWER = 64
_WINDOWS_DEVICE = re.compile(r"con|prn|aux|nul|(com|lpt)[0-9]")
_LETTERS = "a-z, 0-9, - and _, starting with a letter or digit"


def name_problem(name: str) -> str:
    """The problem with ``name`` as a region, a label or a prompt id."""
    return _problem(name, "a file or folder name", FILE_NAME, 64) or _device_problem(name)


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
