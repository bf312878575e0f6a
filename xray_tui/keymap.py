"""What each key means, wherever it works: the one table that all key bindings are made from.

A binding names a meaning, and the table has its keys. So a key has one meaning in the whole app,
and a setting can give a meaning other keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xray_tui.key_names import key_names


@dataclass(frozen=True)
class Meaning:
    """What ``keys``, separated by commas, do. ``fixed`` keys cannot be changed."""

    keys: str
    text: str
    where: str = "everywhere"
    """The screens and panes that have the keys."""
    fixed: bool = False

    @property
    def about(self) -> str:
        """What the keys do, and where."""
        return f"{self.text}; {self.where}"


MEANINGS: dict[str, Meaning] = {
    # Moving
    "up": Meaning("up,k", "move up", fixed=True),
    "down": Meaning("down,j", "move down", fixed=True),
    "left": Meaning("left,h", "move left, or to the previous image or page", fixed=True),
    "right": Meaning("right,l", "move right, or to the next image", fixed=True),
    "page_up": Meaning("pageup", "move up by a page", fixed=True),
    "page_down": Meaning("pagedown", "move down by a page", fixed=True),
    "first": Meaning("home", "go to the first", fixed=True),
    "last": Meaning("end,G", "go to the last", fixed=True),
    "next_part": Meaning(
        "tab",
        "next part: pane, field, details, group of duplicates, compared image, link",
        fixed=True,
    ),
    "previous_part": Meaning("shift+tab", "previous part", fixed=True),
    "open": Meaning("enter", "open or edit what the cursor is on; finish a line", fixed=True),
    "leave": Meaning("escape", "leave, or go back; clear marks, then the filter", fixed=True),
    "toggle": Meaning(
        "space,v",
        "mark or unmark the row under the cursor; pause or resume a job",
        where="prompts, queue, one job, review, statistics",
    ),
    "mark_all": Meaning("ctrl+a,V", "mark all, or none", where="prompts, review, statistics"),
    "shift_up": Meaning(
        "shift+up,K", "move the job or the picture up, or mark upwards", where="queue, review"
    ),
    "shift_down": Meaning(
        "shift+down,J", "move the job or the picture down, or mark downwards", where="queue, review"
    ),
    "shift_left": Meaning(
        "shift+left,H", "move the picture left, or mark leftwards", where="review"
    ),
    "shift_right": Meaning(
        "shift+right,L", "move the picture right, or mark rightwards", where="review"
    ),
    "scroll_up": Meaning("ctrl+up", "scroll the text below the list up", where="prompts"),
    "scroll_down": Meaning("ctrl+down", "scroll the text below the list down", where="prompts"),
    # Everywhere
    "help": Meaning("question_mark", "help: all keys"),
    "manual": Meaning("f1", "the manual, about the focused pane"),
    "palette": Meaning(
        "ctrl+p", "command palette: every action of the screen, by its name", fixed=True
    ),
    "filter": Meaning("slash", "filter or search", where="prompts, log, review, manual, help"),
    "undo": Meaning("z", "undo"),
    "redo": Meaning("Z", "redo"),
    "review": Meaning(
        "f2", "to the review, and back to the workbench", where="workbench, one job, review"
    ),
    "maximise": Meaning("m", "give the focused pane the whole screen", where="workbench"),
    "theme": Meaning("t", "dark or light theme"),
    "suspend": Meaning("ctrl+z", "back to the shell; fg resumes", fixed=True),
    "quit": Meaning("q,ctrl+q", "quit, or close"),
    # Prompts, parameters and jobs
    "generate": Meaning(
        "g",
        "generate: the marked prompts, or what targets still need",
        where="workbench, statistics",
    ),
    "new": Meaning("n", "new prompt", where="prompts"),
    "one_off": Meaning("w", "write one prompt, generated at once", where="workbench"),
    "edit": Meaning(
        "e",
        "edit: a prompt, a job, or the settings of an image",
        where="prompts, preview, queue, one job, review",
    ),
    "edit_file": Meaning("ctrl+e", "edit the prompt library in your own editor", where="prompts"),
    "run_again": Meaning(
        "r",
        "run again: a job's failed images, or an image with new seeds",
        where="preview, queue, one job, review",
    ),
    "duplicate": Meaning("d", "duplicate a prompt or a job", where="prompts, queue, one job"),
    "remove": Meaning(
        "delete,backspace",
        "remove a prompt, a job, or all rejected images; reset a parameter",
        where="prompts, parameters, queue, one job, review",
    ),
    "remove_all": Meaning(
        "ctrl+delete",
        "cancel all jobs; reset all parameters; delete a saved filter",
        where="parameters, queue, review",
    ),
    "clear_finished": Meaning("ctrl+l", "clear the finished jobs", where="queue"),
    "pause_queue": Meaning(
        "P", "pause or resume the whole queue", where="workbench, one job, review"
    ),
    "save": Meaning(
        "ctrl+s",
        "save, start, or finish",
        where="ad-hoc prompt, prompt editor, review, blind reading",
    ),
    "reload": Meaning("ctrl+r", "reload the file, and save", where="prompt editor"),
    # Judging images
    "accept": Meaning("p", "accept the image", where="preview, review"),
    "reject": Meaning("x", "reject the image", where="preview, review"),
    "clear_decision": Meaning("u", "clear the decision", where="preview, review"),
    "stars": Meaning(
        "0,1,2,3,4,5",
        "stars; right after a rejection, 1 to 9 give its reason",
        fixed=True,
        where="review",
    ),
    "next_undecided": Meaning("U", "next undecided image", where="review"),
    "auto_advance": Meaning("a", "switch auto-advance on or off", where="review"),
    "tag": Meaning("T", "tag", where="review"),
    "note": Meaning("N", "note", where="review"),
    "relabel": Meaning("R", "relabel", where="review"),
    "duplicates": Meaning("D", "near duplicates, in groups", where="review"),
    "keep_best": Meaning("X", "keep the best of the group", where="review"),
    "compare": Meaning("c", "compare", where="review"),
    "merge": Meaning("M", "merge reviews from other machines", where="review"),
    "blind": Meaning("B", "blind reading", where="review"),
    "statistics": Meaning("S", "statistics and targets", where="review, statistics"),
    "refresh": Meaning("f5", "refresh", where="review"),
    # Looking at images
    "more": Meaning(
        "plus", "more: zoom, thumbnail, value, detail of the log", where="parameters, log, review"
    ),
    "less": Meaning("minus", "less", where="parameters, log, review"),
    "fit": Meaning("f", "fit the whole image", where="review"),
    "reset_view": Meaning("equals_sign", "reset zoom and window", where="review"),
    "invert": Meaning("i", "invert black and white", where="preview, review, blind reading"),
    "narrower": Meaning(
        "left_square_bracket", "narrower window: more contrast", where="review, blind reading"
    ),
    "wider": Meaning(
        "right_square_bracket", "wider window: less contrast", where="review, blind reading"
    ),
    "darker": Meaning(
        "left_curly_bracket",
        "level down: shows more of the dark parts",
        where="review, blind reading",
    ),
    "brighter": Meaning(
        "right_curly_bracket",
        "level up: shows more of the bright parts",
        where="review, blind reading",
    ),
    "info": Meaning("I", "show or hide the panel about the image", where="review"),
    "copy": Meaning("y", "copy path, prompt or seed", where="preview, review"),
    "open_outside": Meaning("o", "open the image in another program", where="preview, review"),
    # Manual
    "next_hit": Meaning("f3", "next place that the search found", where="manual"),
    "previous_hit": Meaning("shift+f3", "previous place", where="manual"),
}
"""By the name that settings use."""

_chosen: dict[str, str] = {}
"""The keys that the user gave to meanings."""


def use_keys(chosen: Mapping[str, str]) -> None:
    """From now on, texts name the ``chosen`` keys, which are checked."""
    _chosen.clear()
    _chosen.update(chosen)


def key_of(meaning: str) -> str:
    """How a sentence names the key of ``meaning``: the first one; ``F2`` has a capital letter."""
    keys = _chosen.get(meaning, MEANINGS[meaning].keys)
    return re.sub(r"\bf(?=\d)", "F", key_names(keys.split(",")[0]))


_BEST = (
    *("leave", "save", "reload", "open", "accept", "reject", "generate", "toggle", "next_part"),
    *("left", "right", "review", "new", "undo", "more", "less", "narrower", "wider", "edit"),
    *("filter", "next_hit", "pause_queue", "compare", "invert", "next_undecided", "remove"),
    *("statistics", "duplicates", "blind", "tag", "note", "relabel", "auto_advance"),
    *("info", "run_again", "duplicate", "clear_finished", "copy", "open_outside"),
    *("maximise", "manual", "remove_all"),
)
_RANKS = {name: rank for rank, name in enumerate(_BEST)}


def rank(name: str) -> int:
    """The place of a meaning in a footer and in the help: the most useful are first."""
    return _RANKS.get(name, len(_BEST))
