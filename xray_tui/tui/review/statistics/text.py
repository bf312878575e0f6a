"""Progress of the review in words: speed, time left, targets, and a single label."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.shortfall import Shortfall
from xray_tui.dataset.review.targets import Label
from xray_tui.generation.progress import duration
from xray_tui.text import counted


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


def about(seconds: float) -> str:
    """A rough duration in words: ``about 1 h 10 min``."""
    minutes = round(seconds / 60)
    if minutes < 1:
        return "less than a minute"
    if minutes < 60:
        return f"about {minutes} min"
    hours, minutes = divmod(minutes, 60)
    return f"about {hours:,} h {minutes} min" if hours < 10 else f"about {hours:,} h"


def targets_text(
    targets: Mapping[Label, int],
    shortfalls: Sequence[Shortfall],
    drawable: Collection[Label],
    *,
    can_generate: bool,
) -> str:
    """How many targets are met, and where images for the others can come from.

    ``drawable`` are the labels that images can be generated for. They are ignored unless
    ``can_generate`` is true, because without a workbench the prompt library is not known.
    """
    if not targets:
        return "No targets set. Press enter to set how many accepted images a label needs."
    met = f"{len(targets) - len(shortfalls):,} of {counted(len(targets), 'target')} met"
    missing = sum(one.missing for one in shortfalls)
    if not missing:
        return f"{met}."
    waiting = _waiting(
        sum(one.undecided for one in shortfalls), sum(one.coming for one in shortfalls)
    )
    needed = sum(one.to_queue for one in shortfalls)
    possible = sum(one.to_queue for one in shortfalls if (one.region, one.label) in drawable)
    if not needed:
        way = f"{' and '.join(waiting)} may be enough"
    elif not can_generate:
        needed_text = f"{needed:,} more needed (open the workbench to generate)"
        way = ", ".join([*waiting, needed_text])
    else:
        more = [f"press g to queue {possible:,} more"] * bool(possible)
        without = needed - possible
        more += [f"{without:,} more without a prompt in the library"] * bool(without)
        way = ", ".join([*waiting, *more])
    return (
        f"{met}, {missing:,} missing: {way}{_surplus(shortfalls) if way.endswith(' more') else ''}."
    )


def _waiting(undecided: int, coming: int) -> list[str]:
    """Images that may still fill a gap."""
    return [f"{undecided:,} undecided"] * bool(undecided) + [f"{coming:,} queued"] * bool(coming)


def label_text(
    progress: LabelProgress, wanted: int | None, lacking: Shortfall | None, *, has_prompt: bool
) -> str:
    """Three lines about one label; ``lacking`` is None if its target is met."""
    name = f"{progress.region} / {progress.label}"
    decided = progress.accepted + progress.rejected
    share = f", {progress.accepted / decided:.0%} of those decided" if decided else ""
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
    waiting = _waiting(one.undecided, one.coming)
    missing = f"{one.missing:,} of {one.wanted:,} missing"
    if not one.to_queue:
        return f"{missing}; {' and '.join(waiting)} may be enough"
    rest = f", plus {' and '.join(waiting)}" if waiting else ""
    rate = "at this rate" if _surplus([one]) else "needed"
    return f"{missing}: {one.to_queue:,} more {rate}{rest}"


def _surplus(shortfalls: Sequence[Shortfall]) -> str:
    """Why more images are named than are missing; empty if that is not so."""
    images = sum(one.undecided + one.coming + one.to_queue for one in shortfalls)
    return ", as some will be rejected" if images > sum(one.missing for one in shortfalls) else ""
