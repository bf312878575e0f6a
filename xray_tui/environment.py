"""Asks the environment: home, user, host, folders, standard streams, terminal, Python's options.

Any of these may be missing, closed or full of garbage: on servers, in containers, in scripts. No
function here raises an error. An answer that cannot be given is None or a harmless default, and the
caller says what to do about it.
"""

from __future__ import annotations

import codecs
import getpass
import os
import shutil
import sys
from collections.abc import Iterator, Mapping, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any, TextIO

import platformdirs

_NAME = "xray-tui"
_PLAIN = "xray-tui-plain"
"""The name of the error handler for characters that an output cannot encode."""
_LARGEST_SIZE = 1000
"""Columns or rows that a terminal may have; a line that is padded to billions fills the memory."""
_SHELLS = ("bash", "zsh", "fish", "dash", "sh", "ksh", "mksh", "tcsh", "csh", "nu", "xonsh", "pwsh")
_SIMILAR = str.maketrans(
    {
        "—": "-", "–": "-", "−": "-", "…": "...", "“": '"', "”": '"', "‘": "'", "’": "'", "≈": "~",
        "≤": "<=", "≥": ">=", "→": "->", "×": "x", "·": "-", "•": "*", "●": "*", "✓": "+", "✗": "x",
        "━": "-", "─": "-", "╸": "-", "╺": "-", "│": "|",
    }
)  # fmt: skip


def user_path(text: str) -> Path | None:
    """``text`` as a path, with ``~`` and ``..`` replaced; None if there is no such home folder."""
    try:
        path = Path(text).expanduser()
        return path.resolve() if ".." in path.parts else path
    except (RuntimeError, KeyError, OSError, ValueError):
        return None


def config_folder() -> Path | None:
    """The folder for the user's settings; None if there is no home folder. It may be unreadable."""
    return _known(platformdirs.user_config_dir)


def cache_folder() -> Path | None:
    """The folder for the user's caches; None if there is no home folder. It may be unwritable."""
    return _known(platformdirs.user_cache_dir)


def state_folder() -> Path | None:
    """The folder for what the app remembers; None if there is no home. It may be unwritable."""
    return _known(platformdirs.user_state_dir)


def _known(folder: Any) -> Path | None:
    try:
        path = Path(folder(_NAME))
    except (RuntimeError, KeyError, OSError, ValueError):
        return None
    return None if path.parts[:1] == ("~",) else path


def settings_path(environment: Mapping[str, str] = os.environ) -> Path:
    """The settings file: ``XRAY_TUI_CONFIG`` or ``config.toml`` in the configuration folder.

    Without a home folder, the result is a path at which no file can exist.
    """
    named = environment.get("XRAY_TUI_CONFIG")
    if named:
        return user_path(named) or Path(named)
    return (config_folder() or Path(os.devnull)) / "config.toml"


def exists(path: Path) -> bool:
    """Whether ``path`` exists, as far as this user may know."""
    try:
        return path.exists()
    except (OSError, ValueError):
        return False


def absolute(path: Path) -> Path | None:
    """``path`` from the root of the file system; None if the current folder was deleted."""
    try:
        return path.absolute()
    except OSError:
        return None


def user_names() -> Iterator[str]:
    """Names for the user who runs this process, the best first; at least one.

    They are not checked. The last is ``user 1000``, where the system knows no name.
    """
    with suppress(OSError, KeyError, ImportError):
        yield getpass.getuser()
    number = os.getuid()
    with suppress(KeyError, ImportError, OSError):
        import pwd

        yield pwd.getpwuid(number).pw_name
    yield f"user {number}"


def host_name() -> str:
    """The name of this host, or ``localhost``."""
    import socket  # only here: completion asks the environment, too, and may not take long

    try:
        return socket.gethostname() or "localhost"
    except (OSError, UnicodeError):
        return "localhost"


def is_terminal(stream: TextIO | None) -> bool:
    """Whether a standard stream is a terminal; a closed stream is None or says so."""
    try:
        return stream is not None and stream.isatty()
    except (OSError, ValueError):
        return False


def output_width() -> int | None:
    """The columns of the terminal that standard output goes to; None if it goes elsewhere."""
    return shutil.get_terminal_size((80, 24)).columns if is_terminal(sys.stdout) else None


def stdin_is_terminal() -> bool:
    """Whether somebody can type an answer."""
    return is_terminal(sys.stdin)


def in_terminal() -> bool:
    """Whether the app could run: keys come from a terminal, and the output goes to one."""
    return stdin_is_terminal() and is_terminal(sys.stdout)


def variable(name: str) -> str:
    """The value of an environment variable without spaces around it; empty if it is not set."""
    return os.environ.get(name, "").strip()


def set_variable(name: str, value: str) -> None:
    """Set an environment variable, for this process and those it starts; empty removes it."""
    os.environ[name] = value
    if not value:
        del os.environ[name]


