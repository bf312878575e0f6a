"""``python -m xray_tui.training``: every stage in order, each resumed from its saved state."""

from __future__ import annotations

import argparse
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from diffusers import AutoencoderKL

from xray_tui.prompts.library import default_path, load
from xray_tui.training.captions import Captioner
from xray_tui.training.data import Grey, Radiograph, label_weights, load_grey, read_radiographs
from xray_tui.training.denoiser import train_denoiser
from xray_tui.training.export import export
from xray_tui.training.latents import encode_all, fold_normalisation
from xray_tui.training.preview_map import fit_preview
from xray_tui.training.sheet import draw_sheet
from xray_tui.training.tokenizer import train_tokenizer
from xray_tui.training.vae import psnr, train_vae

BUNDLED = Path(__file__).parents[1] / "models" / "bundled"
MIRRORED_SOURCES = ("fa", "o")
"""Limbs and knees look as true in a mirror; a chest does not."""


def main() -> None:
    """Parse the command line and run every stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with metadata.csv")
    parser.add_argument("--work", type=Path, default=Path(".training"), help="saved states")
    parser.add_argument("--vae-minutes", type=float, default=45)
    parser.add_argument("--denoiser-minutes", type=float, default=60)
    parser.add_argument("--target", type=Path, default=BUNDLED, help="where the checkpoint goes")
    options = parser.parse_args()
    options.work.mkdir(parents=True, exist_ok=True)

    items = read_radiographs(options.data)
    training = [item for item in items if not item.held_out]
    validation = [item for item in items if item.held_out]
    greys = prepare(options.data, training, options.work / "training.npy")
    kept_aside = prepare(options.data, validation, options.work / "validation.npy")
    print(f"{len(greys)} images to train on, {len(kept_aside)} kept aside", flush=True)

    weights = label_weights(training)
    vae = train_vae(greys, weights, kept_aside, options.work / "vae.pt", options.vae_minutes)
    print(f"autoencoder: {psnr(vae, kept_aside):.2f} dB on images kept aside", flush=True)

    latents, items_of_latents = mirrored(vae, greys, training, options.work / "latents.npy")
    fold_normalisation(vae, latents)
    latents = normalised(latents)

    prompts = load(default_path()).bundled()
    captioner = Captioner(prompts)
    draw = random.Random(0)
    corpus = [captioner.draw(item, draw) for item in items_of_latents for _ in range(3)]
    tokenizer = train_tokenizer([*corpus, *captioner.vocabulary()])
    denoiser = train_denoiser(
        latents,
        label_weights(items_of_latents),
        lambda index: captioner.draw(items_of_latents[index], draw),
        tokenizer,
        options.work / "denoiser.pt",
        options.denoiser_minutes,
    )
    preview = fit_preview(latents[: len(greys)], greys)
    export(options.target, vae, denoiser, tokenizer, preview)
    draw_sheet(options.target, prompts, options.work / "sheet.png")


def prepare(folder: Path, items: list[Radiograph], cache: Path) -> Grey:
    """The greys of ``items``, N×256×256, made once."""
    if cache.exists():
        cached: Grey = np.load(cache)
        return cached
    greys = np.stack([load_grey(folder, item) for item in items])
    np.save(cache, greys)
    return greys


def mirrored(
    vae: AutoencoderKL, greys: Grey, items: list[Radiograph], cache: Path
) -> tuple[npt.NDArray[np.float32], list[Radiograph]]:
    """Latents of all images and of the mirrored limbs and knees, with what each shows."""
    flipped = [index for index, item in enumerate(items) if item.source in MIRRORED_SOURCES]
    both = [*items, *(replace(items[index], mirrored=True) for index in flipped)]
    if cache.exists():
        cached: npt.NDArray[np.float32] = np.load(cache)
        return cached, both
    latents = np.concatenate(
        [encode_all(vae, greys), encode_all(vae, greys[flipped][:, :, ::-1].copy())]
    )
    np.save(cache, latents)
    return latents, both


def normalised(latents: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each channel with mean 0 and deviation 1."""
    return (latents - latents.mean((0, 2, 3), keepdims=True)) / latents.std(
        (0, 2, 3), keepdims=True
    )


main()
