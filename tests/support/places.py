"""Every screen and dialog of the app, and the keys that open it.

Tests that look at all screens use this table, and so does the monkey test, which presses random
keys there. ``tests/tui/test_every_screen.py`` fails if a screen of the app is missing.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """A screen, dialog or pane in a certain state."""

    keys: tuple[str, ...] = ()
    """The keys from the first screen, with Textual's names."""
    shows: str = ""
    """A text that only this place shows; the keys have worked when it is on the screen."""
    last: tuple[str, ...] = ()
    """Keys that act once ``shows`` is on the screen."""
    leave: tuple[str, ...] = ("escape",)
    """Keys that lead back."""


_WORKBENCH = {
    "prompts": Place(),
    "parameters": Place(("tab",)),
    "preview": Place(("tab", "tab")),
    "queue": Place(("tab", "tab", "tab")),
    "log": Place(("shift+tab",)),
    "job": Place(("tab", "tab", "tab", "enter"), "to generate"),
    "marks": Place(("space", "space"), "✓2"),
    "ad-hoc prompt": Place(("w", *"knee"), "Ad-hoc prompt"),
    "help": Place(("question_mark",), "set parameters"),
    "palette": Place(("ctrl+p",), "earch for commands"),
    "manual": Place(("f1",), "Troubleshooting"),
    "search in the manual": Place(("f1", "slash", *"guidance"), "guidance"),
    "filter of the prompts": Place(("slash", *"knee"), "knee"),
    "filter that finds nothing": Place(("slash", *"zzz"), "zzz"),
    "new prompt": Place(("n",), "New prompt", ("ctrl+s",)),
    "edited prompt": Place(("e",), "Save"),
    "unsaved changes": Place(("n", "x", "escape"), "Unsaved changes", leave=("d",)),
    "deletion": Place(("home", "down", "down", "delete"), "Delete prompt"),
    "a parameter that is edited": Place(("tab", "down", "down", "enter")),
    "a choice": Place(("tab", "down", "enter")),
    "filter of the log": Place(("shift+tab", "slash", "x")),
}

_REVIEW = {
    "gallery": Place(),
    "decisions": Place(("p", "x", "3", "p")),
    "marked images": Place(("left", "space", "space", "space")),
    "loupe": Place(("enter",)),
    "comparison": Place(("c",)),
    "details": Place(("I",)),
    "filter": Place(("slash", *"rating>=3")),
    "wrong filter": Place(("slash", *"rating>=x")),
    "saving a filter": Place(("slash", *"-rating>=3", "ctrl+s"), "Save"),
    "tag": Place(("T",), "Tag"),
    "note": Place(("N",), "Note"),
    "relabel": Place(("R",), "label"),
    "statistics": Place(("S",), "dataset decisions"),
    "target": Place(("S", "enter"), "accepted images"),
    "duplicates": Place(("D",), "Duplicates"),
    "blind reading": Place(("B",), "Blind reading"),
    "help of the review": Place(("question_mark",), "to accept or"),
    "palette in the review": Place(("ctrl+p",), "earch for commands"),
    "manual in the review": Place(("f1",), "Troubleshooting"),
}
PLACES = {"workbench": _WORKBENCH, "review": _REVIEW}
"""By name; from the workbench, and from the review, which the workbench opens with ``f2``."""
