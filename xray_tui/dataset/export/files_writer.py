"""Writes the formats in which every image is a file, and tables say what it is."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import islice
from typing import BinaryIO

from xray_tui.dataset.export import checking
from xray_tui.dataset.export.facts import Facts
from xray_tui.dataset.export.formats.croissant import Columns, Parts
from xray_tui.dataset.export.formats.format import Exported, Format
from xray_tui.dataset.export.writer import Plan
from xray_tui.dataset.files.atomic import explained
from xray_tui.dataset.files.xmp import rating_for
from xray_tui.dataset.progress import ReportProgress

_THREADS = 4
_AT_ONCE = 200
"""Images whose files are written while the rows of the next ones are made."""


class FilesWriter:
    """Writes images and tables into the folder of the ``plan``, as ``form`` says.

    See :class:`~xray_tui.dataset.export.writer.Writer`.
    """

    def __init__(self, form: Format, plan: Plan) -> None:
        self._form = form
        self._copier = plan.copier
        self._part = plan.part
        self._files: dict[str, BinaryIO] = {}
        self.facts = Facts()
        self.reused = 0

    def write(self, images: Iterable[Exported], total: int, report: ReportProgress) -> None:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        done = 0
        with explained(self._part), ExitStack() as stack:  # closing a table writes, too
            pool = stack.enter_context(ThreadPoolExecutor(_THREADS))
            stack.callback(pool.shutdown, cancel_futures=True)
            running: Iterator[bool] = iter(())
            remaining = iter(images)
            while part := list(islice(remaining, _AT_ONCE)):
                for image in part:
                    self._write_rows(image, stack)
                self.reused += sum(not is_new for is_new in running)
                report("exporting images", done, total)
                running = pool.map(self._copy, part)
                done += len(part)
            self.reused += sum(not is_new for is_new in running)
            for table, file in self._files.items():
                with explained(self._part / table):
                    file.writelines(self._form.tail(table))
            report("exporting images", done, total)

    def check(self, others: Collection[str]) -> None:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        checking.check(self._part, self._form, self._files, others, self.facts.images)

    def usage(self) -> str:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        return self._form.usage()

    def croissant(self, columns: Columns) -> Parts:
        """See :class:`~xray_tui.dataset.export.writer.Writer`."""
        with explained(self._part):
            tables = {table: checking.digest(self._part / table) for table in self._files}
        return self._form.croissant(columns, tables)

    def _write_rows(self, image: Exported, stack: ExitStack) -> None:
        self.facts.add(image)
        for table, row in self._form.rows(image):
            path = self._part / table
            with explained(path):
                if table not in self._files:
                    path.parent.mkdir(parents=True, exist_ok=True)
                    self._files[table] = stack.enter_context(path.open("wb"))
                    self._files[table].write(self._form.head(table))
                self._files[table].write(row)

    def _copy(self, image: Exported) -> bool:
        target = self._part / self._form.path(image)
        return self._copier.copy(image.record.file, target, rating_for(image.conclusion))
