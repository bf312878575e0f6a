"""The stages of training: noise schedule, latents, saved states, and each network's training."""

from __future__ import annotations

import itertools
from types import SimpleNamespace

import numpy as np
import pytest
import torch
from safetensors.torch import load_file
from transformers import CLIPTokenizer

from xray_tui.models.catalogue import bundled_path
from xray_tui.training.curves import read_log
from xray_tui.training.errors import TrainingError
from xray_tui.training.export import build_scheduler
from xray_tui.training.material.tokenizer import train_tokenizer
from xray_tui.training.stages import loop
from xray_tui.training.stages.decoder import MOST_NOISE, train_decoder, with_noise
from xray_tui.training.stages.denoiser import TrainingSet, train_denoiser
from xray_tui.training.stages.latents import encode_all, fold_normalisation, moved, normalised
from xray_tui.training.stages.preview_map import UPSCALE, fit_preview
from xray_tui.training.stages.restart import begin_from
from xray_tui.training.stages.schedule import LAST_SIGNAL, STEPS, training_betas
from xray_tui.training.stages.state import save_state
from xray_tui.training.stages.vae import build_vae, psnr, to_tensor, train_vae


@pytest.fixture
def images():
    return np.random.default_rng(0).integers(0, 256, (6, 256, 256), dtype=np.uint8)


def test_betas_end_with_almost_no_signal():
    betas = training_betas()
    signal = np.cumprod(1 - betas)
    assert len(betas) == STEPS and (betas > 0).all() and (betas < 1).all()
    assert signal[0] == pytest.approx(1 - 0.00085, abs=1e-6)
    assert signal[-1] == pytest.approx(LAST_SIGNAL, rel=1e-6)
    assert (np.diff(signal) < 0).all()


def test_betas_build_a_scheduler_that_starts_from_pure_noise():
    scheduler = build_scheduler()
    scheduler.set_timesteps(20)
    assert len(scheduler.timesteps) == 20 and int(scheduler.timesteps[0]) == STEPS - 1
    assert float(scheduler.alphas_cumprod[-1]) == pytest.approx(LAST_SIGNAL, rel=0.01)
    assert scheduler.config.prediction_type == "v_prediction"
    sample = torch.randn(1, 16, 4, 4)
    for step in scheduler.timesteps:
        sample = scheduler.step(torch.zeros_like(sample), step, sample).prev_sample
    assert torch.isfinite(sample).all()


@torch.no_grad()
def test_folded_normalisation_changes_latents_but_not_images(images):
    torch.manual_seed(0)
    vae = build_vae().eval()
    before = encode_all(vae, images)
    channels = (0, 1, 3, 4)
    deviation = before.std(channels)
    batch = to_tensor(images[:2]).expand(-1, 3, -1, -1)
    plain = vae.encode(batch).latent_dist
    restored = vae.decode(plain.mode()).sample
    fold_normalisation(vae, before)
    folded = vae.encode(batch).latent_dist
    after = encode_all(vae, images)
    assert np.abs(after.mean(channels)).max() < 1e-3
    assert np.abs(after.std(channels) - 1).max() < 1e-3
    assert np.allclose(after, normalised(before), atol=1e-3)
    assert torch.allclose(vae.decode(folded.mode()).sample, restored, atol=1e-4)
    scale = torch.from_numpy(deviation)[:, None, None]
    assert torch.allclose(folded.std * scale, plain.std, rtol=1e-3)


def test_the_first_variant_is_the_image_and_the_others_are_moved(images):
    smooth = np.kron(images[:2, :8, :8], np.ones((32, 32), np.uint8))
    vae = build_vae().eval()
    latents = encode_all(vae, smooth, variants=3)
    assert latents.shape == (2, 3, 24, 16, 16)
    assert np.allclose(latents[:, :1], encode_all(vae, smooth), atol=1e-5)
    assert not np.allclose(latents[:, 1], latents[:, 0], atol=1e-3)


