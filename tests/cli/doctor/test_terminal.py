"""What doctor says about terminals, colours, locales, tmux and GNU screen."""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import pytest
from support.advice import advised
from support.doctor_findings import (
    bad,
    command_line,
    findings_elsewhere,
    findings_of,
    python_path,
    read,
)

from xray_tui.cli.doctor.finding import Finding
from xray_tui.manual.pages import page_path
from xray_tui.tui.pictures.renderers.greys import IN_256

Variables = Mapping[str, str | None]


@pytest.fixture
def colours(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[Finding]]:
    """What is found with these variables."""

    def found(check: str, **variables: str) -> list[Finding]:
        for name in ("TERM", "COLORTERM", "NO_COLOR", "SSH_CONNECTION", "TMUX", "STY"):
            monkeypatch.delenv(name, raising=False)
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        return findings_of(check, Path("none"))

    return found


def test_a_dumb_terminal(colours: Callable[..., list[Finding]]) -> None:
    found = bad(colours("terminal", TERM="dumb"))
    assert found.level == "problem" and found.where == "TERM"
    advised("use another terminal, or ", found.cure)
    assert colours("colours", TERM="dumb") == []
    advised("set TERM to the name of yours, such as", bad(colours("terminal")).cure)
    assert colours("terminal", TERM="xterm-256color")[0].level == "ok"


def test_a_terminal_that_this_machine_does_not_know(tmp_path: Path) -> None:
    found = bad(findings_elsewhere("terminal", tmp_path, {"TERM": "xterm-nonsense"}))
    advised("copy its description here from the machine on which the terminal runs", found.cure)


def test_colours_that_ssh_lost(colours: Callable[..., list[Finding]]) -> None:
    found = bad(colours("colours", TERM="xterm-256color", SSH_CONNECTION="1 2 3 4"))
    assert found.what.startswith("SSH did not pass COLORTERM on; the app uses 256 colours")
    greys = len(IN_256.values)
    assert f"pictures have {greys} greys" in found.what
    for page, text in (
        ("troubleshooting", f"{greys} greys;"),
        ("settings", f"nearest of {greys};"),
    ):
        assert text in page_path(page).read_text(encoding="utf-8")
    advised("; or connect with ssh -o SendEnv=COLORTERM", found.cure)
    found = bad(colours("colours", TERM="xterm"))
    assert "16 colours" in found.what
    advised("if your terminal has all colours, add to ~/.profile", found.cure)
    cured = colours("colours", TERM="xterm", COLORTERM="truecolor")
    assert [one.level for one in cured] == ["ok"]


def test_colours_that_are_switched_off(colours: Callable[..., list[Finding]]) -> None:
    found = bad(colours("colours", TERM="xterm", COLORTERM="truecolor", NO_COLOR="1"))
    advised("unset NO_COLOR", found.cure)


NO_LOCALE: Variables = {"LC_ALL": None, "LC_CTYPE": None, "LANG": None}


@pytest.mark.parametrize(
    ("variables", "what"),
    [
        ({**NO_LOCALE, "LANG": "C"}, "the locale C is not UTF-8"),
        ({**NO_LOCALE, "LC_ALL": "xx_YY.UTF-8"}, "the locale xx_YY.UTF-8 is not installed"),
        (NO_LOCALE, "no locale is set"),
    ],
)
def test_a_locale_without_utf_8(variables: Variables, what: str, tmp_path: Path) -> None:
    found = bad(findings_elsewhere("characters", tmp_path, variables))
    assert found.what.startswith(what)
    advised("choose a UTF-8 locale: export LC_ALL=C.UTF-8", found.cure)


def test_a_locale_with_utf_8(tmp_path: Path) -> None:
    (found,) = findings_elsewhere("characters", tmp_path, {**NO_LOCALE, "LC_ALL": "C.UTF-8"})
    assert found.level == "ok"


def test_gnu_screen(colours: Callable[..., list[Finding]]) -> None:
    found = colours("multiplexer", STY="1.screen", TERM="screen", COLORTERM="truecolor")
    problem, names, last = (one for one in found if one.level != "ok")
    assert problem.level == "problem"
    advised("and start a new screen: unsetenv COLORTERM", problem.cure)
    advised("and start a new screen: term screen-256color", names.cure)
    advised("if it is not there: altscreen on", last.cure)


def test_a_tmux_that_does_not_answer(colours: Callable[..., list[Finding]], tmp_path: Path) -> None:
    found = bad(colours("multiplexer", TMUX="/nonexistent,1,0", PATH=str(tmp_path)))
    advised("run xray-tui doctor where tmux runs", found.cure)


@pytest.fixture
def tmux(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Runs a command of tmux on a server of the test's own."""
    if shutil.which("tmux") is None:
        pytest.skip("tmux is not installed")

    def run(*words: str) -> None:
        inherited = {name: value for name, value in os.environ.items() if name != "TMUX"}
        socket = ["-S", str(tmp_path / "socket"), "-f", str(tmp_path / "tmux.conf")]
        subprocess.run(["tmux", *socket, *words], env={**inherited, **python_path()}, check=True)

    yield run
    run("kill-server")


def test_the_lines_for_tmux_are_named_and_help(tmux: Callable[..., None], tmp_path: Path) -> None:
    config, output = tmp_path / "tmux.conf", tmp_path / "findings"
    config.write_text("set -g default-terminal screen\nset -s escape-time 500\n")

    def found_in_tmux() -> list[Finding]:
        output.unlink(missing_ok=True)
        line = shlex.join(command_line("multiplexer", tmp_path))
        tmux("new-session", "-d", f"{line} >{output}.part; mv {output}.part {output}; sleep 100")
        end = time.monotonic() + 60
        while not output.exists():
            assert time.monotonic() < end
            time.sleep(0.05)
        return read(output.read_text())

    found = found_in_tmux()
    assert found[0].what.startswith("xray-tui runs in tmux")
    wrong = {one.what.split()[0]: one.cure for one in found if one.level == "advice"}
    assert list(wrong) == [
        "allow-passthrough",
        "set-clipboard",
        "default-terminal",
        "focus-events",
        "escape-time",
        "tmux",
    ]
    for cure in wrong.values():
        advised("add this line to ~/.tmux.conf, and run tmux source-file", cure)
    advised("; then detach and attach again", wrong.pop("tmux"))
    config.write_text("".join(cure.partition("tmux.conf: ")[2] + "\n" for cure in wrong.values()))
    tmux("source-file", str(config))
    cured = found_in_tmux()
    assert [one.what for one in cured if one.level == "advice" and "passes" not in one.what][
        1:
    ] == []
