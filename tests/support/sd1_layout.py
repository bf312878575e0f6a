"""Renames the tensors of diffusers components to the layout of Stable Diffusion 1 single files."""

from __future__ import annotations

import re
from typing import Any

_RESNET = {
    "norm1": "in_layers.0",
    "conv1": "in_layers.2",
    "norm2": "out_layers.0",
    "conv2": "out_layers.3",
    "time_emb_proj": "emb_layers.1",
    "conv_shortcut": "skip_connection",
}
_UNET = {
    "time_embedding.linear_1": "time_embed.0",
    "time_embedding.linear_2": "time_embed.2",
    "conv_in": "input_blocks.0.0",
    "conv_norm_out": "out.0",
    "conv_out": "out.2",
}
_ATTENTION = {
    "group_norm": "norm",
    "to_q": "q",
    "to_k": "k",
    "to_v": "v",
    "to_out.0": "proj_out",
}


def original_layout(unet: Any, vae: Any, text_encoder: Any) -> dict[str, Any]:
    """One state dict of all three components, with the names of single-file checkpoints."""
    tensors = {}
    for name, tensor in unet.state_dict().items():
        tensors[f"model.diffusion_model.{_unet_name(name)}"] = tensor
    for name, tensor in vae.state_dict().items():
        new = _vae_name(name)
        flat = new.endswith("weight") and re.search(r"attn_1\.(q|k|v|proj_out)\.", new)
        tensors[f"first_stage_model.{new}"] = tensor[:, :, None, None] if flat else tensor
    for name, tensor in text_encoder.state_dict().items():
        new = name.removeprefix("text_model.")
        tensors[f"cond_stage_model.transformer.text_model.{new}"] = tensor
    return tensors


def _unet_name(name: str) -> str:
    for old, new in _UNET.items():
        if name.startswith(f"{old}."):
            return name.replace(old, new, 1)
    if found := re.match(r"mid_block\.(resnets|attentions)\.(\d)\.(.*)", name):
        kind, number, rest = found.groups()
        place = "1" if kind == "attentions" else str(2 * int(number))
        return f"middle_block.{place}.{_inside(kind, rest)}"
    found = re.match(r"(down|up)_blocks\.(\d)\.(\w+)\.(\d)\.(.*)", name)
    assert found is not None, name
    side, block, kind, layer, rest = found.groups()
    if kind == "downsamplers":
        return f"input_blocks.{3 * int(block) + 3}.0.{rest.replace('conv', 'op')}"
    if kind == "upsamplers":
        return f"output_blocks.{3 * int(block) + 2}.{1 if block == '0' else 2}.{rest}"
    number = 3 * int(block) + int(layer) + (side == "down")
    sides = {"down": "input_blocks", "up": "output_blocks"}
    return f"{sides[side]}.{number}.{int(kind == 'attentions')}.{_inside(kind, rest)}"


def _inside(kind: str, rest: str) -> str:
    if kind == "attentions":
        return rest
    part, _, end = rest.rpartition(".")
    return f"{_RESNET[part]}.{end}"


def _vae_name(name: str) -> str:
    name = re.sub(r"up_blocks\.(\d)", lambda found: f"up.{3 - int(found[1])}", name)
    name = re.sub(r"mid_block\.resnets\.(\d)", lambda f: f"mid.block_{int(f[1]) + 1}", name)
    for old, new in _ATTENTION.items():
        name = name.replace(f"mid_block.attentions.0.{old}.", f"mid.attn_1.{new}.")
    name = name.replace("down_blocks.", "down.").replace(".resnets.", ".block.")
    name = name.replace("downsamplers.0", "downsample").replace("upsamplers.0", "upsample")
    return name.replace("conv_shortcut", "nin_shortcut").replace("conv_norm_out", "norm_out")
