"""Checks of Python, and of the packages that xray-tui uses."""

from __future__ import annotations

import platform
import shlex
import sys
from collections.abc import Iterator
from importlib import metadata

from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet
from packaging.version import InvalidVersion, Version

from xray_tui import __version__
from xray_tui.cli.doctor.finding import Finding, advice, ok, problem
from xray_tui.cli.doctor.situation import Situation
from xray_tui.environment import docstrings_are_stripped

_PACKAGE = "xray-tui"
_NAMED = ("torch", "diffusers", "transformers", "textual", "pillow")
"""Packages whose versions are worth showing."""


def python(_: Situation) -> Iterator[Finding]:
    """The version of Python, and how it was started."""
    version = platform.python_version()
    try:
        bounds = SpecifierSet(metadata.metadata(_PACKAGE)["Requires-Python"] or "")
    except metadata.PackageNotFoundError:
        bounds = SpecifierSet()
    if bounds.contains(version, prereleases=True):
        yield ok(f"xray-tui {__version__} runs in Python {version}", sys.executable)
    else:
        yield problem(
            f"Python is {version}, but xray-tui needs {bounds}",
            "make a new virtual environment with such a Python, and install xray-tui in it",
            sys.executable,
        )
    if docstrings_are_stripped():
        yield problem(
            "Python runs with -OO, which removes texts that a library needs to load models",
            "start xray-tui without -OO, and unset PYTHONOPTIMIZE or set it to 1",
            "PYTHONOPTIMIZE",
        )


def packages(_: Situation) -> Iterator[Finding]:
    """Whether each package that xray-tui needs is there, in a version that it can use."""
    try:
        needed = [Requirement(line) for line in metadata.requires(_PACKAGE) or ()]
    except metadata.PackageNotFoundError:
        yield advice(
            "xray-tui runs from its source, so the versions of packages were not compared",
            f"install it: {_pip('.')}",
        )
        return
    needed = [one for one in needed if one.marker is None or one.marker.evaluate({"extra": ""})]
    unfit = [finding for one in needed if (finding := _unfit(one)) is not None]
    yield from unfit
    if not unfit:
        named = ", ".join(f"{name} {_version(name)}" for name in _NAMED)
        yield ok(f"{len(needed)} packages are there in versions that fit; among them {named}")


def _unfit(needed: Requirement) -> Finding | None:
    version = _version(needed.name)
    wanted = f"{needed.name}{needed.specifier}"
    install = _pip(wanted)
    if version is None:
        return problem(f"{wanted} is not installed", f"install it: {install}", needed.name)
    try:
        fits = needed.specifier.contains(Version(version), prereleases=True)
    except InvalidVersion:
        fits = False
    if fits:
        return None
    return problem(
        f"{needed.name} {version} is installed, but xray-tui needs {wanted}",
        f"install a version that fits: {install}",
        needed.name,
    )


def _version(name: str) -> str | None:
    try:
        return metadata.version(name)
    except metadata.PackageNotFoundError:
        return None


def _pip(wanted: str) -> str:
    return shlex.join([sys.executable, "-m", "pip", "install", wanted])
