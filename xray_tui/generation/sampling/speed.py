"""Which devices torch sees on this machine, and how fast they compute."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.generation.sampling.devices import resolve_device, resolve_dtype
from xray_tui.models.hub.environment import prepare_environment
from xray_tui.text import counted, size_text

if TYPE_CHECKING:
    import torch

_SIDE, _SIDE_ON_CPU = 4096, 512
"""Rows and columns of the matrices that are multiplied; a GPU needs large ones to be busy."""
_NVIDIA = (Path("/proc/driver/nvidia/version"), Path("/dev/nvidiactl"))
"""These exist where the driver of an NVIDIA GPU is loaded."""


@dataclass(frozen=True)
class Device:
    """A device that torch sees."""

    name: str
    title: str

    def __str__(self) -> str:
        return f"{self.name} ({self.title})"


@dataclass(frozen=True)
class Devices:
    """What torch says about this machine."""

    version: str
    devices: tuple[Device, ...]
    unseen_gpu: str = ""
    """Why torch does not see the GPU of this machine; empty if it does, or if there is none."""
    cure: str = ""


def devices() -> Devices:
    """The devices that torch sees. Importing torch takes seconds.

    Raises:
        Exception: torch cannot be imported; which error depends on what is wrong with it.
    """
    prepare_environment()
    import torch

    found = [Device("cpu", counted(torch.get_num_threads(), "thread"))]
    for number in range(torch.cuda.device_count() if torch.cuda.is_available() else 0):
        facts = torch.cuda.get_device_properties(number)
        found.append(Device(f"cuda:{number}", f"{facts.name}, {size_text(facts.total_memory)}"))
    if torch.backends.mps.is_available():
        found.append(Device("mps", "Apple GPU"))
    unseen, cure = ("", "") if len(found) > 1 else _unseen_gpu(torch.version.cuda)
    return Devices(torch.__version__, tuple(found), unseen, cure)


def _unseen_gpu(cuda: str | None) -> tuple[str, str]:
    if not any(path.exists() for path in _NVIDIA):
        return "", ""
    if cuda is None:
        return (
            "this machine has an NVIDIA GPU, but this PyTorch was built without CUDA",
            "install a PyTorch with CUDA: see pytorch.org/get-started",
        )
    return (
        f"this machine has an NVIDIA GPU, but PyTorch, which was built for CUDA {cuda}, cannot "
        "use it",
        "update the driver of the GPU, or install a PyTorch for an older CUDA: see "
        "pytorch.org/get-started; nvidia-smi shows which CUDA the driver supports",
    )


def check_device(device: str, dtype: str) -> None:
    """Check that this machine has the device and the number format of the user's settings.

    Raises:
        ModelError: it lacks one of them; the message names an alternative.
    """
    resolve_dtype(dtype, resolve_device(device))


def measure(name: str, seconds: float) -> float:
    """Operations per second of the device ``name`` in its usual number format.

    It multiplies matrices for about ``seconds``.
    """
    import torch

    device = resolve_device(name)
    side = _SIDE_ON_CPU if device.type == "cpu" else _SIDE
    matrix = torch.rand(side, side, device=device, dtype=resolve_dtype("auto", device))
    torch.mm(matrix, matrix)  # the first one prepares the library
    _finish(matrix)
    rounds = 0
    start = time.monotonic()
    while (elapsed := time.monotonic() - start) < seconds:
        torch.mm(matrix, matrix)
        rounds += 1
        _finish(matrix)
    return rounds * 2 * side**3 / elapsed


def _finish(tensor: torch.Tensor) -> None:
    """Wait until the device has computed everything."""
    import torch

    waits: dict[str, Callable[[], None]] = {
        "cuda": torch.cuda.synchronize,
        "mps": torch.mps.synchronize,
    }
    if wait := waits.get(tensor.device.type):
        wait()
