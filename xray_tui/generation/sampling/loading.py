"""Loads a checked checkpoint with diffusers; refuses damage that diffusers would load silently."""

from __future__ import annotations

import gc
import importlib.metadata
import platform
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from xray_tui.errors import ModelError
from xray_tui.generation.sampling.components import load_components, load_single_file
from xray_tui.generation.sampling.devices import check_python, resolve_device, resolve_dtype
from xray_tui.generation.sampling.memory import check_memory
from xray_tui.models.catalogue import ModelInfo, fingerprint
from xray_tui.models.hashing import sha256_of
from xray_tui.models.hub.environment import prepare_environment
from xray_tui.text import clean, counted

if TYPE_CHECKING:
    import torch

ReportLoading = Callable[[str, float | None], None]
"""Called with the current step as text, and the fraction (0…1) done, or None if unknown."""

_PACKAGES = ("xray-tui", "torch", "diffusers", "transformers", "safetensors", "pillow", "numpy")


@dataclass
class LoadedModel:
    """A pipeline ready to sample, and the facts about it that each image records.

    ``files`` maps each weight file (relative to the model) to its SHA-256.
    """

    info: ModelInfo
    pipeline: Any
    device: torch.device
    dtype: torch.dtype
    fingerprint: str
    files: Mapping[str, str]
    versions: Mapping[str, str]

    @property
    def dtype_name(self) -> str:
        """``float32``, ``float16`` or ``bfloat16``."""
        return str(self.dtype).removeprefix("torch.")

    @property
    def threads(self) -> int:
        """CPU threads that torch uses for one operation in the calling thread."""
        import torch

        return torch.get_num_threads()


def load(info: ModelInfo, device: str, dtype: str, report: ReportLoading) -> LoadedModel:
    """Load ``info`` onto ``device`` (``auto``, ``cpu``, ``cuda:N``, ``mps``) in ``dtype``.

    Raises:
        ModelError: this machine has no such device, memory is too small, or the checkpoint is
            damaged, incomplete or of an unsupported kind.
    """
    report("loading PyTorch", None)
    _import_libraries()
    torch_device = resolve_device(device)
    torch_dtype = resolve_dtype(dtype, torch_device)
    check_memory(info.checkpoint.parameters, torch_device, torch_dtype)
    try:
        files = _hash_files(info, report)
        pipeline = _build(info, torch_dtype, report)
        report(f"loading the model onto {torch_device}", 0.9)
        pipeline.to(torch_device)
        _use_channels_last(pipeline.vae)
        _check_weights(info, pipeline)
        _check_tokenizer(info, pipeline)
    except ModelError:
        raise
    except Exception as error:
        raise ModelError(f"model {clean(info.ref)}: cannot be loaded: {reason(error)}") from error
    report("ready", 1.0)
    return LoadedModel(
        info=info,
        pipeline=pipeline,
        device=torch_device,
        dtype=torch_dtype,
        fingerprint=fingerprint(info),
        files=files,
        versions=_versions(),
    )


def _use_channels_last(vae: Any) -> None:
    """Put the autoencoder's channels last, which makes its convolutions faster on a CPU."""
    import torch

    vae.to(memory_format=torch.channels_last)


def reason(error: BaseException) -> str:
    """The first line of an exception that a library raised, short and safe to show."""
    lines = str(error).strip().splitlines()
    first = clean(lines[0]) if lines else ""
    name = type(error).__name__
    return f"{name}: {first[:300]}" if first else name


def _import_libraries() -> None:
    """Import torch, diffusers and transformers, with downloads and progress bars switched off.

    Inside a Textual app stderr looks like a terminal, so their bars would cover the screen.
    """
    check_python()
    prepare_environment()
    fresh = "diffusers" not in sys.modules
    try:
        import diffusers
        import torch  # noqa: F401
        import transformers
    except Exception as error:
        raise ModelError(f"torch and diffusers cannot be imported: {reason(error)}") from error
    for library in (diffusers, transformers):
        library.utils.logging.set_verbosity_error()
        library.utils.logging.disable_progress_bar()
    if fresh:
        gc.collect()
        gc.freeze()  # otherwise each collection scans all imported objects and delays key presses


def _hash_files(info: ModelInfo, report: ReportLoading) -> dict[str, str]:
    """Hash every weight file; a hub download must have the hash that the hub gave for it."""
    paths = [path for files in info.checkpoint.weights.values() for path in files]
    share = 0.3 / len(paths)
    hashes = {}
    for number, path in enumerate(paths):
        name = path.name if info.kind == "file" else path.relative_to(info.path).as_posix()

        def hashed(part: float, text: str = f"checking {clean(name)}", done: int = number) -> None:
            report(text, share * (done + part))

        hashed(0.0)
        digest = sha256_of(path, hashed)
        blob = path.resolve().name  # the hub cache names large files by their SHA-256
        if info.kind == "hub" and len(blob) == 64 and blob != digest:
            raise ModelError(
                f"model {info.ref}: {clean(name)} is damaged (its SHA-256 is not the one on the "
                f"hub); to download it again: xray-tui models download {info.ref}"
            )
        hashes[name] = digest
    return hashes


def _build(info: ModelInfo, dtype: torch.dtype, report: ReportLoading) -> Any:
    def component(name: str, part: float) -> None:
        report(f"loading the {name.replace('_', ' ')}", 0.3 + 0.6 * part)

    if info.kind == "file":
        pipeline = load_single_file(info, dtype, component)
    else:
        pipeline = load_components(info, dtype, component)
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


def _check_weights(info: ModelInfo, pipeline: Any) -> None:
    """Refuse absurdly large weights, because a file with flipped bits loads without an error."""
    import torch

    for component in ("text_encoder", "vae", "unet"):
        for name, weight in getattr(pipeline, component).named_parameters():
            low, high = torch.aminmax(weight.detach())
            largest = max(abs(float(low)), abs(float(high)))
            if not largest < 60_000:  # also true for NaN
                raise ModelError(
                    f"model {clean(info.ref)}: the {component} is damaged "
                    f"({clean(name)} holds {largest:g}); copy or download it again"
                )


def _check_tokenizer(info: ModelInfo, pipeline: Any) -> None:
    """Refuse a tokenizer that lost its vocabulary: it maps every word to the same token."""
    tokenizer, config = pipeline.tokenizer, pipeline.text_encoder.config
    where = f"model {clean(info.ref)}: its tokenizer"
    special = set(tokenizer.all_special_ids)
    words = ("chest", "knee", "hand", "radiograph", "of", "a", "child", "left")
    found = {token for word in words for token in tokenizer(word).input_ids} - special
    if len(tokenizer) <= 4 or len(found) < 2:
        raise ModelError(f"{where} does not recognise any words; copy or download the model again")
    highest = max(tokenizer.get_vocab().values()) + 1
    if highest > config.vocab_size:
        raise ModelError(
            f"{where} has {counted(highest, 'token')}, but its text encoder only "
            f"{config.vocab_size}; these components do not belong together"
        )
    positions = config.max_position_embeddings
    tokenizer.model_max_length = min(tokenizer.model_max_length, positions)


def _versions() -> dict[str, str]:
    versions = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            versions[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return versions
