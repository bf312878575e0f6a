"""Progress of the review in words: speed, time left, targets, and a single label."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.generation.progress import about
from xray_tui.keymap import key_of
from xray_tui.text import counted, duration


def pace_text(progress: Sequence[LabelProgress], seconds_per_image: float | None) -> str:
    """How many images the reviewer has decided, how fast, and how long the rest will take."""
    images = sum(one.images for one in progress)
    left = sum(one.left for one in progress)
    mine = sum(one.mine for one in progress)
    if not images:
        return "No images yet."
    if not left:
        return f"You decided all {counted(images, 'image')}."
    decided = f"You decided {mine:,} of {images:,}"
    if seconds_per_image is None:
        return f"{decided}, {left:,} left. Your speed appears after a few decisions."
    pace = f"{duration(seconds_per_image)} per image"
    return f"{decided}, {pace}, {about(seconds_per_image * left)} for the {left:,} left."


def targets_text(
    targets: Mapping[Label, int],
    shortfalls: Sequence[Shortfall],
    drawable: Collection[Label],
) -> str:
    """How many targets are met, and where images for the others can come from.

    ``drawable`` are the labels that images can be generated for.
    """
    if not targets:
        return "No targets set. Press enter to set how many accepted images a label needs."
    met = f"{len(targets) - len(shortfalls):,} of {counted(len(targets), 'target')} met"
    if not shortfalls:
        return f"{met}."
    possible = sum(one.to_queue for one in shortfalls if (one.region, one.label) in drawable)
    rest = sum(one.to_queue for one in shortfalls)
    generated = {
        f"to generate ({key_of('generate')})": possible,
        "without a prompt": rest - possible,
    }
    return f"{met}, {_balance(shortfalls, generated)}."


def nothing_queued_text(targets: Mapping[Label, int], shortfalls: Sequence[Shortfall]) -> str:
    """Why no image is generated although the user asked for those that the targets need."""
    if not targets:
        why = "no targets are set"
    elif not shortfalls:
        why = "all targets are met"
    else:
        why = f"{_waiting(shortfalls)} may be enough for the targets"
    return f"Nothing queued: {why}."


def _balance(shortfalls: Sequence[Shortfall], generated: Mapping[str, int], of: str = "") -> str:
    """The missing images, and the parts that the images needed for them are made of.

    ``generated`` are those still to be generated, in words with their numbers. The parts add up to
    the missing images or, as some images will be rejected, to the number needed.
    """
    missing = sum(one.missing for one in shortfalls)
    start = f"{missing:,}{of} missing"
    if not any(generated.values()):
        return f"{start}: {_waiting(shortfalls)} may be enough"
    parts = {
        "undecided": sum(one.from_undecided for one in shortfalls),
        "queued": sum(one.from_queue for one in shortfalls),
        **generated,
    }
    total = sum(parts.values())
    named = _counted(parts)
    text = " + ".join(named)
    if total == missing:
        return f"{start}: {text}"
    if total < missing:  # too many to queue at once
        return f"{start}, at first {text}"
    made_of = f": {text}" if len(named) > 1 else text.replace(f"{total:,}", ", all", 1)
    return f"{start}; some will be rejected, so {total:,} are needed{made_of}"


def _waiting(shortfalls: Sequence[Shortfall]) -> str:
    """The images that may still be accepted."""
    parts = {
        "undecided": sum(one.undecided for one in shortfalls),
        "queued": sum(one.coming for one in shortfalls),
    }
    return " and ".join(_counted(parts))


def _counted(parts: Mapping[str, int]) -> list[str]:
    return [f"{number:,} {what}" for what, number in parts.items() if number]


def label_text(
    progress: LabelProgress, wanted: int | None, lacking: Shortfall | None, *, has_prompt: bool
) -> str:
    """Three lines about one label; ``lacking`` is None if its target is met."""
    name = f"{progress.region} / {progress.label}"
    acceptance = progress.tally.acceptance.value
    share = "" if acceptance is None else f", {acceptance:.0%} of those decided"
    accepted = f"{progress.accepted:,} of {counted(progress.images, 'image')} accepted{share}"
    own = f"; {progress.left:,} for you to review" if progress.images else ""
    if wanted is None:
        target = "no target set"
    elif lacking is None:
        target = f"target of {wanted:,} met"
    else:
        target = _lacking_text(lacking)
    prompt = "" if has_prompt else ": the library has no prompt for this label"
    return f"{name}{prompt}\n{accepted}{own}\n{target}"


def _lacking_text(one: Shortfall) -> str:
    return _balance([one], {"to generate": one.to_queue}, f" of {one.wanted:,}")
