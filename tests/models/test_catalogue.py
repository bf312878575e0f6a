"""Models are found, and unsupported ones refused, before torch is loaded."""

import json
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.fake_hub import SHA
from support.weight_files import SD1_NAMES, write_raw, write_zeros

from xray_tui.errors import ModelError
from xray_tui.models.catalogue import list_models, resolve
from xray_tui.models.hub.cache import cache_folder, is_hub_id

UNET = "unet/diffusion_pytorch_model.safetensors"
OLDER = "f" * 40


def refusal(ref: str | Path) -> str:
    with pytest.raises(ModelError) as caught:
        resolve(str(ref))
    text = str(caught.value)
    assert text.isprintable()
    return text


def edit(file: Path, **changes: Any) -> None:
    """Change values of a JSON file; None removes a key."""
    values = json.loads(file.read_text()) | changes
    file.write_text(json.dumps({k: v for k, v in values.items() if v is not None}))


def in_hub_cache(tiny: Path, hub_id: str = "owner/name", revision: str = SHA) -> Path:
    """Store a checkpoint as the hub's client does: blobs, and links to them from a snapshot."""
    repository = cache_folder() / f"models--{hub_id.replace('/', '--')}"
    snapshot = repository / "snapshots" / revision
    (repository / "blobs").mkdir(parents=True, exist_ok=True)
    for file in tiny.rglob("*"):
        if file.is_file():
            blob = repository / "blobs" / f"{revision[:3]}{len(list(repository.rglob('*')))}"
            shutil.copy(file, blob)
            link = snapshot / file.relative_to(tiny)
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(os.path.relpath(blob, link.parent))
    return snapshot


def test_a_diffusers_folder_is_recognised(tiny: Path) -> None:
    info = resolve(str(tiny))
    assert (info.kind, info.path, info.title, info.native_size) == (
        "folder",
        tiny,
        "tiny",
        (64, 64),
    )
    assert info.checkpoint.latent_factor == 16
    assert info.checkpoint.parameters * 4 == info.checkpoint.weight_bytes > 100_000
    assert info.checkpoint.variant is None


def test_a_folder_can_be_relative_or_in_the_home_folder(
    tiny: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tiny.parent)
    monkeypatch.setenv("HOME", str(tiny.parent))
    assert resolve("tiny").path == resolve("~/tiny").path == tiny


def test_a_folder_with_an_odd_name_is_shown_safely(tiny: Path) -> None:
    moved = tiny.rename(tiny.with_name("ti\x1b[31mny"))
    assert resolve(str(moved)).title == "ti␛[31mny"


def test_half_precision_weights_are_found(tiny: Path) -> None:
    for file in tiny.rglob("*.safetensors"):
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert resolve(str(tiny)).checkpoint.variant == "fp16"


def test_the_variant_that_all_components_have_is_used(tiny: Path) -> None:
    for file in tiny.rglob("*.safetensors"):
        shutil.copy(file, file.with_suffix(".fp16.safetensors"))
    (tiny / "vae/diffusion_pytorch_model.safetensors").unlink()
    assert resolve(str(tiny)).checkpoint.variant == "fp16"


def test_shards_are_found(tiny: Path) -> None:
    names = {f"unet-{number}.safetensors": {f"t{number}": (2, 3)} for number in (1, 2)}
    for name, shapes in names.items():
        write_zeros(tiny / "unet" / name, shapes)
    (tiny / UNET).rename(tiny / "unet" / "other.safetensors")
    index = {"weight_map": {"t1": "unet-1.safetensors", "t2": "unet-2.safetensors"}}
    file = tiny / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    file.write_text(json.dumps(index))
    weights = resolve(str(tiny)).checkpoint.weights["unet"]
    assert [path.name for path in weights] == sorted(names)
    (tiny / "unet" / "unet-2.safetensors").unlink()
    assert "unet-2.safetensors: is missing" in refusal(tiny)


