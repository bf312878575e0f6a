"""An error of the program is survived, or ends the app in an orderly way, with exit code 70."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.losable_terminal import LosableTerminal

from xray_tui.dataset.files import layout
from xray_tui.tui.crash_report import CrashReport

IMAGES = 6
FAULTS = """
from xray_tui.tui.base_app import BaseApp
from xray_tui.tui.review.screen import ReviewScreen
from textual.app import ComposeResult
from textual.screen import Screen
from textual.widgets import Label

class Unbuilt(Screen):
    def compose(self):
        raise ValueError("unbuilt")

def faulty(self, event):
    if event.character == "#":
        raise ValueError("in a handler")
    if event.character == "&":
        self.call_after_refresh(lambda: [][1])
    if event.character == "$":
        self.app.exit()
        raise ValueError("while closing")
    if event.character == "%":
        self.app.push_screen(Unbuilt())

ReviewScreen.on_key = faulty
from xray_tui.cli.main import main
main()
"""


@pytest.fixture
def faulty(root: Path, tmp_path: Path) -> Iterator[LosableTerminal]:
    """A review in which three keys raise errors."""
    script = tmp_path / "faulty.py"
    script.write_text(FAULTS)
    terminal = LosableTerminal([str(script), "review", str(root)], tmp_path, module=False)
    terminal.wait_for(b"undecided")
    terminal.read(0.5)
    yield terminal
    terminal.kill()


@pytest.mark.parametrize(("key", "error"), [(b"#", "in a handler"), (b"&", "out of range")])
def test_an_error_in_a_widget_is_survived_and_logged(
    key: bytes, error: str, faulty: LosableTerminal, root: Path
) -> None:
    faulty.type(key)
    faulty.wait_for(b"An error in xray-tui", 10)
    faulty.type(b"p")
    faulty.wait_for("✓ 1".encode(), 10)
    faulty.type(b"q")
    assert faulty.seconds_to_end(10) < 10 and faulty.process.returncode == 0
    log = (root / layout.LOG).read_text()
    assert "Traceback" in log and error in log


def test_an_error_while_the_app_is_closing_is_in_the_log(
    faulty: LosableTerminal, root: Path
) -> None:
    faulty.type(b"$")
    assert faulty.seconds_to_end(10) < 10 and faulty.process.returncode == 0
    log = (root / layout.LOG).read_text()
    assert "debug   dropped, as its widget was being removed:" in log
    assert "debug   ValueError: while closing" in log


def test_an_error_that_is_dropped_again_and_again_is_logged_once(tmp_path: Path) -> None:
    report = CrashReport(tmp_path / "log")
    for name in ("a", "b", "a"):
        try:
            raise KeyError(name)
        except KeyError as error:
            report.drop(error)
    assert (tmp_path / "log").read_text().count("dropped, as") == 1


@pytest.mark.parametrize("keys", [b"%", b"#########"])
def test_an_error_that_cannot_be_survived_ends_with_70(
    keys: bytes, faulty: LosableTerminal, root: Path
) -> None:
    faulty.type(b"p")
    faulty.wait_for("✓ 1".encode(), 10)
    faulty.type(keys)
    assert faulty.seconds_to_end(10) < 10 and faulty.process.returncode == 70
    assert faulty.restored
    last = faulty.seen.rpartition(b"\x1b[?1049l")[2].decode()
    assert "ValueError" in last and "are saved" in last and layout.LOG in last
    assert "Traceback" not in last
    assert "Traceback" in (root / layout.LOG).read_text()
    assert '"accepted"' in (root / layout.REVIEWS).read_text()
