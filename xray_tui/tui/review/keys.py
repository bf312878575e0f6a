"""The keys of the review that apply in gallery, loupe and comparison alike."""

from __future__ import annotations

from textual.binding import Binding, BindingType

INTRODUCTION = (
    "Press p to accept or x to reject an image; the next one follows. Enter opens an image, escape "
    "returns to the gallery. In the gallery a key applies to all marked images (v marks); in the "
    "loupe and the comparison it applies to the current image only. Everything is saved at once "
    "and can be undone (z), even after a restart. Press / to filter, for example rating>=3 or "
    "is:undecided."
)
BINDINGS: list[BindingType] = [
    Binding("p", "decide('accepted')", "Accept", tooltip="keep the image in the dataset"),
    Binding("x", "decide('rejected')", "Reject", tooltip="keeps the file"),
    Binding("u", "decide('undecided')", "Undecided", show=False, tooltip="clear the decision"),
    *(Binding(str(n), f"rate({n})", "★" * n or "No stars", show=False) for n in range(6)),
    Binding("z", "undo", "Undo", tooltip="unlimited, even after a restart"),
    Binding("Z", "redo", "Redo", show=False, tooltip="repeat the step undone last"),
    Binding("space", "next_undecided", "Next undecided", tooltip="go to the next undecided image"),
    Binding("a", "auto_advance", "Auto-advance", show=False, tooltip="next image after p and x"),
    Binding(
        "question_mark", "help", "Help", key_display="?", tooltip="all keys"
    ),  # this far left, so that it is visible at 80 columns, also in the loupe
    Binding("slash", "filter", "Filter", key_display="/", tooltip="choose and sort the images"),
    Binding("f2", "leave", "Back", tooltip="to the workbench, where images are generated"),
    Binding("c", "compare", "Compare", tooltip="the marked images, or this one and the next"),
    Binding("T", "tag", "Tag", show=False, tooltip="add or remove a tag"),
    Binding("N", "note", "Note", show=False, tooltip="write a note"),
    Binding("R", "relabel", "Relabel", show=False, tooltip="move to another label's folder"),
    Binding("D", "duplicates", "Duplicates", show=False, tooltip="near duplicates, in groups"),
    Binding("X", "keep_best", "Keep best", show=False, tooltip="reject its duplicates"),
    Binding("n", "group(1)", "Next group", show=False, tooltip="of near duplicates"),
    Binding("b", "group(-1)", "Previous group", show=False, tooltip="of near duplicates"),
    Binding(
        "delete,backspace",
        "purge",
        "Purge",
        show=False,
        tooltip="move all rejected images to the trash; asks first",
    ),
    Binding("M", "merge", "Merge reviews", show=False, tooltip="made on other machines"),
    Binding("B", "blind", "Blind reading", show=False, tooltip="real or synthetic?"),
    Binding("S", "statistics", "Statistics", show=False, tooltip="progress and targets"),
    Binding("d", "details", "Details", show=False, tooltip="show or hide the panel"),
    Binding("f5", "reload", "Refresh", show=False, tooltip="apply the filter again"),
    Binding("left,h,up,k,pageup", "step(-1)", "Previous image", show=False),
    Binding("right,l,down,j,pagedown", "step(1)", "Next image", show=False),
    Binding("t", "app.switch_theme", "Theme", show=False, tooltip="dark or light"),
    Binding("escape", "back", "Back", show=False, tooltip="to the gallery; clears the marks"),
    Binding("q,ctrl+q", "app.leave", "Quit", key_display="q", priority=False),
]
FOOTER_DROPS = (
    "app.leave",
    "compare",
    "manual",
    "filter",
    "invert",
    "leave",
    "next_undecided",
    "undo",
)
"""Actions that a narrow footer leaves out, the least important first."""
