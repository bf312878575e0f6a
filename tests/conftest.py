"""Options of the test run."""

from __future__ import annotations

import os
import secrets
from pathlib import Path

import pytest

from xray_tui.keymap import use_keys


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption(
        "--update-manual",
        action="store_true",
        help="rewrite the generated tables in the pages of the manual",
    )


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


def pytest_configure() -> None:
    # Screens are drawn in all colours, whatever terminal the tests run in.
    os.environ["COLORTERM"] = "truecolor"
