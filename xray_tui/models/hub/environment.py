"""Keeps the Hugging Face libraries offline and quiet. Call before importing any of them."""

from __future__ import annotations

import os
import warnings

_QUIET = {
    "HF_HUB_OFFLINE": "1",  # from_pretrained hangs for minutes on a half-dead network
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
_LIBRARIES = ("torch", "diffusers", "transformers", "huggingface_hub", "accelerate")


def prepare_environment() -> None:
    """Set the libraries' environment variables (the user's own win) and hide their warnings."""
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    for library in _LIBRARIES:
        warnings.filterwarnings("ignore", module=rf"{library}(\.|$)")
