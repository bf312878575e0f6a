"""The parameter pane: every generation parameter in a row, built from their one declaration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.message import Message
from textual.widgets import Static

from xray_tui.errors import ParameterError
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import GenerationParameters
from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.workbench.parameter_row import CHANGED, ParameterRow

_NOT_IN_TEXT = "in numbers and choices; text fields take the letter"

_NARROW, _TINY = 40, 7
"""Columns below which labels are short; rows below which the help line goes."""


class _Rows(VerticalScroll, inherit_bindings=False, can_focus=False):
    """Scrolls with the focus; the arrow keys go from field to field instead."""


class ParameterForm(Vertical):
    """Shows the parameters that apply and lets the person override them."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Parameters"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "field(-1)", "Field above", show=False),
        Binding("down", "field(1)", "Field below", show=False),
        Binding("pageup", "edge(0)", "First field", show=False),
        Binding("pagedown", "edge(-1)", "Last field", show=False),
        Binding("plus", "step(1)", "More", key_display="+", show=False, tooltip=_NOT_IN_TEXT),
        Binding("minus", "step(-1)", "Less", key_display="-", show=False, tooltip=_NOT_IN_TEXT),
        Binding("ctrl+n", "step(1)", "Next known model", show=False, tooltip="in Model"),
        Binding("r,ctrl+r", "reset", "Reset", key_display="r", tooltip="ctrl+r in text fields"),
        Binding("R", "reset_all", "Reset all", tooltip=_NOT_IN_TEXT),
        Binding("tab", "leave(1)", "Next pane", show=False),
        Binding("shift+tab", "leave(-1)", "Previous pane", show=False),
    ]

    @dataclass
    class Changed(Message):
        """The overrides changed, or there is a problem with them (overrides is empty then)."""

        overrides: dict[str, Any]
        problem: str | None

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._defaults = GenerationParameters.build().model_dump()
        self._told: tuple[dict[str, Any], str | None] = ({}, None)
        self._rows = [
            ParameterRow(spec, self._defaults[spec.name]) for spec in field_specs().values()
        ]
        self._last = self._rows[0]

    def compose(self) -> ComposeResult:
        with _Rows(id="rows"):
            yield from self._rows
        yield Static(id="help", markup=False)

    def on_mount(self) -> None:
        self._update_title()

    # -- what the workbench calls ------------------------------------------------------------------

    def show_defaults(self, values: Mapping[str, Any]) -> None:
        """Show what applies where the person changed nothing: a GenerationParameters dump."""
        self._defaults |= values
        for row in self._rows:
            row.show_default(self._defaults[row.spec.name])
        self._tell()

    def show_models(self, refs: Sequence[str]) -> None:
        """Models to suggest in the model field."""
        self._row("model").suggest(refs)
        self._show_help()

    @property
    def overrides(self) -> dict[str, Any]:
        """The values the person changed.

        Raises:
            ParameterError: names each field that is not valid, and what it takes.
        """
        problems = [row.problem for row in self._rows if row.problem is not None]
        if problems:
            raise ParameterError("\n".join(problems))
        return {row.spec.name: row.value for row in self._rows if row.changed}

    @property
    def problem(self) -> str | None:
        """The first field that is not valid, and why; None if all are."""
        return next((row.problem for row in self._rows if row.problem is not None), None)

    def set_override(self, name: str, value: Any) -> None:
        """Put a value into a field, as if the person had typed it."""
        row = self._row(name)
        row.text = row.spec.show(value)

    def set_overrides(self, values: Mapping[str, Any]) -> None:
        """Put these values into their fields, and the defaults into all others."""
        self.action_reset_all()
        for name, value in values.items():
            self.set_override(name, value)

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the field last used."""
        self._last.editor.focus(scroll_visible)
        return self

    # -- keys --------------------------------------------------------------------------------------

    def action_field(self, direction: int) -> None:
        """Go to the field above or below."""
        rows = self._rows
        at = rows.index(self._current) if self._current is not None else 0
        self.screen.set_focus(rows[(at + direction) % len(rows)].editor)

    def action_edge(self, index: int) -> None:
        """Go to the first or last field."""
        self.screen.set_focus(self._rows[index].editor)

    def action_step(self, direction: int) -> None:
        """Raise or lower the value of the field."""
        if self._current is not None:
            self._current.step(direction)

    def action_reset(self) -> None:
        """Put the field back to its default."""
        if self._current is not None:
            self._current.reset()

    def action_reset_all(self) -> None:
        """Put every field back to its default."""
        for row in self._rows:
            row.reset()

    def action_leave(self, direction: int) -> None:
        """Go to the next or previous pane, past the other fields."""
        chain = self.screen.focus_chain
        outside = [widget for widget in chain if self not in widget.ancestors]
        inside = [at for at, widget in enumerate(chain) if self in widget.ancestors]
        if not outside or not inside:
            return
        at = sum(widget in outside for widget in chain[: inside[0]])
        # At once: focus() comes later, and the next of several quick keys would find the old one.
        self.screen.set_focus(outside[(at if direction > 0 else at - 1) % len(outside)])

    # -- what happens inside -----------------------------------------------------------------------

    @on(ParameterRow.Edited)
    def _edited(self, event: ParameterRow.Edited) -> None:
        event.stop()
        self._tell()

    def on_descendant_focus(self) -> None:
        """The help line follows the focus."""
        # A class and not :focus-within, which restyles all rows whenever the focus moves.
        self.add_class("-active")
        if self._current is not None:
            self._last = self._current
        self._show_help()

    def on_descendant_blur(self) -> None:
        """The pane may have been left."""
        self.set_class(self.has_focus_within, "-active")
        self._show_help()

    def on_resize(self, event: events.Resize) -> None:
        """Short labels in narrow panes; no help line where there is hardly a field."""
        narrow = event.size.width < _NARROW
        self.set_class(narrow, "-narrow")
        self.set_class(event.size.height < _TINY, "-tiny")
        for row in self._rows:
            row.use_short_title(narrow)

    def _row(self, name: str) -> ParameterRow:
        return next(row for row in self._rows if row.spec.name == name)

    @property
    def _current(self) -> ParameterRow | None:
        focused = self.screen.focused
        if focused is None:
            return None
        return next((row for row in focused.ancestors if isinstance(row, ParameterRow)), None)

    def _tell(self) -> None:
        self._show_help()
        self._update_title()
        problem = self.problem
        now = ({} if problem is not None else self.overrides, problem)
        if now != self._told:
            self._told = now
            self.post_message(self.Changed(*now))

    def _show_help(self) -> None:
        row = self._current
        problem = row.problem if row is not None else self.problem
        resting = f"{CHANGED} changed by you; the rest comes from the prompt"
        text = problem or (row.help if row is not None else resting)
        line = self.query_one("#help", Static)
        line.set_class(problem is not None, "-problem")
        line.update(Content(clean(text)), layout=False)
        self.border_subtitle = Content(row.keys if row is not None else "")

    def _update_title(self) -> None:
        changed = sum(row.changed for row in self._rows)
        self.border_title = Content(f"Parameters {CHANGED}{changed}" if changed else "Parameters")
