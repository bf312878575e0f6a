"""One row of the parameter form: marker, label, and a compact field."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.message import Message
from textual.suggester import SuggestFromList
from textual.widgets import Input, Select, Static

from xray_tui.errors import ParameterError
from xray_tui.keymap import key_of
from xray_tui.parameter_fields import FieldSpec, Value
from xray_tui.text import clean
from xray_tui.tui.parameters.parameter_field import FieldInput, FieldSelect
from xray_tui.tui.stylesheet import stylesheet_for

CHANGED = "•"


class ParameterRow(Vertical):
    """Shows the default of one parameter until the user changes it.

    Before the default is ``known``, the value is shown as unknown. ``problem`` says why the value
    is invalid, or is None. ``changed`` is whether the user changed it; it stays changed when
    another prompt has the same value as its default.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    class Edited(Message):
        """The text of the field changed."""

    def __init__(self, spec: FieldSpec) -> None:
        super().__init__(id=f"row-{spec.name}")
        self.spec = spec
        self.problem: str | None = None
        self.changed = self.known = False
        self._default: Value = None
        self._helped = self.help
        self._checked: str | None = None
        """The text that was checked last."""
        self._refs: tuple[str, ...] = ()
        self._title = spec.title
        self._label = Static(f" {spec.title}", classes="row-label", markup=False)
        self._help = Static(self.help, classes="row-help", markup=False)
        self.editor = FieldSelect(spec) if spec.choices else FieldInput(spec)
        """The widget that holds the text."""
        self.editor.id = f"edit-{spec.name}"

    def compose(self) -> ComposeResult:
        with Horizontal():
            yield self._label
            yield self.editor
        yield self._help

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
        if self.text != self._checked:  # the message about the last key has not arrived yet
            self._check()
        if not self.known and isinstance(self.editor, FieldSelect):
            self.editor.offer_choices()
        self._default, self.known = default, True
        if not self.changed and (not self.editing or self.text):
            self.text = self._default_text
        self._show_placeholder()

    def put(self, text: str | None) -> None:
        """Put ``text`` into the field, as if the user had typed it; None for the default."""
        self.text = self._default_text if text is None else text
        self._check()

    def finish(self) -> None:
        """End the edit of the text, if it is edited."""
        if isinstance(self.editor, FieldInput):
            if self.editor.editing:
                self._check()
            self.editor.action_finish()

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

    def use_model(self, model: str, factor: int, usual: int | None) -> None:
        """Check the value, a side, for ``model``, which needs a multiple of ``factor``.

        ``usual`` is the side that it draws if the field is empty.
        """
        spec = replace(self.spec, factor=factor, model=model, usual=usual)
        if spec != self.spec:
            self.spec = spec
            self._check()

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
        keys = f"{key_of('more')}/{key_of('less')}"
        more = f"{keys} next" if self._refs else f"{keys} adjust" if self.spec.numeric else ""
        return f"enter edit · {more}" if more else "enter edit"

    def use_short_title(self, short: bool) -> None:
        """Use the short label, for narrow panes."""
        self._title = self.spec.short_title if short else self.spec.title
        self._show_label()

    @on(Input.Changed)
    @on(Select.Changed)
    def _edited(self, event: Message) -> None:
        event.stop()
        if self.text != self._checked:
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
        if not self.known:
            return
        self._checked = self.text
        text = self.text.strip()
        emptied = not text and not self.spec.optional  # an empty field stands for the default
        self.changed = text != self._default_text and not emptied
        self.problem = self._find_problem() if self.changed else None
        self.update_classes({"-wrong": self.problem is not None, "-changed": self.changed})
        self._show_label()
        self._show_help()

    def _show_help(self) -> None:
        """Show the help text below the field, where the pane has room for it, or the problem."""
        text = self.problem or self.help
        if text != self._helped:
            self._helped = text
            self._help.update(Content(text))

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
