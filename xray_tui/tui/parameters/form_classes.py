"""The style classes of the parameter form, for its size and for the focus."""

from __future__ import annotations

from textual.widget import Widget

NARROW = 40
"""Columns below which labels are short."""
_TINY, _SHORT, _ROOMY = 7, 16, 34
"""Rows of the pane below which there is no help line, or one of one row; and from which each row
has its help text below it."""


def classes_for(width: int, height: int) -> dict[str, bool]:
    """Whether a form of this size, in cells, has each of the classes that depend on the size."""
    return {
        "-narrow": width < NARROW,
        "-tiny": height < _TINY,
        "-short": height < _SHORT,
        "-roomy": height >= _ROOMY,
    }


def set_active(form: Widget, active: bool) -> None:
    """Give ``form`` the class of the form that has the focus, or remove it."""
    # A class and not :focus-within, and only for the two widgets that have rules for it:
    # otherwise all rows are restyled whenever the focus comes and goes, and a key waits.
    if form.has_class("-active") != active:
        form.set_class(active, "-active", update=False)
        form.app.stylesheet.update_nodes((form, form.query_one("#help")))