@pytest.mark.parametrize(
    "weight_map",
    [
        None,
        [],
        {},
        "x",
        {"t": "../../etc/passwd"},
        {"t": "x" * 5000},
        {"t": {"a": []}},
        {"t": "\0"},
    ],
)
def test_a_damaged_list_of_shards_is_refused(tiny: Path, weight_map: object) -> None:
    (tiny / UNET).unlink()
    index = tiny / "unet" / "diffusion_pytorch_model.safetensors.index.json"
    index.write_text(json.dumps({"weight_map": weight_map}))
    assert "missing" in refusal(tiny) or "no weight_map" in refusal(tiny)


def test_a_single_file_is_recognised(tmp_path: Path) -> None:
    file = write_zeros(tmp_path / "model.safetensors", SD1_NAMES)
    info = resolve(str(file))
    assert (info.kind, info.title, info.native_size) == ("file", "model", (512, 512))
    assert info.checkpoint.weights == {"checkpoint": (file,)}


def test_a_hub_model_is_recognised(tiny: Path) -> None:
    snapshot = in_hub_cache(tiny)
    info = resolve("owner/name")
    assert (info.kind, info.path, info.revision) == ("hub", snapshot, SHA)
    assert "revision 01234567" in info.detail


def test_the_main_revision_of_a_hub_model_is_preferred_then_the_newest(tiny: Path) -> None:
    old, new = in_hub_cache(tiny, revision=OLDER), in_hub_cache(tiny)
    os.utime(old, (1, 1))
    assert resolve("owner/name").path == new
    refs = old.parent.parent / "refs"
    refs.mkdir()
    (refs / "main").write_text(OLDER)
    assert resolve("owner/name").path == old
    (old / "model_index.json").unlink()  # as after an interrupted download
    assert resolve("owner/name").path == new
    for broken in ("", "../../x", "é", "0" * 39):
        (refs / "main").write_text(broken)
        assert resolve("owner/name").path == new


def test_usable_models_are_listed(tiny: Path) -> None:
    in_hub_cache(tiny, "b/good")
    in_hub_cache(tiny, "a/good")
    edit(in_hub_cache(tiny, "c/bad") / "model_index.json", _class_name="FluxPipeline")
    cache = cache_folder()
    for name in ("models--x", "models--\x1b[31m--y", "datasets--a--b", "models--d--empty"):
        (cache / name).mkdir()
    in_hub_cache(tiny, "e/odd", revision="not-a-revision")
    models = [model.ref for model in list_models() if model.kind == "hub"]
    assert models == ["a/good", "b/good"]


def test_a_damaged_hub_model_can_be_downloaded_again(tiny: Path) -> None:
    (in_hub_cache(tiny) / UNET).unlink()
    assert "xray-tui models download owner/name" in refusal("owner/name")


def test_a_missing_hub_model_can_be_downloaded() -> None:
    assert "run: xray-tui models download some/model" in refusal("some/model")


@pytest.mark.parametrize(
    "ref",
    [
        *("", "nowhere", "/no/such/path", "a/b/c", "\0", "x\0y", "~nobody-at-all/x", "x" * 5000),
        *("../..\x1b]0;x\x07", "https://hub/owner/name", "a--b/c", "\ud800"),
    ],
)
def test_an_unknown_reference_is_refused(ref: str) -> None:
    assert not is_hub_id(ref)
    assert refusal(ref).startswith('model "')


def test_link_loops_empty_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    assert refusal(tmp_path / "loop")
    assert "the folder is empty" in refusal(_folder(tmp_path / "empty"))
    os.mkfifo(tmp_path / "pipe")
    assert "no such folder or file" in refusal(tmp_path / "pipe")


def _folder(path: Path, **files: bytes) -> Path:
    path.mkdir()
    for name, data in files.items():
        (path / name.replace("_DOT_", ".")).write_bytes(data)
    return path


def test_folders_without_an_index_are_explained(tmp_path: Path) -> None:
    pickle = _folder(tmp_path / "a", model_DOT_ckpt=b"\x80\x02")
    assert "only pickle files" in refusal(pickle)
    single = _folder(tmp_path / "b", model_DOT_safetensors=b"x")
    assert f"give its path: {single / 'model.safetensors'}" in refusal(single)
    assert "not a Stable Diffusion checkpoint" in refusal(_folder(tmp_path / "c", notes=b""))


