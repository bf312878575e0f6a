"""Builds a StableDiffusionPipeline from its components, and refuses any without all weights."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TYPE_CHECKING, Any

from xray_tui.errors import ModelError
from xray_tui.models.catalogue import ModelInfo
from xray_tui.models.headers import read_json
from xray_tui.models.single_file import CONFIG_FOLDER
from xray_tui.text import clean, clipped

if TYPE_CHECKING:
    import torch

ReportComponent = Callable[[str, float], None]
"""Called with the component that is loaded next and the fraction (0…1) already loaded."""


def load_components(info: ModelInfo, dtype: torch.dtype, report: ReportComponent) -> Any:
    """Load a diffusers folder: local files, safetensors, no remote code, no safety checker.

    Raises:
        ModelError: a tensor is missing or has the wrong shape.
    """
    import diffusers
    import transformers

    index = read_json(info.path / "model_index.json")
    parts: dict[str, Any] = {}
    report("tokenizer", 0.0)
    parts["tokenizer"] = _tokenizer(info, index)
    report("scheduler", 0.05)
    parts["scheduler"] = _scheduler(info, index)
    models = (
        ("text_encoder", transformers.CLIPTextModel, "dtype", 0.1),
        ("vae", diffusers.AutoencoderKL, "torch_dtype", 0.3),
        ("unet", diffusers.UNet2DConditionModel, "torch_dtype", 0.4),
    )
    for name, model_class, dtype_name, done in models:
        report(name, done)
        parts[name] = _model(info, name, model_class, {dtype_name: dtype})
    return diffusers.StableDiffusionPipeline(
        **parts, safety_checker=None, feature_extractor=None, requires_safety_checker=False
    )


def load_single_file(info: ModelInfo, dtype: torch.dtype, report: ReportComponent) -> Any:
    """Load a single-file Stable Diffusion 1 checkpoint with the configuration xray-tui ships.

    Raises:
        ModelError: a tensor is missing.
    """
    import diffusers

    report("checkpoint", 0.0)
    try:
        pipeline = diffusers.StableDiffusionPipeline.from_single_file(
            str(info.path),
            config=str(CONFIG_FOLDER),
            torch_dtype=dtype,
            local_files_only=True,
            safety_checker=None,
            feature_extractor=None,
            requires_safety_checker=False,
        )
    except NotImplementedError as error:  # raised when a tensor that is not in the file is moved
        raise ModelError(
            f"model {clean(info.ref)}: tensors of its UNet or VAE are missing; "
            "copy or download the file again"
        ) from error
    weights = pipeline.text_encoder.named_parameters()
    _refuse_missing(info, "text_encoder", [name for name, weight in weights if weight.is_meta])
    return pipeline


def _model(info: ModelInfo, name: str, model_class: Any, options: dict[str, Any]) -> Any:
    model, report = model_class.from_pretrained(
        str(info.path),
        subfolder=name,
        use_safetensors=True,
        local_files_only=True,
        variant=info.checkpoint.variant,
        output_loading_info=True,
        ignore_mismatched_sizes=True,  # reported instead of raised, and refused below
        **options,
    )
    _refuse_missing(info, name, sorted(report["missing_keys"]))
    if report["mismatched_keys"]:
        raise ModelError(
            f"model {clean(info.ref)}: tensors of the {name} do not have the shapes that its "
            f"config.json gives (first: {clipped(str(next(iter(report['mismatched_keys']))), 120)})"
        )
    return model


def _refuse_missing(info: ModelInfo, component: str, missing: list[str]) -> None:
    if missing:
        raise ModelError(
            f"model {clean(info.ref)}: the {component} lacks {len(missing)} tensors "
            f"(first: {clean(missing[0])}); copy or download the model again"
        )


def _tokenizer(info: ModelInfo, index: dict[str, Any]) -> Any:
    import transformers

    return _without_weights(
        info, index, "tokenizer", transformers, transformers.PreTrainedTokenizerBase
    )


def _scheduler(info: ModelInfo, index: dict[str, Any]) -> Any:
    import diffusers

    return _without_weights(info, index, "scheduler", diffusers, diffusers.SchedulerMixin)


def _without_weights(
    info: ModelInfo, index: dict[str, Any], component: str, library: ModuleType, base: type
) -> Any:
    """A component without weights, of the class named in the index if it is a ``base``."""
    name = _class_name(info, index, component, library.__name__)
    found = getattr(library, name, None)
    if not (isinstance(found, type) and issubclass(found, base)):
        raise ModelError(f"model {clean(info.ref)}: {clean(name)} is not a {component}")
    loadable: Any = found
    return loadable.from_pretrained(str(info.path / component), local_files_only=True)


def _class_name(info: ModelInfo, index: dict[str, Any], component: str, library: str) -> str:
    entry = index.get(component)
    if isinstance(entry, list) and len(entry) == 2 and entry[0] == library:
        return str(entry[1])
    raise ModelError(
        f"model {clean(info.ref)}: its {component} is not a {library} class; "
        "xray-tui runs no other code"
    )
