"""What an export is to hold."""

from __future__ import annotations

from dataclasses import asdict, dataclass

from xray_tui import __version__
from xray_tui.commands import command
from xray_tui.dataset.export.selection import Only
from xray_tui.dataset.export.splitting import NO_SPLIT


@dataclass(frozen=True)
class Request:
    """What to export, and how."""

    format: str
    """One of :data:`xray_tui.dataset.export.formats.table.FORMATS`."""
    reviewer: str
    """Whose decision, rating, tags and notes ``query`` means."""
    only: Only = "accepted"
    query: str = ""
    """A query line as in the review."""
    shares: tuple[int, ...] = NO_SPLIT
    """Percent of each split."""
    seed: int = 0
    size: tuple[int, int] | None = None
    """Width and height that images are scaled to."""
    link: bool = False
    shard_size: int | None = None
    """Images in a shard, for formats that have shards; None for the usual number."""
    croissant: bool = False
    """Whether a ``croissant.json`` describes the export."""
    style: str = ""
    """Which columns a table of the format ``csv`` has; empty for the usual ones."""

    def as_json(self) -> dict[str, object]:
        """What decides the files, for :meth:`Destination.writing`, with the program's version."""
        content = asdict(self)
        lists = {name: list(part) for name, part in content.items() if isinstance(part, tuple)}
        return content | lists | {"version": __version__}

    def command(self, folder: str) -> str:
        """The command that makes the same export in ``folder``."""
        words: list[object] = ["export", self.format, folder, "--only", self.only]
        if self.style:
            words += ["--style", self.style]
        if self.query:
            words += ["--filter", self.query, "--reviewer", self.reviewer]
        if len(self.shares) > 1:
            words += ["--split", "/".join(map(str, self.shares)), "--seed", self.seed]
        if self.size is not None:
            words += ["--size", "{}x{}".format(*self.size)]
        if self.shard_size is not None:
            words += ["--shard-size", self.shard_size]
        return command(*words, *["--link"] * self.link, *["--croissant"] * self.croissant)
