"""Installing completion where it cannot be installed, and by hand."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from support.advice import advised

COMMAND = f"{sys.executable} -m xray_tui"


def run(shell: str, line: str, home: Path | str) -> subprocess.CompletedProcess[str]:
    """Run a line in a shell; the second command keeps the shell from becoming the first."""
    return subprocess.run(
        [shell, "-c", f"{line}; exit $?"],
        env={**os.environ, "HOME": str(home), "XDG_DATA_HOME": "", "ZDOTDIR": ""},
        capture_output=True,
        text=True,
        check=False,
    )


def test_a_shell_without_completion_is_named(tmp_path: Path) -> None:
    done = run("sh", f"{COMMAND} --show-completion", tmp_path)
    assert done.returncode == 2 and "not in sh" in done.stderr
    advised("run this command in one of them", done.stderr)
    assert "complete -F" in run("bash", f"{COMMAND} --show-completion", tmp_path).stdout


def test_a_home_that_cannot_be_written_is_named(tmp_path: Path) -> None:
    (tmp_path / ".local").touch()
    done = run("bash", f"{COMMAND} --install-completion", tmp_path)
    assert done.returncode == 2 and str(tmp_path / ".local") in done.stderr
    advised("--show-completion yourself", done.stderr)
    script = tmp_path / "script"
    line = f"{COMMAND} --show-completion >{script}; source {script}; complete -p xray-tui"
    assert "_xray_tui_completion" in run("bash", line, tmp_path).stdout


def test_a_linked_startup_file_stays_a_link(tmp_path: Path) -> None:
    (tmp_path / "dotfiles").write_text("# mine")
    (tmp_path / ".bashrc").symlink_to("dotfiles")
    done = run("bash", f"{COMMAND} --install-completion", tmp_path)
    assert done.returncode == 0, done.stderr
    script = tmp_path / ".local" / "share" / "xray-tui" / "completion.bash"
    assert (tmp_path / ".bashrc").is_symlink() and script.is_file()
    assert (tmp_path / "dotfiles").read_text() == f"# mine\nsource {script}\n"
