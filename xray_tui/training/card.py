"""Writes the model card: README.md and loss.png in the checkpoint's folder.

Its facts come from the checkpoint, the training logs, the data's metadata.csv and, for this
checkpoint, the results of the evaluation. Text that tables cannot give is written by hand next to
the logs: history.md about the training, evaluation/remarks.md about the results. Command:
``python -m xray_tui.training.card --data DIR --work DIR``.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from string import Template

from xray_tui.models.catalogue import fingerprint, resolve
from xray_tui.models.headers import read_header, read_json
from xray_tui.prompts.library import default_path, load
from xray_tui.prompts.schema import Prompt
from xray_tui.training.command_line import add_checkpoint, add_folders, exit_code
from xray_tui.training.curves import draw_curves, read_log, training_curves
from xray_tui.training.evaluation.results import read_results
from xray_tui.training.evaluation.table import as_markdown
from xray_tui.training.material import captions
from xray_tui.training.material.data import (
    LEFT_OUT_REGIONS,
    RARER,
    Radiograph,
    read_metadata,
    read_radiographs,
)
from xray_tui.training.material.greys import split
from xray_tui.training.material.sources import SOURCES, Source
from xray_tui.training.stages import decoder, denoiser, latents, vae
from xray_tui.training.stages.schedule import LAST_SIGNAL

_NOT_EVALUATED = (
    "This checkpoint has not been evaluated yet. `python -m xray_tui.training.evaluation` does it "
    "and adds the results here."
)


def main() -> int:
    """Write the card of an existing checkpoint; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m xray_tui.training.card",
        description="Writes the model card of a checkpoint.",
    )
    add_folders(parser)
    add_checkpoint(parser, "the checkpoint that the card describes")
    options = parser.parse_args()
    return exit_code(lambda: write_card(options.checkpoint, options.work, options.data))


def write_card(checkpoint: Path, work: Path, data: Path) -> None:
    """Write README.md and, if there are logs, loss.png into the folder ``checkpoint``.

    Raises:
        ModelError: ``checkpoint`` is not a checkpoint.
        TrainingError: the data cannot be used.
    """
    curves = training_curves(work)
    if curves:
        draw_curves(curves, checkpoint / "loss.png")
    text = render(checkpoint, work, data)
    if not curves:
        text = text.replace("![Loss curves](loss.png)\n\n", "")
    fresh = checkpoint / ".README.new"
    fresh.write_text(text, encoding="utf-8")
    fresh.replace(checkpoint / "README.md")


def render(checkpoint: Path, work: Path, data: Path) -> str:
    """The card's text."""
    info = resolve(str(checkpoint))
    configs = {
        name: read_json(checkpoint / name / "config.json")
        for name in ("vae", "unet", "text_encoder")
    }
    parameters = {
        name: f"{sum(read_header(file).parameters for file in files) / 1e6:.1f} M"
        for name, files in info.checkpoint.weights.items()
    }
    template = Template(Path(__file__).with_name("card.md").read_text(encoding="utf-8"))
    return template.substitute(
        native_size="×".join(map(str, info.native_size)),
        megabytes=f"{info.checkpoint.weight_bytes / 1e6:.0f}",
        prompts=prompt_list(load(default_path()).bundled()),
        vae_channels=_dashed(configs["vae"]["block_out_channels"]),
        latent_channels=configs["vae"]["latent_channels"],
        factor=info.checkpoint.latent_factor,
        vae_parameters=parameters["vae"],
        unet_channels=_dashed(configs["unet"]["block_out_channels"]),
        unet_parameters=parameters["unet"],
        text_layers=configs["text_encoder"]["num_hidden_layers"],
        text_width=configs["text_encoder"]["hidden_size"],
        text_parameters=parameters["text_encoder"],
        vocabulary=f"{configs['text_encoder']['vocab_size']:,}",
        last_signal=f"{100 * LAST_SIGNAL:g} %",
        data_table=data_table(data),
        left_out=left_out(data),
        prompt_share=f"{100 * captions.IN_PROMPT_WORDS:.0f} %",
        training_table=training_table(work),
        history=written_by_hand(work / "history.md"),
        crop=vae.CROP,
        rarer=RARER,
        variants=latents.GPU_VARIANTS,
        most_noise=decoder.MOST_NOISE,
        evaluation=evaluation(checkpoint, work),
        attribution="\n".join(attribution(source) for source in SOURCES),
    )


def prompt_list(prompts: Iterable[Prompt]) -> str:
    """One line for each prompt."""
    return "\n".join(
        f"- `{prompt.id}`: {prompt.text}"
        + "".join(f" {{{name}}}: {', '.join(values)}." for name, values in prompt.slots.items())
        for prompt in prompts
    )


