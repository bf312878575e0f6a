"""``xray-tui doctor``: runs the checks, and prints what they find."""

from __future__ import annotations

import gc
import json
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from xray_tui import environment
from xray_tui.cli.options import DatasetArgument, DatasetOption, one_dataset
from xray_tui.cli.output import say
from xray_tui.text import counted

EXAMPLES = """\b
Examples:
  xray-tui doctor
  xray-tui doctor ~/xrays
  xray-tui doctor --json
"""

if TYPE_CHECKING:
    from xray_tui.cli.doctor.finding import Finding

_MARKS = {"ok": "✓", "advice": "!", "problem": "✗"}


def doctor(
    folder: DatasetArgument = None,
    dataset: DatasetOption = None,
    as_json: Annotated[
        bool,
        typer.Option("--json", help="Print one JSON object per finding, and a summary at the end."),
    ] = False,
) -> None:
    """Examine machine, disk and terminal, and say how to cure problems.

    Nothing is changed: the disk is tested with a file that is removed again. In a terminal, a test
    picture is shown, with a question whether it looks right; --json and pipes never ask.

    Exit code: 0 no problems, 1 problems, 2 wrong usage or input.
    """
    from xray_tui.cli.doctor.checks import CHECKS
    from xray_tui.cli.doctor.situation import Situation
    from xray_tui.cli.doctor.usable_settings import usable_settings

    settings = usable_settings().with_flags(dataset=one_dataset(folder, dataset))
    situation = Situation(settings, can_ask=environment.in_terminal() and not as_json)
    levels: Counter[str] = Counter()
    for check in CHECKS:
        with _status(check.slow):
            findings = check.findings(situation)
        levels.update(finding.level for finding in findings)
        if as_json:
            for finding in findings:
                typer.echo(json.dumps({"check": check.name, **asdict(finding)}))
        elif findings:
            say(check.title)
            _print(findings)
    problems, advices = levels["problem"], levels["advice"]
    if as_json:
        typer.echo(json.dumps({"problems": problems, "advice": advices}))
    else:
        say("")
        found = counted(problems, "problem") if problems else "no problems"
        say(f"{found}, {counted(advices, 'piece of advice', 'pieces of advice')}")
    gc.freeze()  # otherwise the end of the process collects torch's modules, which takes a second
    raise typer.Exit(1 if problems else 0)


@contextmanager
def _status(text: str) -> Iterator[None]:
    """Show ``text`` with something that moves, if standard error is a terminal."""
    from rich.console import Console

    console = Console(stderr=True)
    if not text or not console.is_terminal:
        yield
        return
    with console.status(text):
        yield


def _print(findings: Iterable[Finding]) -> None:
    """Print findings; a place that several of them have is named once."""
    place = ""
    for finding in findings:
        where = f" ({finding.where})" if finding.where not in ("", place) else ""
        place = finding.where
        say(f"  {_MARKS[finding.level]} {finding.what}{where}")
        if finding.cure:
            say(f"      → {finding.cure}")
