"""Where an export is written: a temporary folder next to it, which is renamed at the end.

So nothing looks finished until it is. The temporary folder of an interrupted export is kept, and
the same command continues it.
"""

from __future__ import annotations

import fcntl
import json
import os
import shutil
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from xray_tui.dataset.files.atomic import explained, write_whole
from xray_tui.environment import absolute
from xray_tui.errors import DatasetError
from xray_tui.text import clean, quoted, size_text

MARKER = ".xray-tui-export.json"
"""Says that a folder is an export, of what, and how many files it has."""


class Destination:
    """The folder ``path`` of an export of the dataset in ``root``. Nothing is created yet.

    Raises:
        DatasetError: ``path`` cannot be the folder of an export; the message says why.
    """

    def __init__(self, path: Path, root: Path) -> None:
        self.path = _absolute(path)
        self._root = root
        self.part = self.path.with_name(f".{self.path.name}.xray-tui-part")
        """The temporary folder."""
        self._old = self.path.with_name(f".{self.path.name}.xray-tui-old")
        with explained(self.path):
            self._check()

    def check_room(self, needed: int) -> None:
        """Check that ``needed`` bytes fit, counting what an interrupted export left.

        Raises:
            DatasetError: they do not.
        """
        with explained(self.path.parent):
            free = shutil.disk_usage(self.path.parent).free
            there = sum(path.lstat().st_size for path in _files(self.part))
        if needed > free + there:
            raise DatasetError(
                f"{clean(self.path)}: the export needs {size_text(needed)}, but "
                f"{size_text(free)} is free; make room, or choose a folder on another disk"
            )

    def check_same_disk(self) -> None:
        """Check that files here can be hard links to those of the dataset.

        Raises:
            DatasetError: they cannot.
        """
        with explained(self.path.parent):
            is_same = self.path.parent.stat().st_dev == self._root.stat().st_dev
        if not is_same:
            raise DatasetError(
                f"{clean(self.path)}: is on another disk than the dataset, where hard links are "
                "not possible; leave out --link"
            )

    @contextmanager
    def writing(self, request: Mapping[str, object]) -> Iterator[None]:
        """Prepare :attr:`part`, and keep other processes away from it.

        What an interrupted export with the same ``request`` left is kept.

        Raises:
            DatasetError: another process writes it, or it cannot be created.
        """
        with explained(self.part):
            self.part.mkdir(exist_ok=True)
            folder = os.open(self.part, os.O_RDONLY)
        try:
            with explained(self.part):
                try:
                    fcntl.flock(folder, fcntl.LOCK_EX | fcntl.LOCK_NB)
                except BlockingIOError as error:
                    raise DatasetError(
                        f"{clean(self.path)}: another process exports to this folder; wait until "
                        "it is done"
                    ) from error
                if _marker(self.part).get("request") != dict(request):
                    for entry in self.part.iterdir():
                        shutil.rmtree(entry) if entry.is_dir() else entry.unlink()
            self._mark(request, None)
            yield
        finally:
            os.close(folder)

    def finish(self, request: Mapping[str, object]) -> None:
        """Give :attr:`part` its name; an earlier export of this name is deleted.

        Raises:
            DatasetError: it could not be renamed.
        """
        self._mark(request, sum(1 for _ in _files(self.part)))
        with explained(self.path):
            self._check()  # again, as much may have happened since
            if self.path.is_dir():
                self.path.rename(self._old)
            self.part.rename(self.path)
            if self._old.is_dir():
                shutil.rmtree(self._old)

    def _mark(self, request: Mapping[str, object], files: int | None) -> None:
        content = json.dumps({"request": dict(request), "files": files}, indent=1)
        write_whole(self.part / MARKER, [content.encode()])

    def _check(self) -> None:
        name, parent = clean(self.path), self.path.parent
        if not parent.is_dir():
            raise DatasetError(f"{name}: there is no folder {clean(parent)}; create it first")
        here, dataset = parent.resolve() / self.path.name, self._root.resolve()
        if here == dataset or dataset in here.parents:
            raise DatasetError(f"{name}: is inside the dataset; choose a folder outside of it")
        if self.path.is_symlink():
            raise DatasetError(f"{name}: is a link; choose a folder that does not exist yet")
        if self.path.exists() and not self._is_ours(self.path):
            raise DatasetError(
                f"{name}: exists and is not an export; choose a folder that does not exist yet"
            )
        if self.part.exists() and not self._is_ours(self.part):
            raise DatasetError(f"{clean(self.part)}: is in the way; move it elsewhere")
        if self._old.exists() and not _marker(self._old):
            raise DatasetError(f"{clean(self._old)}: is in the way; move it elsewhere")
        if not os.access(parent, os.W_OK | os.X_OK):
            raise DatasetError(
                f"{name}: no permission to create it in {clean(parent)}; choose another folder"
            )

    def _is_ours(self, folder: Path) -> bool:
        """Whether ``folder`` is empty, or an export without files of others.

        Raises:
            DatasetError: it is an export, and somebody has added files.
        """
        if not folder.is_dir() or folder.is_symlink():
            return False
        if next(folder.iterdir(), None) is None:
            return True
        marker = _marker(folder)
        files = marker.get("files")
        if isinstance(files, int) and files < sum(1 for _ in _files(folder)):
            raise DatasetError(
                f"{clean(folder)}: files were added to this export; move them elsewhere, or choose "
                "another folder"
            )
        return bool(marker)


def _absolute(path: Path) -> Path:
    try:
        found = absolute(path)
        if found is None:
            raise DatasetError(f"{clean(path)}: the current folder was deleted; give a whole path")
        found = Path(os.path.normpath(found))
        os.path.lexists(found)
    except ValueError as error:  # a NUL character, or one that the locale does not know
        raise DatasetError(f"{quoted(path, 200)} cannot be a folder: {error}") from error
    if not found.name:
        raise DatasetError(
            f"{clean(path)}: is no name for an export; choose a folder that does not exist yet"
        )
    return found


def _marker(folder: Path) -> dict[str, object]:
    """The contents of the marker of an export; empty if ``folder`` is none."""
    try:
        content = json.loads((folder / MARKER).read_bytes())
    except (OSError, ValueError):
        return {}
    return content if isinstance(content, dict) and "request" in content else {}


def _files(folder: Path) -> Iterator[Path]:
    """Every file below ``folder``, without the marker and temporary ones."""
    for parent, _, names in os.walk(folder):
        yield from (Path(parent, name) for name in names if name != MARKER)
