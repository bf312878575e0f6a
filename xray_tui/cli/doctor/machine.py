"""Checks of the machine: devices and their speed, memory, open files, the clock."""

from __future__ import annotations

import resource
from collections.abc import Iterator
from datetime import UTC, datetime

from xray_tui.cli.doctor.finding import Finding, advice, from_error, ok, problem
from xray_tui.cli.doctor.situation import Situation
from xray_tui.errors import ModelError
from xray_tui.text import counted, size_text

ONE_SECOND = 1.0
_EARLIEST = datetime(2025, 6, 1, tzinfo=UTC)
"""Before this day, no version of xray-tui existed."""
_LATEST = datetime(2100, 1, 1, tzinfo=UTC)
_LEAST_MEMORY = 1_000_000_000
"""Less than this, and the bundled model may not fit."""
_ENOUGH_MEMORY = 3_000_000_000
_LEAST_FILES, _ENOUGH_FILES = 256, 1024


def devices(situation: Situation) -> Iterator[Finding]:
    """Whether torch can be imported, which devices it sees, and how fast each computes."""
    from xray_tui.generation.sampling import speed

    try:
        seen = speed.devices()
    except Exception as error:
        yield problem(
            f"PyTorch cannot be imported: {type(error).__name__}: {error}"[:300],
            "install it again: pip install --force-reinstall torch",
            "torch",
        )
        return
    yield ok(f"PyTorch {seen.version}")
    for device in seen.devices:
        try:
            billions = speed.measure(device.name, ONE_SECOND) / 1e9
        except Exception as error:
            yield problem(
                f"{device} does not compute: {type(error).__name__}: {error}"[:300],
                "install a PyTorch that was built for this GPU and its driver "
                "(pytorch.org/get-started), or use device cpu",
                device.name,
            )
        else:
            yield ok(f"{device}: {billions:,.0f} billion operations a second")
    if seen.unseen_gpu:
        yield problem(seen.unseen_gpu, seen.cure, "torch")
    wanted = str(situation.settings.generation.get("device", "auto"))
    try:
        speed.check_device(wanted, str(situation.settings.generation.get("dtype", "auto")))
    except ModelError as error:
        yield from_error(error, "choose another device in the settings", "generation.device")


def memory(_: Situation) -> Iterator[Finding]:
    """Whether enough memory is free to load a model, and enough files can be open."""
    from xray_tui.generation.sampling.memory import free_main_memory

    free = free_main_memory()
    shown = f"{size_text(free)} of memory is free"
    if free < _LEAST_MEMORY:
        yield problem(
            f"only {shown}; a job may be stopped by the system",
            "close other programs, or use a machine or a container with more memory",
        )
    elif free < _ENOUGH_MEMORY:
        yield advice(
            f"{shown}: enough for the bundled model, not for larger ones",
            "close other programs before you use a larger model",
        )
    else:
        yield ok(shown)
    files = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    if 0 <= files < _LEAST_FILES:
        yield problem(
            f"a process may open only {counted(files, 'file')} at once",
            f"raise the limit before you start xray-tui: ulimit -n {_ENOUGH_FILES}",
            "ulimit -n",
        )


def clock(_: Situation) -> Iterator[Finding]:
    """Whether the clock can be right."""
    return clock_at(datetime.now(UTC))


def clock_at(now: datetime) -> Iterator[Finding]:
    """What is wrong with a clock that shows ``now``."""
    shown = f"{now:%Y-%m-%d %H:%M} UTC"
    if _EARLIEST <= now < _LATEST:
        yield ok(f"the clock says {shown}")
        return
    yield problem(
        f"the clock says {shown}, which cannot be right; the order of reviews would be wrong",
        "set the clock, for example with: sudo timedatectl set-ntp true",
        "clock",
    )
