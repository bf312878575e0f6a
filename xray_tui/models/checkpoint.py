"""Looks at a checkpoint's configuration and headers: is it one xray-tui can run, and how large?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from xray_tui.errors import ModelError
from xray_tui.models.headers import WeightsHeader, read_header, read_json, shown

PIPELINE_CLASS = "StableDiffusionPipeline"
COMPONENT_CLASSES = {
    "unet": ("UNet2DConditionModel",),
    "vae": ("AutoencoderKL",),
    "text_encoder": ("CLIPTextModel",),
}
_WEIGHT_STEMS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}
_PREDICTIONS = ("epsilon", "v_prediction", "sample")
_WANTED = "xray-tui runs text-to-image checkpoints of the Stable Diffusion 1 and 2 kind"


@dataclass(frozen=True)
class Checkpoint:
    """What a checkpoint is, read without loading it.

    ``native_size`` is width and height in pixels; ``latent_factor`` the pixels one latent spans;
    ``weights`` the weight files of each component; ``parameters`` how many numbers they hold;
    ``variant`` is None or ``fp16``.
    """

    native_size: tuple[int, int]
    latent_factor: int
    weights: dict[str, tuple[Path, ...]]
    weight_bytes: int
    parameters: int
    variant: str | None = None


def inspect_folder(path: Path) -> Checkpoint:
    """Check a diffusers folder and say what it holds.

    Raises:
        ModelError: not a Stable Diffusion checkpoint, incomplete, or damaged; says which file.
    """
    index = _read_index(path)
    _check_class(path, index)
    configs = {name: _component_config(path, name) for name in COMPONENT_CLASSES}
    _check_channels(path, configs)
    _check_scheduler(path)
    _check_tokenizer(path)
    headers: list[WeightsHeader] = []
    weights: dict[str, tuple[Path, ...]] = {}
    variants = set()
    for name in COMPONENT_CLASSES:
        weights[name], variant = find_weights(path / name, _WEIGHT_STEMS[name])
        variants.add(variant)
        headers.extend(read_header(file) for file in weights[name])
    if len(variants) > 1:
        raise ModelError(f"{shown(path)}: its components mix fp16 and other weights; use one kind")
    factor = latent_factor(configs["vae"])
    return Checkpoint(
        native_size=_native_size(path, configs["unet"], factor),
        latent_factor=factor,
        weights=weights,
        weight_bytes=sum(header.data_bytes for header in headers),
        parameters=sum(header.parameters for header in headers),
        variant=variants.pop(),
    )


def latent_factor(vae_config: dict[str, Any]) -> int:
    """Pixels along one side of a latent: 8 for Stable Diffusion, 16 for the bundled model."""
    return int(2 ** (len(vae_config["block_out_channels"]) - 1))


def find_weights(folder: Path, stem: str) -> tuple[tuple[Path, ...], str | None]:
    """The safetensors files of a component (one, or the shards of its index), and the variant.

    Raises:
        ModelError: there are none, or a shard is missing.
    """
    for variant in (None, "fp16"):
        middle = f".{variant}" if variant else ""
        single = folder / f"{stem}{middle}.safetensors"
        if single.is_file():
            return (single,), variant
        index = folder / f"{stem}.safetensors.index{middle}.json"
        if index.is_file():
            return _shards(folder, index), variant
    pickles = [file.name for ending in ("bin", "ckpt", "pt") for file in folder.glob(f"*.{ending}")]
    if pickles:
        raise ModelError(
            f"{shown(folder / pickles[0])}: a pickle file, which can run code when it is opened; "
            "use a safetensors version of this model"
        )
    raise ModelError(
        f"{shown(folder)}: no {stem}.safetensors there; copy or download the model again"
    )


def _shards(folder: Path, index: Path) -> tuple[Path, ...]:
    weight_map = read_json(index).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelError(f"{shown(index)}: has no weight_map; the model is damaged")
    files = [folder / Path(str(name)).name for name in sorted(set(weight_map.values()))]
    for file in files:
        if not file.is_file():
            raise ModelError(f"{shown(file)}: missing; copy or download the model again")
    return tuple(files)


def _read_index(path: Path) -> dict[str, Any]:
    index = path / "model_index.json"
    if index.is_file():
        return read_json(index)
    try:
        names = sorted(file.name for file in path.iterdir())
    except OSError as error:
        raise ModelError(f"{shown(path)}: cannot be read ({error.strerror})") from error
    if not names:
        raise ModelError(f"{shown(path)}: an empty folder; a diffusers model folder is needed")
    single = [name for name in names if name.endswith(".safetensors")]
    if single:
        raise ModelError(
            f"{shown(path)}: no model_index.json there, so it is not a diffusers folder; "
            f"to use a single file name it: {shown(path / single[0])}"
        )
    if any(name.endswith((".ckpt", ".bin", ".pt")) for name in names):
        raise ModelError(
            f"{shown(path)}: holds only pickle files (.ckpt, .bin, .pt), which can run code when "
            "they are opened; use a safetensors version of this model"
        )
    raise ModelError(
        f"{shown(path)}: not a Stable Diffusion checkpoint (no model_index.json); {_WANTED}"
    )


def _check_class(path: Path, index: dict[str, Any]) -> None:
    name = index.get("_class_name")
    if name != PIPELINE_CLASS:
        raise ModelError(f"{shown(path)}: is a {shown(str(name))[:80]}; {_WANTED} ({PIPELINE_CLASS})")
    for component, wanted in COMPONENT_CLASSES.items():
        entry = index.get(component)
        found = entry[1] if isinstance(entry, list) and len(entry) == 2 else None
        if found not in wanted:
            raise ModelError(
                f"{shown(path / 'model_index.json')}: {component} is {shown(str(found))[:80]}, "
                f"not {wanted[0]}; {_WANTED}"
            )


def _component_config(path: Path, component: str) -> dict[str, Any]:
    return read_json(path / component / "config.json")


def _check_channels(path: Path, configs: dict[str, dict[str, Any]]) -> None:
    try:
        channels = configs["unet"]["in_channels"]
        latents = configs["vae"]["latent_channels"]
        width = configs["unet"]["cross_attention_dim"]
        text_width = configs["text_encoder"]["hidden_size"]
        latent_factor(configs["vae"])
    except (KeyError, TypeError) as error:
        raise ModelError(f"{shown(path)}: a config.json lacks {error}; it is damaged") from error
    if channels != latents:
        kind = {9: "an inpainting", 8: "an image-editing", 5: "a depth-guided", 7: "an upscaling"}
        raise ModelError(
            f"{shown(path)}: {kind.get(channels, 'not a text-to-image')} checkpoint "
            f"({channels} input channels, {latents} latent channels); {_WANTED}"
        )
    widths = set(width) if isinstance(width, list) else {width}
    if widths != {text_width}:
        raise ModelError(
            f"{shown(path)}: its UNet expects text of width {width}, its text encoder gives "
            f"{text_width}; these components do not belong together"
        )


def _check_scheduler(path: Path) -> None:
    file = path / "scheduler" / "scheduler_config.json"
    config = read_json(file)
    name = str(config.get("_class_name", ""))
    prediction = config.get("prediction_type", "epsilon")
    if "FlowMatch" in name or prediction not in _PREDICTIONS:
        raise ModelError(
            f"{shown(file)}: {shown(name)[:80]} with prediction {shown(str(prediction))[:40]} "
            f"is not of the Stable Diffusion kind; {_WANTED}"
        )


def _check_tokenizer(path: Path) -> None:
    folder = path / "tokenizer"
    complete = (folder / "tokenizer.json").is_file() or (
        (folder / "vocab.json").is_file() and (folder / "merges.txt").is_file()
    )
    if not complete:
        raise ModelError(
            f"{shown(folder)}: no tokenizer there (tokenizer.json, or vocab.json and merges.txt); "
            "copy or download the model again"
        )


def _native_size(path: Path, unet: dict[str, Any], factor: int) -> tuple[int, int]:
    size = unet.get("sample_size")
    height, width = size if isinstance(size, list) and len(size) == 2 else (size, size)
    if not isinstance(height, int) or not isinstance(width, int) or min(height, width) < 1:
        raise ModelError(f"{shown(path / 'unet' / 'config.json')}: has no usable sample_size")
    return width * factor, height * factor
