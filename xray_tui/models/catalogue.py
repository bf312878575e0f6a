"""Turns a model reference (``bundled``, a hub id, a folder or a file) into a checked ModelInfo."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from xray_tui.environment import user_path
from xray_tui.errors import ModelError
from xray_tui.models.checkpoint import Checkpoint, inspect_folder
from xray_tui.models.hashing import combined, sha256_of
from xray_tui.models.hub import cache as hub_cache
from xray_tui.models.single_file import inspect_single_file
from xray_tui.text import clean, quoted, size_text

Kind = Literal["bundled", "hub", "folder", "file"]
_COMPONENT_FILES = (
    "model_index.json",
    "*/config.json",
    "*/*_config.json",
    "tokenizer/*.json",
    "tokenizer/*.txt",
)


@dataclass(frozen=True)
class ModelInfo:
    """A checkpoint that passed every check that needs no torch.

    ``native_size`` is width and height in pixels; widths and heights must be multiples of
    ``checkpoint.latent_factor``.
    """

    ref: str
    kind: Kind
    path: Path
    native_size: tuple[int, int]
    title: str
    detail: str
    checkpoint: Checkpoint
    revision: str = ""
    """The hub revision (40 hex digits) of a hub model; empty for others."""


def bundled_path() -> Path:
    """The diffusers folder of the checkpoint inside the package."""
    return Path(__file__).parent / "bundled"


def is_bundled(ref: str) -> bool:
    """Whether ``ref`` names the checkpoint inside the package, by its name or by its path."""
    if ref == "bundled":
        return True
    with contextlib.suppress(ValueError, RuntimeError, OSError):  # no usable path
        return (user_path(ref) or Path(ref)).resolve() == bundled_path().resolve()
    return False


def resolve(ref: str) -> ModelInfo:
    """Find and check the model that ``ref`` names. Takes milliseconds; loads no weights.

    Raises:
        ModelError: the model does not exist, is not downloaded, is damaged, or is not supported;
            the message says what to do.
    """
    try:
        return _find(ref)
    except OSError as error:
        reason = error.strerror or "unknown reason"
        raise ModelError(f"model {quoted(ref, 200)}: cannot be read ({reason})") from error


def fingerprint(info: ModelInfo) -> str:
    """A name for the exact weights: ``id@revision`` for hub models, a SHA-256 for others.

    The hash covers the weights and the small files that decide pixels (configurations, tokenizer).
    The weights are read once, and the result is kept (see :mod:`xray_tui.models.hashing`).

    Raises:
        ModelError: a file cannot be read.
    """
    if info.kind == "hub":
        return f"{info.ref}@{info.revision}"
    if info.kind == "file":
        return sha256_of(info.path)
    files = {file for files in info.checkpoint.weights.values() for file in files}
    for pattern in _COMPONENT_FILES:
        files.update(info.path.glob(pattern))
    names = ((file.relative_to(info.path).as_posix(), sha256_of(file)) for file in files)
    return combined(names)


def list_models() -> list[ModelInfo]:
    """The bundled model and every downloaded hub model that xray-tui can run."""
    models = []
    for ref in ("bundled", *(snapshot.hub_id for snapshot in hub_cache.snapshots())):
        with contextlib.suppress(ModelError, OSError):  # resolve(ref) reports the reason
            models.append(_bundled() if ref == "bundled" else _hub(ref))
    return models


def _find(ref: str) -> ModelInfo:
    if ref == "bundled":
        return _bundled()
    try:
        path = (user_path(ref) or Path(ref)).resolve()
        is_folder, is_file = path.is_dir(), path.is_file()
    except (ValueError, RuntimeError, OSError) as error:  # a null character, no permission …
        raise ModelError(f"model {quoted(ref, 200)}: not a usable path") from error
    if is_folder and ref:
        return _folder(ref, path)
    if is_file:
        return _file(ref, path)
    if hub_cache.is_hub_id(ref):
        return _hub(ref)
    raise ModelError(
        f"model {quoted(ref, 200)}: no such folder or file, and not a hub id (owner/name); "
        "to list the models that can be used: xray-tui models list"
    )


def _bundled() -> ModelInfo:
    path = bundled_path()
    if not path.is_dir():
        raise ModelError(f"the bundled model is missing ({clean(path)}); reinstall xray-tui")
    checkpoint = inspect_folder(path)
    width, height = checkpoint.native_size
    return ModelInfo(
        ref="bundled",
        kind="bundled",
        path=path,
        native_size=checkpoint.native_size,
        title="Bundled radiograph model",
        detail=f"{width}×{height}, {size_text(checkpoint.weight_bytes)}, ships with xray-tui",
        checkpoint=checkpoint,
    )


def _folder(ref: str, path: Path) -> ModelInfo:
    checkpoint = inspect_folder(path)
    return ModelInfo(
        ref=ref,
        kind="folder",
        path=path,
        native_size=checkpoint.native_size,
        title=clean(path.name),
        detail=f"diffusers folder, {size_text(checkpoint.weight_bytes)}",
        checkpoint=checkpoint,
    )


def _file(ref: str, path: Path) -> ModelInfo:
    checkpoint = inspect_single_file(path)
    return ModelInfo(
        ref=ref,
        kind="file",
        path=path,
        native_size=checkpoint.native_size,
        title=clean(path.stem),
        detail=f"single file, {size_text(checkpoint.weight_bytes)}",
        checkpoint=checkpoint,
    )


def _hub(ref: str) -> ModelInfo:
    snapshot = hub_cache.find_snapshot(ref)
    if snapshot is None:
        raise ModelError(
            f"model {ref}: no such folder, and not downloaded from the hub yet; "
            f"run: xray-tui models download {ref}"
        )
    try:
        checkpoint = inspect_folder(snapshot.path)
    except ModelError as error:
        raise ModelError(
            f"model {ref}: {error} (to download it again: xray-tui models download {ref})"
        ) from error
    return ModelInfo(
        ref=ref,
        kind="hub",
        path=snapshot.path,
        native_size=checkpoint.native_size,
        title=ref,
        detail=f"hub, revision {snapshot.revision[:8]}, {size_text(checkpoint.weight_bytes)}",
        checkpoint=checkpoint,
        revision=snapshot.revision,
    )
