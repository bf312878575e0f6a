"""SHA-256 of weight files, cached between runs so that large files are read only once."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import tempfile
import threading
from collections.abc import Callable, Iterable
from pathlib import Path

from xray_tui.environment import cache_folder
from xray_tui.errors import ModelError
from xray_tui.text import clean

HashProgress = Callable[[float], None]
"""Called with the fraction of the file that was read."""
_MAX_CACHED = 2000
_lock = threading.Lock()
_cached: dict[str, str] | None = None


def sha256_of(path: Path, progress: HashProgress | None = None) -> str:
    """The file's SHA-256 (64 hex digits), cached while its path, size and time stay the same.

    Raises:
        ModelError: the file cannot be read.
    """
    try:
        status = path.stat()
        key = f"{path.resolve()}|{status.st_size}|{status.st_mtime_ns}"
        known = _cache().get(key)
        if known is None:
            known = _read_all(path, max(status.st_size, 1), progress)
            _store(key, known)
        return known
    except OSError as error:
        raise ModelError(f"{clean(path)}: cannot be read ({error.strerror})") from error


def combined(parts: Iterable[tuple[str, str]]) -> str:
    """One SHA-256 over (name, hash) pairs, in any order."""
    text = "\n".join(f"{name} {digest}" for name, digest in sorted(parts))
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()


def _read_all(path: Path, size: int, progress: HashProgress | None) -> str:
    digest = hashlib.sha256()
    done = 0
    with path.open("rb") as file:
        while block := file.read(1 << 22):
            digest.update(block)
            done += len(block)
            if progress is not None:
                progress(done / size)
    return digest.hexdigest()


def _cache_file() -> Path:
    return (cache_folder() or Path(os.devnull)) / "hashes.json"


def _cache() -> dict[str, str]:
    global _cached  # noqa: PLW0603
    with _lock:
        if _cached is None:
            try:
                loaded = json.loads(_cache_file().read_text(encoding="utf-8"))
            except (OSError, ValueError, RecursionError):
                loaded = {}
            valid = isinstance(loaded, dict)
            _cached = {str(k): str(v) for k, v in loaded.items()} if valid else {}
        return _cached


def _store(key: str, digest: str) -> None:
    cache = _cache()
    with _lock:
        cache[key] = digest
        while len(cache) > _MAX_CACHED:
            cache.pop(next(iter(cache)))
        _write(_cache_file(), json.dumps(cache))


def _write(path: Path, text: str) -> None:
    """Best effort: without a writable cache folder, the files are read again next time."""
    temporary = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile(
            "w", dir=path.parent, prefix=".hashes-", delete=False, encoding="utf-8"
        ) as file:
            temporary = Path(file.name)
            file.write(text)
        os.replace(temporary, path)  # noqa: PTH105
    except OSError:
        if temporary is not None:
            with contextlib.suppress(OSError):
                temporary.unlink()
