"""A page of the manual as lines of styled text, for the app and for the command line alike."""

from __future__ import annotations

import io
import re
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, ClassVar

from rich import box
from rich.console import Console, ConsoleOptions, RenderResult
from rich.markdown import CodeBlock, Heading, Markdown, MarkdownElement, TableElement
from rich.padding import Padding
from rich.segment import Segment
from rich.style import StyleType
from rich.table import Table
from rich.text import Text
from rich.theme import Theme

from xray_tui.manual.pages import slug

PLAIN_STYLES: Mapping[str, str] = {
    "markdown.h1": "bold",
    "markdown.h2": "bold",
    "markdown.h3": "bold italic",
    "markdown.code": "cyan",
    "markdown.code_block": "cyan",
    "markdown.link": "bold",
    "markdown.link_url": "underline",
    "markdown.table.header": "bold",
    "markdown.table.border": "dim",
    "markdown.item.bullet": "bold",
}
"""Styles for the command line, in the terminal's own colours."""

_HEADING = re.compile(r"^#{1,3} (.+)$", re.MULTILINE)
_FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
_CODE = re.compile(r"`([^`\n]+)`")
_LINK = re.compile(r"\[([^\]]+)\]\(([a-z-]+)\.md(?:#[\w-]*)?\)")


@dataclass(frozen=True)
class Link:
    """A linked text: on ``line`` from column ``start`` up to ``end``; ``target`` as written."""

    line: int
    start: int
    end: int
    target: str


@dataclass(frozen=True)
class RenderedPage:
    """A page at one width: what is drawn on each line, its plain text, links and headings."""

    lines: tuple[tuple[Segment, ...], ...]
    texts: tuple[str, ...]
    links: tuple[Link, ...]
    anchors: Mapping[str, int]
    """The line of each heading, by its anchor: ``several-reviewers``."""


class _Heading(Heading):
    """On the left, whatever its level."""

    LEVEL_ALIGN: ClassVar[dict[str, Any]] = {}


class _Code(CodeBlock):
    """Indented, in one colour, and never wrapped: a command is copied as it stands."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        code = Text(str(self.text).rstrip(), style="markdown.code_block", no_wrap=True)
        yield Padding(code, (0, 0, 0, 2), expand=False)


class _Table(TableElement):
    """A table as wide as its text, at most the available width; long cells are wrapped."""

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        assert self.header is not None and self.header.row is not None
        table = Table(
            box=box.SIMPLE_HEAD,
            pad_edge=False,
            show_edge=False,
            style="markdown.table.border",
            header_style="markdown.table.header",
        )
        for column, cell in enumerate(self.header.row.cells):
            table.add_column(cell.content, min_width=8 if column else None)
        for row in self.body.rows if self.body else ():
            table.add_row(*(cell.content for cell in row.cells))
        yield table


class ManualMarkdown(Markdown):
    """The Markdown of a page, as Rich prints it, with plainer headings, code and tables."""

    elements: ClassVar[dict[str, type[MarkdownElement]]] = {
        **Markdown.elements,
        "heading_open": _Heading,
        "fence": _Code,
        "table_open": _Table,
    }


def render_page(text: str, width: int, styles: Mapping[str, StyleType]) -> RenderedPage:
    """``text``, Markdown, wrapped to ``width`` columns; ``styles`` as in ``PLAIN_STYLES``."""
    console = Console(
        file=io.StringIO(),
        width=width,
        theme=Theme(dict(styles)),
        color_system="truecolor",
        force_terminal=True,
        legacy_windows=False,
    )
    lines: list[tuple[Segment, ...]] = []
    links: list[Link] = []
    for number, segments in enumerate(console.render_lines(ManualMarkdown(text), pad=False)):
        column = 0
        line = []
        for segment in segments:
            style = segment.style
            end = column + segment.cell_length
            if style is not None and style.link:
                links.append(Link(number, column, end, style.link))
                style = style.update_link(None)
            line.append(Segment(segment.text, style))
            column = end
        lines.append(tuple(line))
    texts = tuple("".join(segment.text for segment in line).rstrip() for line in lines)
    return RenderedPage(tuple(lines), texts, tuple(links), _anchors(text, texts))


def _anchors(text: str, lines: Sequence[str]) -> dict[str, int]:
    """The line of each heading, by its anchor; a heading in a block of code is none."""
    found = {}
    place = 0
    for heading in _HEADING.findall(_FENCE.sub("", text)):
        shown = heading.replace("`", "")
        with suppress(ValueError):  # wrapped, in a very narrow terminal
            place = lines.index(shown, place)
            found[slug(shown)] = place
    return found


def command_line_text(text: str, *, colours: bool) -> str:
    """``text`` for the command line: a link to a page is written as the command that prints it.

    Without ``colours`` keys and names keep their backquotes, which then set them apart.
    """
    text = _LINK.sub(r"\1 (`xray-tui help \2`)", text)
    if colours:
        return text
    parts = _FENCE.split(text)
    blocks = [*_FENCE.findall(text), ""]
    quoted = (_CODE.sub(r"`` `\1` ``", part) for part in parts)
    return "".join(part + block for part, block in zip(quoted, blocks, strict=True))
