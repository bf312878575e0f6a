"""What each key means, wherever it works: the one table that all key bindings are made from.

A binding names a meaning, and the table has its keys. So a key has one meaning in the whole app,
and a setting can give a meaning other keys.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from xray_tui.key_names import key_names, textual_name
from xray_tui.text import did_you_mean, quoted


@dataclass(frozen=True)
class Meaning:
    """What ``keys``, separated by commas, do. ``fixed`` keys cannot be changed in the settings."""

    keys: str
    text: str
    fixed: bool = False


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
        "next part: pane, field, group of duplicates, image of a comparison, link",
        fixed=True,
    ),
    "previous_part": Meaning("shift+tab", "previous part", fixed=True),
    "open": Meaning("enter", "open or edit what the cursor is on; finish a line", fixed=True),
    "leave": Meaning("escape", "leave, or go back", fixed=True),
    "toggle": Meaning("space,v", "mark or unmark the row under the cursor; pause or resume a job"),
    "mark_all": Meaning("ctrl+a,V", "mark all, or none"),
    "shift_up": Meaning("shift+up,K", "move the job or the picture up, or mark upwards"),
    "shift_down": Meaning("shift+down,J", "move the job or the picture down, or mark downwards"),
    "shift_left": Meaning("shift+left,H", "move the picture left, or mark leftwards"),
    "shift_right": Meaning("shift+right,L", "move the picture right, or mark rightwards"),
    "scroll_up": Meaning("ctrl+up", "scroll the text below the list up"),
    "scroll_down": Meaning("ctrl+down", "scroll the text below the list down"),
    # Everywhere
    "help": Meaning("question_mark", "help: all keys"),
    "manual": Meaning("f1", "the manual, about the focused pane"),
    "palette": Meaning("ctrl+p", "command palette: every action of the screen, by its name", fixed=True),
    "filter": Meaning("slash", "filter or search"),
    "undo": Meaning("z", "undo"),
    "redo": Meaning("Z", "redo"),
    "review": Meaning("f2", "to the review, and back to the workbench"),
    "maximise": Meaning("m", "give the focused pane the whole screen"),
    "theme": Meaning("t", "dark or light theme"),
    "suspend": Meaning("ctrl+z", "back to the shell; fg resumes", fixed=True),
    "quit": Meaning("q,ctrl+q", "quit, or close"),
    # Prompts, parameters and jobs
    "generate": Meaning("g", "generate: the marked prompts, or what targets still need"),
    "new": Meaning("n", "new prompt"),
    "one_off": Meaning("w", "write one prompt, generated at once"),
    "edit": Meaning("e", "edit: a prompt, a job, or the settings of an image"),
    "edit_file": Meaning("ctrl+e", "edit the prompt library in your own editor"),
    "run_again": Meaning("r", "run again: a job's failed images, or an image with new seeds"),
    "duplicate": Meaning("d", "duplicate a prompt or a job"),
    "remove": Meaning(
        "delete,backspace",
        "remove a prompt, a job, or all rejected images; reset a parameter",
    ),
    "remove_all": Meaning(
        "ctrl+delete", "cancel all jobs; reset all parameters; delete a saved filter"
    ),
    "clear_finished": Meaning("ctrl+l", "clear the finished jobs"),
    "pause_queue": Meaning("P", "pause or resume the whole queue"),
    "save": Meaning("ctrl+s", "save, start, or finish"),
    "reload": Meaning("ctrl+r", "reload the file, and save"),
    # Judging images
    "accept": Meaning("p", "accept the image"),
    "reject": Meaning("x", "reject the image"),
    "clear_decision": Meaning("u", "clear the decision"),
    "stars": Meaning(
        "0,1,2,3,4,5", "stars; right after a rejection, 1 to 9 give its reason", fixed=True
    ),
    "next_undecided": Meaning("U", "next undecided image"),
    "auto_advance": Meaning("a", "switch auto-advance on or off"),
    "tag": Meaning("T", "tag"),
    "note": Meaning("N", "note"),
    "relabel": Meaning("R", "relabel"),
    "duplicates": Meaning("D", "near duplicates, in groups"),
    "keep_best": Meaning("X", "keep the best of the group"),
    "compare": Meaning("c", "compare"),
    "merge": Meaning("M", "merge reviews from other machines"),
    "blind": Meaning("B", "blind reading"),
    "statistics": Meaning("S", "statistics and targets"),
    "refresh": Meaning("f5", "refresh"),
    # Looking at images
    "more": Meaning("plus", "more: zoom, thumbnail, value, detail of the log"),
    "less": Meaning("minus", "less"),
    "fit": Meaning("f", "fit the whole image"),
    "reset_view": Meaning("equals_sign", "reset zoom and window"),
    "invert": Meaning("i", "invert black and white"),
    "narrower": Meaning("left_square_bracket", "narrower window: more contrast"),
    "wider": Meaning("right_square_bracket", "wider window: less contrast"),
    "darker": Meaning("left_curly_bracket", "level down: shows more of the dark parts"),
    "brighter": Meaning("right_curly_bracket", "level up: shows more of the bright parts"),
    "info": Meaning("I", "show or hide the panel about the image"),
    "copy": Meaning("y", "copy path, prompt or seed"),
    "open_outside": Meaning("o", "open the image in another program"),
    # Manual
    "next_hit": Meaning("f3", "next place that the search found"),
    "previous_hit": Meaning("shift+f3", "previous place"),
}
"""By the name that settings use."""

_chosen: dict[str, str] = {}
"""The keys that the user gave to meanings."""


def use_keys(chosen: Mapping[str, str]) -> None:
    """From now on, texts name the keys ``chosen`` by the user, as :func:`checked_keys` gives them."""
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


_SAME = {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+j": "enter", "ctrl+h": "backspace"}
"""Keys that terminals do not distinguish from others."""
_TEXTUALS = {"ctrl+c": "copying"}
"""Keys of Textual, and what they are for."""


def checked_keys(changes: Mapping[str, str]) -> dict[str, str]:
    """The changed ``keys`` by name of a meaning, as Textual calls them.

    Raises:
        ValueError: the first of the changes that is not possible, with the reason.
    """
    checked = {name: _checked(name, keys) for name, keys in changes.items()}
    taken: dict[str, str] = {}
    for name, meaning in MEANINGS.items():
        for key in checked.get(name, meaning.keys).split(","):
            if key in taken:
                wrong, other = (name, taken[key]) if name in checked else (taken[key], name)
                raise ValueError(
                    f"{wrong}: {key_names(key)} is the key of {other}; give {other} another, too"
                )
            taken[key] = name
    return checked


def _checked(name: str, keys: str) -> str:
    meaning = MEANINGS.get(name)
    if meaning is None:
        meant = did_you_mean(name, MEANINGS)
        raise ValueError(
            f"{quoted(name)}: is not an action{meant}; xray-tui help keys lists their names"
        )
    if meaning.fixed:
        raise ValueError(f"{name}: its keys cannot be changed")
    return ",".join(dict.fromkeys(_checked_key(name, key.strip()) for key in keys.split(",")))


def _checked_key(name: str, key: str) -> str:
    known = textual_name(key)
    if known is None:
        raise ValueError(
            f"{name}: {quoted(key)} is not a key; use g, G, ?, f5, ctrl+g, shift+up or similar"
        )
    if known in _SAME:
        raise ValueError(f"{name}: {key} is the same as {_SAME[known]} in a terminal")
    fixed = {
        one for meaning in MEANINGS.values() if meaning.fixed for one in meaning.keys.split(",")
    }
    if known in fixed | _TEXTUALS.keys():
        raise ValueError(f"{name}: {key} cannot have another meaning")
    return known
