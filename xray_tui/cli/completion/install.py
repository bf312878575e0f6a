"""``--install-completion`` and ``--show-completion``, for the shell that runs the command."""

from __future__ import annotations

import shlex
from pathlib import Path
from typing import Annotated

import typer

from xray_tui.cli.completion.scripts import SCRIPTS, SHELLS, Shell
from xray_tui.cli.output import fail, say
from xray_tui.environment import shell_name, user_path, variable


def _show(wanted: bool) -> None:
    if wanted:
        typer.echo(SCRIPTS[_shell()], nl=False)
        raise typer.Exit


def _install(wanted: bool) -> None:
    if not wanted:
        return
    shell = _shell()
    script, startup = _places(shell)
    read_it = shlex.join(["source", str(script)])
    try:
        script.parent.mkdir(parents=True, exist_ok=True)
        script.write_text(SCRIPTS[shell], encoding="utf-8")
        if startup is not None:
            _add_line(startup, read_it)
    except OSError as error:
        fail(
            f"{error.filename or script}: {error.strerror}; save the output of "
            f"xray-tui --show-completion yourself, in a file that {shell} reads when it starts"
        )
    say(f"Completion for {shell} is in {script}" + (f", read by {startup}" if startup else ""))
    say(f"It works in each new {shell}; in this one, after: {read_it}")
    raise typer.Exit


InstallOption = Annotated[
    bool,
    typer.Option(
        "--install-completion",
        callback=_install,
        is_eager=True,
        help="Set up completion with TAB in your shell (bash, zsh or fish).",
    ),
]
ShowOption = Annotated[
    bool,
    typer.Option(
        "--show-completion",
        callback=_show,
        is_eager=True,
        help="Print the script that --install-completion would install.",
    ),
]


def _shell() -> Shell:
    name = shell_name()
    shell = next((known for known in SHELLS if known == name), None)
    if shell is None:
        fail(
            f"completion works in bash, zsh and fish, not in {name or 'this shell'}; "
            "run this command in one of them"
        )
    return shell


def _places(shell: Shell) -> tuple[Path, Path | None]:
    """Where the script goes, and the file that reads it when the shell starts.

    fish finds the script by itself.
    """
    home = user_path("~")
    if home is None:
        fail("you have no home folder, so there is no place for completion; set HOME")
    if shell == "fish":
        config = _folder("XDG_CONFIG_HOME", home / ".config")
        return config / "fish" / "completions" / "xray-tui.fish", None
    script = _folder("XDG_DATA_HOME", home / ".local" / "share") / "xray-tui"
    startup = _folder("ZDOTDIR", home) / ".zshrc" if shell == "zsh" else home / ".bashrc"
    return script / f"completion.{shell}", startup


def _folder(name: str, usual: Path) -> Path:
    """The absolute folder that a variable names; a relative one is ignored, as XDG says."""
    value = variable(name)
    return Path(value) if value.startswith("/") else usual


def _add_line(path: Path, line: str) -> None:
    """Append ``line`` to the file, unless it is there; a link stays a link."""
    before = path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""
    if line in before.splitlines():
        return
    with path.open("a", encoding="utf-8") as file:
        file.write("\n" * (before != "" and not before.endswith("\n")) + line + "\n")
