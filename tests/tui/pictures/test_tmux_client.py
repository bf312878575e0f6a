"""What tmux says about the terminal in which it shows the window."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from xray_tui.tui.pictures import tmux_client as module
from xray_tui.tui.pictures.tmux_client import TmuxClient, tmux_client


@pytest.fixture
def tmux(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., None]]:
    """Runs a command of tmux on a server that this process seems to run in."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")
    socket = tmp_path / "socket"

    def run(*words: str) -> None:
        subprocess.run(["tmux", "-S", str(socket), "-f", "/dev/null", *words], check=True)

    run("new-session", "-d", "sleep 100")
    monkeypatch.setenv("TMUX", f"{socket},1,0")
    monkeypatch.setenv("TMUX_PANE", "%0")
    yield run
    run("kill-server")


def test_tmux_says_whether_it_passes_sequences_on(tmux: Callable[..., None]) -> None:
    client = tmux_client()
    assert client == TmuxClient(False, "", frozenset({""}))  # no terminal is attached
    tmux("set", "-g", "allow-passthrough", "on")
    client = tmux_client()
    assert client is not None and client.passed_on
    tmux("set", "-p", "allow-passthrough", "off")
    tmux("new-window", "sleep 100")  # of another pane nothing is wanted
    client = tmux_client()
    assert client is not None and not client.passed_on


@pytest.mark.parametrize(
    ("answer", "client"),
    [
        (
            "1\tkitty(0.41.1)\tRGB,title",
            TmuxClient(True, "kitty(0.41.1)", frozenset({"RGB", "title"})),
        ),
        ("all\tXTerm(379)\tsixel", TmuxClient(True, "XTerm(379)", frozenset({"sixel"}))),
        ("off\t\t", TmuxClient(False, "", frozenset({""}))),
        ("", None),
    ],
)
def test_the_answers_of_all_versions_are_understood(
    monkeypatch: pytest.MonkeyPatch, answer: str, client: TmuxClient | None
) -> None:
    monkeypatch.setattr(module, "filled_by_tmux", lambda text: answer)
    assert tmux_client() == client
