"""Runs ``xray-tui generate --json`` in a separate process and reads its events."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from support.fork_server import ChildCommand, ForkServer

StartGenerate = Callable[..., "GenerateProcess"]
JOB = ["generate", "knee-healthy", "--count", "8", "--batch-size", "2", "--steps", "8", "--seed"]
JOB += ["7", "--size", "128x128", "--dataset", "D", "--json"]
RESUME = ["generate", "--resume", "--dataset", "D", "--json"]


class GenerateProcess:
    """A process that generates in ``folder``, and the events it prints."""

    def __init__(
        self, parent: ForkServer, folder: Path, arguments: list[str], **conditions: Any
    ) -> None:
        reading, writing = os.pipe()
        with (folder / "stderr.txt").open("w") as errors:
            command = ChildCommand(arguments, str(folder), **conditions)
            self.process = parent.start(command, writing, errors.fileno())
        os.close(writing)
        self._output = os.fdopen(reading)
        self.events: list[dict[str, Any]] = []
        self.lines: list[str] = []
        """Lines that are no events: the output without ``--json``."""

    def wait_for(self, name: str, times: int = 1, **fields: Any) -> dict[str, Any]:
        """Read until the event has come ``times`` times from now on; returns the last of them."""
        for line in self._output:
            event = json.loads(line)
            self.events.append(event)
            times -= event["event"] == name and fields.items() <= event.items()
            if times == 0:
                return event
        raise AssertionError(f"no {name} {fields}; the events: {self.events}")

    def wait_for_line(self, words: str) -> None:
        """Without ``--json``: read until a line has these words."""
        for line in self._output:
            self.lines.append(line)
            if words in line:
                return
        raise AssertionError(f"no line with {words}; the lines: {self.lines}")

    def end(self) -> int:
        """Read all remaining events; returns the exit code."""
        with self._output:
            for line in self._output:
                if line[0] == "{":
                    self.events.append(json.loads(line))
                else:
                    self.lines.append(line)
        return self.process.wait()

    def signal(self, number: int) -> float:
        """Send a signal; returns the seconds until the process has ended."""
        start = time.monotonic()
        self.process.kill(number)
        self.process.wait()
        return time.monotonic() - start
