"""The rows of the parameter form: those changed most often, and the others behind Advanced."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical, VerticalScroll
from textual.widget import Widget

from xray_tui.errors import ParameterError
from xray_tui.parameter_fields import field_specs
from xray_tui.tui.parameters.advanced_row import AdvancedRow
from xray_tui.tui.parameters.form_history import State
from xray_tui.tui.parameters.parameter_row import ParameterRow

ESSENTIAL = ("count", "seed", "steps", "guidance_scale", "scheduler", "model")
"""The parameters that are always shown, in this order."""


class Sizes(NamedTuple):
    """The sizes that a model can draw, in pixels."""

    factor: int = 1
    """Of which width and height must be multiples."""
    width: int | None = None
    """The usual width; None if it is not known."""
    height: int | None = None


class ParameterRows(VerticalScroll, inherit_bindings=False, can_focus=False):
    """All rows. It scrolls with the focus, because the arrow keys move from row to row."""

    def __init__(self) -> None:
        super().__init__(id="rows")
        specs = field_specs()
        self._essential = [ParameterRow(specs[name]) for name in ESSENTIAL]
        self._seldom = [ParameterRow(spec) for name, spec in specs.items() if name not in ESSENTIAL]
        self.all = [*self._essential, *self._seldom]
        self.advanced = AdvancedRow(id="advanced")
        self._sizes: Mapping[str, Sizes] = {}
        self._last: Widget = self._essential[0].editor

    def compose(self) -> ComposeResult:
        yield from self._essential
        yield self.advanced
        with Vertical(id="seldom") as seldom:
            seldom.display = False
            yield from self._seldom

    def on_mount(self) -> None:
        self.show_advanced()

    # -- values ------------------------------------------------------------------------------------

    def row(self, name: str) -> ParameterRow:
        """The row of the parameter ``name``."""
        return next(row for row in self.all if row.spec.name == name)

    @property
    def overrides(self) -> dict[str, Any]:
        """The values that the user changed, by name of the parameter.

        Raises:
            ParameterError: a value is invalid; the message has one line for each.
        """
        problems = [row.problem for row in self.all if row.problem is not None]
        if problems:
            raise ParameterError("\n".join(problems))
        return {row.spec.name: row.value for row in self.all if row.changed}

    @property
    def problem(self) -> str | None:
        """Why the first invalid value is invalid; None if all are valid."""
        return next((row.problem for row in self.all if row.problem is not None), None)

    @property
    def state(self) -> State:
        """The texts of the changed rows."""
        return {row.spec.name: row.text for row in self.all if row.changed}

    def put(self, state: Mapping[str, str]) -> None:
        """Put these texts into their rows, and the defaults into all other rows."""
        for row in self.all:
            row.put(state.get(row.spec.name))

    def know_models(self, sizes: Mapping[str, Sizes]) -> None:
        """Suggest the models, and check sizes for the chosen one."""
        self._sizes = sizes
        self.row("model").suggest(list(sizes))

    def fit_sizes(self) -> None:
        """Check width and height for the model in the form, if it is known."""
        model = self.row("model").text.strip()
        factor, width, height = self._sizes.get(model, Sizes())
        self.row("width").use_model(model, factor, width)
        self.row("height").use_model(model, factor, height)

    # -- rows that are seldom changed --------------------------------------------------------------

    @property
    def advanced_open(self) -> bool:
        """Whether the parameters that are seldom changed are shown."""
        return bool(self.query_one("#seldom").display)

    @advanced_open.setter
    def advanced_open(self, is_open: bool) -> None:
        if not is_open and self.current in self._seldom:
            self.screen.set_focus(self.advanced)
        self.query_one("#seldom").display = is_open
        if is_open and self.screen.focused is self.advanced:
            self.call_after_refresh(self._scroll_to_opened)
        self.show_advanced()

    def _scroll_to_opened(self) -> None:
        self.scroll_to_widget(self.advanced, top=True, animate=False)

    @on(AdvancedRow.Toggled)
    def _toggle_advanced(self, event: AdvancedRow.Toggled) -> None:
        event.stop()
        self.advanced_open = not self.advanced_open

    def show_advanced(self) -> None:
        """Show how many of the closed rows are changed."""
        self.advanced.show(
            is_open=self.advanced_open,
            changed=sum(row.changed for row in self._seldom),
            invalid=sum(row.problem is not None for row in self._seldom),
        )

    # -- focus -------------------------------------------------------------------------------------

    @property
    def lines(self) -> list[Widget]:
        """The widgets that can be focused now, from top to bottom."""
        shown: list[Widget] = [row.editor for row in self._essential]
        shown.append(self.advanced)
        if self.advanced_open:
            shown += [row.editor for row in self._seldom]
        return shown

    @property
    def current(self) -> ParameterRow | None:
        """The row that has the focus; None if no row has it, or Advanced."""
        focused = self.screen.focused
        if focused is None:
            return None
        return next((row for row in focused.ancestors if isinstance(row, ParameterRow)), None)

    @property
    def entry(self) -> Widget:
        """The widget that had the focus last, at first the number of images."""
        return self._last if self._last in self.lines else self.advanced

    def remember_focus(self) -> None:
        """Note which row has the focus, for :attr:`entry`."""
        if self.screen.focused in self.lines:
            self._last = self.screen.focused

    def go(self, direction: int) -> None:
        """Focus the row below (1) or above (-1)."""
        lines = self.lines
        at = lines.index(self.screen.focused) if self.screen.focused in lines else 0
        self.screen.set_focus(lines[(at + direction) % len(lines)])
