"""The table of checks, in the order in which they run."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

from xray_tui.cli.doctor import (
    dataset,
    disk,
    files,
    hub,
    machine,
    multiplexer,
    pictures,
    python,
    terminal,
)
from xray_tui.cli.doctor.finding import Finding, problem
from xray_tui.cli.doctor.situation import Situation


@dataclass(frozen=True)
class Check:
    """One kind of check."""

    name: str
    """Under ``check`` in the JSON output, so it never changes."""
    title: str
    run: Callable[[Situation], Iterator[Finding]]
    slow: str = ""
    """What is shown while it runs, if it takes longer than a second."""

    def findings(self, situation: Situation) -> list[Finding]:
        """What it finds; an error inside it is a finding, too, so that the other checks run."""
        found: list[Finding] = []
        try:
            found.extend(self.run(situation))
        except Exception as error:
            found.append(
                problem(
                    f"this check ended with an error: {type(error).__name__}: {error}"[:300],
                    "please report it: xray-tui help troubleshooting says how",
                )
            )
        return found


CHECKS = (
    Check("offline", "Hub, offline variables", hub.offline),  # before the client is imported
    Check("settings", "Settings", files.settings),
    Check("prompts", "Prompts", files.prompts),
    Check("python", "Python", python.python),
    Check("packages", "Packages", python.packages),
    Check("devices", "PyTorch and devices", machine.devices, "importing and measuring"),
    Check("memory", "Memory", machine.memory),
    Check("clock", "Clock", machine.clock),
    Check("disk", "Disk of the dataset", disk.disk, "writing to the dataset's disk"),
    Check("dataset", "Dataset", dataset.dataset),
    Check("downloads", "Downloaded models", hub.downloads),
    Check("token", "Token", hub.token),
    Check("model", "Model", hub.model),
    Check("terminal", "Terminal", terminal.terminal),
    Check("colours", "Colours", terminal.colours),
    Check("characters", "Characters", terminal.characters),
    Check("multiplexer", "tmux and screen", multiplexer.multiplexer),
    Check("pictures", "Pictures", pictures.pictures),
)
"""Pictures come last: they need an answer."""
