"""A checkpoint that is refused can be used after following the advice."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest
from support.advice import Advice, advised
from support.weight_files import SD1_NAMES, write_raw, write_zeros

from xray_tui.errors import ModelError
from xray_tui.models.catalogue import list_models, resolve
from xray_tui.models.hub.files import choose_files

UNET = "unet/diffusion_pytorch_model.safetensors"
INDEX = "unet/diffusion_pytorch_model.safetensors.index.json"


def refusal(path: Path) -> str:
    with pytest.raises(ModelError) as caught:
        resolve(str(path))
    return str(caught.value)


AGAIN = (
    Advice("its safetensors header is damaged; copy or download it again", UNET, "{?"),
    Advice(", its header says ", UNET, "{}more"),
    Advice("the file is empty; copy or download it again", UNET, ""),
    Advice("a pickle file, which can run code when it is opened; use the .safetensors", UNET, "PK"),
    Advice("a Git LFS pointer, not the weights; run 'git lfs pull'", UNET, "version https://git"),
    Advice("not a safetensors file, or incomplete; copy or download it again", UNET, "?"),
    Advice(": is missing; copy or download the model again", "unet/config.json", "missing"),
    Advice("not valid JSON; copy or download the model again", "unet/config.json", "?"),
    Advice("not a JSON object; copy or download the model again", "unet/config.json", "[]"),
    Advice("; copy or download the model again", "vae/config.json", "{}"),
    Advice(
        "has no tokenizer (tokenizer.json, or vocab.json and merges.txt)", "tokenizer", "missing"
    ),
    Advice("; copy or download the model again", UNET, "missing"),
)
"""The advice, the file that is damaged, and its new content."""


@pytest.mark.parametrize("advice", AGAIN, ids=lambda advice: f"{advice.wrong} {advice.right}")
def test_a_damaged_model_is_copied_again(tiny: Path, built: Path, advice: Advice) -> None:
    path = tiny / advice.wrong
    if advice.right == "missing":
        shutil.rmtree(path) if path.is_dir() else path.unlink()
    elif advice.right.startswith("{") and advice.wrong == UNET:
        write_raw(path, advice.right[:2].encode(), len(advice.right) - 2)
    else:
        path.write_text(advice.right, encoding="utf-8")
    assert advice.text in refusal(tiny)
    shutil.copytree(built, tiny, dirs_exist_ok=True)
    resolve(str(tiny))


def fp16(folder: Path, *components: str) -> None:
    for component in components:
        (file,) = (folder / component).glob("*.safetensors")
        file.rename(file.with_suffix(".fp16.safetensors"))


def test_weights_of_other_kinds_are_replaced(tiny: Path) -> None:
    (tiny / UNET).rename(tiny / "unet" / "model.bin")
    advised("use a safetensors version of this model", refusal(tiny))
    (tiny / "unet" / "model.bin").rename(tiny / UNET)
    fp16(tiny, "unet")
    advised(
        "its components mix fp16 and other weights; use a copy whose files are all of one kind",
        refusal(tiny),
    )
    fp16(tiny, "vae", "text_encoder")
    assert resolve(str(tiny)).checkpoint.variant == "fp16"


@pytest.mark.parametrize("weight_map", ["{}", '{"weight_map": {"a": "a.safetensors"}}'])
def test_shards_are_copied_again(tiny: Path, built: Path, weight_map: str) -> None:
    (tiny / UNET).unlink()
    (tiny / INDEX).write_text(weight_map, encoding="utf-8")
    message = refusal(tiny)
    if weight_map == "{}":
        advised("has no weight_map; copy or download the model again", message)
    else:
        advised("is missing; copy or download the model again", message)
    shutil.copytree(built, tiny, dirs_exist_ok=True)
    resolve(str(tiny))


def test_the_right_path_is_given(tiny: Path, tmp_path: Path) -> None:
    folder = tmp_path / "models"
    folder.mkdir()
    advised("the folder is empty; choose a diffusers model folder", refusal(folder))
    resolve(str(tiny))

    file = write_zeros(folder / "sd1.safetensors", SD1_NAMES)
    message = refusal(folder)
    advised("; to use a single file, give its path: ", message)
    assert resolve(message.rpartition(": ")[2]).path == file

    message = refusal(tiny / UNET)
    advised("to use a component of a diffusers folder, give the path of the whole folder", message)
    resolve(str(tiny))

    message = refusal(tmp_path / "nowhere")
    advised("to list the models that can be used: xray-tui models list", message)
    assert [model.ref for model in list_models()] == ["bundled"]
    resolve("bundled")


def test_components_of_one_model_are_used(tiny: Path, built: Path) -> None:
    config = tiny / "unet" / "config.json"
    values = json.loads(config.read_text()) | {"cross_attention_dim": 7}
    config.write_text(json.dumps(values), encoding="utf-8")
    advised("; use components of the same model", refusal(tiny))
    shutil.copy(built / "unet" / "config.json", config)
    resolve(str(tiny))


def test_a_single_file_of_the_hub_is_downloaded_by_hand(tmp_path: Path) -> None:
    file = write_zeros(tmp_path / "sd1.safetensors", SD1_NAMES)
    with pytest.raises(ModelError) as caught:
        choose_files([SimpleNamespace(rfilename=file.name)])
    advised("download its .safetensors file by hand and pass it with --model", str(caught.value))
    assert resolve(str(file)).kind == "file"


def test_a_single_file_of_stable_diffusion_2_needs_its_folder(tiny: Path, tmp_path: Path) -> None:
    names = {"cond_stage_model.model.x": (1,), **SD1_NAMES}
    message = refusal(write_zeros(tmp_path / "sd2.safetensors", names))
    advised("use the diffusers folder or the hub id of this model", message)
    resolve(str(tiny))


def test_impossible_shapes_are_downloaded_again(tmp_path: Path) -> None:
    first = next(iter(SD1_NAMES))
    path = write_zeros(tmp_path / "sd1.safetensors", SD1_NAMES | {first: (4, 4)})
    advised("its tensors have impossible shapes; copy or download it again", refusal(path))
    resolve(str(write_zeros(path, SD1_NAMES)))
