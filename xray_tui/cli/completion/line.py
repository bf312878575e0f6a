"""Splits a line of bash as far as the cursor."""

from __future__ import annotations

_BREAKS = "=:"
"""Characters at which bash begins a new word to complete, in the middle of a word of the shell."""


def split_line(line: str) -> tuple[list[str], str, str]:
    """The words of ``line`` without the command, what bash already has of the last, an open quote.

    The last word is being typed, and may be empty. The quote is empty if none is open. Of a word
    such as ``--theme=da`` bash completes only ``da``, so an answer must leave out ``--theme=``.
    """
    words: list[str] = []
    word, quote, is_word, known = "", "", False, 0
    escaped = False
    for char in line:
        if escaped:
            word, escaped = word + char, False
        elif char == "\\" and quote != "'":
            escaped = is_word = True
        elif quote:
            if char == quote:
                quote = ""
            else:
                word += char
        elif char in "'\"":
            quote, is_word = char, True
        elif char.isspace():
            if is_word:
                words.append(word)
            word, is_word, known = "", False, 0
        else:
            word, is_word = word + char, True
            if char in _BREAKS:
                known = len(word)
    return [*words[1:], word] if words else [word], word[:known], quote
