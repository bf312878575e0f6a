"""Loading with the real libraries: complete models load, broken ones are refused."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.sd1_layout import original_layout
from support.weight_files import SD1_NAMES, write_zeros

from xray_tui.errors import ModelError
from xray_tui.generation.sampling import components, devices, memory
from xray_tui.generation.sampling.loading import LoadedModel, load
from xray_tui.models.catalogue import resolve
from xray_tui.models.headers import read_header
from xray_tui.models.single_file import CONFIG_FOLDER

UNET = "unet/diffusion_pytorch_model.safetensors"
VAE = "vae/diffusion_pytorch_model.safetensors"
TEXT = "text_encoder/model.safetensors"


def load_on_cpu(path: Path, dtype: str = "float32") -> LoadedModel:
    return load(resolve(str(path)), "cpu", dtype, lambda text, part: None)


def refusal(path: Path, dtype: str = "float32") -> str:
    with pytest.raises(ModelError) as caught:
        load_on_cpu(path, dtype)
    text = str(caught.value)
    assert text.isprintable()
    return text


def change(file: Path, edit: Callable[[dict[str, Any]], Any]) -> None:
    """Apply ``edit`` to the tensors of a weights file."""
    from safetensors.torch import load_file, save_file

    tensors = load_file(file)
    edit(tensors)
    save_file(tensors, file, metadata={"format": "pt"})


def renamed(tensors: dict[str, Any], rename: Callable[[str], str]) -> None:
    changed = {rename(name): tensor for name, tensor in tensors.items()}
    tensors.clear()
    tensors.update(changed)


def test_a_folder_loads_and_is_recorded(built: Path) -> None:
    reported: list[tuple[str, float | None]] = []
    model = load(resolve(str(built)), "cpu", "auto", lambda *values: reported.append(values))
    assert reported[0] == ("loading PyTorch", None)
    assert reported[-1] == ("ready", 1.0)
    parts = [part for _, part in reported if part is not None]
    assert parts == sorted(parts)
    assert (str(model.device), model.dtype_name) == ("cpu", "float32")
    assert set(model.files) == {UNET, VAE, TEXT}
    assert all(len(digest) == 64 for digest in model.files.values())
    assert len(model.fingerprint) == 64
    assert {"python", "torch", "diffusers", "transformers", "xray-tui"} <= set(model.versions)
    assert model.pipeline.safety_checker is None
    assert not model.pipeline.unet.training


def test_loaded_weights_equal_the_file(built: Path) -> None:
    from safetensors.torch import load_file

    model = load_on_cpu(built)
    for name, file in (("unet", UNET), ("vae", VAE)):
        loaded = getattr(model.pipeline, name).state_dict()
        for key, tensor in load_file(built / file).items():
            assert loaded[key].equal(tensor)


def test_half_precision_weights_load(tiny: Path) -> None:
    for file in tiny.rglob("*.safetensors"):
        change(file, lambda tensors: tensors.update({k: v.half() for k, v in tensors.items()}))
        file.rename(file.with_suffix(".fp16.safetensors"))
    assert load_on_cpu(tiny, "bfloat16").dtype_name == "bfloat16"


def test_text_encoders_of_older_checkpoints_load(built: Path, tiny: Path) -> None:
    def older(tensors: dict[str, Any]) -> None:
        import torch

        renamed(tensors, lambda name: f"text_model.{name.removeprefix('text_model.')}")
        tensors["text_model.embeddings.position_ids"] = torch.arange(77)[None]

    change(tiny / TEXT, older)
    wanted = load_on_cpu(built).pipeline.text_encoder.state_dict()
    for name, tensor in load_on_cpu(tiny).pipeline.text_encoder.state_dict().items():
        assert tensor.equal(wanted[name])


@pytest.mark.parametrize("file", [UNET, VAE, TEXT])
def test_a_missing_tensor_is_refused(tiny: Path, file: str) -> None:
    change(tiny / file, lambda tensors: tensors.pop(sorted(tensors)[0]))
    assert "lacks 1 tensors" in refusal(tiny)


@pytest.mark.parametrize("file", [UNET, VAE, TEXT])
def test_a_tensor_with_a_wrong_shape_is_refused(tiny: Path, file: str) -> None:
    def wider(tensors: dict[str, Any]) -> None:
        name = sorted(tensors)[0]
        tensors[name] = tensors[name].new_zeros((7, 7))

    change(tiny / file, wider)
    assert "do not have the shapes" in refusal(tiny)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), 1e30, -70_000.0])
def test_weights_that_are_not_finite_are_refused(tiny: Path, value: float) -> None:
    def damage(tensors: dict[str, Any]) -> None:
        tensors[sorted(tensors)[0]].view(-1)[3] = value

    change(tiny / VAE, damage)
    assert "the vae is damaged" in refusal(tiny)


def test_weights_truncated_after_the_check_are_refused(tiny: Path) -> None:
    info = resolve(str(tiny))
    (tiny / UNET).write_bytes((tiny / UNET).read_bytes()[:-1000])
    with pytest.raises(ModelError, match="cannot be loaded"):
        load(info, "cpu", "float32", lambda text, part: None)
    shutil.rmtree(tiny)
    with pytest.raises(ModelError, match="cannot be read"):
        load(info, "cpu", "float32", lambda text, part: None)


def test_a_damaged_hub_download_is_refused(tiny: Path, tmp_path: Path) -> None:
    snapshot = tmp_path / "hub" / "models--owner--name" / "snapshots" / ("a" * 40)
    shutil.copytree(tiny, snapshot)
    blob = tmp_path / "hub" / "models--owner--name" / ("b" * 64)
    (snapshot / UNET).rename(blob)
    (snapshot / UNET).symlink_to(blob)
    with pytest.raises(ModelError, match=r"not the one on the hub.*models download owner/name"):
        load(resolve("owner/name"), "cpu", "float32", lambda text, part: None)


def _vocabulary(path: Path, words: dict[str, int]) -> None:
    for file in (path / "tokenizer").glob("*.json"):
        if file.name != "tokenizer_config.json":
            file.unlink()
    (path / "tokenizer" / "vocab.json").write_text(json.dumps(words))
    (path / "tokenizer" / "merges.txt").write_text("#version: 0.2\n")


def test_an_empty_tokenizer_is_refused(tiny: Path) -> None:
    _vocabulary(tiny, {"<|startoftext|>": 0, "<|endoftext|>": 1})
    assert "its tokenizer" in refusal(tiny)


def test_a_tokenizer_too_large_for_the_text_encoder_is_refused(tiny: Path) -> None:
    letters = {letter + end: n for n, letter in enumerate("chestkn", 2) for end in ("", "</w>")}
    _vocabulary(tiny, {"<|startoftext|>": 0, "<|endoftext|>": 1, **letters, "z</w>": 9000})
    assert "do not belong together" in refusal(tiny)


@pytest.mark.parametrize("entry", [["evil", "Tokenizer"], ["transformers", "CLIPTextModel"], None])
@pytest.mark.parametrize("component", ["tokenizer", "scheduler"])
def test_code_of_other_libraries_is_not_run(tiny: Path, component: str, entry: object) -> None:
    index = json.loads((tiny / "model_index.json").read_text()) | {component: entry}
    (tiny / "model_index.json").write_text(json.dumps(index))
    assert "runs no other code" in refusal(tiny) or f"is not a {component}" in refusal(tiny)


def test_a_model_too_large_for_memory_is_refused_before_loading(tmp_path: Path) -> None:
    huge = SD1_NAMES | {"model.diffusion_model.x": (1 << 20, 1 << 20)}
    file = tmp_path / "huge.safetensors"
    write_zeros(file, huge)
    text = refusal(file)
    assert "not enough memory: the model needs about 4837.9 GB" in text
    assert "use a smaller model or another device" in text  # float16 would not fit either


def test_free_memory_respects_the_limit_of_the_container(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import torch

    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    cpu = torch.device("cpu")
    whole = memory.free_memory(cpu)
    assert whole > 1_000_000
    (tmp_path / "memory.max").write_text("1000\n")
    (tmp_path / "memory.current").write_text("900\n")
    (tmp_path / "memory.stat").write_text("anon 5\ninactive_file 300\n")
    assert memory.free_memory(cpu) == 400
    (tmp_path / "memory.max").write_text("max\n")
    assert memory.free_memory(cpu) > 1_000_000


@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:77", "cuda:999999", "mps", "nonsense"])
def test_missing_devices_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(devices, "_has_mps", lambda: False)
    with pytest.raises(ModelError, match=r"^device "):
        devices.resolve_device(name)
    assert str(devices.resolve_device("auto")) == "cpu"


def test_a_gpu_that_does_not_exist_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    assert str(devices.resolve_device("auto")) == "cuda:0"
    with pytest.raises(
        ModelError, match="cuda:2: does not exist; this machine has cuda:0 to cuda:1"
    ):
        devices.resolve_device("cuda:2")


# ---- single files --------------------------------------------------------------------------------


@pytest.fixture
def small_sd1(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A single file in the layout of Stable Diffusion 1 with few channels."""
    import torch
    from safetensors.torch import save_file

    config = shutil.copytree(CONFIG_FOLDER, tmp_path / "config")
    shutil.rmtree(config / "tokenizer")
    shutil.copytree(built / "tokenizer", config / "tokenizer")
    narrow = {
        "unet": {"block_out_channels": [8, 8, 8, 8], "norm_num_groups": 4},
        "vae": {"block_out_channels": [8, 8, 8, 8], "norm_num_groups": 4},
        "text_encoder": {"num_hidden_layers": 1, "intermediate_size": 8, "vocab_size": 64},
    }
    for name, changes in narrow.items():
        file = config / name / "config.json"
        file.write_text(json.dumps(json.loads(file.read_text()) | changes))
    monkeypatch.setattr(components, "CONFIG_FOLDER", config)
    tensors = original_layout(*empty_components(config, "cpu"))
    tensors["cond_stage_model.transformer.text_model.embeddings.position_ids"] = torch.arange(77)
    tensors["model_ema.decay"] = torch.ones(())
    save_file({k: v.contiguous() for k, v in tensors.items()}, tmp_path / "small.safetensors")
    return tmp_path / "small.safetensors"


