"""Finds files of an earlier download that are damaged, so that they are downloaded again.

The hub's client skips every file that exists, whatever it contains.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from pathlib import Path

from xray_tui.models.hashing import sha256_of
from xray_tui.models.hub.files import HubFile

Checking = Callable[[str, int, int], None]

_SHA256 = 64
"""Digits of the name of a large file in the cache; other names are hashes by git."""


def remove_damaged(
    repository: Path, revision: str, files: Iterable[HubFile], checking: Checking
) -> None:
    """Remove each of ``files`` whose content in the cache is not the one on the hub.

    ``checking`` is called while a file is read, with its name, the bytes read so far, and its size.
    """
    for file in files:
        for path in (
            repository / "blobs" / file.blob,
            repository / "snapshots" / revision / file.name,  # no link, where there are none
        ):
            if file.blob and path.is_file():
                checking(file.name, 0, file.size)
                if path.stat().st_size != file.size or _hash(path, file, checking) != file.blob:
                    path.unlink()


def _hash(path: Path, file: HubFile, checking: Checking) -> str:
    if len(file.blob) == _SHA256:
        return sha256_of(path, lambda part: checking(file.name, int(part * file.size), file.size))
    header = b"blob %d\0" % file.size
    return hashlib.sha1(header + path.read_bytes(), usedforsecurity=False).hexdigest()
