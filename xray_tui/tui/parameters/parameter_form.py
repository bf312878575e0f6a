"""The parameter pane: one row for each generation parameter, built from their declarations."""

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
from textual.widget import Widget
from textual.widgets import Static

from xray_tui.errors import ParameterError
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import GenerationParameters
from xray_tui.text import clean
from xray_tui.tui.parameters.parameter_row import CHANGED, FieldInput, ParameterRow
from xray_tui.tui.stylesheet import stylesheet_for

_NUMBERS = "numbers and choices"

_NARROW, _TINY = 40, 7
"""Columns below which labels are short; rows below which there is no help line."""


class _Rows(VerticalScroll, inherit_bindings=False, can_focus=False):
    """Scrolls with the focus, because the arrow keys move from field to field."""


class ParameterForm(Vertical):
    """Shows the parameters in effect, and lets the user override them."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Parameters"
    MANUAL_PAGE = "parameters"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "field(-1)", "Field above", show=False),
        Binding("down", "field(1)", "Field below", show=False),
        Binding("pageup", "edge(0)", "First field", show=False),
        Binding("pagedown", "edge(-1)", "Last field", show=False),
        Binding("plus", "step(1)", "More", key_display="+", show=False, tooltip=_NUMBERS),
        Binding("minus", "step(-1)", "Less", key_display="-", show=False, tooltip=_NUMBERS),
        Binding("ctrl+n", "step(1)", "Next model", show=False, tooltip="in the Model field"),
        Binding("r", "reset", "Reset", tooltip="to the default"),
        Binding("ctrl+r", "reset", "Reset", tooltip="also while you type"),
        Binding("R", "reset_all", "Reset all"),
        Binding("tab", "leave(1)", "Next pane", show=False),
        Binding("shift+tab", "leave(-1)", "Previous pane", show=False),
    ]

    @dataclass
    class Changed(Message):
        """The overrides changed, or one is invalid (``overrides`` is empty then)."""

        overrides: dict[str, Any]
        problem: str | None

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._defaults = GenerationParameters.build().model_dump()
        self._posted: tuple[dict[str, Any], str | None] = ({}, None)
        """Overrides and problem of the last :class:`Changed` message."""
        self._rows = [
            ParameterRow(spec, self._defaults[spec.name]) for spec in field_specs().values()
        ]
        self._last = self._row("count")

    def compose(self) -> ComposeResult:
        with _Rows(id="rows"):
            yield from self._rows
        yield Static(id="help", markup=False)

    def on_mount(self) -> None:
        self._update_title()

    # -- called by the workbench -------------------------------------------------------------------

    def show_defaults(self, values: Mapping[str, Any]) -> None:
        """Show ``values``, a GenerationParameters dump, in all fields the user has not changed."""
        self._defaults |= values
        for row in self._rows:
            row.show_default(self._defaults[row.spec.name])
        self._refresh()

    def show_models(self, refs: Sequence[str]) -> None:
        """Suggest these models in the model field."""
        self._row("model").suggest(refs)
        self._show_help()

    @property
    def overrides(self) -> dict[str, Any]:
        """The values that the user changed, by name of the parameter.

        Raises:
            ParameterError: a field is invalid; the message has one line for each invalid field.
        """
        problems = [row.problem for row in self._rows if row.problem is not None]
        if problems:
            raise ParameterError("\n".join(problems))
        return {row.spec.name: row.value for row in self._rows if row.changed}

    @property
    def problem(self) -> str | None:
        """Why the first invalid field is invalid; None if all are valid."""
        return next((row.problem for row in self._rows if row.problem is not None), None)

    def set_override(self, name: str, value: Any) -> None:
        """Put a value into a field, as if the user had typed it."""
        row = self._row(name)
        row.text = row.spec.show(value)

    def set_overrides(self, values: Mapping[str, Any]) -> None:
        """Put these values into their fields, and the defaults into all other fields."""
        self.action_reset_all()
        for name, value in values.items():
            self.set_override(name, value)

    @property
    def entry(self) -> Widget:
        """The field to focus: the one that had the focus last, at first the number of images."""
        return self._last.editor

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus :attr:`entry`."""
        self.entry.focus(scroll_visible)
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
        """Raise or lower the value of the focused field."""
        if self._current is not None:
            self._current.step(direction)

    def action_reset(self) -> None:
        """Set the focused field to its default."""
        if self._current is not None:
            self._current.reset()

    def action_reset_all(self) -> None:
        """Set every field to its default."""
        for row in self._rows:
            row.reset()

    def action_leave(self, direction: int) -> None:
        """Go to the next or previous pane, skipping the other fields."""
        chain = self.screen.focus_chain
        outside = [widget for widget in chain if self not in widget.ancestors]
        inside = [at for at, widget in enumerate(chain) if self in widget.ancestors]
        if not outside or not inside:
            return
        at = sum(widget in outside for widget in chain[: inside[0]])
        # At once: focus() acts later, and a key pressed quickly would still go to the old field.
        self.screen.set_focus(outside[(at if direction > 0 else at - 1) % len(outside)])

    # -- inside the pane ---------------------------------------------------------------------------

    @on(FieldInput.Started)
    @on(FieldInput.Finished)
    def _show_keys(self) -> None:
        self._show_help()

    @on(ParameterRow.Edited)
    def _edited(self, event: ParameterRow.Edited) -> None:
        event.stop()
        self._refresh()

    def on_descendant_focus(self) -> None:
        """Show help for the focused field."""
        # A class and not :focus-within, which restyles all rows whenever the focus moves.
        self.add_class("-active")
        if self._current is not None:
            self._last = self._current
        self._show_help()

    def on_descendant_blur(self) -> None:
        """Update the pane, because the focus may have left it."""
        self.set_class(self.has_focus_within, "-active")
        self._show_help()

    def on_resize(self, event: events.Resize) -> None:
        """Use short labels in narrow panes, and no help line in low ones."""
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

    def _refresh(self) -> None:
        """Show the state of the fields, and post it if it changed."""
        self._show_help()
        self._update_title()
        problem = self.problem
        now = ({} if problem is not None else self.overrides, problem)
        if now != self._posted:
            self._posted = now
            self.post_message(self.Changed(*now))

    def _show_help(self) -> None:
        row = self._current
        problem = row.problem if row is not None else self.problem
        no_focus = f"{CHANGED} changed; everything else comes from the prompt"
        text = problem or (row.help if row is not None else no_focus)
        line = self.query_one("#help", Static)
        line.set_class(problem is not None, "-problem")
        line.update(Content(clean(text)), layout=False)
        self.border_subtitle = Content(row.keys if row is not None else "")

    def _update_title(self) -> None:
        changed = sum(row.changed for row in self._rows)
        self.border_title = Content(f"Parameters {CHANGED}{changed}" if changed else "Parameters")
