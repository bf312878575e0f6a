"""The words that the bundled model knows: its tokenizer has one token for each of them."""

from __future__ import annotations

import json
import re
from functools import cache

from xray_tui.models.catalogue import bundled_path

_WORD = re.compile(r"[^\W\d_]{2,}")
_END = "</w>"
"""Ends the tokens that can be the end of a word."""


def unknown_words(text: str) -> tuple[str, ...]:
    """The words of ``text`` that mean nothing to the bundled model, each once, in lower case."""
    known = _known_words()
    words = dict.fromkeys(_WORD.findall(text.lower()))
    return tuple(word for word in words if known and word not in known)


@cache
def _known_words() -> frozenset[str]:
    """Empty if the tokenizer cannot be read, which loading the model reports."""
    try:
        path = bundled_path() / "tokenizer" / "tokenizer.json"
        vocabulary = json.loads(path.read_text(encoding="utf-8"))["model"]["vocab"]
        return frozenset(token.removesuffix(_END) for token in vocabulary if token.endswith(_END))
    except (OSError, ValueError, LookupError, TypeError):
        return frozenset()