def test_moved_images_differ_only_slightly(images):
    smooth = to_tensor(np.kron(images[:, :8, :8], np.ones((32, 32), np.uint8)))
    shifted = moved(smooth, torch.Generator().manual_seed(1))
    assert shifted.shape == smooth.shape and shifted.abs().max() <= 1
    off = (shifted - smooth).abs()
    assert 0.01 < off.mean() < 0.25 and off.median() < 0.02  # blocks stay, their edges move


def test_the_preview_map_recovers_a_linear_picture():
    random = np.random.default_rng(0)
    latents = random.normal(size=(4, 3, 2, 2)).astype(np.float32)
    blocks = 128 + 20 * latents[:, 0].repeat(UPSCALE, 1).repeat(UPSCALE, 2)
    preview = fit_preview(latents, np.round(blocks.clip(0, 255)).astype(np.uint8))
    assert preview["bias"] == pytest.approx([128 / 255] * UPSCALE**2, abs=0.01)
    assert preview["weight"][0] == pytest.approx([20 / 255] * UPSCALE**2, abs=0.01)


def test_a_state_that_cannot_be_written_leaves_the_old_state(tmp_path, monkeypatch):
    path = tmp_path / "state.pt"
    save_state(path, step=1)

    def fail(state, file):
        file.write_bytes(b"half")
        raise OSError("full")

    monkeypatch.setattr(torch, "save", fail)
    with pytest.raises(OSError, match="full"):
        save_state(path, step=2)
    assert torch.load(path, weights_only=True) == {"step": 1}


def test_a_state_is_replaced_as_a_whole(tmp_path):
    path = tmp_path / "state.pt"
    for step in (1, 2):
        save_state(path, step=step, weights={"a": torch.zeros(2)})
    assert torch.load(path, weights_only=True)["step"] == 2
    assert [file.name for file in tmp_path.iterdir()] == ["state.pt"]


def clock():
    """A clock that advances by 100 seconds each time it is read."""
    seconds = itertools.count(0, 100)
    return SimpleNamespace(monotonic=lambda: float(next(seconds)))


@pytest.mark.slow
def test_the_autoencoder_trains_stops_and_resumes(tmp_path, images, monkeypatch, capsys):
    monkeypatch.setattr(loop, "time", clock())
    weights = np.full(len(images), 1 / len(images))
    path = tmp_path / "vae.pt"
    train_vae(images, weights, images[:1], path, minutes=5)
    first = torch.load(path, weights_only=True)
    assert first["step"] > 0 and 0 < first["seconds"] < 300
    vae = train_vae(images, weights, images[:1], path, minutes=10)
    second = torch.load(path, weights_only=True)
    assert second["step"] > first["step"] and second["seconds"] > first["seconds"]
    key = "decoder.conv_out.weight"
    assert not torch.equal(first["vae"][key], second["vae"][key])
    assert not vae.training and np.isfinite(psnr(vae, images[:1]))
    log = read_log(tmp_path / "vae.csv")
    assert log["step"] == sorted(log["step"]) and log["step"][-1] == second["step"]
    assert "step" in capsys.readouterr().out


def test_a_finished_training_is_not_repeated(tmp_path, images):
    torch.manual_seed(0)
    vae = build_vae()
    optimizer = torch.optim.AdamW(vae.parameters())
    path = tmp_path / "vae.pt"
    save_state(path, vae=vae.state_dict(), optimizer=optimizer.state_dict(), seconds=90.0, step=3)
    again = train_vae(images, np.full(6, 1 / 6), images[:1], path, minutes=1)
    assert all(
        torch.equal(one, other)
        for one, other in zip(vae.parameters(), again.parameters(), strict=True)
    )


def test_only_the_decoder_is_retrained(tmp_path, images, monkeypatch):
    monkeypatch.setattr(loop, "time", clock())
    torch.manual_seed(0)
    vae = build_vae()
    before = {name: value.clone() for name, value in vae.state_dict().items()}
    weights = np.full(len(images), 1 / len(images))
    train_decoder(vae, images, weights, images[:1], tmp_path / "decoder.pt", minutes=5)
    changed = {
        name.split(".")[0]
        for name, value in vae.state_dict().items()
        if not torch.equal(value, before[name])
    }
    assert changed == {"decoder", "post_quant_conv"}

    again = build_vae()
    again.load_state_dict(before)
    train_decoder(again, images, weights, images[:1], tmp_path / "decoder.pt", minutes=0)
    for name, value in again.state_dict().items():
        assert torch.equal(value, vae.state_dict()[name])


