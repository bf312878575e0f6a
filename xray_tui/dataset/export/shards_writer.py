"""Writes the formats in which one file, a shard, holds many images."""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from xray_tui.dataset.export import checking
from xray_tui.dataset.export.facts import Facts
from xray_tui.dataset.export.formats.croissant import Columns, Parts
from xray_tui.dataset.export.formats.format import Exported, Sharded
from xray_tui.dataset.export.formats.imagefolder import metadata_line
from xray_tui.dataset.export.writer import Plan
from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.dataset.files.xmp import rating_for
from xray_tui.dataset.progress import ReportProgress
from xray_tui.errors import DatasetError

_THREADS = 4
_AT_ONCE = 50
"""Images that are in memory."""
_MADE_OF = ".made-of"
"""Ends the name of the file that says what a shard was made of; it is deleted at the end."""


class ShardsWriter:
    """Writes shards into the folder of the ``plan``, as ``form`` says.

    A shard appears whole or not at all. One that an interrupted export left is kept if it would
    become the same again. See :class:`~xray_tui.dataset.export.writer.Writer`.
    """

    def __init__(self, form: Sharded, plan: Plan) -> None:
        self._form = form
        self._plan = plan
        self.facts = Facts()
        self.reused = 0
        self._done = 0
        self._digests: dict[str, str] = {}
        """The SHA-256 of each shard."""

    def write(self, images: Iterable[Exported], total: int, report: ReportProgress) -> None:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        waiting: dict[str, list[Exported]] = {split: [] for split in self._plan.splits}
        numbers = Counter[str]()

        def write_waiting(split: str) -> None:
            name = self._name(split, numbers[split])
            path = self._plan.part / name
            self._digests[name] = self._write_shard(path, waiting[split], total, report)
            numbers[split] += 1
            waiting[split] = []

        for image in images:
            self.facts.add(image)
            waiting[image.split].append(image)
            if len(waiting[image.split]) == self._plan.shard_size:
                write_waiting(image.split)
        for split, shard in waiting.items():
            if shard:
                write_waiting(split)
        report("exporting images", total, total)

    def check(self, others: Collection[str]) -> None:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        shards = (
            self._name(split, number)
            for split in self._plan.splits
            for number in range(self._shards(split))
        )
        checking.keep_only(self._plan.part, {*shards, *others})

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        return self._form.usage()

    def croissant(self, columns: Columns) -> Parts:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        return self._form.croissant(columns, dict(sorted(self._digests.items())))

    def _name(self, split: str, number: int) -> str:
        return self._form.name(split, number, self._shards(split))

    def _shards(self, split: str) -> int:
        """The number of shards of ``split``."""
        return -(-self._plan.splits[split] // self._plan.shard_size)

    def _write_shard(
        self, path: Path, shard: list[Exported], total: int, report: ReportProgress
    ) -> str:
        """Write ``shard``, unless ``path`` has it already; returns its SHA-256."""
        made_of = path.with_name(path.name + _MADE_OF)
        sources = self._sources(shard)
        if whole := _digest_if_whole(path, made_of, sources):
            self.reused += len(shard)
            self._done += len(shard)
            return whole
        digest = hashlib.sha256()

        def blocks() -> Iterator[bytes]:
            for block in self._form.pack(self._contents(shard, total, report)):
                digest.update(block)
                yield block

        with explained(path):
            path.parent.mkdir(parents=True, exist_ok=True)
            write_whole(path, blocks())
            if checking.digest(path) != digest.hexdigest():
                raise DatasetError(f"{path}: differs from what was written; check the disk")
        write_whole(made_of, [json.dumps([sources, digest.hexdigest()]).encode()])
        return digest.hexdigest()

    def _contents(
        self, shard: Iterable[Exported], total: int, report: ReportProgress
    ) -> Iterator[tuple[Exported, bytes]]:
        """The images of ``shard`` with their files."""
        images = iter(shard)
        with ThreadPoolExecutor(_THREADS) as pool:
            while part := list(islice(images, _AT_ONCE)):
                report("exporting images", self._done, total)
                yield from zip(part, pool.map(self._content, part), strict=True)
                self._done += len(part)

    def _content(self, image: Exported) -> bytes:
        return self._plan.copier.contents(image.record.file, rating_for(image.conclusion))

    def _sources(self, shard: Iterable[Exported]) -> str:
        """Differs if the shard would become another one."""
        digest = hashlib.sha256(json.dumps(sorted(self._plan.labels)).encode())
        for image in shard:
            file = self._plan.copier.root / image.record.file
            with explained(file):
                status = file.stat() if file.exists() else None
            changed = (status.st_size, status.st_mtime_ns) if status is not None else ()
            digest.update(metadata_line(image, image.record.file) + repr(changed).encode())
        return digest.hexdigest()


def _digest_if_whole(path: Path, made_of: Path, sources: str) -> str:
    """The SHA-256 of the shard at ``path``; empty unless it is whole and made of ``sources``."""
    try:
        was, written = json.loads(made_of.read_bytes())
        digest = checking.digest(path) if was == sources else ""
    except (OSError, ValueError, TypeError):
        return ""
    return digest if digest == written else ""
