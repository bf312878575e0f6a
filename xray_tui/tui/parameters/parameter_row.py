"""One row of the parameter form: marker, label, and a compact field."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from rich.text import Text
from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Select, Static

from xray_tui.errors import ParameterError
from xray_tui.parameter_fields import FieldSpec, Value
from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput

CHANGED = "•"


class FieldInput(CleanInput):
    """A text field that is edited only between ``enter`` and ``escape``.

    Otherwise it leaves all keys to the key bindings around it, as a row of a list does. A number
    field also takes digits then, and never takes letters.
    """

    HELP_TITLE = "Parameters"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "edit", "Edit", tooltip="type a value; again to finish"),
        Binding("escape", "finish", "Done", tooltip="leave the field; its text stays"),
    ]

    class Started(Message):
        """The user began to edit the text."""

    class Finished(Message):
        """The user finished editing the text."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(compact=True, max_length=4096, validate_on=(), select_on_focus=False)
        self._letters = None if not spec.numeric else set("0123456789")
        if spec.kind == "number" and self._letters is not None:
            self._letters.add(".")
        self.editing = False
        """Whether keys edit the text."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Whether the key types a character of the value."""
        if self._letters is None:
            return self.editing and super().check_consume_key(key, character)
        return character in self._letters

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that edit work only while the field is edited."""
        return action == "edit" or self.editing

    def action_edit(self) -> None:
        """Edit the text; what is typed next replaces it."""
        if self.editing:
            self.action_finish()
        else:
            self._set_editing(True)
            self.select_all()

    def action_finish(self) -> None:
        """Stop editing; the text stays."""
        self._set_editing(False)

    def on_blur(self) -> None:
        """A field that loses the focus is no longer edited."""
        self._set_editing(False)

    def on_mouse_down(self) -> None:
        """A click edits the text where the mouse is."""
        self._set_editing(True)

    def _set_editing(self, editing: bool) -> None:
        if editing != self.editing:
            self.editing = editing
            self.post_message(self.Started() if editing else self.Finished())
            self.set_class(editing, "-editing")
            self.refresh_bindings()
            if not editing:
                self.cursor_position = self.cursor_position  # nothing stays selected

    async def _on_key(self, event: events.Key) -> None:
        if event.is_printable and not self.check_consume_key(event.key, event.character):
            event.prevent_default()  # the key bindings get it, as in a list
        elif event.is_printable and not self.editing:
            self.action_edit()

    def _on_paste(self, event: events.Paste) -> None:
        if not self.editing:
            event.prevent_default()
            event.stop()


class FieldSelect(Select[str], inherit_bindings=False):
    """A choice: left and right change it in place, enter opens the list."""

    HELP_TITLE = "Parameters"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter,space", "show_overlay", "Open the list", show=False),
        Binding("left", "turn(-1)", "Previous choice", show=False),
        Binding("right", "turn(1)", "Next choice", show=False),
    ]

    def __init__(self, spec: FieldSpec) -> None:
        options = [(Text(choice), choice) for choice in spec.choices]
        super().__init__(options, allow_blank=False, compact=True)
        self._spec = spec

    def action_turn(self, direction: int) -> None:
        """Take the next choice in the list (``direction`` 1) or the previous one (-1)."""
        self.value = self._spec.next_value(str(self.value), direction)


class ParameterRow(Horizontal):
    """Shows the default of one parameter until the user changes it.

    ``problem`` says why the value is invalid, or is None; ``changed`` is whether it differs from
    the default.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    class Edited(Message):
        """The text of the field changed."""

    def __init__(self, spec: FieldSpec, default: Value) -> None:
        super().__init__(id=f"row-{spec.name}")
        self.spec = spec
        self.problem: str | None = None
        self.changed = False
        self._default = default
        self._refs: tuple[str, ...] = ()
        self._title = spec.title
        self._label = Static(classes="row-label", markup=False)
        self.editor = FieldSelect(spec) if spec.choices else FieldInput(spec)
        """The widget that holds the text."""

    def compose(self) -> ComposeResult:
        yield self._label
        yield self.editor

    def on_mount(self) -> None:
        self.text = self._default_text
        self._show_placeholder()

    @property
    def text(self) -> str:
        """The text in the field."""
        return str(self.editor.value)

    @text.setter
    def text(self, text: str) -> None:
        editor = self.editor
        if isinstance(editor, FieldSelect):
            if text in self.spec.choices:
                editor.value = text
        elif editor.value != text:  # setting the same text would clear the selection
            editor.value = text
            editor.cursor_position = len(text)

    @property
    def value(self) -> Value:
        """The value in the field.

        Raises:
            ParameterError: the text is not an allowed value.
        """
        return self.spec.parse(self.text)

    def show_default(self, default: Value) -> None:
        """Set the default; it is shown unless the user has changed the field."""
        self._check()  # the message about the last key may not have arrived yet
        self._default = default
        if self.changed:
            self._check()
        elif not self.editing or self.text:
            self.text = self._default_text
        self._show_placeholder()

    def reset(self) -> None:
        """Set the field to its default."""
        self.text = self._default_text
        self._check()

    def step(self, direction: int) -> None:
        """Change to the next allowed value up or down; for the model, to the next known model."""
        if self._refs:
            at = self._refs.index(self.text) if self.text in self._refs else -direction
            self.text = self._refs[(at + direction) % len(self._refs)]
        elif self.spec.kind != "string":
            self.text = self.spec.next_value(self.text, direction)

    def suggest(self, refs: Sequence[str]) -> None:
        """Offer these values as completions while the user types."""
        self._refs = tuple(ref for ref in refs if clean(ref) == ref)
        if isinstance(self.editor, FieldInput):
            self.editor.suggester = SuggestFromList(self._refs, case_sensitive=False)

    @property
    def help(self) -> str:
        """The purpose of the field and the values it allows."""
        spec = self.spec
        limits = spec.allowed if spec.allowed not in spec.description else ""
        return spec.description + (f" ({limits})" if limits else "")

    @property
    def editing(self) -> bool:
        """Whether keys edit the text of the field."""
        return isinstance(self.editor, FieldInput) and self.editor.editing

    @property
    def keys(self) -> str:
        """The keys that change the value."""
        if self.spec.choices:
            return "←→ change · enter list"
        if self.editing:
            return "enter or esc done"
        more = "ctrl+n next" if self._refs else "+/- adjust" if self.spec.numeric else ""
        return f"enter edit · {more}" if more else "enter edit"

    def use_short_title(self, short: bool) -> None:
        """Use the short label, for narrow panes."""
        self._title = self.spec.short_title if short else self.spec.title
        self._show_label()

    @on(Input.Changed)
    @on(Select.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        self._check()
        self.post_message(self.Edited())

    @on(Input.Blurred)
    @on(FieldInput.Finished)
    def _left(self, event: Message) -> None:
        if isinstance(event, Input.Blurred):
            event.stop()
        if not self.changed:
            self.text = self._default_text

    @property
    def _default_text(self) -> str:
        return clean(self.spec.show(self._default))

    def _check(self) -> None:
        text = self.text.strip()
        emptied = not text and not self.spec.optional  # an empty field stands for the default
        self.changed = text != self._default_text and not emptied
        self.problem = self._find_problem() if self.changed else None
        self.editor.set_class(self.problem is not None, "-wrong")
        self.set_class(self.changed, "-changed")
        self._show_label()

    def _show_label(self) -> None:
        mark = (CHANGED if self.changed else " ", "$warning")
        self._label.update(Content.assemble(mark, self._title), layout=False)

    def _find_problem(self) -> str | None:
        try:
            self.spec.parse(self.text)
        except ParameterError as error:
            return clean(str(error))
        return None

    def _show_placeholder(self) -> None:
        if isinstance(self.editor, FieldInput):
            meaning = {"seed": "random", "negative_prompt": "from prompt"}
            empty = meaning.get(self.spec.name, "model default") if self.spec.optional else ""
            self.editor.placeholder = empty or self._default_text