Damage = Callable[[Path], None]
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:1234\nsize 3438167540\n"
DAMAGED: list[tuple[str, Damage]] = [
    ("a pickle file", lambda p: (p / UNET).write_bytes(b"PK\x03\x04archive") and None),
    ("a pickle file", lambda p: (p / UNET).write_bytes(b"\x80\x04\x95data....") and None),
    (
        "diffusion_pytorch_model.bin: a pickle",
        lambda p: (p / UNET).rename((p / UNET).with_suffix(".bin")) and None,
    ),
    ("Git LFS pointer", lambda p: (p / UNET).write_bytes(LFS) and None),
    ("the file is empty", lambda p: (p / UNET).write_bytes(b"") and None),
    ("not a safetensors file", lambda p: (p / UNET).write_bytes(b"<html>") and None),
    ("incomplete", lambda p: os.truncate(p / UNET, 100_000)),
    ("its header says", lambda p: os.truncate(p / UNET, 10_000_000)),
    ("has no diffusion_pytorch_model.safetensors", lambda p: (p / UNET).unlink()),
    (
        "text_encoder: has no model.safetensors",
        lambda p: shutil.rmtree(p / "text_encoder") or _config(p),
    ),
    ("mix fp16", lambda p: (p / UNET).rename((p / UNET).with_suffix(".fp16.safetensors")) and None),
    ("has no tokenizer", lambda p: shutil.rmtree(p / "tokenizer")),
    ("config.json: is missing", lambda p: (p / "vae/config.json").unlink()),
    ("not valid JSON", lambda p: (p / "vae/config.json").write_text("{") and None),
    ("not valid JSON", lambda p: (p / "vae/config.json").write_bytes(b"\xff\xfe{") and None),
    ("not valid JSON", lambda p: (p / "vae/config.json").write_text("[" * 100_000) and None),
    ("not a JSON object", lambda p: (p / "model_index.json").write_text("[]") and None),
    ("larger than 20 MB", lambda p: os.truncate(p / "unet/config.json", 21_000_000)),
    ("an inpainting checkpoint", lambda p: edit(p / "unet/config.json", in_channels=9)),
    ("an image-editing checkpoint", lambda p: edit(p / "unet/config.json", in_channels=8)),
    ("not a text-to-image checkpoint", lambda p: edit(p / "unet/config.json", in_channels=3)),
    (
        "of the same model",
        lambda p: edit(p / "unet/config.json", cross_attention_dim=768),
    ),
    (
        "of the same model",
        lambda p: edit(p / "unet/config.json", cross_attention_dim=[32, 9]),
    ),
    (
        "of the same model",
        lambda p: edit(p / "text_encoder/config.json", hidden_size=768),
    ),
    ("no usable sample_size", lambda p: edit(p / "unet/config.json", sample_size=None)),
    ("no usable sample_size", lambda p: edit(p / "unet/config.json", sample_size=10**9)),
    ("no usable sample_size", lambda p: edit(p / "unet/config.json", sample_size=[4, "\x1b[31m"])),
    ("no usable in_channels", lambda p: edit(p / "unet/config.json", in_channels=[4])),
    ("no usable latent_channels", lambda p: edit(p / "vae/config.json", latent_channels=None)),
    ("no usable hidden_size", lambda p: edit(p / "text_encoder/config.json", hidden_size={"a": 1})),
    ("no usable block_out_channels", lambda p: edit(p / "vae/config.json", block_out_channels=[])),
    (
        "no usable block_out_channels",
        lambda p: edit(p / "vae/config.json", block_out_channels="ab"),
    ),
    (
        "FlowMatchEulerDiscreteScheduler",
        lambda p: edit(
            p / "scheduler/scheduler_config.json", _class_name="FlowMatchEulerDiscreteScheduler"
        ),
    ),
    (
        "prediction flow_prediction",
        lambda p: edit(p / "scheduler/scheduler_config.json", prediction_type="flow_prediction"),
    ),
    (
        "is a StableDiffusionXLPipeline",
        lambda p: edit(p / "model_index.json", _class_name="StableDiffusionXLPipeline"),
    ),
    (
        "is a StableDiffusionInpaintPipeline",
        lambda p: edit(p / "model_index.json", _class_name="StableDiffusionInpaintPipeline"),
    ),
    ("is a ␛[31m", lambda p: edit(p / "model_index.json", _class_name="\x1b[31m" * 1000)),
    ("is a None", lambda p: edit(p / "model_index.json", _class_name=None)),
    ("vae is None", lambda p: edit(p / "model_index.json", vae=None)),
    ("vae is None", lambda p: edit(p / "model_index.json", vae="AutoencoderKL")),
    ("unet is X", lambda p: edit(p / "model_index.json", unet=["evil", "X"])),
]


