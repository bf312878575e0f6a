"""Recognises single-file checkpoints (.safetensors, as people share them) by their header."""

from __future__ import annotations

from pathlib import Path

from xray_tui.errors import ModelError
from xray_tui.models.checkpoint import Checkpoint
from xray_tui.models.headers import WeightsHeader, read_header
from xray_tui.text import clean

CONFIG_FOLDER = Path(__file__).parent / "sd1_config"
"""Component configurations and tokenizer of Stable Diffusion 1, so that no network is needed."""

_FIRST = "model.diffusion_model.input_blocks.0.0.weight"
_CROSS = "model.diffusion_model.input_blocks.1.1.transformer_blocks.0.attn2.to_k.weight"
_TEXT = "cond_stage_model.transformer.text_model.embeddings.token_embedding.weight"
_VAE = "first_stage_model.decoder.conv_in.weight"

_OTHER_KINDS = (
    ("double_blocks.", "Flux"),
    ("joint_blocks.", "Stable Diffusion 3"),
    ("conditioner.embedders.", "Stable Diffusion XL"),
    ("cond_stage_model.model.", "Stable Diffusion 2"),
    ("control_model.", "ControlNet"),
    ("lora_", "LoRA"),
    (".lora", "LoRA"),
    ("caption_projection.", "PixArt or Sana"),
)
_HINTS = {
    "Stable Diffusion 2": (
        "a single file does not say whether the model predicts noise or velocity; "
        "use the diffusers folder or the hub id of this model"
    ),
    "LoRA": "a LoRA contains only changes to a model; merge it into a checkpoint first",
}


def inspect_single_file(path: Path) -> Checkpoint:
    """Check a single-file checkpoint and return its properties.

    Raises:
        ModelError: the file is a pickle, is damaged, or is not a Stable Diffusion 1 text-to-image
            checkpoint.
    """
    if path.suffix.lower() != ".safetensors":
        raise ModelError(
            f"{clean(path)}: only .safetensors files are read "
            "(.ckpt, .pt and .bin files are pickles, which can run code when they are opened)"
        )
    header = read_header(path)
    _check_kind(header)
    return Checkpoint(
        native_size=(512, 512),
        latent_factor=8,
        weights={"checkpoint": (path,)},
        weight_bytes=header.data_bytes,
        parameters=header.parameters,
    )


def _check_kind(header: WeightsHeader) -> None:
    shapes, path = header.shapes, clean(header.path)
    for part, kind in _OTHER_KINDS:
        if any(part in name for name in shapes):
            hint = _HINTS.get(kind, "xray-tui runs Stable Diffusion 1 and 2 checkpoints")
            raise ModelError(f"{path}: a {kind} file; {hint}")
    missing = [name for name in (_FIRST, _CROSS, _TEXT, _VAE) if name not in shapes]
    if missing:
        raise ModelError(
            f"{path}: not a complete Stable Diffusion 1 checkpoint (no {missing[0]}); "
            "to use a component of a diffusers folder, give the path of the whole folder"
        )
    if len(shapes[_FIRST]) != 4 or len(shapes[_CROSS]) != 2:
        raise ModelError(f"{path}: its tensors have impossible shapes; copy or download it again")
    channels = shapes[_FIRST][1]
    if channels != 4:
        kinds = {9: "an inpainting", 8: "an image-editing", 5: "a depth-guided"}
        raise ModelError(
            f"{path}: {kinds.get(channels, 'not a text-to-image')} checkpoint "
            f"({channels} input channels); xray-tui generates images from text alone"
        )
    width = shapes[_CROSS][1]
    if width != 768:
        raise ModelError(
            f"{path}: expects text embeddings of width {width}; Stable Diffusion 1 has 768"
        )
