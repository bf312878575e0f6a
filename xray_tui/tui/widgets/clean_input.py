"""Text fields that let no control, escape or direction character in, however it arrives."""

from __future__ import annotations

from textual import events
from textual.widgets import Input, TextArea

from xray_tui.text import clean


class CleanInput(Input):
    """An Input whose value is always safe to show."""

    def validate_value(self, value: str) -> str:
        """Make control characters visible, whoever sets them."""
        return clean(value)

    def _on_paste(self, event: events.Paste) -> None:
        # Runs before Input's own handler, which inserts the first line of what it finds.
        event.text = clean(event.text.strip("\r\n"), keep_newlines=True)


class CleanTextArea(TextArea):
    """A TextArea whose text is always safe to show. Set it with :meth:`set_text`."""

    def set_text(self, text: str) -> None:
        """Replace the text, control characters made visible."""
        self.text = clean(_newlines(text), keep_newlines=True)

    async def _on_paste(self, event: events.Paste) -> None:
        event.text = clean(_newlines(event.text), keep_newlines=True)


def _newlines(text: str) -> str:
    return text.replace("\r\n", "\n").replace("\r", "\n")