def empty_components(config: Path, device: str) -> tuple[Any, Any, Any]:
    """UNet, VAE and text encoder of a configuration, with random weights (none on ``meta``)."""
    import torch
    from diffusers import AutoencoderKL, UNet2DConditionModel
    from transformers import CLIPTextConfig, CLIPTextModel

    torch.manual_seed(1)
    with torch.device(device):
        return (
            UNet2DConditionModel.from_config(json.loads((config / "unet/config.json").read_text())),
            AutoencoderKL.from_config(json.loads((config / "vae/config.json").read_text())),
            CLIPTextModel(CLIPTextConfig.from_pretrained(config / "text_encoder")),
        )


def test_a_single_file_loads_with_every_tensor_in_its_place(small_sd1: Path) -> None:
    wanted = empty_components(components.CONFIG_FOLDER, "cpu")
    model = load_on_cpu(small_sd1)
    for name, component in zip(("unet", "vae", "text_encoder"), wanted, strict=True):
        loaded = getattr(model.pipeline, name).state_dict()
        for key, tensor in component.state_dict().items():
            assert loaded[key].equal(tensor), key
    assert list(model.files) == ["small.safetensors"]
    assert list(model.files.values()) == [model.fingerprint]


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("model.diffusion_model.out.2.bias", "tensors of its UNet or VAE are missing"),
        ("first_stage_model.decoder.mid.attn_1.q.weight", "tensors of its UNet or VAE are missing"),
        (
            "cond_stage_model.transformer.text_model.final_layer_norm.weight",
            "the text_encoder lacks 1 tensors (first: final_layer_norm.weight)",
        ),
    ],
)
def test_a_single_file_without_a_tensor_is_refused(
    small_sd1: Path, name: str, expected: str
) -> None:
    change(small_sd1, lambda tensors: tensors.pop(name))
    assert expected in refusal(small_sd1)


