"""Text fields that let no control, escape or direction character in, however it arrives.

They also act on their keys in the order typed. Textual sends a key that is bound, as backspace is,
up to the app and inserts a letter at once, so that a letter typed quickly overtakes it.
"""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.geometry import Size
from textual.reactive import reactive
from textual.widget import Widget
from textual.widgets import Input, TextArea

from xray_tui.text import clean
from xray_tui.tui.textual_internals import bindings_for


class CleanInput(Input):
    """An Input whose value is always safe to show. Its cursor does not blink: SSH carries less."""

    DEFAULT_CSS = """
    CleanInput {
        &>.input--placeholder, &>.input--suggestion { color: $text-muted; }
    }
    """
    _NAMED_KEYS: ClassVar[dict[str, str]] = {"slash": "/", "plus": "+", "minus": "-"}

    cursor_blink = reactive(False, init=False)
    virtual_size = reactive(Size(0, 0))
    """How wide the text is. Of a fixed height, it asks for no new layout of the screen."""

    def check_consume_key(self, key: str, character: str | None = None) -> bool:
        """Textual knows no character for some names, and would show their bindings as usable."""
        return super().check_consume_key(key, character or self._NAMED_KEYS.get(key))

    def validate_value(self, value: str) -> str:
        """Make control characters visible, whoever sets them."""
        return clean(value)

    async def _on_key(self, event: events.Key) -> None:
        await _act_at_once(self, event)

    def _on_paste(self, event: events.Paste) -> None:
        # Runs before Input's own handler, which inserts the first line of what it finds.
        event.text = clean(event.text.strip("\r\n"), keep_newlines=True)


class CleanTextArea(TextArea):
    """A TextArea that cleans what is pasted; the text it starts with must be clean."""

    cursor_blink = reactive(False, init=False)

    async def _on_key(self, event: events.Key) -> None:
        await _act_at_once(self, event)

    async def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        event.text = clean(text, keep_newlines=True)


async def _act_at_once(field: Widget, event: events.Key) -> None:
    """Do what the field itself binds to that key; keys bound around it go up as ever."""
    for binding in bindings_for(field, event.key):
        if not event.is_printable and await field.app.run_action(binding.action, field):
            event.stop()
            event.prevent_default()
            return
