"""Devices, saved states and logs, shared by all stages."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import torch

from xray_tui.training.stages.torch_internals import cpu_has_bfloat16


def best_device() -> torch.device:
    """The GPU if there is one, otherwise the CPU."""
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def bfloat16_if_fast(device: torch.device) -> torch.autocast:
    """Context in which layers use bfloat16 if supported, which is 1.2 times as fast on a CPU."""
    supported = device.type == "cuda" or cpu_has_bfloat16()
    return torch.autocast(device.type, torch.bfloat16, enabled=supported)


def bfloat16_on_gpu(device: torch.device) -> torch.autocast:
    """Context in which layers use bfloat16, but only on a GPU."""
    return torch.autocast(device.type, torch.bfloat16, enabled=device.type == "cuda")


def save_state(path: Path, **state: Any) -> None:
    """Write ``state`` to ``path``, which never holds a partly written file."""
    temporary = path.with_suffix(".tmp")
    torch.save(state, temporary)
    temporary.replace(path)


class LossLog:
    """A CSV of step, seconds and losses, continued by every run; each row is also printed."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def add(self, step: int, seconds: float, **values: float) -> None:
        """Add one row."""
        new = not self._path.exists()
        with self._path.open("a", newline="") as file:
            writer = csv.writer(file)
            if new:
                writer.writerow(["step", "seconds", *values])
            writer.writerow([step, round(seconds), *(f"{value:.5f}" for value in values.values())])
        shown = "  ".join(f"{name} {value:.4f}" for name, value in values.items())
        print(f"step {step}  {seconds / 60:.1f} min  {shown}", flush=True)
