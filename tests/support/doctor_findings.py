"""Runs single checks of ``xray-tui doctor``: here, or in a process with other variables.

``python -m support.doctor_findings CHECK FOLDER`` prints the findings of one check, one JSON object
a line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path

from xray_tui.cli.doctor.checks import CHECKS
from xray_tui.cli.doctor.finding import Finding
from xray_tui.cli.doctor.situation import Situation
from xray_tui.config import Settings


def findings_of(check: str, folder: Path, **generation: object) -> list[Finding]:
    """What a check finds with the defaults and the dataset ``folder``."""
    (wanted,) = (one for one in CHECKS if one.name == check)
    settings = Settings(dataset=folder, generation=generation)
    return wanted.findings(Situation(settings, can_ask=False))


def findings_elsewhere(
    check: str, folder: Path, variables: Mapping[str, str | None]
) -> list[Finding]:
    """The same in a process that starts with these variables; None unsets one."""
    line = command_line(check, folder)
    environment = {**os.environ, **python_path(), **variables}
    done = subprocess.run(
        line,
        env={name: value for name, value in environment.items() if value is not None},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return read(done.stdout)


def command_line(check: str, folder: Path) -> list[str]:
    """The command that prints what a check finds."""
    return [sys.executable, "-m", "support.doctor_findings", check, str(folder)]


def python_path() -> dict[str, str]:
    """The variables that the command needs."""
    return {"PYTHONPATH": str(Path(__file__).parents[1])}


def read(text: str) -> list[Finding]:
    """The findings that were printed."""
    return [Finding(**json.loads(line)) for line in text.splitlines()]


def bad(findings: list[Finding]) -> Finding:
    """The only finding that is not in order."""
    (found,) = (one for one in findings if one.level != "ok")
    return found


if __name__ == "__main__":
    for finding in findings_of(sys.argv[1], Path(sys.argv[2])):
        print(json.dumps(asdict(finding)))
