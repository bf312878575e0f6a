"""The parameter pane: one row for each generation parameter, built from their declarations.

The parameters that are changed most often come first, the others are behind a row that opens them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, ClassVar, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.widget import Widget
from textual.widgets import Static

from xray_tui.text import clean
from xray_tui.tui.bindings import bound, moves
from xray_tui.tui.parameters.advanced_row import ADVANCED_HELP
from xray_tui.tui.parameters.form_classes import NARROW, classes_for, set_active
from xray_tui.tui.parameters.form_history import Along, FormHistory, State
from xray_tui.tui.parameters.parameter_field import FieldInput
from xray_tui.tui.parameters.parameter_row import CHANGED, ParameterRow
from xray_tui.tui.parameters.parameter_rows import ParameterRows, Sizes
from xray_tui.tui.stylesheet import stylesheet_for

_VALUES = "numbers, choices and models"
_STEP = Binding.Group("Value", compact=True)


class ParameterForm(Vertical):
    """Shows the parameters in effect, and lets the user override them."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Parameters"
    MANUAL_PAGE = "parameters"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("up", "field(-1)", "Field above", show=False),
        bound("down", "field(1)", "Field below", show=False),
        *moves("edge(0)", "First field", "page_up", "first"),
        *moves("edge(-1)", "Last field", "page_down", "last"),
        bound("more", "step(1)", "More", show=False, group=_STEP, tooltip=_VALUES),
        bound("less", "step(-1)", "Less", show=False, group=_STEP, tooltip=_VALUES),
        bound("remove", "reset", "Reset", tooltip="to the default"),
        bound("remove_all", "reset_all", "Reset all", tooltip="every field"),
        bound("undo", "undo", "Undo", tooltip="the last change of a parameter"),
        bound("redo", "redo", "Redo", show=False, tooltip="the change undone last"),
        bound("next_part", "leave(1)", "Next pane", show=False),
        bound("previous_part", "leave(-1)", "Previous pane", show=False),
    ]

    @dataclass
    class Changed(Message):
        """The overrides changed, or one is invalid (``overrides`` is empty then)."""

        overrides: dict[str, Any]
        problem: str | None

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._posted: tuple[dict[str, Any], str | None] = ({}, None)
        """Overrides and problem of the last :class:`Changed` message."""
        self._rows = ParameterRows()
        self._history = FormHistory()

    def compose(self) -> ComposeResult:
        yield self._rows
        yield Static(id="help", markup=False)

    def on_mount(self) -> None:
        self._update_title()

    # -- called by the workbench -------------------------------------------------------------------

    def show_defaults(self, values: Mapping[str, Any]) -> None:
        """Show ``values``, a GenerationParameters dump, in the fields the user has not changed."""
        for row in self._rows.all:
            row.show_default(values[row.spec.name])
        self._refresh()

    def show_models(self, sizes: Mapping[str, Sizes]) -> None:
        """Suggest these models in the model field, and check sizes for the chosen one."""
        self._rows.know_models(sizes)
        self._refresh()

    @property
    def overrides(self) -> dict[str, Any]:
        """The values that the user changed, by name of the parameter.

        Raises:
            ParameterError: a field is invalid; the message has one line for each invalid field.
        """
        return self._rows.overrides

    @property
    def problem(self) -> str | None:
        """Why the first invalid field is invalid; None if all are valid."""
        return self._rows.problem

    @property
    def advanced_open(self) -> bool:
        """Whether the parameters that are seldom changed are shown."""
        return self._rows.advanced_open

    @advanced_open.setter
    def advanced_open(self, is_open: bool) -> None:
        self._rows.advanced_open = is_open

    def set_override(self, name: str, value: Any) -> None:
        """Put a value into a field, as if the user had typed it."""
        row = self._rows.row(name)
        with self._one_step():
            row.put(row.spec.show(value))

    def set_overrides(self, values: Mapping[str, Any], along: Along | None = None) -> None:
        """Put these values into their fields, the defaults into all others; undo ``along`` too."""
        rows = [row for row in self._rows.all if row.spec.name in values]
        with self._one_step():
            if along is not None:
                self._history.begin(along)
            self._rows.put({row.spec.name: row.spec.show(values[row.spec.name]) for row in rows})

    @property
    def entry(self) -> Widget:
        """The row to focus: the one that had the focus last, at first the number of images."""
        return self._rows.entry

    @property
    def idle_actions(self) -> frozenset[str]:
        """Undo and redo, while there is nothing to undo or to redo."""
        return self._history.idle

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus :attr:`entry`."""
        self.entry.focus(scroll_visible)
        return self

    # -- keys --------------------------------------------------------------------------------------

    def action_field(self, direction: int) -> None:
        """Go to the field above or below."""
        self._rows.go(direction)

    def action_edge(self, index: int) -> None:
        """Go to the first or last field."""
        self.screen.set_focus(self._rows.lines[index])

    def action_step(self, direction: int) -> None:
        """Raise or lower the value of the focused field."""
        if self._rows.current is not None:
            self._rows.current.step(direction)

    def action_reset(self) -> None:
        """Set the focused field to its default."""
        if self._rows.current is not None:
            with self._one_step():
                self._rows.current.put(None)

    def action_reset_all(self) -> None:
        """Set every field to its default."""
        self.set_overrides({})

    def action_undo(self) -> None:
        """Undo the last change in the form."""
        self._finish_edit()
        self._restore(self._history.undo(), "Nothing to undo in the form")

    def action_redo(self) -> None:
        """Redo the change that was undone last."""
        self._finish_edit()
        self._restore(self._history.redo(), "Nothing to redo in the form")

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

    @contextmanager
    def _one_step(self) -> Iterator[None]:
        """Makes all changes inside the ``with`` block one step of undo."""
        self._history.end_step()
        yield
        self._refresh()
        self._history.end_step()

    @on(FieldInput.Started)
    def _begin_edit(self) -> None:
        self._history.end_step()
        self._show_help()

    @on(FieldInput.Finished)
    def _end_edit(self) -> None:
        self._refresh()
        self._history.end_step()

    @on(ParameterRow.Edited)
    def _edited(self, event: ParameterRow.Edited) -> None:
        event.stop()
        self._refresh()

    def _finish_edit(self) -> None:
        """End the edit of a row, so that it is a step that can be undone."""
        if self._rows.current is not None:
            self._rows.current.finish()
        self._refresh()

    def _restore(self, state: State | None, nothing: str) -> None:
        if state is None:
            self.notify(nothing)
            return
        self._rows.put(state)
        self._history.now = self._rows.state
        self._refresh()
        self.refresh_bindings()

    def on_descendant_focus(self) -> None:
        """Show help for the focused field."""
        set_active(self, True)
        self._rows.remember_focus()
        self._history.end_step()
        self._show_help()

    def on_descendant_blur(self) -> None:
        """Update the pane, because the focus may have left it."""
        set_active(self, self.has_focus_within)
        self._show_help()

    def on_resize(self, event: events.Resize) -> None:
        """Fit labels to the width, and help texts to the height."""
        width, height = event.size
        self.update_classes(classes_for(width, height))
        for row in self._rows.all:
            row.use_short_title(width < NARROW)

    def _refresh(self) -> None:
        """Show the state of the fields, note it for undo, and post it if it changed."""
        self._rows.fit_sizes()
        self._show_help()
        self._update_title()
        self._rows.show_advanced()
        row, idle = self._rows.current, self.idle_actions
        if row is None or not row.editing:
            self._history.note(self._rows.state, row.spec.name if row is not None else "")
        if self.idle_actions != idle:
            self.refresh_bindings()
        problem = self.problem
        now = ({} if problem is not None else self.overrides, problem)
        if now != self._posted:
            self._posted = now
            self.post_message(self.Changed(*now))

    def _show_help(self) -> None:
        row, active = self._rows.current, self.has_focus_within
        problem = row.problem if row is not None else self.problem
        on_row = row.help if row is not None else ADVANCED_HELP
        no_focus = f"{CHANGED} changed; rest from the prompt"
        line = self.query_one("#help", Static)
        had_problem = line.has_class("-problem")
        line.set_class(problem is not None, "-problem")
        text = clean(problem or (on_row if active else no_focus))
        line.update(Content(text), layout=had_problem or problem is not None)
        keys = row.keys if row is not None else "enter open or close"
        self.border_subtitle = Content(keys if active else "")

    def _update_title(self) -> None:
        changed = sum(row.changed for row in self._rows.all)
        self.border_title = Content(f"Parameters {CHANGED}{changed}" if changed else "Parameters")
