"""Chooses the files of a hub repository that are downloaded."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.models.weights import choose_weights

INDEX = "model_index.json"
_SMALL = re.compile(
    r"model_index\.json|preview\.json|(unet|vae|text_encoder)/config\.json"
    r"|scheduler/scheduler_config\.json|tokenizer/[\w.-]+\.(json|txt)",
    re.ASCII,
)


@dataclass(frozen=True)
class HubFile:
    """A file of a hub repository: its path, its size in bytes, and its name in the cache."""

    name: str
    size: int
    blob: str


def choose_files(siblings: Iterable[Any]) -> list[HubFile]:
    """The files of a Stable Diffusion checkpoint among the hub's ``siblings``.

    Safetensors weights of one variant, configurations and the tokenizer; no pickles, no safety
    checker and no other files.

    Raises:
        ModelError: the model is not a diffusers checkpoint, or has no safetensors weights.
    """
    files = {sibling.rfilename: sibling for sibling in siblings}
    if INDEX not in files:
        single = any(name.endswith(".safetensors") and "/" not in name for name in files)
        hint = "download its .safetensors file by hand and pass it with --model"
        remedy = hint if single else "use another model"
        raise ModelError(f"not a diffusers checkpoint (no {INDEX}); {remedy}")
    names = [name for name in files if _SMALL.fullmatch(name)]
    return [_hub_file(files[name]) for name in (*names, *choose_weights(files))]


def _hub_file(sibling: Any) -> HubFile:
    large = sibling.lfs
    return HubFile(
        name=sibling.rfilename,
        size=sibling.size or 0,
        blob=(large.sha256 if large is not None else sibling.blob_id) or "",
    )
