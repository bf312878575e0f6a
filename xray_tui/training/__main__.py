"""``python -m xray_tui.training``: every stage in order, each resumed from its saved state."""

from __future__ import annotations

import argparse
import random
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from xray_tui.models.catalogue import bundled_path
from xray_tui.prompts.library import default_path, load
from xray_tui.training.card import write_card
from xray_tui.training.export import export
from xray_tui.training.material.captions import Captioner
from xray_tui.training.material.data import Radiograph, label_weights, read_radiographs
from xray_tui.training.material.greys import MIRRORED_SOURCES, prepare, split
from xray_tui.training.material.limbs import Grey
from xray_tui.training.material.tokenizer import token_table, train_tokenizer
from xray_tui.training.sheet import SheetRow, draw_sheet
from xray_tui.training.stages.decoder import train_decoder
from xray_tui.training.stages.denoiser import Lessons, train_denoiser
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
"""Wordings of each image's caption."""


def main() -> None:
    """Parse the command line and run every stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with metadata.csv")
    parser.add_argument("--work", type=Path, default=Path(".training"), help="saved states")
    parser.add_argument("--vae-minutes", type=float, default=45)
    parser.add_argument("--decoder-minutes", type=float, default=20)
    parser.add_argument("--denoiser-minutes", type=float, default=60)
    parser.add_argument(
        "--target", type=Path, default=bundled_path(), help="where the checkpoint goes"
    )
    parser.add_argument(
        "--begin-from",
        type=Path,
        metavar="CHECKPOINT",
        help="go on from a finished checkpoint where --work holds no saved state",
    )
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)
    if options.begin_from:
        begin_from(options.begin_from, options.work)

    training, validation = split(read_radiographs(options.data))
    greys = prepare(options.data, training, options.work / "training.npy")
    kept_aside = prepare(options.data, validation, options.work / "validation.npy")
    print(f"{len(greys)} images to train on, {len(kept_aside)} kept aside", flush=True)

    weights = label_weights(training)
    vae = train_vae(greys, weights, kept_aside, options.work / "vae.pt", options.vae_minutes)
    print(f"autoencoder: {psnr(vae, kept_aside):.2f} dB on images kept aside", flush=True)

    latents, items = mirrored(vae, greys, training, options.work / "latents.npy")
    fold_normalisation(vae, latents)
    latents = normalised(latents)
    train_decoder(
        vae, greys, weights, kept_aside, options.work / "decoder.pt", options.decoder_minutes
    )
    print(f"with its last decoder: {psnr(vae, kept_aside):.2f} dB", flush=True)

    library = load(default_path())
    captioner = Captioner(library.bundled())
    draw = random.Random(0)
    captions = [[captioner.draw(item, draw) for _ in range(CAPTIONS)] for item in items]
    corpus = [text for texts in captions for text in texts] + list(captioner.vocabulary())
    tokenizer = learned_tokenizer(corpus, options.work / "tokenizer")
    of_kept_aside = [[captioner.draw(item, draw)] for item in validation]
    denoiser = train_denoiser(
        lessons(latents, captions, label_weights(items), tokenizer),
        lessons(encode_all(vae, kept_aside), of_kept_aside, label_weights(validation), tokenizer),
        tokenizer,
        options.work / "denoiser.pt",
        options.denoiser_minutes,
    )
    preview = fit_preview(latents[: len(greys), 0], greys)
    vae, denoiser = vae.cpu(), denoiser.cpu()
    export(options.target, vae, denoiser, tokenizer, preview)
    write_card(options.target, options.work, options.data)
    sampler = CheckpointSampler(options.target, library)
    none = greys[:0]
    rows = [SheetRow(prompt.id, sampler.draw(prompt, 8), none) for prompt in library.bundled()]
    draw_sheet(rows, options.work / "sheet.png", columns=8)


def mirrored(
    vae: AutoencoderKL, greys: Grey, items: list[Radiograph], cache: Path
) -> tuple[npt.NDArray[np.float32], list[Radiograph]]:
    """Latents of all images and of the mirrored limbs and knees, with what each shows."""
    flipped = [index for index, item in enumerate(items) if item.source in MIRRORED_SOURCES]
    both = [*items, *(replace(items[index], mirrored=True) for index in flipped)]
    if cache.exists():
        cached: npt.NDArray[np.float32] = np.load(cache)
        return cached, both
    variants = GPU_VARIANTS if best_device().type == "cuda" else 1
    latents = np.concatenate(
        [
            encode_all(vae, greys, variants),
            encode_all(vae, greys[flipped][:, :, ::-1].copy(), variants),
        ]
    )
    np.save(cache, latents)
    return latents, both


def lessons(
    latents: npt.NDArray[np.float32],
    captions: Sequence[Sequence[str]],
    weights: npt.NDArray[np.float64],
    tokenizer: CLIPTokenizer,
) -> Lessons:
    """What the denoiser learns from, half precision where that is enough."""
    return Lessons(
        torch.from_numpy(latents.astype(np.float16)),
        torch.from_numpy(token_table(captions, tokenizer)),
        torch.from_numpy(weights),
    )


def learned_tokenizer(corpus: list[str], folder: Path) -> CLIPTokenizer:
    """A tokenizer for ``corpus``, learned once: a saved denoiser depends on its numbers."""
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new")
        train_tokenizer(corpus).save_pretrained(fresh)
        fresh.rename(folder)
    return CLIPTokenizer.from_pretrained(folder)


if __name__ == "__main__":
    main()