def data_table(data: Path) -> str:
    """The number of images of each collection: available, used for training, held out."""
    available = Counter(Path(row["file"]).name.split("-")[0] for row in read_metadata(data))
    training, validation = split(read_radiographs(data))
    counts = [
        (
            source,
            available[source.prefix],
            sum(item.source == source.prefix for item in training),
            sum(item.source == source.prefix for item in validation),
        )
        for source in SOURCES
    ]
    lines = [
        "| collection | shows | available | training | held out | licence |",
        "|---|---|---|---|---|---|",
        *(
            f"| {source.title} | {shows(training, source)} | {total:,} | {used:,} | {held_out:,} | "
            f"{source.licence} |"
            for source, total, used, held_out in counts
        ),
    ]
    sums = (sum(column) for column in zip(*(row[1:] for row in counts), strict=True))
    lines.append("| all | | " + " | ".join(f"{number:,}" for number in sums) + " | |")
    return "\n".join(lines)


def shows(items: Iterable[Radiograph], source: Source) -> str:
    """The regions of a collection with their numbers of training images."""
    regions = Counter(item.region for item in items if item.source == source.prefix)
    return ", ".join(f"{region} {count:,}" for region, count in regions.most_common())


def left_out(data: Path) -> str:
    """Which images were excluded, how many, and why."""
    rows = read_metadata(data)
    unclear = sum(row["region"] in LEFT_OUT_REGIONS for row in rows)
    several = sum(
        "multiscan" in row["notes"] and row["region"] not in LEFT_OUT_REGIONS for row in rows
    )
    return (
        f"{unclear:,} images of FracAtlas whose region is not clear enough (whole or unknown "
        f"parts of arms and legs, several regions) and {several:,} that show several views in one "
        "image"
    )


def training_table(work: Path) -> str:
    """Steps, batch, time, loss and settings of each stage, from its log."""
    images = (
        f"{vae.CROPS} crops or {vae.WHOLE} whole images; on a GPU {vae.GPU_TIMES} times as many"
    )
    half = "cosine decay in the second half"
    stages = (
        ("vae", "autoencoder", images, f"AdamW, peak rate {vae.PEAK_RATE:g}, {half}"),
        (
            "decoder",
            "decoder, retrained alone",
            images,
            f"AdamW, peak rate {decoder.PEAK_RATE:g}, {half}",
        ),
        (
            "denoiser",
            "denoiser and text encoder",
            f"{denoiser.BATCH} latents; on a GPU {denoiser.GPU_BATCH}",
            f"AdamW, peak rate {denoiser.PEAK_RATE:g}, on a GPU {denoiser.GPU_PEAK_RATE:g}, "
            f"cosine decay over the last 40 %, average of weights {denoiser.AVERAGE:g}",
        ),
    )
    lines = [
        "| stage | steps | batch | minutes | last loss | settings |",
        "|---|---|---|---|---|---|",
    ]
    for stage, name, batch, settings in stages:
        log = read_log(work / f"{stage}.csv")
        if not log.get("step"):
            lines.append(f"| {name} | not logged | {batch} | | | {settings} |")
            continue
        loss = f"{log['loss'][-1]:.3f}"
        if "psnr" in log:
            loss += f" ({log['psnr'][-1]:.1f} dB on 64 held-out images)"
        if "kept_aside" in log:
            loss += f" ({log['kept_aside'][-1]:.3f} on all held-out images)"
        minutes = f"{log['seconds'][-1] / 60:.0f}"
        steps = f"{log['step'][-1]:,.0f}"
        lines.append(f"| {name} | {steps} | {batch} | {minutes} | {loss} | {settings} |")
    return "\n".join(lines)


def written_by_hand(file: Path) -> str:
    """The text in ``file``; empty if there is no such file."""
    return file.read_text(encoding="utf-8").strip() if file.is_file() else ""


def evaluation(checkpoint: Path, work: Path) -> str:
    """The tables of this checkpoint's evaluation, with remarks; or a note that there is none."""
    results = read_results(work / "evaluation" / "results.json")
    if results is None or results.fingerprint != fingerprint(resolve(str(checkpoint))):
        return _NOT_EVALUATED
    remarks = written_by_hand(work / "evaluation" / "remarks.md")
    return f"{as_markdown(results)}\n\n{remarks}".strip()


def attribution(source: Source) -> str:
    """The attribution that a collection's licence requires."""
    licence = f"{source.licence} ({source.licence_link})" if source.licence_link else source.licence
    links = ", ".join(source.links)
    return f"- **{source.title}**. {source.work} {links}. Licence: {licence}. {source.remark}"


def _dashed(numbers: Sequence[int]) -> str:
    return "-".join(map(str, numbers))


if __name__ == "__main__":
    sys.exit(main())
