"""Answers the shell: which words can stand at the cursor.

The scripts of :mod:`xray_tui.cli.completion.scripts` set ``_XRAY_TUI_COMPLETE`` to the name of the
shell, and pass the words before the cursor as arguments; bash passes the line as it is. The first
line of the answer is ``words``, ``parts`` (no space follows them), ``files`` or ``folders``; then
come the words, one a line, in fish with a tab and a description, in zsh with a colon and one.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence

VARIABLE = "_XRAY_TUI_COMPLETE"


def answer_shell(arguments: Sequence[str]) -> bool:
    """Print an answer, if a shell asks for one; returns whether it does."""
    shell = os.environ.pop(VARIABLE, "")
    if not shell:
        return False
    try:
        text = answer(shell, arguments)
    except Exception:  # nothing may disturb the line that the user is typing
        text = "words\n"
    sys.stdout.buffer.write(text.encode(errors="replace"))
    return True


def answer(shell: str, arguments: Sequence[str]) -> str:
    """The answer for the words that ``shell`` passed; the last one is being typed."""
    from xray_tui.cli.completion.line import split_line
    from xray_tui.cli.completion.offer import offered

    known = quote = ""
    if shell == "bash":
        words, known, quote = split_line(arguments[0] if arguments else "")
    else:
        words = list(arguments)
    kind, found = offered(words[:-1], words[-1] if words else "")
    lines = [kind, *(_line(shell, word, meaning, known) for word, meaning in found)]
    if quote and kind == "parts" and len(found) == 1:
        lines.append(f"{lines[-1]}…")  # after an only answer, bash would close the quote
    return "\n".join(lines) + "\n"


def _line(shell: str, word: str, meaning: str, known: str) -> str:
    if shell == "fish":
        return f"{word}\t{meaning}"
    if shell == "zsh":
        word = word.replace("\\", "\\\\").replace(":", "\\:")
        return f"{word}:{meaning}" if meaning else word
    return word.removeprefix(known)
