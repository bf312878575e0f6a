"""Options of the test run."""

from __future__ import annotations

import gc
import os
import secrets
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings
from support.fork_server import ONE_THREAD, ForkServer

from xray_tui.cli.launch import GARBAGE_THRESHOLDS
from xray_tui.keymap import use_keys


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-manual",
        action="store_true",
        help="rewrite the generated tables in the pages of the manual",
    )


@pytest.fixture(scope="session")
def shared(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Path:
    """A folder that all workers of this run share."""
    folder = tmp_path_factory.getbasetemp()
    return folder if worker_id == "master" else folder.parent


@pytest.fixture(scope="session")
def parent(shared: Path) -> Iterator[ForkServer]:
    """Starts the command without its six seconds of imports."""
    process = ForkServer(shared / "fork-server")
    yield process
    process.end()


@pytest.fixture(scope="session")
def _states(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("states")


@pytest.fixture(autouse=True)
def _own_state(_states: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No test sees what the app remembered for another test, or for the developer."""
    monkeypatch.setenv("XDG_STATE_HOME", str(_states / secrets.token_hex(8)))


@pytest.fixture(autouse=True)
def _usual_keys() -> None:
    """No test sees the keys that another test chose."""
    use_keys({})


def pytest_configure(config: pytest.Config) -> None:
    # The first text in a fresh clone takes seconds, as Hypothesis makes its tables of characters.
    settings.register_profile(
        "patient", deadline=None, suppress_health_check=[HealthCheck.too_slow]
    )
    settings.load_profile("patient")
    _pass_on_no_ignored_signals()
    # Screens are drawn in all colours, whatever terminal the tests run in.
    os.environ["COLORTERM"] = "truecolor"
    if "PYTEST_XDIST_WORKER" in os.environ:
        os.environ.update(ONE_THREAD)  # several workers fill the cores; more threads only wait
    _keep_bytecode(config.rootpath / ".pytest_cache" / "bytecode")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    # Long files first: at the end, short ones keep all processes busy. Those that mostly wait for
    # other processes come between the others, so that few workers wait at the same time.
    items.sort(key=lambda item: "workbench" not in item.path.parts)
    files = list(dict.fromkeys(item.path for item in items))
    waiting = [path for path in files if "e2e" in path.parts]
    busy = [path for path in files if "e2e" not in path.parts]
    place = {
        path: number / len(kind) for kind in (waiting, busy) for number, path in enumerate(kind)
    }
    items.sort(key=lambda item: place[item.path])


def pytest_collection_finish() -> None:
    # What is imported by now stays, and full collections are as rare as in the app: each looks at
    # 600,000 objects again where a test imports torch. They took a third of the time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(*GARBAGE_THRESHOLDS)


def pytest_sessionfinish() -> None:
    # Pytest, and Python at its exit, would look at all objects several times, which takes seconds.
    gc.freeze()


def _pass_on_no_ignored_signals() -> None:
    """Let the programs that tests start react to Ctrl-C and to a closed terminal.

    A shell starts background jobs with SIGINT ignored, and ``nohup`` ignores SIGHUP; what is
    ignored stays so in every program started from here, but a handler is not passed on.
    """
    if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
        signal.signal(signal.SIGINT, signal.default_int_handler)
    if signal.getsignal(signal.SIGHUP) is signal.SIG_IGN:
        signal.signal(signal.SIGHUP, lambda *_: None)


def _keep_bytecode(folder: Path) -> None:
    """Keep bytecode in ``folder`` where the environment lets Python write none.

    Otherwise every worker and every process that a test starts compiles the sources again; an app
    needs half a second for that.
    """
    if os.environ.pop("PYTHONDONTWRITEBYTECODE", ""):
        sys.dont_write_bytecode = False
        sys.pycache_prefix = os.environ["PYTHONPYCACHEPREFIX"] = str(folder)
