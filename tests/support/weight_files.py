"""Writes .safetensors files of zeros that take no space on the disk."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from pathlib import Path
from typing import Any

SD1_NAMES = {
    "model.diffusion_model.input_blocks.0.0.weight": (4, 4, 3, 3),
    "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight": (4, 768),
    "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight": (8, 768),
    "first_stage_model.decoder.conv_in.weight": (4, 4, 3, 3),
}
"""The tensors by which a Stable Diffusion 1 file is recognised."""


def write_zeros(path: Path, shapes: Mapping[str, tuple[int, ...]], dtype: str = "F16") -> Path:
    """Write a complete, valid file with these tensors; returns ``path``."""
    entries: dict[str, Any] = {}
    end = 0
    for name, shape in shapes.items():
        start, end = end, end + math.prod(shape) * {"F16": 2, "F32": 4}[dtype]
        entries[name] = {"dtype": dtype, "shape": list(shape), "data_offsets": [start, end]}
    write_raw(path, json.dumps(entries).encode(), end)
    return path


def write_raw(path: Path, header: bytes, data_bytes: int) -> Path:
    """Write a file with this header, valid or not, and ``data_bytes`` zeros; returns ``path``."""
    with path.open("wb") as file:
        file.write(len(header).to_bytes(8, "little") + header)
        file.truncate(8 + len(header) + data_bytes)
    return path