def _config(path: Path) -> None:
    (path / "text_encoder").mkdir()
    (path / "text_encoder" / "config.json").write_text('{"hidden_size": 32}')


@pytest.mark.parametrize(
    ("expected", "damage"), DAMAGED, ids=[f"{n}-{text[:30]}" for n, (text, _) in enumerate(DAMAGED)]
)
def test_unsupported_models_are_refused(tiny: Path, expected: str, damage: Damage) -> None:
    damage(tiny)
    assert expected in refusal(tiny)


def _with(**changes: tuple[int, ...]) -> dict[str, tuple[int, ...]]:
    parts = {"first": 0, "cross": 1, "text": 2, "vae": 3}
    names = list(SD1_NAMES)
    return SD1_NAMES | {names[parts[part]]: shape for part, shape in changes.items()}


@pytest.mark.parametrize(
    ("shapes", "expected"),
    [
        ({"double_blocks.0.img_attn.qkv.weight": (4, 4)}, "a Flux file"),
        ({"model.diffusion_model.joint_blocks.0.x": (4,)}, "a Stable Diffusion 3 file"),
        (SD1_NAMES | {"conditioner.embedders.0.x": (4,)}, "a Stable Diffusion XL file"),
        (
            SD1_NAMES | {"cond_stage_model.model.ln_final.bias": (4,)},
            "use the diffusers folder or the hub id",
        ),
        (SD1_NAMES | {"control_model.x": (4,)}, "a ControlNet file"),
        ({"lora_unet_down_blocks_0.lora_down.weight": (4, 4)}, "merge it into a checkpoint first"),
        ({"unet.down.0.to_q.lora_A.weight": (4, 4)}, "a LoRA file"),
        ({"caption_projection.y": (4,)}, "a PixArt or Sana file"),
        ({}, "not a complete Stable Diffusion 1 checkpoint"),
        ({"conv_in.weight": (4, 4, 3, 3)}, "give the path of the whole folder"),
        (_with(first=(4, 9, 3, 3)), "an inpainting checkpoint"),
        (_with(first=(4, 8, 3, 3)), "an image-editing checkpoint"),
        (_with(first=(4, 1, 3, 3)), "not a text-to-image checkpoint"),
        (_with(cross=(4, 1024)), "text embeddings of width 1024; Stable Diffusion 1 has 768"),
        (_with(cross=()), "impossible shapes"),
        (_with(first=(4,)), "impossible shapes"),
    ],
)
def test_other_single_files_are_refused(
    tmp_path: Path, shapes: dict[str, tuple[int, ...]], expected: str
) -> None:
    assert expected in refusal(write_zeros(tmp_path / "model.safetensors", shapes))


@pytest.mark.parametrize("name", ["model.ckpt", "model.pt", "model.bin", "model", "model.zip"])
def test_single_files_of_other_formats_are_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_bytes(b"PK\x03\x04")
    assert "only .safetensors files are read" in refusal(tmp_path / name)


def test_a_disguised_pickle_is_refused(tmp_path: Path) -> None:
    (tmp_path / "model.safetensors").write_bytes(b"\x80\x02}q\x00." * 10)
    assert "a pickle file, which can run code" in refusal(tmp_path / "model.safetensors")


def test_names_from_a_header_are_shown_safely(tmp_path: Path) -> None:
    text = refusal(write_raw(tmp_path / "\x1b[31m.safetensors", b'{"\\u001b": {}}', 0))
    assert "header is damaged" in text
