"""``python -m xray_tui.training``: every stage in order, each resumed from its saved state."""

from __future__ import annotations

import argparse
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
from diffusers import AutoencoderKL
from transformers import CLIPTokenizer

from xray_tui.models.catalogue import bundled_path
from xray_tui.prompts.library import default_path, load
from xray_tui.training.captions import Captioner
from xray_tui.training.card import write_card
from xray_tui.training.data import Radiograph, label_weights, read_radiographs
from xray_tui.training.denoiser import train_denoiser
from xray_tui.training.export import export
from xray_tui.training.greys import MIRRORED_SOURCES, prepare, split
from xray_tui.training.latents import encode_all, fold_normalisation
from xray_tui.training.limbs import Grey
from xray_tui.training.preview_map import fit_preview
from xray_tui.training.restart import begin_from
from xray_tui.training.sampling import CheckpointSampler
from xray_tui.training.sheet import SheetRow, draw_sheet
from xray_tui.training.tokenizer import train_tokenizer
from xray_tui.training.vae import psnr, train_vae


def main() -> None:
    """Parse the command line and run every stage."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, required=True, help="folder with metadata.csv")
    parser.add_argument("--work", type=Path, default=Path(".training"), help="saved states")
    parser.add_argument("--vae-minutes", type=float, default=45)
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

    latents, items_of_latents = mirrored(vae, greys, training, options.work / "latents.npy")
    fold_normalisation(vae, latents)
    latents = normalised(latents)

    library = load(default_path())
    captioner = Captioner(library.bundled())
    draw = random.Random(0)
    corpus = [captioner.draw(item, draw) for item in items_of_latents for _ in range(3)]
    corpus += captioner.vocabulary()
    tokenizer = learned_tokenizer(corpus, options.work / "tokenizer")
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
    latents = np.concatenate(
        [encode_all(vae, greys), encode_all(vae, greys[flipped][:, :, ::-1].copy())]
    )
    np.save(cache, latents)
    return latents, both


def learned_tokenizer(corpus: list[str], folder: Path) -> CLIPTokenizer:
    """A tokenizer for ``corpus``, learned once: a saved denoiser depends on its numbers."""
    if not folder.exists():
        fresh = folder.with_name(f"{folder.name}.new")
        train_tokenizer(corpus).save_pretrained(fresh)
        fresh.rename(folder)
    return CLIPTokenizer.from_pretrained(folder)


def normalised(latents: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    """Each channel with mean 0 and deviation 1."""
    centred = latents - latents.mean((0, 2, 3), keepdims=True)
    scaled: npt.NDArray[np.float32] = centred / latents.std((0, 2, 3), keepdims=True)
    return scaled


if __name__ == "__main__":
    main()
