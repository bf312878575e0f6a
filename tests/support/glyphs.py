"""The characters that the fonts of terminals have, without a fallback to emoji or boxes."""

from __future__ import annotations

_LATIN = set(map(chr, [*range(0x20, 0x7F), *range(0xA0, 0x100)]))
_LINES_AND_BLOCKS = set(map(chr, range(0x2500, 0x25A0)))
_MARKS = set("–—‖‘’“”•…‹›←↑→↓−≈≤≥▶▸▾▼◆○●★☆✓✗␛␡\N{REPLACEMENT CHARACTER}")

COMMON_GLYPHS = frozenset(_LATIN | _LINES_AND_BLOCKS | _MARKS)
"""In DejaVu Sans Mono and its like; a new one needs a look at a plain xterm first."""
