"""Finds the safetensors files with a checkpoint's weights, in a folder or in a list of names."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

from xray_tui.errors import ModelError
from xray_tui.models.headers import read_json
from xray_tui.text import clean

STEMS = {
    "unet": "diffusion_pytorch_model",
    "vae": "diffusion_pytorch_model",
    "text_encoder": "model",
}
"""Each component's folder, and the start of its weight files' names."""
_VARIANTS = (None, "fp16")
"""In order of preference; all components must have the same variant."""
_PICKLES = (".bin", ".ckpt", ".pt", ".pth")


def find_weights(path: Path) -> tuple[dict[str, tuple[Path, ...]], str | None]:
    """The weight files of each component of the folder ``path``, and their common variant.

    Raises:
        ModelError: a component has no weights, a shard is missing, or the variants differ.
    """
    for component, stem in STEMS.items():
        if not any(_entry(path, component, variant) for variant in _VARIANTS):
            raise ModelError(_no_weights(path / component, stem))
    for variant in _VARIANTS:
        entries = {component: _entry(path, component, variant) for component in STEMS}
        if all(entries.values()):
            files = {name: _files(entry) for name, entry in entries.items() if entry}
            return files, variant
    raise ModelError(
        f"{clean(path)}: its components mix fp16 and other weights; "
        "use a copy whose files are all of one kind"
    )


def choose_weights(names: Collection[str]) -> list[str]:
    """The weight files among a repository's file ``names``, all of the same variant.

    Raises:
        ModelError: a component has no safetensors weights, or the variants differ.
    """
    for component in STEMS:
        if not any(_among(names, component, variant) for variant in _VARIANTS):
            pickles = any(n.startswith(f"{component}/") and n.endswith(_PICKLES) for n in names)
            why = " (only pickle files, which can run code when opened)" if pickles else ""
            raise ModelError(
                f"has no safetensors weights of the {component}{why}; use another model"
            )
    for variant in _VARIANTS:
        found = [_among(names, component, variant) for component in STEMS]
        if all(found):
            return [name for files in found for name in files]
    raise ModelError("mixes fp16 and other weights; use another model")


def _single(component: str, variant: str | None) -> str:
    return f"{component}/{STEMS[component]}{f'.{variant}' if variant else ''}.safetensors"


def _index(component: str, variant: str | None) -> str:
    middle = f".{variant}" if variant else ""
    return f"{component}/{STEMS[component]}.safetensors.index{middle}.json"


def _entry(path: Path, component: str, variant: str | None) -> Path | None:
    """The single weights file, or the index of its shards."""
    for name in (_single(component, variant), _index(component, variant)):
        if (path / name).is_file():
            return path / name
    return None


def _files(entry: Path) -> tuple[Path, ...]:
    if entry.suffix != ".json":
        return (entry,)
    weight_map = read_json(entry).get("weight_map")
    if not isinstance(weight_map, dict) or not weight_map:
        raise ModelError(f"{clean(entry)}: has no weight_map; copy or download the model again")
    names = sorted({str(name) for name in weight_map.values()})
    for name in names:
        # shards are next to their index; no other folder is read, even if the index names one
        if len(name) > 200 or Path(name).name != name or not (entry.parent / name).is_file():
            raise ModelError(
                f"{clean(entry.parent / name[:200])}: is missing; copy or download the model again"
            )
    return tuple(entry.parent / name for name in names)


def _among(names: Collection[str], component: str, variant: str | None) -> list[str]:
    single, index = _single(component, variant), _index(component, variant)
    if single in names:
        return [single]
    if index not in names:
        return []
    middle = re.escape(f".{variant}") if variant else ""
    start = re.escape(f"{component}/{STEMS[component]}")
    number = r"-\d{5}-of-\d{5}"
    shard = re.compile(rf"{start}({middle}{number}|{number}{middle})\.safetensors")
    return [index, *sorted(name for name in names if shard.fullmatch(name))]


def _no_weights(folder: Path, stem: str) -> str:
    try:
        pickles = sorted(file.name for file in folder.iterdir() if file.suffix in _PICKLES)
    except OSError:
        pickles = []
    if pickles:
        return (
            f"{clean(folder / pickles[0])}: a pickle file, which can run code when it is opened; "
            "use a safetensors version of this model"
        )
    return f"{clean(folder)}: has no {stem}.safetensors; copy or download the model again"
