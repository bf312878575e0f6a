"""The wheel is built and installed once for all workers, and one dataset is generated with it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from filelock import FileLock
from support.fork_server import ONE_THREAD
from support.installation import Account, install_wheel
from support.terminal import CommandTerminal

FIRST_IMAGES = "xray-tui generate chest-normal-adult --count 4 --seed 7"
"""The manual's first command; :func:`furnished` runs it."""

OpenTerminal = Callable[..., CommandTerminal]


def once(folder: Path, make: Callable[[Path], None]) -> Path:
    """Fill ``folder`` in the first worker that needs it; the others wait."""
    with FileLock(f"{folder}.lock"):
        if not (folder / "made").exists():
            folder.mkdir()
            make(folder)
            (folder / "made").touch()
    return folder


@pytest.fixture(scope="session")
def installed(shared: Path) -> Path:
    """The environment with the wheel."""
    pytest.importorskip("build", reason="pip install '.[test]' brings build")
    pytest.importorskip("hatchling", reason="pip install '.[test]' brings hatchling")
    return once(shared / "installed", install_wheel) / "environment"


@pytest.fixture(scope="session")
def furnished(installed: Path, shared: Path) -> Account:
    """The account of somebody with four images in ./dataset, and the same in ~/xrays.

    Their settings ask for few steps and small images, to save time.
    """

    def furnish(folder: Path) -> None:
        account = Account.new(installed, folder)
        account.write_settings("[generation]\nsteps = 2\nwidth = 64\nheight = 64\n")
        account.extra.update(ONE_THREAD)  # the workers fill the cores; more threads only wait
        done = account.run(FIRST_IMAGES, seconds=400)
        assert done.returncode == 0, done.stdout
        account.run("cp -r dataset ~/xrays")

    folder = once(shared / "furnished", furnish)
    return Account(installed, folder / "work", folder / "home")


@pytest.fixture
def stranger(installed: Path, tmp_path: Path) -> Account:
    """An account with an empty home and an empty folder."""
    return Account.new(installed, tmp_path)


@pytest.fixture
def account(furnished: Account, tmp_path: Path) -> Account:
    """A copy of the furnished account."""
    return furnished.copy(tmp_path)


@pytest.fixture
def open_terminal() -> Iterator[OpenTerminal]:
    """Runs a line of an account in a terminal that is closed at the end of the test."""
    opened: list[CommandTerminal] = []

    def start(account: Account, line: str, **size: int) -> CommandTerminal:
        opened.append(account.open(line, **size))
        return opened[-1]

    yield start
    for terminal in opened:
        terminal.close()
