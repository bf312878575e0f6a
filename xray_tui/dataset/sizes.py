"""Numbers of bytes, as a person reads them."""

from __future__ import annotations


def size_text(count: float) -> str:
    """``count`` bytes in the unit that fits: ``750 kB``, ``48 MB``, ``2.1 GB``."""
    for unit in ("B", "kB", "MB"):
        if round(count) < 1000:
            return f"{count:.0f} {unit}"
        count /= 1000
    return f"{count:.1f} GB"
