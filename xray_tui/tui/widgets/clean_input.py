"""Text fields that accept no control, escape or direction character, typed, pasted or set.

They also act on keys in the order typed. Textual sends a bound key, such as backspace, up to the
app, but inserts a letter at once, so that a letter typed quickly would overtake the bound key.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, TextArea

from xray_tui.text import clean, one_line
from xray_tui.tui.bindings import bound
from xray_tui.tui.textual_internals import bindings_for


class CleanInput(Input):
    """An Input whose value is always one line that is safe to show.

    Its cursor does not blink, to save traffic.
    """

    DEFAULT_CSS = """
    CleanInput {
        &>.input--placeholder, &>.input--suggestion { color: $text-muted; }
    }
    """
    _NAMED_KEYS: ClassVar[dict[str, str]] = {"slash": "/", "plus": "+", "minus": "-"}

    cursor_blink = reactive(False, init=False)
    virtual_size = reactive(Size(0, 0))
    """The size of the text. As the field has a fixed height, a change causes no new layout."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Whether the key types a character; Textual does not know the characters of some keys."""
        return super().check_consume_key(key, character or self._NAMED_KEYS.get(key))

    def validate_value(self, value: str) -> str:
        """Join lines, and make control characters visible."""
        return clean(one_line(value))

    def replace(self, text: str, start: int, end: int) -> None:
        """Replace a part of the value; every way of inserting text comes here."""
        super().replace(clean(one_line(text)), start, end)

    async def _on_key(self, event: events.Key) -> None:
        await _act_at_once(self, event)

    def _on_paste(self, event: events.Paste) -> None:
        # Runs before Input's own handler, which would insert only the first line.
        event.text = one_line(event.text)


class CleanTextArea(TextArea):
    """A TextArea that cleans pasted text; its initial text must be clean."""

    cursor_blink = reactive(False, init=False)

    async def _on_key(self, event: events.Key) -> None:
        await _act_at_once(self, event)

    async def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n").replace("\t", " ")
        event.text = clean(text, keep_newlines=True)


class LineInput(CleanInput):
    """A line of a form: enter goes to the next field, at once, as further letters may follow."""

    HELP_TITLE = "Prompt editor"

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "app.focus_next", "Next field", show=False),
    ]


class ParagraphArea(CleanTextArea):
    """A text of one paragraph, which is wrapped: enter goes to the next field."""

    HELP_TITLE = "Prompt editor"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("open", "app.focus_next", "Next field", show=False),
    ]


async def _act_at_once(field: Widget, event: events.Key) -> None:
    """Run the field's own action for the key; keys without one are handled as usual."""
    for binding in bindings_for(field, event.key):
        if not event.is_printable and await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return
