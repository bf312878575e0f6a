"""The private parts of torch that training uses. Read from 2.13.0.

``tests/training/stages/test_torch_internals.py`` fails when a new version changes them.
"""

from __future__ import annotations

import torch


def move_towards(tensors: list[torch.Tensor], goals: list[torch.Tensor], by: float) -> None:
    """Move each tensor, in place, by this share of the way towards its goal, all in one call."""
    torch._foreach_lerp_(tensors, goals, by)


def cpu_has_bfloat16() -> bool:
    """Whether this CPU has instructions for bfloat16, so that computing with it is faster."""
    return bool(torch.ops.mkldnn._is_mkldnn_bf16_supported())
