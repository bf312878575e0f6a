"""The images that the preview can show, and the place of the user among them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from xray_tui.dataset.records import Record

KEPT = 1_000
"""How many of the latest images can be browsed here; the review has all of them."""

SavedImage = tuple[Record, Path]


class LatestImages:
    """Images in the order they were made. The live picture, if there is one, comes after them."""

    def __init__(self) -> None:
        self._images: list[SavedImage] = []
        self._index: int | None = None
        """Position of the image the user chose; None while following."""
        self._unseen = 0
        """Images that were added while the user looked at another one."""
        self._oldest: int | None = None
        """Id of the oldest image that belongs here; None until existing images were added."""

    def __len__(self) -> int:
        return len(self._images)

    @property
    def following(self) -> bool:
        """Whether the newest image or the live picture is shown."""
        return self._index is None

    @property
    def shown(self) -> SavedImage | None:
        """The image the user chose, otherwise the newest one; None if there is none."""
        return self._images[self._at] if self._images else None

    @property
    def nearby(self) -> tuple[Path, ...]:
        """The files before and after, to load them early while the user browses."""
        if self._index is None:
            return ()
        neighbours = (self._index - 1, self._index + 1)
        return tuple(self._images[at][1] for at in neighbours if 0 <= at < len(self._images))

    def put_before(self, images: Sequence[SavedImage]) -> None:
        """Add existing images, newest last; those that were added meanwhile stay last."""
        added = {record.id for record, _ in self._images}
        oldest = images[0][0].id if images else 0
        self._oldest = oldest if self._oldest is None else min(oldest, self._oldest)
        earlier = [image for image in images if image[0].id not in added]
        if self._index is not None:
            self._index += len(earlier)
        self._keep([*earlier, *self._images])

    def add(self, record: Record, path: Path) -> None:
        """Add an image that was just saved; one that :meth:`update` added is replaced."""
        others = [image for image in self._images if image[0].id != record.id]
        self._keep([*others, (record, path)])
        self._unseen += 0 if self.following else 1

    def update(self, images: Sequence[SavedImage], *, has_live: bool) -> None:
        """Bring the images up to date with the latest ``images`` of the dataset, newest last.

        Purged images are removed, restored ones are back. The place stays, if its image is gone at
        the next newer one.
        """
        place = None if self.following else self._images[self._at][0].id
        oldest = self._oldest
        if oldest is None:
            oldest = min((record.id for record, _ in self._images), default=None)
        kept = [] if oldest is None else [image for image in images if image[0].id >= oldest]
        self._images = kept[-KEPT:]
        if place is not None:
            at = sum(record.id < place for record, _ in self._images)
            self.go_to(at, has_live=has_live)

    def go(self, step: int, *, has_live: bool) -> None:
        """Go to a newer or an older image."""
        newest = len(self._images) - (not has_live)
        self.go_to((newest if self._index is None else self._index) + step, has_live=has_live)

    def go_to(self, index: int, *, has_live: bool) -> None:
        """Go to an image; at the newest one, or at the live picture, follow again."""
        newest = len(self._images) - (not has_live)
        self._index = max(0, index) if index < newest else None
        if self._index is None:
            self._unseen = 0

    def title(self, *, live: bool) -> str:
        """The place of the image shown; ``live`` is whether the live picture is shown."""
        if live:
            return " live"
        return f" {self._at + 1}/{len(self._images)}" if self._images else ""

    def hint(self, *, has_live: bool) -> str:
        """A hint at images newer than the one shown, with the key that leads there; or empty."""
        if self._index is not None and has_live:
            return "live ▸ End"
        return f"{self._unseen} new ▸ End" if self._unseen else ""

    @property
    def _at(self) -> int:
        return len(self._images) - 1 if self._index is None else self._index

    def _keep(self, images: list[SavedImage]) -> None:
        """Replace the images by ``images``, without the oldest if there are more than KEPT."""
        surplus = max(0, len(images) - KEPT)
        self._images = images[surplus:]
        if self._index is not None:
            self._index = max(0, self._index - surplus)
