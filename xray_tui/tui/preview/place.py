"""Where the user is in the preview, for the titles of its frame."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Place:
    """Image ``index`` of ``total`` is shown; None is the newest image, or the live picture."""

    total: int
    index: int | None
    has_live: bool
    """Whether an image is being generated."""
    unseen: int
    """Images that were finished while the user looked at another one."""

    def title(self, *, live: bool, inverted: bool) -> str:
        """The title; ``live`` is whether the live picture is shown."""
        number = self.total if self.index is None else self.index + 1
        place = " live" if live else f" {number}/{self.total}" if self.total else ""
        return f"Preview{place}" + (" · inverted" if inverted else "")

    @property
    def hint(self) -> str:
        """What is newer than the image shown, and the key that leads there."""
        if self.index is not None and self.has_live:
            return "live ▸ End"
        return f"{self.unseen} new ▸ End" if self.unseen else ""
