"""Guards the app from the bytes that a terminal sends: only keys, mouse and pastes come through.

A terminal also sends answers to questions, perhaps late, over a slow line; bytes that are not
UTF-8, for example keys of a Latin-1 terminal; and unknown sequences. Textual would treat the
characters of an unknown sequence as keys, and in the review a digit is a rating.

A terminal sends escape and a letter typed at once as it sends alt and the letter. No key of the app
has alt unless the user chose one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterator

from xray_tui.tui.output.line import ANSWER
from xray_tui.tui.textual_internals import is_functional_key, is_key_sequence

ESCAPE = "\x1b"
"""The escape key, when it is a whole token."""
ESCAPE_SECONDS = 0.1
"""After a silence of this length an escape character is the key, not the start of a sequence."""
UNFINISHED_SECONDS = 2.0
"""After a silence of this length the start of a sequence is dropped: its rest will not come."""
PASTE_SECONDS = 5.0
"""After a silence of this length an unfinished paste is over, or it would swallow all keys."""
_MOST = 1 << 18
"""Most bytes of one unfinished sequence."""

_EDITING = {"\x1b\x7f", "\x1bb", "\x1bf", "\x1b\t"}
"""Keys of terminals for editing a line: alt with backspace, ← and →; shift+tab of a console."""
_PASTE_START, _PASTE_END = "\x1b[200~", "\x1b[201~"

_CSI = rb"(?:\x1b\[|\x9b)"
_PARAMETERS = rb"[0-?]*[ -/]*"
_LETTER = rb"[\xc2-\xdf][\x80-\xbf]|[\xe0-\xef][\x80-\xbf]{2}|[\xf0-\xf4][\x80-\xbf]{3}"
# How an answer starts: alt+P or alt+] followed by the key p is none. Alt+X is always a key.
_STRING = rb"(?:\x1b(?:P[\d>!$+;|]|\][\dlLI]|[_^])|[\x90\x9d\x9e\x9f])[^\x00-\x1f\x7f]*?"
_TEXT = re.compile(rb"(?:[\x00-\x1a\x1c-\x7f]|" + _LETTER + rb")+")
_SEQUENCE = re.compile(
    _CSI + rb"(?:M.{3}|\[[A-E]|(?!M)" + _PARAMETERS + rb"[@-Z\\-~])"  # X10 mouse; F1 on a console
    rb"|(?:\x1bO|\x8f)[ -~]"
    rb"|" + _STRING + rb"(?:\x07|\x1b\\|\x9c(?![\x80-\xbf]))",
    re.DOTALL,
)
_UNFINISHED = re.compile(
    rb"\x1b[\[OP\]]?|[\x8f\x9b]"
    rb"|" + _CSI + rb"(?:M.{0,2}|\[|" + _PARAMETERS + rb")"
    rb"|" + _STRING + rb"\x1b?"
    rb"|[\xc2-\xdf]|[\xe0-\xef][\x80-\xbf]?|[\xf0-\xf4][\x80-\xbf]{0,2}",
    re.DOTALL,
)
_ALT = re.compile(rb"\x1b(?:[\x00-\x1a\x1c-Z\\-\x7f\]]|" + _LETTER + rb")")
_BROKEN = re.compile(_CSI + _PARAMETERS + rb"|" + _STRING.removesuffix(b"?"))

_PASSED = re.compile(
    r"\x1b\[(?:"
    r"[IO]|20[01]~"  # focus; start and end of a paste
    r"|<\d{1,4};-?\d{1,5};-?\d{1,5}[Mm]"  # mouse
    r"|\?20(?:26|48);\d\$y"  # answers to Textual's own questions
    r"|48(?:;[1-9]\d{0,3}){2}(?:;\d{1,5}){2}t"  # the size of the terminal
    r")"
)
_KITTY_KEY = re.compile(r"\x1b\[(\d{1,7})?(?:;\d{0,3}(?:;([\d:]*))?)?([u~A-FHPQS])")


_early = bytearray()


def keep_early(data: bytes) -> None:
    """Keep ``data``, read before the app runs: answers, and keys that were typed meanwhile."""
    _early.extend(data)


def take_early() -> bytes:
    """What was kept since the last call."""
    taken = bytes(_early)
    _early.clear()
    return taken


class TerminalInput:
    """Cuts bytes into tokens: text, or one whole sequence. Everything else is dropped."""

    def __init__(
        self,
        note_answer: Callable[[], object] = lambda: None,
        alt_keys: Collection[str] = (),
    ) -> None:
        """``note_answer`` is called when the terminal reports its status.

        ``alt_keys`` are Textual's names of the keys with alt that have a meaning, as ``alt+x``.
        """
        self._note_answer = note_answer
        self._alt_keys = alt_keys
        self._buffer = b""
        self._pasting = False
        self._arrived = 0.0

    def feed(self, data: bytes, now: float) -> list[str]:
        """The tokens that are complete with ``data``; ``now`` is a monotonic time in seconds."""
        self._buffer += data
        self._arrived = now
        return list(self._tokens())

    def idle(self, now: float) -> list[str]:
        """The tokens that are complete because nothing else has arrived until ``now``."""
        silence = now - self._arrived
        if self._buffer == b"\x1b" and silence >= ESCAPE_SECONDS:
            self._buffer = b""
            return [] if self._pasting else [ESCAPE]
        if silence >= UNFINISHED_SECONDS:
            self._buffer = b""
        if self._pasting and silence >= PASTE_SECONDS:
            self._pasting = False
            return [_PASTE_END]
        return []

    def _tokens(self) -> Iterator[str]:
        while self._buffer:
            if text := _TEXT.match(self._buffer):
                yield from self._text(self._take(text.end()))
            elif sequence := _SEQUENCE.match(self._buffer):
                yield from self._known(self._take(sequence.end()))
            elif len(self._buffer) < _MOST and _UNFINISHED.fullmatch(self._buffer):
                return
            elif broken := _BROKEN.match(self._buffer):
                self._take(broken.end())
            elif (alt := _ALT.match(self._buffer)) and not self._pasting:
                yield from self._alt(self._take(alt.end()))
            else:
                dropped = self._take(1)
                if dropped == b"\x1b" and not self._pasting:  # it comes before another sequence
                    yield ESCAPE

    def _take(self, size: int) -> bytes:
        taken, self._buffer = self._buffer[:size], self._buffer[size:]
        return taken

    def _text(self, data: bytes) -> list[str]:
        # UTF-8 also forbids surrogates and overlong forms; C1 characters are no keys.
        text = re.sub("[\x80-\x9f]", "", data.decode(errors="ignore"))
        return [text] if text and text != ESCAPE else []

    def _alt(self, data: bytes) -> list[str]:
        """A key with alt that has a meaning; of any other, escape and the key, typed fast."""
        key = "".join(self._text(data[1:]))
        name = f"alt+shift+{key.lower()}" if key.isupper() else f"alt+{key}"
        if not key:
            return []
        if name in self._alt_keys or ESCAPE + key in _EDITING:
            return [ESCAPE + key]
        return [ESCAPE, key]

    def _known(self, data: bytes) -> list[str]:
        """The sequence, if Textual knows it as something that may come at any time."""
        sequence = data.decode("latin-1").replace("\x9b", "\x1b[").replace("\x8f", "\x1bO")
        if sequence in (_PASTE_START, _PASTE_END):
            self._pasting = sequence == _PASTE_START
            return [sequence]
        if sequence == ANSWER:
            self._note_answer()
        known = is_key_sequence(sequence) or _PASSED.fullmatch(sequence) or _is_kitty_key(sequence)
        return [sequence] if known and not self._pasting else []


def _is_kitty_key(sequence: str) -> bool:
    match = _KITTY_KEY.fullmatch(sequence)
    if match is None:
        return False
    code, text, end = match.groups(default="")
    if end != "u":
        return is_functional_key(f"{code or 1}{end}")
    return bool(code) and all(_is_character(part) for part in (code, *text.split(":")) if part)


def _is_character(code: str) -> bool:
    number = int(code[:8])
    return number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
