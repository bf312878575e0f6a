"""Pictures are sent again when tmux shows the window again, or in another terminal."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pexpect
import pytest

from xray_tui.tui.pictures import terminal, tmux_watch
from xray_tui.tui.pictures.terminal_query import TerminalReply
from xray_tui.tui.pictures.tmux_client import TmuxClient
from xray_tui.tui.pictures.tmux_watch import look, shown_by, watch_tmux

KITTY = TmuxClient(True, "kitty(0.41.1)", frozenset())


@pytest.fixture(autouse=True)
def _automatic_again() -> Iterator[None]:
    yield
    terminal.prepare_pictures("auto")


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """A command of tmux, on a server in whose first window this process seems to run."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    command = ["tmux", "-S", str(tmp_path / "socket"), "-f", "/dev/null"]
    subprocess.run([*command, "new-session", "-d", "sleep 100"], check=True)
    monkeypatch.setenv("TMUX", f"{tmp_path / 'socket'},1,0")
    monkeypatch.setenv("TMUX_PANE", "%0")
    yield command
    subprocess.run([*command, "kill-server"], check=True)


def wait_for(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.02)


def test_it_is_known_whether_a_terminal_shows_the_pane(tmux: list[str]) -> None:
    def run(*words: str) -> None:
        subprocess.run([*tmux, *words], check=True)

    def attach() -> pexpect.spawn:
        environment = {**os.environ, "TERM": "xterm"}
        del environment["TMUX"]
        return pexpect.spawn(tmux[0], [*tmux[1:], "attach"], env=environment)

    assert shown_by() == ""
    first = attach()
    wait_for(lambda: shown_by() == str(first.pid))
    run("new-window", "sleep 100")
    assert shown_by() == ""
    run("select-window", "-t", ":0")
    assert shown_by() == str(first.pid)
    run("split-window", "-t", "%0", "sleep 100")
    assert shown_by() == str(first.pid)
    run("resize-pane", "-Z")  # the other pane covers it
    assert shown_by() == ""
    run("resize-pane", "-Z")
    run("detach-client")
    wait_for(lambda: shown_by() == "")
    second = attach()
    wait_for(lambda: shown_by() == str(second.pid))


class Recorder:
    """Stands for an app; remembers what it is to do later."""

    def __init__(self) -> None:
        self.calls = 0

    def call_later(self, *call: object) -> None:
        self.calls += 1


def test_pictures_change_with_the_terminal_that_tmux_uses(monkeypatch: pytest.MonkeyPatch) -> None:
    """Asked of tmux: the same terminal, hidden, the same again, another one."""
    clients = iter([TmuxClient(False, "XTerm(379)", frozenset()), KITTY])
    monkeypatch.setattr(terminal, "tmux_client", lambda: next(clients))
    monkeypatch.setattr(terminal._terminal, "answer", TerminalReply())
    monkeypatch.setattr(terminal._terminal, "reply", TerminalReply(in_tmux=True))
    app, known = Recorder(), "1"
    found = []
    for client in ("1", "1", "", "", "1", "1", "2", "2"):
        monkeypatch.setattr(tmux_watch, "shown_by", lambda client=client: client)
        known = look(app, known)
        found.append((app.calls, terminal.default_renderer().name))
    quadrants, kitty = "quadrant", "kitty"
    assert found == [(0, quadrants)] * 4 + [(1, quadrants)] * 2 + [(2, kitty)] * 2


def test_outside_of_tmux_nothing_is_watched(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(terminal._terminal, "reply", TerminalReply())
    monkeypatch.setattr(tmux_watch, "Thread", None)
    watch_tmux(Recorder())
