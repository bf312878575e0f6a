"""How far the review has come, in words: speed, time left, targets, one label."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.targets import Label, Shortfall
from xray_tui.generation.progress import duration
from xray_tui.text import counted


def pace_text(progress: Sequence[LabelProgress], seconds_per_image: float | None) -> str:
    """How fast the reviewer is, and how long what is left for them will take."""
    images = sum(one.images for one in progress)
    left = sum(one.left for one in progress)
    mine = sum(one.mine for one in progress)
    if not images:
        return "There are no images yet."
    decided = f"{mine:,} of {images:,} decided by you"
    if not left:
        return f"{decided}, nothing is left."
    if seconds_per_image is None:
        return f"{decided}, {left:,} left; your speed shows after a few decisions."
    pace = duration(seconds_per_image)
    return f"{decided}, {pace} an image, {about(seconds_per_image * left)} for the {left:,} left."


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
    """How many targets are met, and what can be done for the others.

    Who ``can_generate`` makes images of the labels in ``drawable``; what others can is not known.
    """
    if not targets:
        return "No label has a target yet: t sets how many accepted images it needs."
    met = f"{len(targets) - len(shortfalls):,} of {counted(len(targets), 'target')} met"
    missing = sum(one.missing for one in shortfalls)
    if not missing:
        return f"{met}."
    waiting = _waiting(
        sum(one.undecided for one in shortfalls), sum(one.coming for one in shortfalls)
    )
    needed = sum(one.to_make for one in shortfalls)
    possible = sum(one.to_make for one in shortfalls if (one.region, one.label) in drawable)
    if not needed:
        way = f"{' and '.join(waiting)} may be enough"
    elif not can_generate:
        way = ", ".join([*waiting, f"{needed:,} more to be made in the workbench"])
    else:
        asked = [f"g queues {possible:,} more"] * bool(possible)
        without = needed - possible
        asked += [f"{without:,} more have no prompt in the library"] * bool(without)
        way = ", ".join([*waiting, *asked])
    return f"{met}, {missing:,} missing: {way}."


def _waiting(undecided: int, coming: int) -> list[str]:
    """What there is already of labels that miss something."""
    return [f"{undecided:,} undecided"] * bool(undecided) + [f"{coming:,} queued"] * bool(coming)


def label_text(
    progress: LabelProgress, wanted: int | None, lacking: Shortfall | None, *, has_prompt: bool
) -> str:
    """All there is to tell of one label, in three lines."""
    name = f"{progress.region} / {progress.label}"
    decided = progress.accepted + progress.rejected
    share = f", {progress.accepted / decided:.0%} of those decided" if decided else ""
    accepted = f"{progress.accepted:,} of {counted(progress.images, 'image')} accepted{share}"
    own = f"; {progress.left:,} left for you" if progress.images else ""
    if wanted is None:
        target = "no target"
    elif lacking is None:
        target = f"its target of {wanted:,} is met"
    else:
        target = _lacking_text(lacking)
    prompt = "" if has_prompt else ": no prompt of the library has this label"
    return f"{name}{prompt}\n{accepted}{own}\n{target}"


def _lacking_text(one: Shortfall) -> str:
    waiting = _waiting(one.undecided, one.coming)
    missing = f"{one.missing:,} of {one.wanted:,} missing"
    if not one.to_make:
        return f"{missing}; {' and '.join(waiting)} may be enough"
    beside = f" beside {' and '.join(waiting)}" if waiting else ""
    return f"{missing}: {one.to_make:,} more to make{beside}"
