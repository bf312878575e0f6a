"""Checks from a checkpoint's configuration and headers whether xray-tui can run it."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.models.headers import read_header, read_json
from xray_tui.models.weights import find_weights
from xray_tui.text import clean, clipped

PIPELINE_CLASS = "StableDiffusionPipeline"
COMPONENT_CLASSES = {
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
    "text_encoder": ("CLIPTextModel",),
}
_PREDICTIONS = ("epsilon", "v_prediction", "sample")
_MAX_BLOCKS = 8
_MAX_SIDE = 8192
_WANTED = "xray-tui runs Stable Diffusion 1 and 2 text-to-image checkpoints"


@dataclass(frozen=True)
class Checkpoint:
    """The properties of a checkpoint, read without loading it.

    ``native_size`` is width and height in pixels; ``latent_factor`` the width in pixels of one
    latent; ``weights`` the weight files of each component; ``parameters`` the number of weights in
    them; ``variant`` is None or ``fp16``.
    """

    native_size: tuple[int, int]
    latent_factor: int
    weights: dict[str, tuple[Path, ...]]
    weight_bytes: int
    parameters: int
    variant: str | None = None


def inspect_folder(path: Path) -> Checkpoint:
    """Check a diffusers folder and return its properties.

    Raises:
        ModelError: not a Stable Diffusion checkpoint, incomplete or damaged; the message names
            the file.
    """
    index = _read_index(path)
    check_class(path, index)
    configs = {name: _component_config(path, name) for name in COMPONENT_CLASSES}
    _check_channels(path, configs)
    _check_scheduler(path)
    _check_tokenizer(path)
    weights, variant = find_weights(path)
    headers = [read_header(file) for files in weights.values() for file in files]
    factor = latent_factor(configs["vae"])
    return Checkpoint(
        native_size=_native_size(path, configs["unet"], factor),
        latent_factor=factor,
        weights=weights,
        weight_bytes=sum(header.data_bytes for header in headers),
        parameters=sum(header.parameters for header in headers),
        variant=variant,
    )


def latent_factor(vae_config: dict[str, Any]) -> int:
    """The width of one latent in pixels: 8 for Stable Diffusion, 16 for the bundled model."""
    return int(2 ** (len(vae_config["block_out_channels"]) - 1))


def _read_index(path: Path) -> dict[str, Any]:
    index = path / "model_index.json"
    if index.is_file():
        return read_json(index)
    try:
        names = sorted(file.name for file in path.iterdir())
    except OSError as error:
        raise ModelError(f"{clean(path)}: cannot be read ({error.strerror})") from error
    if not names:
        raise ModelError(f"{clean(path)}: the folder is empty; choose a diffusers model folder")
    single = [name for name in names if name.endswith(".safetensors")]
    if single:
        raise ModelError(
            f"{clean(path)}: not a diffusers folder (no model_index.json); "
            f"to use a single file, give its path: {clean(path / single[0])}"
        )
    if any(name.endswith((".ckpt", ".bin", ".pt")) for name in names):
        raise ModelError(
            f"{clean(path)}: has only pickle files (.ckpt, .bin, .pt), which can run code when "
            "they are opened; use a safetensors version of this model"
        )
    raise ModelError(
        f"{clean(path)}: not a Stable Diffusion checkpoint (no model_index.json); {_WANTED}"
    )


def check_class(path: Path, index: dict[str, Any]) -> None:
    """Check the kind of model that a model_index.json names.

    Raises:
        ModelError: the model is not a Stable Diffusion text-to-image pipeline.
    """
    name = index.get("_class_name")
    if name != PIPELINE_CLASS:
        raise ModelError(
            f"{clean(path)}: is a {clipped(str(name), 80)}; {_WANTED} ({PIPELINE_CLASS})"
        )
    for component, wanted in COMPONENT_CLASSES.items():
        entry = index.get(component)
        found = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if found not in wanted:
            raise ModelError(
                f"{clean(path / 'model_index.json')}: {component} is {clipped(str(found), 80)}, "
                f"not {wanted[0]}; {_WANTED}"
            )


def _component_config(path: Path, component: str) -> dict[str, Any]:
    return read_json(path / component / "config.json")


def _check_channels(path: Path, configs: dict[str, dict[str, Any]]) -> None:
    channels = _number(path, configs, "unet", "in_channels")
    latents = _number(path, configs, "vae", "latent_channels")
    text_width = _number(path, configs, "text_encoder", "hidden_size")
    blocks = configs["vae"].get("block_out_channels")
    if not isinstance(blocks, list) or not 1 <= len(blocks) <= _MAX_BLOCKS:
        raise ModelError(_damaged(path, "vae", "block_out_channels"))
    if channels != latents:
        kind = {9: "an inpainting", 8: "an image-editing", 5: "a depth-guided", 7: "an upscaling"}
        raise ModelError(
            f"{clean(path)}: {kind.get(channels, 'not a text-to-image')} checkpoint "
            f"({channels} input channels, {latents} latent channels); {_WANTED}"
        )
    width = configs["unet"].get("cross_attention_dim")
    widths = width if isinstance(width, list) else [width]
    if any(value != text_width for value in widths):
        raise ModelError(
            f"{clean(path)}: its UNet expects text embeddings of width {clipped(str(width), 80)}, "
            f"its text encoder gives {text_width}; use components of the same model"
        )


def _number(path: Path, configs: dict[str, dict[str, Any]], component: str, key: str) -> int:
    value = configs[component].get(key)
    if type(value) is not int or not 1 <= value <= 1_000_000:
        raise ModelError(_damaged(path, component, key))
    return value


def _damaged(path: Path, component: str, key: str) -> str:
    file = clean(path / component / "config.json")
    return f"{file}: has no usable {key}; copy or download the model again"


def _check_scheduler(path: Path) -> None:
    file = path / "scheduler" / "scheduler_config.json"
    config = read_json(file)
    name = str(config.get("_class_name", ""))
    prediction = config.get("prediction_type", "epsilon")
    if "FlowMatch" in name or prediction not in _PREDICTIONS:
        raise ModelError(
            f"{clean(file)}: {clipped(name, 80)} with prediction {clipped(str(prediction), 40)} "
            f"is not supported; {_WANTED}"
        )


def _check_tokenizer(path: Path) -> None:
    folder = path / "tokenizer"
    complete = (folder / "tokenizer.json").is_file() or (
        (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()
    )
    if not complete:
        raise ModelError(
            f"{clean(folder)}: has no tokenizer (tokenizer.json, or vocab.json and merges.txt); "
            "copy or download the model again"
        )


def _native_size(path: Path, unet: dict[str, Any], factor: int) -> tuple[int, int]:
    size = unet.get("sample_size")
    sides: list[Any] = size if isinstance(size, list) and len(size) == 2 else [size, size]
    if not all(type(side) is int and 1 <= side * factor <= _MAX_SIDE for side in sides):
        raise ModelError(_damaged(path, "unet", "sample_size"))
    height, width = sides
    return width * factor, height * factor
