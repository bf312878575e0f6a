"""Writing files so that they appear whole or not at all, and survive a power cut."""

from __future__ import annotations

import errno
import os
import secrets
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from itertools import count
from pathlib import Path

from xray_tui.errors import DatasetDeniedError, DatasetError, DatasetFullError
from xray_tui.text import clean

TEMPORARY = ".xray-tui-*.tmp"
"""Glob for temporary names; a temporary file is in the folder of the file it will become."""

READ_ONLY = "this file system is read-only; make it writable or choose another dataset folder"
_NO_PERMISSION = "no permission; choose another dataset folder, or change its permissions"
_FILE_IN_THE_WAY = "a file is where a folder should be; move it elsewhere"
_WHAT_TO_DO = {
    errno.ENOSPC: "the disk is full; make room",
    errno.EDQUOT: "your disk quota is used up; make room",
    errno.EFBIG: "the limit on file sizes is reached (ulimit -f); raise it",
    errno.EROFS: READ_ONLY,
    errno.EACCES: _NO_PERMISSION,
    errno.EPERM: _NO_PERMISSION,
    errno.EEXIST: _FILE_IN_THE_WAY,
    errno.ENOTDIR: _FILE_IN_THE_WAY,
    errno.EIO: "the disk reports an error; check it before you continue",
    errno.EMFILE: "too many open files (ulimit -n); raise the limit and start again",
}
_TEMPORARY_PROBLEMS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS}
_PERMISSION_PROBLEMS = {errno.EACCES, errno.EPERM}
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK}


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Turn an OSError into a :class:`DatasetError` that names ``path`` and says what to do.

    A problem that may go away, such as a full disk, is a :class:`DatasetFullError`; missing
    permission is a :class:`DatasetDeniedError`.
    """
    try:
        yield
    except OSError as error:
        code = error.errno or 0
        reason = _WHAT_TO_DO.get(code, error.strerror or str(error))
        kind = (
            DatasetFullError
            if code in _TEMPORARY_PROBLEMS
            else DatasetDeniedError
            if code in _PERMISSION_PROBLEMS
            else DatasetError
        )
        raise kind(clean(f"{path}: {reason}")) from error


def write_whole(path: Path, blocks: Iterable[bytes], *, durable: bool = True) -> None:
    """Write ``blocks`` to ``path``, replacing it; readers and crashes see the old file or the new.

    ``durable=False`` saves the time of an fsync for a file that need not survive a power cut.

    Raises:
        DatasetError: the file could not be written; ``path`` is unchanged.
    """
    with explained(path), _temporary_file(path, blocks, durable) as temporary:
        temporary.replace(path)
        if durable:
            sync_folder(path.parent)


def write_new(path: Path, blocks: Iterable[bytes]) -> bool:
    """Write ``blocks`` to ``path`` unless that name is taken; returns whether they were written.

    Raises:
        DatasetError: the blocks could not be written; the name is still free.
    """
    with explained(path), _temporary_file(path, blocks) as temporary:
        if not _name_if_free(temporary, path):
            return False
        sync_folder(path.parent)
    return True


def link_new(source: Path, path: Path) -> bool:
    """Give the file ``source`` the additional name ``path``; returns False if that name is taken.

    On a file system without hard links, the old name is lost. The caller syncs the folder.

    Raises:
        DatasetError: the name could not be given.
    """
    with explained(path):
        return _name_if_free(source, path)


def append_line(path: Path, line: str) -> None:
    """Append one line; see :func:`append_lines`."""
    append_lines(path, [line])


def append_lines(path: Path, lines: Iterable[str]) -> range:
    """Append each line with a line feed; a last line cut off by a crash is ended first.

    Returns the byte range that was appended.

    Raises:
        DatasetError: the lines could not be written; some of them may be in the file.
    """
    with explained(path), path.open("a+b") as file:
        is_new = file.tell() == 0
        data = "".join(f"{line}\n" for line in lines).encode()
        if not is_new:
            file.seek(-1, os.SEEK_END)
            if file.read(1) != b"\n":
                data = b"\n" + data
        file.write(data)
        file.flush()
        end = file.tell()
        os.fsync(file.fileno())
        if is_new:
            sync_folder(path.parent)
    return range(end - len(data), end)


def sync_folder(folder: Path) -> None:
    """Make the names in ``folder`` durable, where the file system supports it."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in (errno.EINVAL, errno.ENOTSUP):
            raise
    finally:
        os.close(descriptor)


def move_aside(path: Path, folder: Path) -> Path:
    """Move ``path`` into ``folder``, which is created if needed; returns the new path.

    Nothing is overwritten: if the name is taken, a number is added.

    Raises:
        DatasetError: ``path`` could not be moved.
    """
    with explained(path):
        folder.mkdir(parents=True, exist_ok=True)
        for number in count(1):
            name = path.name if number == 1 else f"{path.stem}-{number}{path.suffix}"
            if _name_if_free(path, folder / name):
                break
        path.unlink(missing_ok=True)
        sync_folder(folder)
        sync_folder(path.parent)
    return folder / name


@contextmanager
def _temporary_file(path: Path, blocks: Iterable[bytes], durable: bool = True) -> Iterator[Path]:
    temporary = path.with_name(f".xray-tui-{os.getpid()}-{secrets.token_hex(4)}.tmp")
    try:
        with temporary.open("xb") as file:
            file.writelines(blocks)
            file.flush()
            if durable:
                os.fsync(file.fileno())
        yield temporary
    finally:
        with suppress(OSError):  # the next start removes it
            temporary.unlink()


def _name_if_free(source: Path, path: Path) -> bool:
    """Link or move the file ``source`` to ``path``; returns False if that name is taken.

    The caller removes ``source``, which a hard link leaves in place.
    """
    try:
        path.hardlink_to(source)  # unlike a rename it never overwrites
    except FileExistsError:
        return False
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        if os.path.lexists(path):
            return False
        source.replace(path)  # the generator lock keeps other processes away
    return True
