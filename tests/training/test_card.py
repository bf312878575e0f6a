"""The export and the model card, with and without an evaluation."""

from __future__ import annotations

import re
import shutil
from pathlib import Path

import pytest
import torch
from PIL import Image
from training.conftest import write_data

from xray_tui.models.catalogue import bundled_path, fingerprint, resolve
from xray_tui.prompts.library import default_path, load
from xray_tui.training.card import __file__ as card_module
from xray_tui.training.card import attribution, write_card
from xray_tui.training.curves import read_log, ticks
from xray_tui.training.evaluation.results import (
    Closeness,
    Faults,
    Fidelity,
    Nearness,
    Results,
    Share,
    Speed,
    Usefulness,
    read_results,
    write_results,
)
from xray_tui.training.evaluation.table import as_markdown
from xray_tui.training.export import export
from xray_tui.training.material.captions import Captioner
from xray_tui.training.material.sources import SOURCES
from xray_tui.training.material.tokenizer import train_tokenizer
from xray_tui.training.sheet import SheetRow, draw_pairs, draw_sheet
from xray_tui.training.stages.denoiser import Denoiser
from xray_tui.training.stages.sampling import CheckpointSampler
from xray_tui.training.stages.vae import LATENT_CHANNELS, build_vae


@pytest.fixture(scope="module")
def parts():
    """The arguments of an export, with untrained networks."""
    torch.manual_seed(0)
    tokenizer = train_tokenizer(Captioner(load(default_path()).bundled()).vocabulary())
    preview = {
        "format": 1,
        "upscale": 4,
        "weight": [[0.0] * 16] * LATENT_CHANNELS,
        "bias": [0.5] * 16,
    }
    return build_vae(), Denoiser(tokenizer, LATENT_CHANNELS), tokenizer, preview


@pytest.fixture(scope="module")
def exported(parts, tmp_path_factory) -> Path:
    """An exported checkpoint; tests must not change it."""
    target = tmp_path_factory.mktemp("export") / "bundled"
    export(target, *parts)
    return target


@pytest.fixture
def checkpoint(exported, tmp_path) -> Path:
    """A copy of the exported checkpoint that a test may change."""
    return shutil.copytree(exported, tmp_path / "bundled")


@pytest.fixture
def data(tmp_path) -> Path:
    """A metadata.csv of 40 rows of each kind."""
    return write_data(tmp_path / "data", 40, images=False)


@pytest.fixture
def work(tmp_path) -> Path:
    """The logs of a short training."""
    folder = tmp_path / "work"
    (folder / "evaluation").mkdir(parents=True)
    rows = [f"{step},{6 * step},{1 / step:.4f},{20 + step / 100:.2f}" for step in (100, 200, 600)]
    (folder / "vae.csv").write_text("\n".join(["step,seconds,loss,psnr", *rows]) + "\n")
    (folder / "denoiser.csv").write_text("step,seconds,loss\n1000,180,0.5\n9000,1800,0.2\n")
    return folder


def results(name: str) -> Results:
    """Results of the checkpoint with the fingerprint ``name``: one or two rows in every table."""
    return Results(
        fingerprint=name,
        date="2025-01-02",
        images_per_prompt=50,
        agreement=(
            Share(head="region", answer="chest", real=0.99, real_images=50, generated=0.987,
                  generated_images=450),
            Share(head="region", answer="elbow", real=None, real_images=0, generated=0.5,
                  generated_images=50),
        ),
        closeness=(
            Closeness(area="knee", images=60, real_frechet=2.0, generated_frechet=5.0,
                      real_precision=0.8, real_recall=0.8, generated_precision=0.7,
                      generated_recall=0.6),
        ),
        usefulness=(Usefulness(trained_on="generated images", images=600, auc=(0.8, 0.9)),),
        nearness=(
            Nearness(area="knee", real_images=141, generated_images=125, real_first=0.3,
                     real_median=0.5, generated_first=0.29, generated_median=0.45, nearer=0.012,
                     nearer_than_neighbours=0.0),
        ),
        fidelity=(Fidelity(region="all", images=694, psnr=31.26),),
        faults=Faults(images=1100, plain=1, checkerboard=0, grid=0),
        speed=Speed(device="cpu", threads=2, load_average=0.4, load_seconds=0.61, batch_1=0.71,
                    batch_8=0.29),
    )  # fmt: skip


def test_a_card_names_data_sources_and_training(checkpoint, work, data):
    before = fingerprint(resolve(str(checkpoint)))
    write_card(checkpoint, work, data)
    card = (checkpoint / "README.md").read_text(encoding="utf-8")
    assert card.startswith("---\nlicense: ") and "inference: false" in card
    for source in SOURCES:
        assert source.title in card and all(link in card for link in source.links)
    assert "not been evaluated" in card and "256×256" in card and "24.3 M" in card
    assert "| autoencoder | 600 |" in card and "| denoiser and text encoder | 9,000 |" in card
    assert "40 images of FracAtlas" in card and "and 1 that show several views" in card
    assert "diagnos" in card and "$" not in card
    with Image.open(checkpoint / "loss.png") as curves:
        assert curves.width == 900 and curves.height == 3 * 300
        assert len(curves.convert("RGB").getcolors(4096)) > 4
    assert fingerprint(resolve(str(checkpoint))) == before
    assert sorted(file.name for file in checkpoint.glob(".*")) == []


