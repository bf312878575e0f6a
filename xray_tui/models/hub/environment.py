"""Keeps the Hugging Face libraries offline and quiet."""

from __future__ import annotations

import os
import warnings

_QUIET = {
    "HF_HUB_OFFLINE": "1",  # from_pretrained hangs for minutes on a broken network
    "HF_HUB_DISABLE_PROGRESS_BARS": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "TRANSFORMERS_VERBOSITY": "error",
    "DIFFUSERS_VERBOSITY": "error",
    "TOKENIZERS_PARALLELISM": "false",
}
_LIBRARIES = ("torch", "diffusers", "transformers", "huggingface_hub", "accelerate")


def prepare_environment() -> None:
    """Set the libraries' environment variables, unless the user set them, and hide warnings.

    Call it before importing any of these libraries.
    """
    for name, value in _QUIET.items():
        os.environ.setdefault(name, value)
    for library in _LIBRARIES:
        warnings.filterwarnings("ignore", module=rf"{library}(\.|$)")
