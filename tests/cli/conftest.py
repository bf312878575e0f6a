"""Fixtures for the tests of the command line."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.dataset_fixtures import dataset, root
from support.fork_server import ForkServer
from support.generate_process import GenerateProcess, StartGenerate
from support.run_command import run_command

__all__ = ["dataset", "root", "run_command", "start"]


@pytest.fixture
def start(parent: ForkServer) -> Iterator[StartGenerate]:
    """Starts ``xray-tui generate`` in processes that are killed at the end of the test."""
    started: list[GenerateProcess] = []

    def start_process(folder: Path, arguments: list[str], **conditions: Any) -> GenerateProcess:
        started.append(GenerateProcess(parent, folder, arguments, **conditions))
        return started[-1]

    yield start_process
    for generate in started:
        generate.process.kill(signal.SIGKILL)
        generate.process.wait()
