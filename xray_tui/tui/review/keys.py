"""The keys of the review that apply in gallery, loupe and comparison alike."""

from __future__ import annotations

from textual.binding import Binding, BindingType

from xray_tui.keymap import key_of
from xray_tui.tui.bindings import DECISION_KEYS, bound, moves

STARS = Binding.Group("Stars", compact=True)
BINDINGS: list[BindingType] = [
    *DECISION_KEYS,
    *(
        Binding(str(n), f"rate({n})", "★" * n or "No stars", show=False, id="stars", group=STARS)
        for n in range(6)
    ),
    bound("undo", "undo", "Undo", tooltip="unlimited, even after a restart"),
    bound("redo", "redo", "Redo", show=False, tooltip="the step undone last"),
    bound("next_undecided", "next_undecided", "Next undecided", tooltip="go to that image"),
    bound(
        "auto_advance",
        "auto_advance",
        "Advance",
        tooltip="to the next image after each decision; on or off",
    ),
    bound("filter", "filter", "Filter", tooltip="choose and sort the images"),
    bound("review", "leave", "Back", tooltip="to the workbench, where images are generated"),
    bound("compare", "compare", "Compare", tooltip="the marked images, or this one and the next"),
    bound("tag", "tag", "Tag", tooltip="add or remove a tag"),
    bound("note", "note", "Note", tooltip="write a note"),
    bound("relabel", "relabel", "Relabel", tooltip="move to another label's folder"),
    bound("duplicates", "duplicates", "Duplicates", tooltip="near duplicates, in groups"),
    bound("keep_best", "keep_best", "Keep best", show=False, tooltip="reject its duplicates"),
    bound("next_part", "next_part(1)", "Next group", show=False, tooltip="or the details"),
    bound("previous_part", "next_part(-1)", "Previous group", show=False, tooltip="or the details"),
    bound(
        "remove",
        "purge",
        "Purge",
        show=False,
        tooltip="move all rejected images to the trash; asks first",
    ),
    bound("edit", "edit", "Edit", tooltip="its prompt, seed and parameters in the form"),
    bound("run_again", "again", "Again", tooltip="the same with new seeds"),
    bound("pause_queue", "pause_queue", "Pause or resume all", show=False),
    bound("copy", "copy", "Copy", tooltip="path, prompt or seed"),
    bound("open_outside", "open_outside", "Open outside", tooltip="in another program"),
    bound("merge", "merge", "Merge reviews", show=False, tooltip="from other machines"),
    bound("blind", "blind", "Blind reading", tooltip="real or synthetic?"),
    bound("statistics", "statistics", "Statistics", tooltip="progress and targets"),
    bound("info", "info", "Info", tooltip="show or hide the panel about the image"),
    bound("refresh", "reload", "Refresh", show=False, tooltip="apply the filter again"),
    *moves("step(-1)", "Previous image", "up", "left", "page_up"),
    *moves("step(1)", "Next image", "down", "right", "page_down"),
    bound("first", "edge(-1)", "First image", show=False),
    bound("last", "edge(1)", "Last image", show=False),
    bound("leave", "clear_filter", "Clear filter", tooltip="shows all images"),
    bound("leave", "back", "Back", show=False, tooltip="to the gallery; there, clears the marks"),
    bound("quit", "app.leave", "Quit"),
]

_OF_IMAGES = {
    *("accept", "reject", "clear_decision", "stars", "next_undecided", "compare", "tag", "note"),
    *("relabel", "duplicates", "edit", "run_again", "copy", "open_outside"),
}
OF_IMAGES = frozenset(
    binding.action
    for binding in BINDINGS
    if isinstance(binding, Binding) and binding.id in _OF_IMAGES
)
"""Actions that need an image."""


def introduction() -> str:
    """The text above the keys in the help."""
    return (
        f"Press {key_of('accept')} to accept or {key_of('reject')} to reject an image; the next "
        "one follows. Enter opens an image, esc returns to the gallery. There a key applies to all "
        f"marked images ({key_of('toggle')} marks); in the loupe and the comparison it applies to "
        "the current image only. Below an image, #1 is the number of its tags, ± means that "
        "reviewers disagree, and ! that a check found a problem. Everything is saved at once and "
        f"can be undone ({key_of('undo')}), even after a restart. Press {key_of('filter')} to "
        "filter, for example rating>=3 or is:undecided; esc in the gallery clears the filter."
    )
