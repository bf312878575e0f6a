"""Text fields that let no control, escape or direction character in, however it arrives."""

from __future__ import annotations

from textual import events
from textual.reactive import reactive
from textual.widgets import Input, TextArea

from xray_tui.text import clean


class CleanInput(Input):
    """An Input whose value is always safe to show. Its cursor does not blink: SSH carries less."""

    cursor_blink = reactive(False, init=False)

    def validate_value(self, value: str) -> str:
        """Make control characters visible, whoever sets them."""
        return clean(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Runs before Input's own handler, which inserts the first line of what it finds.
        event.text = clean(event.text.strip("\r\n"), keep_newlines=True)


class CleanTextArea(TextArea):
    """A TextArea that cleans what is pasted; the text it starts with must be clean."""

    cursor_blink = reactive(False, init=False)

    async def _on_paste(self, event: events.Paste) -> None:
        text = event.text.replace("\r\n", "\n").replace("\r", "\n")
        event.text = clean(text, keep_newlines=True)