def test_the_shipped_card_follows_the_template():
    template = Path(card_module).with_name("card.md").read_text(encoding="utf-8")
    shipped = (bundled_path() / "README.md").read_text(encoding="utf-8")
    pieces = re.split(r"\$[a-z_]+", template)
    assert re.fullmatch(".+?".join(map(re.escape, pieces)), shipped, re.DOTALL)
    for source in SOURCES:
        assert attribution(source) in shipped
    for line in as_markdown(results("any")).splitlines():
        if line.startswith("**") and "load average" not in line:
            assert line in shipped, line


def test_a_card_without_logs_has_no_loss_curves(checkpoint, tmp_path, data):
    write_card(checkpoint, tmp_path / "nothing", data)
    assert "loss.png" not in (checkpoint / "README.md").read_text(encoding="utf-8")
    assert not (checkpoint / "loss.png").exists()


def test_a_card_shows_only_results_of_its_own_checkpoint(checkpoint, work, data):
    path = work / "evaluation" / "results.json"
    found = results(fingerprint(resolve(str(checkpoint))))
    write_results(path, found)
    assert read_results(path) == found
    (path.parent / "remarks.md").write_text("The knees were inspected.\n", encoding="utf-8")
    write_card(checkpoint, work, data)
    card = (checkpoint / "README.md").read_text(encoding="utf-8")
    for cell in ("| region | chest | 99.0 % | 50 | 98.7 % | 450 |", "| all | 694 | 31.3 |",
                 "| knee | 60 | 2 | 5 | 2.5 |", "| generated images | 600 | 0.850 |",
                 "| one image in a batch of 8 | 0.29 s |", "1 of 1100"):  # fmt: skip
        assert cell in card, cell
    assert "The knees were inspected." in card
    write_results(path, results("another checkpoint"))
    write_card(checkpoint, work, data)
    card = (checkpoint / "README.md").read_text(encoding="utf-8")
    assert "not been evaluated" in card and "inspected." not in card


def test_a_new_export_keeps_the_card_until_it_is_rewritten(parts, checkpoint, work, data):
    write_card(checkpoint, work, data)
    first = (checkpoint / "README.md").read_bytes()
    (checkpoint / "left-over.txt").write_text("old")
    export(checkpoint, *parts)
    assert (checkpoint / "README.md").read_bytes() == first
    assert (checkpoint / "loss.png").exists() and not (checkpoint / "left-over.txt").exists()
    write_card(checkpoint, work, data)
    assert resolve(str(checkpoint)).native_size == (256, 256)
    assert not list(checkpoint.parent.glob(".*"))


def test_an_image_does_not_depend_on_the_number_of_images_generated(checkpoint):
    library = load(default_path())
    sampler = CheckpointSampler(checkpoint, library)
    prompt = library.get("knee-healthy").model_copy(update={"parameters": {"steps": 1}})
    both = sampler.generate(prompt, 2, batch_size=1)
    assert both.shape == (2, 256, 256)
    assert (sampler.generate(prompt, 2, start=1, batch_size=1)[0] == both[1]).all()


def test_sheets_have_a_row_per_prompt_and_a_group_per_kind_of_image(tmp_path):
    greys = torch.randint(0, 256, (3, 256, 256), dtype=torch.uint8).numpy()
    rows = [SheetRow("one", greys, greys[:1]), SheetRow("two", greys, greys[:0])]
    draw_sheet(rows, tmp_path / "sheet.png", columns=3)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.size == (2 * 3 * 128 + 16, 28 + 2 * (128 + 20)) and sheet.mode == "L"
    draw_sheet(rows[1:], tmp_path / "sheet.png", columns=3)
    with Image.open(tmp_path / "sheet.png") as sheet:
        assert sheet.width == 3 * 128  # no real image: one group
    draw_pairs([("a", greys[0], greys[1])] * 7, tmp_path / "pairs.png")
    with Image.open(tmp_path / "pairs.png") as sheet:
        assert sheet.height == 2 * (128 + 20)


def test_a_log_is_read_from_the_last_restart(tmp_path):
    path = tmp_path / "vae.csv"
    path.write_text("step,seconds,loss\n5,180,0.9\n9,360,0.8\n4,180,0.7\n8,361,0.6\n")
    assert read_log(path) == {"step": [4, 8], "seconds": [180, 361], "loss": [0.7, 0.6]}
    assert read_log(tmp_path / "none.csv") == {}


def test_ticks_are_round_numbers():
    assert ticks(0, 1) == [0, 0.2, 0.4, 0.6, 0.8, 1.0]
    assert ticks(0.12, 0.33) == pytest.approx([0.15, 0.2, 0.25, 0.3])
    assert ticks(0, 55, 8) == pytest.approx([0, 5, 10, 15, 20, 25, 30, 35, 40, 45, 50, 55])
    assert ticks(3, 3)
