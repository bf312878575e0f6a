"""The noise schedule: scaled-linear betas, stretched until almost no signal is left at the end.

With the usual schedule the last step still contains 7 % of the image's mean, and dark limbs become
grey (Lin et al. 2023, arXiv:2305.08891). Exactly zero signal would break samplers that divide by
it, so a little is left. The betas are stored in the scheduler's configuration, so that every
diffusers scheduler uses them.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

STEPS = 1000
LAST_SIGNAL = 4e-4
"""alphas_cumprod at the last step: noise of sigma 50."""


def training_betas() -> npt.NDArray[np.float64]:
    """1000 betas whose cumulative signal falls from 0.99915 to ``LAST_SIGNAL``."""
    betas = np.linspace(0.00085**0.5, 0.012**0.5, STEPS) ** 2
    root = np.sqrt(np.cumprod(1 - betas))
    first, last = root[0], root[-1]
    target = LAST_SIGNAL**0.5
    root = target + (root - last) * (first - target) / (first - last)
    signal = root**2
    stretched: npt.NDArray[np.float64] = 1 - signal / np.concatenate([[1.0], signal[:-1]])
    return stretched
