"""The bytes that a terminal sends for a key."""

from __future__ import annotations

_BYTES = {
    "enter": b"\r",
    "tab": b"\t",
    "space": b" ",
    "escape": b"\x1b[27u",  # in kitty's protocol: a lone ESC could be the start of a sequence
    "backspace": b"\x7f",
    "delete": b"\x1b[3~",
    "up": b"\x1b[A",
    "down": b"\x1b[B",
    "right": b"\x1b[C",
    "left": b"\x1b[D",
    "home": b"\x1b[H",
    "end": b"\x1b[F",
    "pageup": b"\x1b[5~",
    "pagedown": b"\x1b[6~",
    "shift+tab": b"\x1b[Z",
    "f1": b"\x1bOP",
    "f2": b"\x1bOQ",
    "f3": b"\x1bOR",
    "f5": b"\x1b[15~",
    "slash": b"/",
    "question_mark": b"?",
}


def key_bytes(key: str) -> bytes:
    """What the key with Textual's name ``key`` sends; KeyError if this is not known."""
    if len(key) == 1:
        return key.encode()
    if len(key) == len("ctrl+x") and key.startswith("ctrl+"):
        return bytes([ord(key[-1]) & 0x1F])
    return _BYTES[key]