def test_some_latents_get_noise_and_others_do_not():
    torch.manual_seed(0)
    noise = with_noise(torch.zeros(200, 4, 8, 8)).std((1, 2, 3))
    assert 60 < (noise == 0).sum() < 140
    assert 0.3 < noise.max() < 1.2 * MOST_NOISE


@pytest.fixture
def training_set():
    random = torch.Generator().manual_seed(0)
    return TrainingSet(
        torch.randn(6, 2, 4, 16, 16, generator=random).half(),
        torch.randint(0, 9, (6, 3, 77), generator=random).short(),
        torch.tensor([0.5, 0.5, 0, 0, 0, 0]),
    )


def test_images_are_drawn_by_weight_with_one_of_their_captions(training_set):
    latents, captions = training_set.draw(20)
    assert latents.dtype == torch.float32 and captions.dtype == torch.int64
    for latent, caption in zip(latents, captions, strict=True):
        of_latent = (training_set.latents == latent).all((2, 3, 4)).any(1)
        of_caption = (training_set.captions == caption).all(2).any(1)
        assert of_latent.tolist() == of_caption.tolist() and of_latent[:2].sum() == 1


@pytest.mark.slow  # 16 seconds of training
def test_the_denoiser_trains_stops_and_resumes(tmp_path, training_set, monkeypatch):
    monkeypatch.setattr(loop, "time", clock())
    tokenizer = train_tokenizer(["chest x-ray"])
    path = tmp_path / "denoiser.pt"
    train_denoiser(training_set, training_set, tokenizer, path, minutes=5)
    first = torch.load(path, weights_only=True)
    average = train_denoiser(training_set, training_set, tokenizer, path, minutes=10)
    second = torch.load(path, weights_only=True)
    assert second["step"] > first["step"] > 0
    name = "unet.conv_out.weight"
    assert not torch.equal(first["model"][name], second["model"][name])
    assert not torch.equal(second["model"][name], second["average"][name])
    assert torch.equal(average.state_dict()[name], second["average"][name])
    log = read_log(tmp_path / "denoiser.csv")
    assert log["step"][-1] == second["step"] and all(np.isfinite(log["kept_aside"]))


def test_training_begins_from_a_finished_checkpoint(tmp_path):
    begin_from(bundled_path(), tmp_path)
    state = torch.load(tmp_path / "denoiser.pt", weights_only=True)
    name = "unet.conv_in.weight"
    shipped = load_file(bundled_path() / "unet" / "diffusion_pytorch_model.safetensors")
    assert torch.equal(state["model"][name], shipped["conv_in.weight"].float())
    assert (state["step"], state["seconds"]) == (0, 0)
    noise = np.zeros((1, 256, 256), np.uint8)
    vae = train_vae(noise, np.ones(1), noise, tmp_path / "vae.pt", minutes=0)
    assert vae.config.latent_channels == shipped["conv_in.weight"].shape[1]
    learned = CLIPTokenizer.from_pretrained(tmp_path / "tokenizer")
    shipped_tokenizer = CLIPTokenizer.from_pretrained(bundled_path() / "tokenizer")
    assert learned("PA chest").input_ids == shipped_tokenizer("PA chest").input_ids

    (tmp_path / "denoiser.pt").write_bytes(b"hours of work")
    begin_from(bundled_path(), tmp_path)
    assert (tmp_path / "denoiser.pt").read_bytes() == b"hours of work"


def test_training_does_not_begin_from_a_folder_without_a_checkpoint(tmp_path):
    with pytest.raises(TrainingError, match=r"is not a checkpoint: it has no model_index\.json"):
        begin_from(tmp_path, tmp_path)
    assert list(tmp_path.iterdir()) == []