def locale_name() -> tuple[str, str]:
    """The variable that decides about characters, and the locale it names; both may be empty.

    Python may have set ``LC_CTYPE`` itself when it started, so what it was started with is asked.
    """
    import psutil

    try:
        started_with = psutil.Process().environ()
    except (psutil.Error, OSError):
        started_with = dict(os.environ)
    for name in ("LC_ALL", "LC_CTYPE", "LANG"):
        if value := started_with.get(name, ""):
            return name, value
    return "", ""


def terminal_name() -> str:
    """What ``TERM`` says; empty if it is not set."""
    return os.environ.get("TERM", "")


def shell_name() -> str:
    """The name of the shell from which this process was started; empty if there is none."""
    import psutil

    with suppress(psutil.Error, OSError):
        for parent in psutil.Process().parents():
            name = str(parent.name()).lstrip("-")  # a login shell begins with a dash
            if name in _SHELLS:
                return name
    return Path(variable("SHELL")).name


def editor() -> str:
    """The command of the user's editor, from VISUAL or EDITOR; empty if neither is set."""
    return os.environ.get("VISUAL", "").strip() or os.environ.get("EDITOR", "").strip()


def terminal_has_title() -> bool:
    """Whether the terminal's window has a title; others would print it, as the Linux console."""
    name = terminal_name()
    return bool(name) and not name.startswith(("dumb", "linux", "vt", "cons", "sun"))


def has_display() -> bool:
    """Whether a program that opens a window could do so here."""
    if sys.platform in ("darwin", "win32"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def image_opener() -> str:
    """The command that opens a file with the program that the desktop uses for it."""
    return "open" if sys.platform == "darwin" else "xdg-open"


def can_be_resumed() -> bool:
    """Whether a shell waits for this process, so that it can be suspended and resumed.

    Without one, for example after ``ssh host xray-tui`` or in a container, it would stay suspended.
    """
    import psutil

    try:
        parent = psutil.Process(os.getpgrp()).ppid()
        return os.getsid(parent) == os.getsid(0)
    except (OSError, AttributeError, psutil.Error):
        return False


def docstrings_are_stripped() -> bool:
    """Whether Python runs with -OO; the libraries that load models do not work with it."""
    return sys.flags.optimize >= 2


def prepare_streams() -> None:
    """Make the standard streams safe to write to, whatever they are. Call it first of all.

    A character that the locale does not know is replaced by a similar one, or by ``?``. In place of
    a closed stream the null device is opened: otherwise the next file that is opened would get its
    number, and error messages of a library would be written into that file. Exported sizes that no
    terminal has are forgotten.
    """
    for number in range(3):
        try:
            os.fstat(number)
        except OSError:
            with suppress(OSError):
                os.open(os.devnull, os.O_RDWR)  # takes the lowest free number
    for variable in ("COLUMNS", "LINES"):
        size = os.environ.get(variable, "")
        if not (size.isascii() and size.isdecimal() and 0 < int(size[:9]) <= _LARGEST_SIZE):
            os.environ.pop(variable, None)
    codecs.register_error(_PLAIN, _in_plain_characters)
    for stream in (sys.stdout, sys.stderr):
        _reconfigure(stream, errors=_PLAIN)


def prepare_terminal(environment: MutableMapping[str, str] = os.environ) -> None:
    """Make the terminal ready for the app: its true size, and UTF-8 whatever the locale says.

    Terminals understand UTF-8 even where the locale names another encoding; Textual reads it, and
    draws on standard error, also if that goes to a file.
    """
    for variable in ("COLUMNS", "LINES"):  # exported once, these would never follow the window
        environment.pop(variable, None)
    if is_terminal(sys.__stderr__):
        _reconfigure(sys.__stderr__, encoding="utf-8", errors="replace")
    elif sys.__stdout__ is not None:
        with suppress(OSError, ValueError):
            number = os.dup(sys.__stdout__.fileno())
            drawing = open(number, "w", encoding="utf-8", errors="replace")  # noqa: SIM115, PTH123
            sys.__stderr__ = drawing  # type: ignore[misc]


def discard_output(stream: int = 1) -> None:
    """Discard all further output to standard output, or with 2 to standard error.

    Its reader is gone, or its disk is full; Python would try again at its end, and report that.
    """
    with suppress(OSError, ValueError, AttributeError):
        null = os.open(os.devnull, os.O_WRONLY)
        os.dup2(null, stream)
        os.close(null)


def _reconfigure(stream: TextIO | None, **options: str) -> None:
    with suppress(AttributeError, ValueError, OSError, LookupError):
        stream.reconfigure(**options)  # type: ignore[union-attr]


def _in_plain_characters(error: UnicodeError) -> tuple[str | bytes, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    text = error.object[error.start : error.end]
    similar = (char.translate(_SIMILAR) for char in text)
    return "".join(char if char.isascii() else "?" for char in similar), error.end
