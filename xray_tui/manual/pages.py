"""The pages of the manual: their order, and how a page is found by name.

A page begins with ``# Title`` and, in the next paragraph, one line that says what it is about.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from functools import cache
from pathlib import Path

from xray_tui.errors import ManualError
from xray_tui.text import quoted

TOPICS = (
    "first-image",
    "prompts",
    "tables",
    "parameters",
    "models",
    "dataset",
    "review",
    "filters",
    "export",
    "statistics",
    "sheets",
    "blind-reading",
    "jobs",
    "settings",
    "keys",
    "troubleshooting",
)
"""Names of the pages, in the order in which a newcomer would read them."""

_MARKER = re.compile(r"^<!--.*-->\n", re.MULTILINE)
"""Marks where a generated table begins and ends; readers do not see it."""


@dataclass(frozen=True)
class Page:
    """One page: ``name`` as in ``xray-tui help NAME``, and its Markdown in ``text``."""

    name: str
    title: str
    summary: str
    text: str


@cache
def pages() -> tuple[Page, ...]:
    """All pages, in the order of ``TOPICS``."""
    return tuple(_read(name) for name in TOPICS)


def find_page(name: str) -> Page:
    """The page called ``name``, or the only page whose name starts with it.

    Raises:
        ManualError: no page, or more than one, fits; the message names those that are near.
    """
    wanted = name.strip().lower().removesuffix(".md")
    fitting = [topic for topic in TOPICS if topic == wanted]
    fitting = fitting or [topic for topic in TOPICS if wanted and topic.startswith(wanted)]
    if len(fitting) == 1:
        return pages()[TOPICS.index(fitting[0])]
    near = fitting or _near(wanted)
    hint = f"did you mean {_either(near)}?" if near else "xray-tui help lists the topics"
    raise ManualError(f"the manual has no page {quoted(name)}; {hint}")


def page_path(name: str) -> Path:
    """The Markdown file of the page called ``name``."""
    return Path(__file__).with_name(f"{name}.md")


def slug(heading: str) -> str:
    """The anchor of a heading in links: ``page.md#several-reviewers``."""
    words = re.sub(r"[^\w\s-]", "", heading.lower()).split()
    return "-".join(words)


def _read(name: str) -> Page:
    text = _MARKER.sub("", page_path(name).read_text(encoding="utf-8"))
    title, _, body = text.partition("\n\n")
    return Page(name, title.removeprefix("# "), body.partition("\n")[0], text)


def _near(wanted: str) -> list[str]:
    """Topics that hold the word, or that a misspelling of it may mean."""
    holding = [topic for topic in TOPICS if len(wanted) > 2 and wanted in topic]
    return holding or get_close_matches(wanted, TOPICS, n=1, cutoff=0.5)


def _either(names: Sequence[str]) -> str:
    *others, last = names
    return f"{', '.join(others)} or {last}" if others else last
