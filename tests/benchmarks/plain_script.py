"""A script without xray-tui: load the pipeline, then generate and save one image after another.

Usage: plain_script.py MODEL_FOLDER TASKS_JSON OUTPUT_FOLDER
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import torch
from diffusers import StableDiffusionPipeline


def main(model: str, tasks: str, output: str) -> None:
    pipeline = StableDiffusionPipeline.from_pretrained(
        model, use_safetensors=True, torch_dtype=torch.float32
    )
    pipeline.set_progress_bar_config(disable=True)
    for number, task in enumerate(json.loads(Path(tasks).read_text())):
        image = pipeline(
            task["text"],
            negative_prompt=task["negative_prompt"],
            num_inference_steps=task["steps"],
            guidance_scale=task["guidance_scale"],
            width=task["width"],
            height=task["height"],
            generator=torch.Generator("cpu").manual_seed(task["seed"]),
        ).images[0]
        image.save(Path(output) / f"{number:05}.png")


if __name__ == "__main__":
    main(*sys.argv[1:])
