"""Makes foreign text (prompts, file names, metadata, log lines) safe to show; sizes and counts."""

import re
from collections.abc import Iterable
from pathlib import Path

_BIDI_AND_INVISIBLE = frozenset(
    "\u061c\u200b\u200c\u200d\u200e\u200f\u2028\u2029\u202a\u202b\u202c\u202d\u202e"
    "\u2060\u2066\u2067\u2068\u2069\ufeff"
)

_DISPUTED = re.compile(
    "[\ufe00-\ufe0f\U0001f3fb-\U0001f3ff\U0001f1e6-\U0001f1ff\U000e0100-\U000e01ef]"
)
"""Variation selectors, skin tones and the letters of flags.

Terminals do not agree how many cells a character has together with those, so the rest of the line
would be misplaced.
"""
_FLAG_LETTERS = 0x1F1E6


def clean(text: str | Path, *, keep_newlines: bool = False) -> str:
    """Make every control, escape and text-direction character of ``text`` visible.

    C0 characters become their symbol (ESC → ␛), DEL becomes ␡, C1, bidi and zero-width characters
    become ``‹U+202E›``, lone surrogates become U+FFFD. Emoji lose their variations, and flags
    become two letters. The result contains nothing that a terminal would act on, and has the same
    width in every terminal. With ``keep_newlines``, line feeds stay. Call it once, when a string
    enters the interface.
    """
    text = str(text)
    if not text.isascii():
        text = _DISPUTED.sub(_undisputed, text)
    if text.isprintable():  # nothing to do for nearly every string; it also rules out bidi marks
        return text
    return "".join(char if char == "\n" and keep_newlines else _visible(char) for char in text)


def one_line(text: str) -> str:
    """``text`` with a space for each tab and run of line breaks, and none for those at its ends.

    Line breaks are all that ``str.splitlines`` knows: terminals and tmux paste CR, LF or both.
    """
    text = text.replace("\t", " ")
    lines = text.splitlines()
    if "".join(lines) == text:  # spaces stay where they are, as text may be set while it is typed
        return text
    return " ".join(line for line in map(str.strip, lines) if line)


def clipped(text: str | Path, limit: int = 60) -> str:
    """``text`` made safe to show, cut to ``limit`` characters with ``…`` at the end."""
    shown = clean(str(text)[: limit + 1])  # cut first: the text may be very long
    return f"{shown[: limit - 1]}…" if len(shown) > limit else shown


def quoted(text: str | Path, limit: int = 60) -> str:
    """``text`` in quotation marks, made safe to show and cut as by :func:`clipped`."""
    return f'"{clipped(text, limit)}"'


def _visible(char: str) -> str:
    code = ord(char)
    if code < 0x20:
        return chr(0x2400 + code)
    if code == 0x7F:
        return "\u2421"
    if 0xD800 <= code <= 0xDFFF:
        return "\ufffd"
    if 0x80 <= code < 0xA0 or char in _BIDI_AND_INVISIBLE:
        return f"‹U+{code:04X}›"
    return char


def _undisputed(match: re.Match[str]) -> str:
    letter = ord(match[0]) - _FLAG_LETTERS
    return chr(ord("A") + letter) if 0 <= letter < 26 else ""


def did_you_mean(word: str, known: Iterable[str]) -> str:
    """`` (did you mean batch_size?)`` with the most similar of the ``known`` words, or empty."""
    import difflib

    guesses = difflib.get_close_matches(word[:60], list(known), n=1)
    return f" (did you mean {guesses[0]}?)" if guesses else ""


def minute(moment: str) -> str:
    """An ISO 8601 time in UTC to the minute: ``2026-01-31 18:05 UTC``; any other text as it is."""
    return f"{moment[:16].replace('T', ' ')} UTC" if moment.endswith("+00:00") else moment


def duration(seconds: float) -> str:
    """A short text for a duration: ``8.0 s``, ``42 s``, ``3:05``, ``2:03:05``, ``3 d 4 h``."""
    if seconds < 9.95:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    if whole < 60:
        return f"{whole} s"
    minutes, rest = divmod(whole, 60)
    hours, minutes = divmod(minutes, 60)
    if hours >= 48:
        return f"{hours // 24} d {hours % 24} h"
    return f"{hours}:{minutes:02}:{rest:02}" if hours else f"{minutes}:{rest:02}"


UNCHANGED = " (modified or removed in the meantime, so nothing changed)"
"""Ends the title of a step whose undo changed nothing."""


def step_text(title: str, *, undo: bool) -> str:
    """What to say after an undo, or a redo: ``Undone: rejected 3 images``.

    ``title`` is what was undone, in the past tense; empty if there was nothing to undo, and with
    ``UNCHANGED`` at its end if nothing changed.
    """
    if title.endswith(UNCHANGED):
        done = title.removesuffix(UNCHANGED)
        verb = "undo" if undo else "redo"
        return f"Nothing to {verb} for it: {done} (modified or removed in the meantime)"
    if title:
        return f"{'Undone' if undo else 'Redone'}: {title}"
    return f"Nothing to {'undo' if undo else 'redo'}"


def size_text(count: float) -> str:
    """``count`` bytes in the unit that fits: ``750 kB``, ``48 MB``, ``2.1 GB``."""
    for unit in ("B", "kB", "MB"):
        if round(count) < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"


def counted(number: int, noun: str, plural: str = "") -> str:
    """``1 image``, ``2,000 images``; ``plural`` is needed if it is not ``noun`` with an s."""
    return f"{number:,} {noun if number == 1 else plural or f'{noun}s'}"
