"""The fields of the parameter form: a text that is edited on request, and a choice."""

from __future__ import annotations

from typing import ClassVar

from rich.text import Text
from textual import events
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Select

from xray_tui.parameter_fields import FieldSpec
from xray_tui.tui.bindings import bound
from xray_tui.tui.widgets.clean_input import CleanInput

_DECIMAL_MARKS = (".", ",")
UNKNOWN = "·"
"""Shown for a value that is not known yet."""


class FieldInput(CleanInput):
    """A text field that is edited only between ``enter`` and ``escape``.

    Otherwise it leaves all keys to the key bindings around it, as a row of a list does. A number
    field also takes digits then, and never takes letters. While it is edited, it takes both decimal
    marks, even where they are wrong: without the mark, the digits would be another number.
    """

    HELP_TITLE = "Parameters"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "edit", "Edit", tooltip="type a value"),
        bound("open", "finish", "Done", tooltip="keep what you typed"),
        bound("leave", "finish", "Done", tooltip="keep what you typed"),
    ]

    class Started(Message):
        """The user began to edit the text."""

    class Finished(Message):
        """The user finished editing the text."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(
            placeholder=UNKNOWN,
            compact=True,
            max_length=4096,
            validate_on=(),
            select_on_focus=False,
        )
        self._letters = None if not spec.numeric else set("0123456789")
        if spec.kind == "number" and self._letters is not None:
            self._letters.add(".")
        self.editing = False
        """Whether keys edit the text."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Whether the key types a character of the value."""
        if self._letters is None:
            return self.editing and super().check_consume_key(key, character)
        return character in self._letters or (self.editing and character in _DECIMAL_MARKS)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that edit work only while the field is edited."""
        return (action == "edit") != self.editing

    def action_edit(self) -> None:
        """Edit the text; what is typed next replaces it."""
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
        bound("open", "show_overlay", "Open the list", show=False),
        bound("left", "turn(-1)", "Previous choice", show=False),
        bound("right", "turn(1)", "Next choice", show=False),
    ]

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__([(UNKNOWN, UNKNOWN)], allow_blank=False, compact=True)
        self._spec = spec

    def offer_choices(self) -> None:
        """Offer the choices; before that, the value is unknown."""
        self.set_options([(Text(choice), choice) for choice in self._spec.choices])

    def action_turn(self, direction: int) -> None:
        """Take the next choice in the list (``direction`` 1) or the previous one (-1)."""
        self.value = self._spec.next_value(str(self.value), direction)
