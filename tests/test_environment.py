"""Questions to the environment are answered whatever is missing, closed or odd."""

from __future__ import annotations

import io
import os
import pwd
import re
import socket
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from xray_tui import environment
from xray_tui.dataset.files.review_log import current_user


def failing(error: Exception) -> Callable[..., object]:
    def fail(*arguments: object, **options: object) -> object:
        raise error

    return fail


def test_without_a_home_folder_the_folders_are_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HOME", "XDG_CONFIG_HOME", "XDG_CACHE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(pwd, "getpwuid", failing(KeyError("uid not found")))
    assert environment.config_folder() is None
    assert environment.cache_folder() is None
    assert environment.user_path("~/xrays") is None
    assert environment.user_path("xrays") == Path("xrays")


def test_a_path_with_dots_is_resolved(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert environment.user_path("a/../b") == tmp_path.resolve() / "b"
    assert environment.user_path("../b") == tmp_path.resolve().parent / "b"
    assert environment.user_path("./b") == Path("b")


def test_in_a_deleted_folder_no_path_is_absolute(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getcwd", failing(FileNotFoundError(2, "No such file")))
    assert environment.absolute(Path("dataset")) is None
    assert environment.absolute(Path("/xrays")) == Path("/xrays")


def test_a_path_that_may_not_be_looked_at_counts_as_missing(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(Path, "stat", failing(PermissionError(13, "Permission denied")))
    assert not environment.exists(Path("/root/.config"))


@pytest.mark.parametrize("name", ["", " ", "x" * 100, "a\x1b[31mb", "\udce9"])
def test_a_user_name_that_cannot_be_a_reviewer_is_not_used(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(environment.getpass, "getuser", lambda: name)
    monkeypatch.setattr(pwd, "getpwuid", failing(KeyError("uid not found")))
    assert current_user() == f"user {os.getuid()}"


def test_a_host_without_a_name_is_called_localhost(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(socket, "gethostname", failing(OSError("no name")))
    assert environment.host_name() == "localhost"


def test_a_closed_stream_is_no_terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    closed = io.StringIO()
    closed.close()
    for stream in (None, closed):
        monkeypatch.setattr(sys, "stdin", stream)
        assert not environment.stdin_is_terminal()
        assert not environment.in_terminal()


def test_exported_sizes_are_forgotten_before_the_app_starts(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sys, "__stderr__", sys.__stderr__)  # is replaced
    exported = {"COLUMNS": "80", "LINES": "24", "TERM": "xterm"}
    environment.prepare_terminal(exported)
    assert exported == {"TERM": "xterm"}


@pytest.mark.parametrize(
    ("encoding", "expected"),
    [
        ("ascii", "- ... x ? r?ntgen"),
        ("latin-1", "- ... × ? röntgen"),
        ("utf-8", "— … × 見 röntgen"),
    ],
)
def test_characters_outside_the_locale_are_replaced(encoding: str, expected: str) -> None:
    code = (
        "from xray_tui import environment; environment.prepare_streams(); "
        r"print('\u2014 \u2026 \xd7 \u898b r\xf6ntgen')"
    )
    output = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, "PYTHONIOENCODING": encoding, "PYTHONUTF8": "0"},
        capture_output=True,
        check=True,
    ).stdout
    assert output.decode(encoding).strip() == expected


def test_the_next_file_does_not_take_the_number_of_a_closed_stream(tmp_path: Path) -> None:
    code = (
        "from xray_tui import environment; environment.prepare_streams(); import os; "
        f"os._exit(open({str(tmp_path / 'file')!r}, 'w').fileno())"
    )
    script = '"$0" -c "$1" <&- >&- 2>&-'
    closed = subprocess.run(["sh", "-c", script, sys.executable, code], check=False)
    assert closed.returncode > 2


def test_a_process_without_a_shell_cannot_be_resumed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "getpgrp", os.getpid)  # the leader of the tests' own group may be gone
    monkeypatch.setattr(os, "getsid", lambda pid: pid)  # each process in a session of its own
    assert not environment.can_be_resumed()
    monkeypatch.setattr(os, "getsid", lambda pid: 1)
    assert environment.can_be_resumed()


@pytest.mark.parametrize("size", ["", "0", "-5", "abc", "²", "1001", "9" * 5000])
def test_sizes_that_no_terminal_has_are_forgotten(
    size: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "stdout", io.StringIO())
    monkeypatch.setattr(sys, "stderr", io.StringIO())
    monkeypatch.setenv("COLUMNS", size)
    monkeypatch.setenv("LINES", "24")
    environment.prepare_streams()
    assert (os.environ.get("COLUMNS"), os.environ["LINES"]) == (None, "24")


ASKED_HERE_ONLY = re.compile(
    r"\b(getpass|platformdirs|socket\.gethostname|expanduser|Path\.home|getlogin|\.isatty\()"
    r"|os\.(environ\.get|environ\[|getenv|getcwd)|Path\.cwd"
)


def test_no_other_module_asks_the_environment() -> None:
    package = Path(environment.__file__).parent
    asking = [
        path.relative_to(package).as_posix()
        for path in package.rglob("*.py")
        if ASKED_HERE_ONLY.search(path.read_text(encoding="utf-8")) and "training" not in path.parts
    ]
    assert asking == ["environment.py"]
