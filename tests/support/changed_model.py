"""A copy of the bundled checkpoint, with other weights."""

from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
from safetensors.numpy import load_file, save_file

from xray_tui.models.catalogue import bundled_path

WEIGHTS = "unet/diffusion_pytorch_model.safetensors"
"""The file that is another one in the copy."""


def changed_model(folder: Path, bias: float) -> Path:
    """Copy the checkpoint to ``folder``; ``bias`` is added to that of the last layer."""
    shutil.copytree(bundled_path(), folder)
    weights = load_file(folder / WEIGHTS)
    weights["conv_out.bias"] = weights["conv_out.bias"] + np.float16(bias)
    save_file(weights, folder / WEIGHTS, {"format": "pt"})
    return folder
