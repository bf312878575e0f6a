"""Chooses the device and the number format of a job, and refuses those this machine lacks."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from xray_tui.environment import docstrings_are_stripped
from xray_tui.errors import ModelError
from xray_tui.models.hub.environment import prepare_environment
from xray_tui.tasks import Job
from xray_tui.text import clean

if TYPE_CHECKING:
    import torch

EVERYWHERE = ("auto", "cpu")
"""Devices that exist on every machine."""


def resolve_device(name: str) -> torch.device:
    """``auto``, ``cpu``, ``mps``, ``cuda`` or ``cuda:N`` as the torch device to use.

    Raises:
        ModelError: this machine has no such device; the message names the ones it has.
    """
    import torch

    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "mps" if _has_mps() else "cpu"
    try:
        device = torch.device(name)
    except RuntimeError as error:  # unknown name, or a number that no GPU can have
        raise ModelError(f"device {clean(name)[:80]}: there is no such device") from error
    if device.type == "cuda":
        return _cuda(device)
    if device.type == "mps" and not _has_mps():
        raise ModelError("device mps: not available on this machine; use device auto or cpu")
    return device


def usable_device(name: str) -> str:
    """``name``, or ``auto`` if this machine has no such device.

    Raises:
        ModelError: torch cannot be imported by this Python.
    """
    check_python()
    prepare_environment()
    try:
        resolve_device(name)
    except ModelError:
        return "auto"
    return name


@contextmanager
def threads(number: int) -> Iterator[None]:
    """Within ``with``, torch uses ``number`` CPU threads for one operation."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(number)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def check_python() -> None:
    """Refuse a Python without docstrings, which transformers reads when it is imported.

    Raises:
        ModelError: says how to start xray-tui.
    """
    if docstrings_are_stripped():
        raise ModelError(
            "no model can be loaded while Python runs with -OO, because a library needs the "
            "docstrings; start xray-tui without -OO, and unset PYTHONOPTIMIZE or set it to 1"
        )


def check_devices(job: Job) -> None:
    """Refuse a job for a device or a number format that this machine does not have.

    Does not import torch if every task uses a device of :data:`EVERYWHERE`.

    Raises:
        ModelError: names the missing device or format, and an alternative.
    """
    check_python()
    prepare_environment()
    named = {(task.parameters.device, task.parameters.dtype) for task in job.tasks}
    for device, dtype in sorted(named):
        if device not in EVERYWHERE:
            resolve_dtype(dtype, resolve_device(device))


def _cuda(device: torch.device) -> torch.device:
    import torch

    if not torch.cuda.is_available():
        why = "torch was built without CUDA" if torch.version.cuda is None else "torch sees no GPU"
        raise ModelError(f"device {device}: not available here ({why}); use device auto or cpu")
    count = torch.cuda.device_count()
    index = device.index or 0
    if index >= count:
        existing = "only cuda:0" if count == 1 else f"cuda:0 to cuda:{count - 1}"
        raise ModelError(f"device {device}: does not exist; this machine has {existing}")
    return torch.device("cuda", index)


def _has_mps() -> bool:
    import torch

    return bool(torch.backends.mps.is_available())


def resolve_dtype(name: str, device: torch.device) -> torch.dtype:
    """The torch dtype called ``name``; ``auto`` is float16 on CUDA and float32 elsewhere.

    Raises:
        ModelError: the device cannot compute in that format.
    """
    import torch

    if name == "auto":
        return torch.float16 if device.type == "cuda" else torch.float32
    dtype = {"float32": torch.float32, "float16": torch.float16, "bfloat16": torch.bfloat16}[name]
    if dtype == torch.bfloat16 and device.type == "cuda" and not torch.cuda.is_bf16_supported():
        raise ModelError("dtype bfloat16: this GPU does not support it; use float16")
    return dtype
