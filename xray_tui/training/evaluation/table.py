"""The results of an evaluation as Markdown tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from xray_tui.training.evaluation.agreement import balanced
from xray_tui.training.evaluation.results import Results

TRUSTED = 10
"""With fewer real images than this, the share of a real answer is marked as uncertain."""


def as_markdown(results: Results) -> str:
    """All tables, each with a sentence that explains it."""
    return "\n\n".join(
        (
            f"Evaluated on {results.date} with {results.images_per_prompt} images of each bundled "
            "prompt (more of children's chests for closeness, usefulness and faults), default "
            "settings, seeds from 0. The classifier is a small network trained only on the real "
            "training images; *real* is its result on held-out images.",
            _summary(results),
            _agreement(results),
            _closeness(results),
            _usefulness(results),
            _nearness(results),
            _fidelity(results),
            _faults_and_speed(results),
        )
    )


def _summary(results: Results) -> str:
    rows = []
    for head, name, without in (
        ("area", "chest, knee or another bone", ()),
        ("region", "region of a limb", ("chest", "knee")),
        ("age", "adult or child", ()),
        ("child chest", "chest of a child: normal, bacterial, viral", ()),
        ("adult chest", "chest of an adult: six findings", ()),
        ("knee", "knee: healthy to doubtful, minimal, moderate to severe", ()),
    ):
        means = balanced(results.agreement, head, without)
        if means is not None:
            real, generated = means
            share = f"{generated / real:.2f}" if real else "-"
            rows.append((name, _percent(real), _percent(generated), share))
    note = (
        "**Label agreement**, mean over the labels of a group: the share of images classified as "
        "their true label (real), or as the label of their prompt (generated)."
    )
    return note + "\n\n" + _table(("group", "real", "generated", "generated / real"), rows)


def _agreement(results: Results) -> str:
    rows = [
        (
            share.head,
            share.answer,
            _percent(share.real) + (" (few)" if 0 < share.real_images < TRUSTED else ""),
            str(share.real_images),
            _percent(share.generated),
            str(share.generated_images),
        )
        for share in results.agreement
        if share.generated_images
    ]
    return "The same for each label:\n\n" + _table(
        ("group", "label", "real", "images", "generated", "images"), rows
    )


def _closeness(results: Results) -> str:
    rows = [
        (
            entry.area,
            str(entry.images),
            f"{entry.real_frechet:.3g}",
            f"{entry.generated_frechet:.3g}",
            f"{entry.generated_frechet / max(entry.real_frechet, 1e-9):.1f}",
            f"{entry.real_precision:.2f} / {entry.real_recall:.2f}",
            f"{entry.generated_precision:.2f} / {entry.generated_recall:.2f}",
        )
        for entry in results.closeness
    ]
    note = (
        "**Closeness to real images** in the classifier's features: Fréchet distance (with shrunk "
        "covariances, as the sets are small) and improved precision / recall. Two halves of the "
        "held-out images are compared (real), and generated images with one half; all sets have "
        "the same size and mix of labels, mean of 20 halvings."
    )
    head = ("area", "images", "real Fréchet", "generated", "ratio", "real p / r", "generated p / r")
    return note + "\n\n" + _table(head, rows)


def _usefulness(results: Results) -> str:
    rows = [
        (
            entry.trained_on,
            str(entry.images),
            f"{_mean(entry.auc):.3f}",
            f"{min(entry.auc):.3f} to {max(entry.auc):.3f}",
        )
        for entry in results.usefulness
    ]
    note = (
        "**Usefulness**: a network is trained to distinguish pneumonia from normal chests of "
        "children and tested on held-out real images (area under the ROC curve, five seeds)."
    )
    return note + "\n\n" + _table(("trained on", "images", "mean AUC", "range"), rows)


def _nearness(results: Results) -> str:
    rows = [
        (
            entry.area,
            f"{entry.real_first:.2f} / {entry.real_median:.2f}",
            f"{entry.generated_first:.2f} / {entry.generated_median:.2f}",
            _percent(entry.nearer),
            _percent(entry.nearer_than_neighbours),
            str(entry.generated_images),
        )
        for entry in results.nearness
    ]
    note = (
        "**Memorisation**: distance to the nearest training image at 32×32 pixels (0: the same, "
        "1.41: unrelated), first percentile / median. *Nearer*: share of generated images below "
        "the first percentile of real held-out ones; *relative*: the same after dividing the "
        "distance by that to the next neighbours, which distinguishes a copy from a typical image."
    )
    head = ("area", "real", "generated", "nearer", "relative", "images")
    return note + "\n\n" + _table(head, rows)


def _fidelity(results: Results) -> str:
    rows = [(entry.region, str(entry.images), f"{entry.psnr:.1f}") for entry in results.fidelity]
    note = "**Autoencoder**: held-out real images, encoded and decoded."
    return note + "\n\n" + _table(("region", "images", "PSNR in dB"), rows)


def _faults_and_speed(results: Results) -> str:
    faults, speed = results.faults, results.speed
    rows = [
        ("blank or plain images", f"{faults.plain} of {faults.images}"),
        ("images with a checkerboard", f"{faults.checkerboard} of {faults.images}"),
        ("images with a grid", f"{faults.grid} of {faults.images}"),
        ("loading", f"{speed.load_seconds:.2f} s"),
        ("one image", f"{speed.batch_1:.2f} s"),
        ("one image in a batch of 8", f"{speed.batch_8:.2f} s"),
    ]
    note = (
        f"**Faults and speed** ({speed.device}, {speed.threads} threads, load average "
        f"{speed.load_average:.1f}; a load above the number of threads means that other work "
        "slowed it down)."
    )
    return note + "\n\n" + _table(("measure", "result"), rows)


def _table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def _percent(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f} %"


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
