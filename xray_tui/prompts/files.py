"""Reads and replaces one small text file, with errors that say how to fix them."""

from __future__ import annotations

import os
import stat
from pathlib import Path

from xray_tui import toml_text
from xray_tui.errors import PromptLibraryError
from xray_tui.text import clean

MAX_BYTES = 4_000_000
_NEW_FILE = 0o644
"""Permissions of a file that is created."""

TOO_LARGE = "use a slot for what varies, or move prompts to another file and open it with --prompts"

Fingerprint = tuple[int, int, int]
"""Time of the last change in ns, size in bytes, inode; all 0 if there is no file."""


def packaged_path() -> Path:
    """The path of the built-in library in an installed package; absent in a source checkout."""
    return Path(__file__).with_name("prompts.toml")


def default_path() -> Path:
    """The built-in library: in the package, or at the top of a source checkout."""
    packaged = packaged_path()
    return packaged if packaged.is_file() else Path(__file__).parents[2] / "prompts.toml"


def fingerprint(path: Path) -> Fingerprint:
    """A value that changes with the file at ``path``. Never raises; cheap enough to poll."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return (0, 0, 0)
    return (status.st_mtime_ns, status.st_size, status.st_ino)


def read_text(path: Path) -> str:
    """The text of the file at ``path``, with its line endings.

    Raises:
        PromptLibraryError: missing, not a plain file, over 4 MB, unreadable or not UTF-8.
    """
    name = clean(path)
    try:
        if not stat.S_ISREG(path.stat().st_mode):  # a named pipe would block forever
            what = "is a folder" if path.is_dir() else "is not a plain file"
            raise PromptLibraryError(f"{name}: {what}; give the path of a prompts.toml file")
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise PromptLibraryError(f"{name}: there is no such file; check the path") from None
    except (OSError, ValueError) as error:  # ValueError: a null character in the path
        raise PromptLibraryError(f"{name}: cannot be read: {_reason(error)}") from None
    return _decoded(content, name)


def _decoded(content: bytes, name: str) -> str:
    if len(content) > MAX_BYTES:
        raise PromptLibraryError(f"{name}: is larger than {MAX_BYTES:,} bytes; {TOO_LARGE}")
    try:
        return toml_text.decode(content)
    except toml_text.TomlTextError as error:
        raise PromptLibraryError(f"{name}:{error.line}: {error}") from None


def replace_text(path: Path, text: str) -> None:
    """Replace the content of the existing file at ``path`` with ``text``, completely or not at all.

    A symbolic link is kept, and its target is replaced. The permissions are kept as well.

    Raises:
        PromptLibraryError: the file or its folder cannot be written; nothing was changed.
    """
    name = clean(path)
    try:
        target = path.resolve(strict=True)
        _refuse_read_only(target, name)
        _replace(target, text.encode(), stat.S_IMODE(target.stat().st_mode))
    except OSError as error:
        raise PromptLibraryError(
            f"{name}: cannot be written: {_reason(error)}; nothing was changed"
        ) from None


def create_text(path: Path, text: str) -> None:
    """Create the file ``path`` with ``text``, and its folder; a file that exists is kept.

    Raises:
        PromptLibraryError: the file or its folder cannot be created.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        if not path.exists():
            _replace(path, text.encode(), _NEW_FILE)
    except OSError as error:
        raise PromptLibraryError(
            f"{clean(path)}: cannot be written: {_reason(error)}; nothing was changed"
        ) from None


def _refuse_read_only(target: Path, name: str) -> None:
    # Renaming would replace even a read-only file, and root may write anywhere; the permissions
    # say whether the user wants changes.
    for path, what in ((target, "the file"), (target.parent, "its folder")):
        if not path.stat().st_mode & 0o222 or not os.access(path, os.W_OK):
            raise PromptLibraryError(
                f"{name}: cannot be written: {what} is read-only; make it writable and save "
                "again, or copy the file and pass --prompts with the copy's path"
            )


def _replace(target: Path, content: bytes, mode: int) -> None:
    import tempfile  # completion reads files, too, and may not take long

    handle, temporary = tempfile.mkstemp(
        prefix=f".{target.name}.", suffix=".tmp", dir=target.parent
    )
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            Path(temporary).chmod(mode)
            os.fsync(file.fileno())
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    _sync_folder(target.parent)


def _sync_folder(folder: Path) -> None:
    if os.name != "posix":  # a folder cannot be opened on Windows
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _reason(error: Exception) -> str:
    return clean((error.strerror if isinstance(error, OSError) else None) or str(error))
