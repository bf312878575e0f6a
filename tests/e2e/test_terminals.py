"""The app in terminals and locales that are set up oddly, and suspended by its shell."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from pathlib import Path

import pexpect
import pytest
from support.terminal import Terminal

OpenTerminal = Callable[..., Terminal]
REVIEW = ["review", "D", "--reviewer", "anna", "--preview", "unicode"]
IMAGES = 200


def test_the_app_draws_frames_in_a_locale_without_utf_8(
    root: Path, open_terminal: OpenTerminal
) -> None:
    # as LC_ALL=de_DE.ISO-8859-1, which is installed on few machines
    terminal = open_terminal(REVIEW, root.parent, environment={"PYTHONIOENCODING": "latin-1"})
    terminal.wait_for(f"1/{IMAGES}")
    terminal.press("?")
    terminal.wait_for("─")
    assert "\\u25" not in terminal.text


@pytest.mark.parametrize(("columns", "rows"), [(120, 36), (60, 15)])
def test_exported_columns_and_lines_do_not_shrink_the_app(
    root: Path, open_terminal: OpenTerminal, columns: int, rows: int
) -> None:
    exported = {"COLUMNS": "80", "LINES": "24"}
    terminal = open_terminal(REVIEW, root.parent, columns, rows, environment=exported)
    terminal.wait_for(f"1/{IMAGES}")
    terminal.press("?")
    terminal.wait_for(lambda text: len(text.splitlines()[-1].rstrip()) > columns - 20)


@pytest.mark.parametrize("command", [[], REVIEW])
def test_a_dumb_terminal_is_refused_with_advice(
    root: Path, open_terminal: OpenTerminal, command: list[str]
) -> None:
    terminal = open_terminal(command, root.parent, environment={"TERM": "dumb"})
    terminal.wait_for("set TERM to the name of yours")
    assert terminal.wait_for_end() == 2
    assert b"\x1b" not in terminal.raw
    again = open_terminal(command, root.parent, environment={"TERM": "xterm-256color"})
    again.wait_for(f"1/{IMAGES}" if command else "Prompts")


def test_the_app_draws_on_the_terminal_when_its_errors_go_to_a_file(root: Path) -> None:
    command = f"{sys.executable} -m xray_tui {' '.join(REVIEW)} 2>errors.txt"
    process = pexpect.spawn("/bin/sh", ["-c", command], cwd=str(root.parent), timeout=60)
    process.expect_exact(f"1/{IMAGES}")
    process.send("q")
    process.expect(pexpect.EOF)
    assert (root.parent / "errors.txt").read_text() == ""


def test_ctrl_z_says_that_nothing_could_resume_the_app(
    root: Path, open_terminal: OpenTerminal
) -> None:
    terminal = open_terminal(REVIEW, root.parent)
    terminal.wait_for(f"1/{IMAGES}")
    terminal.press("\x1a")
    terminal.wait_for("Not suspended")
    terminal.press("q")
    assert terminal.wait_for_end() == 0


def test_ctrl_z_suspends_the_app_and_the_shell_resumes_it(root: Path) -> None:
    prompt = {**os.environ, "PS1": "ready>"}
    shell = pexpect.spawn("bash", ["--norc", "-i"], cwd=root.parent, env=prompt, timeout=60)
    shell.sendline(f"{sys.executable} -m xray_tui {' '.join(REVIEW)}")
    shell.expect_exact(f"1/{IMAGES}")
    shell.send("\x1a")
    shell.expect_exact("Stopped")
    shell.sendline("fg")
    shell.expect_exact(f"1/{IMAGES}")
    shell.send("q")
    shell.expect_exact("ready>")
    shell.sendline("echo code-$?-")
    shell.expect_exact("code-0-")
    shell.close(force=True)


def test_the_selected_row_is_reversed_on_a_terminal_with_16_colours(
    root: Path, open_terminal: OpenTerminal
) -> None:
    """F17: plain xterm."""
    plain = {"TERM": "xterm", "COLORTERM": ""}
    terminal = open_terminal([], root.parent, environment=plain)
    terminal.wait_for("normal-adult")
    terminal.wait_for("Generate")
    assert b"38;2;" not in terminal.raw and b"38;5;" not in terminal.raw
    shown = terminal.first_cell_of("normal-adult")
    assert (shown.reverse, shown.fg, shown.bg) == (True, "brightcyan", "black")


KEPT, RESTORED = b"\x1b[22;0t", b"\x1b[23;0t"


def test_the_window_has_a_title_until_the_app_ends(root: Path, open_terminal: OpenTerminal) -> None:
    terminal = open_terminal(["--dataset", "D"], root.parent)
    terminal.wait_for("normal-adult")
    assert terminal.raw.index(KEPT) < terminal.raw.index(b"\x1b]2;xray-tui \xc2\xb7 D\x1b\\")
    assert RESTORED not in terminal.raw
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert terminal.raw.count(KEPT) == terminal.raw.count(RESTORED) == 1


def test_a_console_gets_no_title_as_it_would_print_it(
    root: Path, open_terminal: OpenTerminal
) -> None:
    terminal = open_terminal(REVIEW, root.parent, environment={"TERM": "linux"})
    terminal.wait_for(f"1/{IMAGES}")
    terminal.press("q")
    assert terminal.wait_for_end() == 0
    assert b"\x1b]2;" not in terminal.raw and KEPT not in terminal.raw
    assert RESTORED not in terminal.raw
