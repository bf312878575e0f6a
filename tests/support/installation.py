"""xray-tui as its users have it: the wheel in an environment of its own, run by a shell.

Nothing of the checkout or of the tester's environment reaches the commands: they see ``PATH``,
``TERM`` and ``HOME``, and start in a folder with nothing but what a test puts there.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import sysconfig
import venv
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from support.terminal import CommandTerminal

ROOT = Path(__file__).parents[2]


def install_wheel(folder: Path) -> None:
    """Build the wheel of this checkout, and install it in ``folder / "environment"``.

    The libraries are those of the running environment, which is not reached otherwise.
    """
    _call("-m", "build", "--no-isolation", "--wheel", "--outdir", folder, ROOT)
    environment = folder / "environment"
    venv.create(environment, symlinks=True)
    python = environment / "bin" / "python"
    (wheel,) = folder.glob("*.whl")
    _call("-m", "pip", "--python", python, "install", "--quiet", "--no-deps", "--no-index", wheel)
    libraries = [path for path in sys.path if Path(path).name in ("site-packages", "dist-packages")]
    assert libraries
    version = sysconfig.get_python_version()
    packages = environment / "lib" / f"python{version}" / "site-packages"
    (packages / "libraries.pth").write_text("\n".join(libraries), encoding="utf-8")


def _call(*arguments: object) -> None:
    command = [sys.executable, *map(str, arguments)]
    own = {k: v for k, v in os.environ.items() if k != "PYTHONPYCACHEPREFIX"}  # pip puts it there
    done = subprocess.run(command, env=own, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


@dataclass
class Account:
    """A user who has installed xray-tui: a home, and the folder in which they work."""

    installed: Path
    """The environment with the wheel."""
    folder: Path
    home: Path
    extra: dict[str, str] = field(default_factory=dict)
    """Environment variables that a test adds."""

    @classmethod
    def new(cls, installed: Path, parent: Path) -> Account:
        """An account with an empty home and an empty folder, in which ``.venv`` is the install."""
        account = cls(installed, parent / "work", parent / "home")
        account.folder.mkdir()
        account.home.mkdir()
        (account.folder / ".venv").symlink_to(installed)
        return account

    def copy(self, parent: Path) -> Account:
        """The same account in another place."""
        for folder in (self.folder, self.home):
            shutil.copytree(folder, parent / folder.name, symlinks=True)
        return Account(self.installed, parent / "work", parent / "home")

    @property
    def environment(self) -> Mapping[str, str]:
        """All that a command sees."""
        return {
            "PATH": f"{self.installed / 'bin'}:/usr/bin:/bin",
            "TERM": "xterm-256color",
            "HOME": str(self.home),
            **self.extra,
        }

    def write_settings(self, text: str) -> None:
        """Replace their settings file."""
        file = self.home / ".config" / "xray-tui" / "config.toml"
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")

    def run(self, line: str, seconds: float = 120) -> subprocess.CompletedProcess[str]:
        """Run a line of shell without a terminal; standard error is part of the output."""
        return subprocess.run(
            ["bash", "-c", line],
            cwd=self.folder,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=seconds,
            check=False,
        )

    def open(self, line: str, columns: int = 120, rows: int = 36) -> CommandTerminal:
        """Run a line of shell in a terminal."""
        return CommandTerminal(
            ["/bin/bash", "-c", line], self.folder, columns, rows, self.environment
        )
