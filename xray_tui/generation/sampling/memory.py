"""Memory of the device: whether a model fits, how much is in use, and how to need less."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from xray_tui.errors import ModelError

if TYPE_CHECKING:
    import torch

_OUT_OF_MEMORY = ("out of memory", "allocate memory", "alloc_failed")
"""Words that mark an error as out of memory, from the CPU, Apple devices and GPU libraries."""

_CGROUP = Path("/sys/fs/cgroup")

Measure = tuple[str, Callable[[], object]]
"""A way to need less memory: its name for the log, and the function that applies it."""


_OVERHEAD = 1.1
_HALF = 2
"""Bytes of a number in half precision."""


def check_memory(parameters: int, device: torch.device, dtype: torch.dtype) -> None:
    """Refuse a model whose weights alone do not fit.

    Raises:
        ModelError: says how much is needed and how much is free.
    """
    needed = int(parameters * dtype.itemsize * _OVERHEAD)
    free = free_memory(device)
    if needed > free:
        where = "GPU memory" if device.type == "cuda" else "memory"
        raise ModelError(
            f"not enough {where}: the model needs about {_gigabytes(needed)}, "
            f"only {_gigabytes(free)} is free on {device}; use {_remedies(parameters, dtype, free)}"
        )


def _remedies(parameters: int, dtype: torch.dtype, free: int) -> str:
    if dtype.itemsize > _HALF and parameters * _HALF * _OVERHEAD <= free:
        return "dtype float16, a smaller model, or another device"
    return "a smaller model or another device"


def free_memory(device: torch.device) -> int:
    """Bytes free on ``device``; for the CPU, at most what the container's limit leaves."""
    if device.type == "cuda":
        import torch

        return int(torch.cuda.mem_get_info(device)[0])
    return free_main_memory()


def free_main_memory() -> int:
    """Bytes of main memory that are free, at most what the container's limit leaves."""
    import psutil

    free = int(psutil.virtual_memory().available)
    try:
        limit = int((_CGROUP / "memory.max").read_text())
        used = int((_CGROUP / "memory.current").read_text())
        cached = _file_cache((_CGROUP / "memory.stat").read_text())
    except (OSError, ValueError):
        return free
    return min(free, limit - used + cached)


def _file_cache(memory_stat: str) -> int:
    values = dict(line.split() for line in memory_stat.splitlines())
    return int(values.get("inactive_file", 0))


def used_memory(device: str) -> int:
    """Bytes allocated on a CUDA device; for other devices, the resident memory of this process.

    ``device`` is a torch device's name, such as ``cpu`` or ``cuda:0``.
    """
    if device.startswith("cuda"):
        import torch

        return int(torch.cuda.memory_allocated(device))
    import psutil

    return int(psutil.Process().memory_info().rss)


def is_out_of_memory(error: Exception) -> bool:
    """Whether ``error`` says that memory ran out, on a GPU or on the CPU."""
    import torch

    if isinstance(error, torch.OutOfMemoryError | MemoryError):
        return True
    return any(words in str(error).lower() for words in _OUT_OF_MEMORY)


def release_memory() -> None:
    """Return memory of dropped tensors to the system or the GPU."""
    import gc
    import sys

    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_available():
        torch.cuda.empty_cache()


def saving_measures(pipeline: Any, device: torch.device) -> list[Measure]:
    """Ways to need less memory; those that cost the least speed come first."""

    def slice_and_tile() -> None:
        pipeline.enable_attention_slicing()
        pipeline.vae.enable_slicing()
        pipeline.vae.enable_tiling()

    measures: list[Measure] = [("slicing and tiling", slice_and_tile)]
    if device.type == "cuda":
        measures.append(
            (
                "weights kept in main memory (slow)",
                lambda: pipeline.enable_sequential_cpu_offload(device=device),
            )
        )
    return measures


def _gigabytes(size: int) -> str:
    return f"{size / 1e9:.1f} GB"
