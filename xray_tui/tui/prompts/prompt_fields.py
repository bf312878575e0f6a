"""The fields of the prompt editor: a label, a text field, and its problem."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import Suggester
from textual.widgets import Input, Static, TextArea

from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput, CleanTextArea, LineInput, ParagraphArea


@dataclass(frozen=True)
class FieldInfo:
    """One field of the editor. ``hint`` is shown while it has the focus."""

    name: str
    title: str
    hint: str
    kind: Literal["line", "paragraph", "area"] = "line"
    """A paragraph is wrapped; only an area has several lines, so that enter begins a new one."""
    placeholder: str = ""


FIELDS = (
    FieldInfo("id", "Id", "Unique in the library; file names of its images start with it."),
    FieldInfo("region", "Region", "Body part, and the folder of its images."),
    FieldInfo("label", "Label", "Class, and the folder inside the region's folder."),
    FieldInfo("view", "View", "Projection, for example PA, AP or lateral."),
    FieldInfo("findings", "Findings", "Separate with commas; → completes.", placeholder="none"),
    FieldInfo(
        "text",
        "Text",
        "{name} is a slot, replaced by one of its values. Write {{ and }} for plain braces.",
        "paragraph",
    ),
    FieldInfo(
        "slots",
        "Slots",
        "One line per slot: name = value | value. One value is picked for each image.",
        "area",
        "none",
    ),
    FieldInfo(
        "negative",
        "Negative",
        "What images must not show; if empty, the library default is used.",
        placeholder="library default",
    ),
    FieldInfo(
        "parameters",
        "Parameters",
        "Overrides for this prompt, one per line: steps = 30",
        "area",
        "none",
    ),
    FieldInfo("notes", "Notes", "Notes for humans; not sent to the model.", "area", "none"),
)


class ListSuggester(Suggester):
    """Completes the part after the last comma to one of ``names``, ignoring case."""

    def __init__(self, names: Sequence[str]) -> None:
        super().__init__(use_cache=False, case_sensitive=True)
        self._names = names

    async def get_suggestion(self, value: str) -> str | None:
        """``value`` with its last part completed."""
        before, comma, last = value.rpartition(",")
        part = last.lstrip()
        start = before + comma + last[: len(last) - len(part)]
        found = self.completions(part)
        return start + part + found[0][len(part) :] if part and found else None

    def completions(self, part: str) -> list[str]:
        """The names that begin with ``part``."""
        return [name for name in self._names if name.casefold().startswith(part.casefold())]


class PromptField(Vertical):
    """One field of the editor: label, text field, and problem.

    Problems are shown only when ``touched`` is set: after an edit, or when the user tries to save.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    @dataclass
    class Edited(Message):
        """The text changed."""

        field: PromptField

    def __init__(self, info: FieldInfo, text: str, suggester: Suggester | None = None) -> None:
        super().__init__(
            id=f"field-{info.name}", classes="-line" if info.kind == "line" else "-area"
        )
        self.info = info
        self.touched = False
        self._start = text
        self._shown: str | None = None
        self._suggester = suggester

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield Static(Content(self.info.title), classes="title")
            if self.info.kind != "line":
                kind = CleanTextArea if self.info.kind == "area" else ParagraphArea
                area = kind(
                    self._start,
                    placeholder=self.info.placeholder,
                    compact=True,
                    highlight_cursor_line=False,
                )
                area.move_cursor(area.document.end)
                yield area
            else:
                yield LineInput(
                    self._start,
                    placeholder=self.info.placeholder,
                    suggester=self._suggester,
                    compact=True,
                    validate_on=(),
                    select_on_focus=False,
                )
        yield Static(classes="problem", markup=False)

    @property
    def editor(self) -> CleanInput | CleanTextArea:
        """The widget that holds the text."""
        return self.query_one("CleanInput, CleanTextArea")  # type: ignore[return-value]

    @property
    def text(self) -> str:
        """The text in the field."""
        editor = self.editor
        return editor.text if isinstance(editor, CleanTextArea) else editor.value

    def offer(self, text: str) -> None:
        """Fill in ``text``; what is typed next replaces it, or is the value of a new slot."""
        editor = self.editor
        if text == self.text:
            return
        if isinstance(editor, CleanInput):
            editor.value = text
            editor.select_all()
        else:
            editor.text = text
            lines = text.splitlines()
            empty = (row for row, line in enumerate(lines) if line.rstrip().endswith("="))
            row = next(empty, len(lines) - 1)
            editor.move_cursor((row, len(lines[row])))

    def show_problem(self, problem: str | None) -> None:
        """Show the problem below the field, if the field was touched."""
        shown = problem if self.touched else None
        if shown == self._shown:
            return  # all fields are checked after each key, and a new layout is slow
        self._shown = shown
        line = self.query_one(".problem", Static)
        line.display = shown is not None
        self.set_class(shown is not None, "-wrong")
        line.update(Content(clean(shown or "")))
        if shown is not None and self.editor.has_focus:
            self.call_after_refresh(self.scroll_visible, animate=False)

    @on(Input.Changed)
    @on(TextArea.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        if self.text != self._start:
            self.touched = True
        self.post_message(self.Edited(self))
