"""Checks of the disk that holds the dataset: room, speed, kind, case, locks, clock.

They write a file in the dataset's folder, or in the folder above it that exists, and remove it.
"""

from __future__ import annotations

import fcntl
import os
import secrets
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from xray_tui.cli.doctor.finding import Finding, advice, from_error, ok, problem
from xray_tui.cli.doctor.situation import Situation, existing_folder
from xray_tui.dataset.files.atomic import explained
from xray_tui.errors import DatasetError
from xray_tui.text import counted, size_text

_LEAST_ROOM = 100_000_000
_ENOUGH_ROOM = 2_000_000_000
_LEAST_FILES = 1000
_PIECE = 1 << 20
_PIECES = 8
"""Written to measure the speed; a large image has about one piece."""
_SLOW = 5_000_000
"""Bytes a second; slower, and saving an image takes longer than making it on a GPU."""
_CLOCKS_DIFFER = 60.0
_NETWORK = {
    "nfs", "nfs3", "nfs4", "cifs", "smb", "smb2", "smb3", "smbfs", "afs", "9p", "ceph", "glusterfs",
    "lustre", "gpfs", "beegfs", "beegfs_nodev", "pvfs2", "orangefs", "sshfs", "fuse.sshfs",
    "fuse.glusterfs", "fuse.ceph", "fuse.rclone", "fuse.s3fs", "fuse.gcsfuse", "afpfs", "webdav",
}  # fmt: skip
"""Types of file systems that are on another machine."""


def disk(situation: Situation) -> Iterator[Finding]:
    """Whether images can be saved in the dataset's folder, and how fast."""
    folder = existing_folder(situation.dataset) if situation.dataset.is_absolute() else None
    if folder is None:
        return  # the check of the dataset says why
    yield from _room(folder)
    yield _kind(folder)
    probe = folder / f".xray-tui-{os.getpid()}-{secrets.token_hex(4)}.tmp"
    try:
        with explained(folder):
            yield from _written(probe)
    except DatasetError as error:
        yield from_error(error, "choose another dataset folder", folder)
    finally:
        with suppress(OSError):
            probe.unlink()


def _room(folder: Path) -> Iterator[Finding]:
    status = os.statvfs(folder)
    free = status.f_bavail * status.f_frsize
    shown = f"{size_text(free)} are free on the dataset's disk"
    make_room = "make room there, or choose a dataset folder on another disk; xray-tui purge frees "
    make_room += "the room of rejected images"
    if free < _LEAST_ROOM:
        yield problem(f"only {shown}", make_room, folder)
    elif free < _ENOUGH_ROOM:
        yield advice(shown, make_room, folder)
    else:
        yield ok(shown, folder)
    if status.f_files and status.f_favail < _LEAST_FILES:
        yield problem(
            f"only {counted(status.f_favail, 'more file')} can be made on the dataset's disk",
            "remove files there, or choose a dataset folder on another disk",
            folder,
        )


def _kind(folder: Path) -> Finding:
    kind = file_system(folder)
    if kind in _NETWORK:
        return advice(
            f"the dataset is on a network file system ({kind}), where locks may not reach other "
            "machines",
            "let only one machine generate into it at a time; a dataset on a local disk is faster",
            folder,
        )
    return ok(f"the dataset is on a local file system{f' ({kind})' if kind else ''}", folder)


def file_system(folder: Path) -> str:
    """The type of the file system that holds ``folder``; empty if the system does not say."""
    import psutil

    with suppress(psutil.Error, OSError, RuntimeError):
        resolved = folder.resolve()
        mounts = {Path(one.mountpoint): str(one.fstype) for one in psutil.disk_partitions(all=True)}
        for place in (resolved, *resolved.parents):
            if place in mounts:
                return mounts[place].lower()
    return ""


def _written(probe: Path) -> Iterator[Finding]:
    """What can be said after writing the file ``probe``.

    Raises:
        OSError: it cannot be written.
    """
    start, before = time.monotonic(), time.time()
    with probe.open("xb") as file:
        for _ in range(_PIECES):
            file.write(bytes(_PIECE))
        file.flush()
        os.fsync(file.fileno())
    seconds, after = time.monotonic() - start, time.time()
    yield _speed(_PIECES * _PIECE / max(seconds, 1e-6), probe.parent)
    yield _clocks(probe.stat().st_mtime, before, after, probe.parent)
    yield _case(probe)
    yield _locks(probe)


def _speed(speed: float, folder: Path) -> Finding:
    shown = f"the disk writes {size_text(speed)} a second"
    if speed < _SLOW:
        return advice(
            f"{shown}, so saving images delays generating",
            "choose a dataset folder on a faster disk, and copy it afterwards",
            folder,
        )
    return ok(shown, folder)


def _clocks(written: float, before: float, after: float, folder: Path) -> Finding:
    wrong = max(before - written, written - after)
    if wrong > _CLOCKS_DIFFER:
        return problem(
            f"the clock of the disk and the clock of this machine differ by {wrong:,.0f} seconds",
            "set both clocks by the network; on this machine: sudo timedatectl set-ntp true",
            folder,
        )
    return ok("the clock of the disk agrees with the clock of this machine", folder)


def _case(probe: Path) -> Finding:
    if probe.with_name(probe.name.upper()).exists():
        return ok("the disk does not distinguish A from a; xray-tui does not need it", probe.parent)
    return ok("the disk distinguishes A from a", probe.parent)


def _locks(probe: Path) -> Finding:
    move = "choose a dataset folder on another disk"
    with probe.open("rb+") as one, probe.open("rb+") as other:
        try:
            fcntl.lockf(one, fcntl.LOCK_EX | fcntl.LOCK_NB)  # SQLite locks the catalog in this way
            fcntl.lockf(one, fcntl.LOCK_UN)
            fcntl.flock(one, fcntl.LOCK_EX | fcntl.LOCK_NB)  # and this is the generator lock
        except OSError as error:
            return problem(f"files cannot be locked there: {error.strerror}", move, probe.parent)
        try:
            fcntl.flock(other, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            return ok("locks work", probe.parent)
    return problem("locks have no effect there: two processes can hold one", move, probe.parent)
