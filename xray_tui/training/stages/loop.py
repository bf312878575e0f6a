"""The training loop of every stage: runs for a number of minutes, saves at intervals, resumes."""

from __future__ import annotations

import time
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

import torch
from torch import nn

from xray_tui.training.stages.state import LossLog, best_device, save_state

SAVE_EVERY = 180.0
"""Seconds between saved states."""


class Stage(Protocol):
    """A network being trained, and how it is trained."""

    peak_rate: float

    @property
    def optimizer(self) -> torch.optim.Optimizer:
        """The optimizer of the trained weights; the loop sets its learning rate at each step."""

    def parts(self) -> Mapping[str, nn.Module]:
        """The networks to save, by their names in the saved state."""

    def rate(self, progress: float, step: int) -> float:
        """Share of the peak learning rate once ``progress`` (0…1) of the time has passed."""

    def loss(self, step: int) -> torch.Tensor:
        """The loss of a new random batch."""

    def after_step(self, step: int) -> None:
        """Called after the optimizer's ``step``-th step."""

    def measures(self) -> Mapping[str, float]:
        """Values to log along with the loss whenever the state is saved."""


def train(stage: Stage, state: Path, minutes: float) -> None:
    """Train ``stage`` for ``minutes`` in total, including earlier runs saved in ``state``.

    Writes a log of losses next to ``state``, as a CSV of the same name.
    """
    device = best_device()
    done, step = _resume(stage, state, device)
    log = LossLog(state.with_suffix(".csv"))
    torch.manual_seed(step)
    started = last_saved = time.monotonic()
    recent: list[torch.Tensor] = []

    def save(seconds: float) -> None:
        log.add(step, seconds, loss=float(torch.stack(recent).mean()), **stage.measures())
        recent.clear()
        saved = {name: part.state_dict() for name, part in stage.parts().items()}
        save_state(
            state, **saved, optimizer=stage.optimizer.state_dict(), seconds=seconds, step=step
        )

    while (seconds := done + time.monotonic() - started) < 60 * minutes:
        for group in stage.optimizer.param_groups:
            group["lr"] = stage.peak_rate * stage.rate(seconds / (60 * minutes), step)
        loss = stage.loss(step)
        stage.optimizer.zero_grad()
        loss.backward()  # type: ignore[no-untyped-call]
        learning = (weight for group in stage.optimizer.param_groups for weight in group["params"])
        torch.nn.utils.clip_grad_norm_(learning, 1.0)
        stage.optimizer.step()
        step += 1
        stage.after_step(step)
        recent.append(loss.detach())
        if time.monotonic() - last_saved > SAVE_EVERY:
            last_saved = time.monotonic()
            save(seconds)
    if recent:
        save(seconds)


def _resume(stage: Stage, state: Path, device: torch.device) -> tuple[float, int]:
    """Load the saved state into ``stage``; returns the seconds and steps already trained."""
    if not state.exists():
        return 0.0, 0
    saved = torch.load(state, map_location=device, weights_only=True)
    for name, part in stage.parts().items():
        part.load_state_dict(saved[name])
    stage.optimizer.load_state_dict(saved["optimizer"])
    return saved["seconds"], saved["step"]
