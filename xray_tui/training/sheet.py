"""Contact sheets: a row of fixed seeds for each prompt, as the ordinary pipeline draws them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline
from PIL import Image

from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.slots import choose, render

CELL = 160


def draw_sheet(checkpoint: Path, prompts: Sequence[Prompt], target: Path, columns: int = 8) -> None:
    """Draw ``columns`` images of each prompt (20 steps, guidance 2) into one picture."""
    pipeline = StableDiffusionPipeline.from_pretrained(checkpoint, torch_dtype=torch.float32)
    pipeline.set_progress_bar_config(disable=True)
    sheet = Image.new("L", (CELL * columns, CELL * len(prompts)))
    for row, prompt in enumerate(prompts):
        texts = [render(prompt.text, choose(prompt, seed, seed)) for seed in range(columns)]
        images = pipeline(
            texts,
            num_inference_steps=20,
            guidance_scale=2.0,
            generator=[torch.Generator().manual_seed(seed) for seed in range(columns)],
        ).images
        for column, image in enumerate(images):
            small = image.convert("L").resize((CELL, CELL), Image.Resampling.LANCZOS)
            sheet.paste(small, (column * CELL, row * CELL))
    target.parent.mkdir(parents=True, exist_ok=True)
    sheet.save(target, optimize=True)