def test_a_single_file_with_other_dimensions_is_refused(small_sd1: Path) -> None:
    name = "model.diffusion_model.out.2.bias"
    change(small_sd1, lambda tensors: tensors.update({name: tensors[name].repeat(2)}))
    assert "cannot be loaded" in refusal(small_sd1)


def test_the_included_configuration_describes_stable_diffusion_1() -> None:
    from transformers import CLIPTokenizer

    unet, vae, encoder = empty_components(CONFIG_FOLDER, "meta")
    counts = [sum(p.numel() for p in part.parameters()) for part in (unet, vae, encoder)]
    assert counts == [859_520_964, 83_653_863, 123_060_480]
    tokenizer = CLIPTokenizer.from_pretrained(CONFIG_FOLDER / "tokenizer")
    assert len(tokenizer) == 49_408
    cat = tokenizer("a photo of a cat").input_ids
    assert cat == [49406, 320, 1125, 539, 320, 2368, 49407]
    assert tokenizer.model_max_length == 77
    chest = tokenizer.tokenize("PA chest radiograph; pneumonia")
    assert chest == ["pa</w>", "chest</w>", "radio", "graph</w>", ";</w>", "pneumonia</w>"]


@pytest.mark.slow
def test_a_single_file_of_full_size_loads(tmp_path: Path) -> None:
    tensors = original_layout(*empty_components(CONFIG_FOLDER, "meta"))
    shapes = {name: tuple(tensor.shape) for name, tensor in tensors.items()}
    file = write_zeros(tmp_path / "full.safetensors", shapes)
    assert read_header(file).parameters == 1_066_235_307
    model = load_on_cpu(file, "bfloat16")
    assert model.pipeline.unet.config.cross_attention_dim == 768
    assert len(model.pipeline.tokenizer) == 49_408
