"""Trains a checkpoint: every stage in order, each resumed from its saved state."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from xray_tui.prompts.library import default_path, load
from xray_tui.training.card import write_card
from xray_tui.training.export import export
from xray_tui.training.material.arrays import cached_array
from xray_tui.training.material.captions import Captioner
from xray_tui.training.material.data import Radiograph, label_weights, read_radiographs
from xray_tui.training.material.greys import MIRRORED_SOURCES, load_greys, split
from xray_tui.training.material.limbs import Grey
from xray_tui.training.material.tokenizer import token_table, train_tokenizer
from xray_tui.training.sheet import SheetRow, draw_sheet
from xray_tui.training.stages.decoder import train_decoder
from xray_tui.training.stages.denoiser import Denoiser, TrainingSet, train_denoiser
from xray_tui.training.stages.latents import (
    GPU_VARIANTS,
    encode_all,
    fold_normalisation,
    normalised,
)
from xray_tui.training.stages.preview_map import fit_preview
from xray_tui.training.stages.restart import begin_from
from xray_tui.training.stages.sampling import CheckpointSampler
from xray_tui.training.stages.state import best_device
from xray_tui.training.stages.vae import psnr, train_vae

CAPTIONS = 16
"""Differently worded captions of each image."""


@dataclass(frozen=True)
class Options:
    """The options of the command line. The minutes of a stage are a total over all runs."""

    data: Path
    work: Path
    vae_minutes: float
    decoder_minutes: float
    denoiser_minutes: float
    target: Path
    begin_from: Path | None


@dataclass(frozen=True)
class Images:
    """Radiographs and their pixels, N×256×256 greys."""

    items: list[Radiograph]
    greys: Grey


def train_checkpoint(options: Options) -> None:
    """Run every stage, write the checkpoint with its card to the target, and a sheet of samples.

    Raises:
        TrainingError: the data, or the saved states, cannot be used.
        OSError: a file cannot be read or written.
    """
    training_items, validation_items = split(read_radiographs(options.data))
    options.work.mkdir(parents=True, exist_ok=True)
    if options.begin_from:
        begin_from(options.begin_from, options.work)
    training = _images(options, training_items, "training")
    validation = _images(options, validation_items, "validation")
    print(f"{len(training.greys)} training images, {len(validation.greys)} held out", flush=True)

    vae, latents, items = _train_autoencoder(options, training, validation)
    tokenizer, denoiser = _train_denoiser(options, vae, latents, items, validation)
    preview = fit_preview(latents[: len(training.greys), 0], training.greys)
    export(options.target, vae.cpu(), denoiser.cpu(), tokenizer, preview)
    write_card(options.target, options.work, options.data)
    _write_sheet(options)


def _images(options: Options, items: list[Radiograph], name: str) -> Images:
    return Images(items, load_greys(options.data, items, options.work / f"{name}.npy"))


def _train_autoencoder(
    options: Options, training: Images, validation: Images
) -> tuple[AutoencoderKL, npt.NDArray[np.float32], list[Radiograph]]:
    """The autoencoder with its retrained decoder; normalised latents and their radiographs."""
    work, weights = options.work, label_weights(training.items)
    vae = train_vae(training.greys, weights, validation.greys, work / "vae.pt", options.vae_minutes)
    print(f"autoencoder: {psnr(vae, validation.greys):.2f} dB on held-out images", flush=True)
    latents, items = mirrored(vae, training, work / "latents.npy")
    fold_normalisation(vae, latents)
    latents = normalised(latents)
    train_decoder(
        vae, training.greys, weights, validation.greys, work / "decoder.pt", options.decoder_minutes
    )
    print(f"with its retrained decoder: {psnr(vae, validation.greys):.2f} dB", flush=True)
    return vae, latents, items


def _train_denoiser(
    options: Options,
    vae: AutoencoderKL,
    latents: npt.NDArray[np.float32],
    items: list[Radiograph],
    validation: Images,
) -> tuple[CLIPTokenizer, Denoiser]:
    """The tokenizer learned from the captions, and the denoiser trained on ``latents``."""
    captioner = Captioner(load(default_path()).bundled())
    draw = random.Random(0)
    captions = [[captioner.draw(item, draw) for _ in range(CAPTIONS)] for item in items]
    corpus = [text for texts in captions for text in texts] + list(captioner.vocabulary())
    tokenizer = learned_tokenizer(corpus, options.work / "tokenizer")
    held_out_captions = [[captioner.draw(item, draw)] for item in validation.items]
    denoiser = train_denoiser(
        training_set(latents, captions, label_weights(items), tokenizer),
        training_set(
            encode_all(vae, validation.greys),
            held_out_captions,
            label_weights(validation.items),
            tokenizer,
        ),
        tokenizer,
        options.work / "denoiser.pt",
        options.denoiser_minutes,
    )
    return tokenizer, denoiser


def _write_sheet(options: Options) -> None:
    """Write a contact sheet with eight images of each bundled prompt."""
    library = load(default_path())
    sampler = CheckpointSampler(options.target, library)
    no_image = np.zeros((0, 256, 256), np.uint8)
    rows = [
        SheetRow(prompt.id, sampler.generate(prompt, 8), no_image) for prompt in library.bundled()
    ]
    draw_sheet(rows, options.work / "sheet.png", columns=8)


def mirrored(
    vae: AutoencoderKL, images: Images, cache: Path
) -> tuple[npt.NDArray[np.float32], list[Radiograph]]:
    """Latents of all images, then of the mirrored limbs and knees, and the radiograph of each."""
    flipped = [index for index, item in enumerate(images.items) if item.source in MIRRORED_SOURCES]

    def encode() -> npt.NDArray[np.float32]:
        variants = GPU_VARIANTS if best_device().type == "cuda" else 1
        return np.concatenate(
            [
                encode_all(vae, images.greys, variants),
                encode_all(vae, images.greys[flipped][:, :, ::-1].copy(), variants),
            ]
        )

    both = [*images.items, *(replace(images.items[index], mirrored=True) for index in flipped)]
    return cached_array(cache, encode), both


def training_set(
    latents: npt.NDArray[np.float32],
    captions: Sequence[Sequence[str]],
    weights: npt.NDArray[np.float64],
    tokenizer: CLIPTokenizer,
) -> TrainingSet:
    """The data for the denoiser, with latents in half precision."""
    return TrainingSet(
        torch.from_numpy(latents.astype(np.float16)),
        torch.from_numpy(token_table(captions, tokenizer)),
        torch.from_numpy(weights),
    )


def learned_tokenizer(corpus: list[str], folder: Path) -> CLIPTokenizer:
    """A tokenizer for ``corpus``, learned only once: a saved denoiser depends on its tokens."""
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new")
        train_tokenizer(corpus).save_pretrained(fresh)
        fresh.rename(folder)
    return CLIPTokenizer.from_pretrained(folder)
