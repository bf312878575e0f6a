"""What ``xray-tui reproduce`` prints: a line or a JSON object for each image, and a summary."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import asdict
from typing import TYPE_CHECKING

import typer

from xray_tui.cli.output import note, say
from xray_tui.text import counted

if TYPE_CHECKING:
    from xray_tui.generation.reproducing.comparing import Difference, Distance
    from xray_tui.generation.reproducing.results import Failed, Reproduced

_DIGITS = 12
"""Digits of a hash that are shown; JSON has all."""


class Printed:
    """Prints the results of ``total`` images, each when it is known."""

    def __init__(self, total: int, *, as_json: bool) -> None:
        self._total = total
        self._as_json = as_json
        self._counts: Counter[str] = Counter()

    @property
    def count(self) -> int:
        """The number of results so far."""
        return self._counts.total()

    @property
    def exit_code(self) -> int:
        """0 if all images are bit-identical, 1 if some differ, 2 if one could not be made."""
        return 2 if self._counts["failed"] else 1 if self._counts["different"] else 0

    def add(self, result: Reproduced | Failed) -> None:
        """Print one result."""
        from xray_tui.generation.reproducing.results import Failed

        if isinstance(result, Failed):
            self._counts["failed"] += 1
            if self._as_json:
                typer.echo(json.dumps({"file": str(result.path), "error": result.message}))
            else:
                note(f"{result.path}: {result.message}")
            return
        self._counts["identical" if result.is_identical else "different"] += 1
        if self._as_json:
            typer.echo(json.dumps(_row(result)))
        else:
            say(_line(result))

    def finish(self) -> None:
        """Print the summary; in text, only of several images."""
        kinds = ("identical", "different", "failed")
        if self._as_json:
            counts = {kind: self._counts[kind] for kind in kinds}
            typer.echo(json.dumps({"images": self._total, **counts}))
        elif self._total > 1:
            identical, different, failed = (self._counts[kind] for kind in kinds)
            parts = [f"{identical:,} bit-identical", f"{different:,} not identical"]
            if failed:
                parts.append(f"{failed:,} not made")
            say(f"{counted(self._total, 'image')}: {', '.join(parts)}")


def _row(result: Reproduced) -> dict[str, object]:
    distance = result.distance
    return {
        "file": str(result.path),
        "identical": result.is_identical,
        "pixels": distance.pixels,
        "largest": distance.largest,
        "psnr": distance.psnr,
        "differences": [asdict(one) for one in result.differences],
        "saved": None if result.saved is None else str(result.saved),
    }


def _line(result: Reproduced) -> str:
    saved = "" if result.saved is None else f"; saved as {result.saved}"
    others = ", ".join(map(_difference, result.differences))
    if result.is_identical:
        although = f", although not as recorded: {others}" if others else ""
        return f"{result.path}: bit-identical{although}{saved}"
    why = (
        f"not as recorded: {others}"
        if others
        else "all is as recorded, so its pixels were changed later, or another kind of processor "
        "or graphics card made it"
    )
    return f"{result.path}: {_distance(result.distance)}; {why}{saved}"


def _distance(distance: Distance) -> str:
    differ = "pixel differs" if distance.pixels == 1 else "pixels differ"
    levels = counted(distance.largest, "grey level")
    return f"{distance.pixels:,} {differ} by at most {levels}, PSNR {distance.psnr:.1f} dB"


def _difference(one: Difference) -> str:
    here, recorded = one.here, one.recorded
    if one.what.startswith("model"):
        here, recorded = _short(here), _short(recorded)
    return f"{one.what} {here} instead of {recorded}"


def _short(fingerprint: str) -> str:
    """A hash, also after the ``@`` of a hub's revision, cut to its first digits."""
    name, at, digits = fingerprint.rpartition("@")
    return f"{name}{at}{digits[:_DIGITS]}"
