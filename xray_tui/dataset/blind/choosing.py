"""Making a session: which pictures are drawn, and in which order they are read."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.blind.levelling import common_size
from xray_tui.dataset.blind.real_files import RealFile, find_real
from xray_tui.dataset.blind.regions import NOT_TOLD, caution
from xray_tui.dataset.blind.session import (
    BlindItem,
    Session,
    SessionItem,
    has_session,
    taken,
)
from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.errors import DatasetError
from xray_tui.names import session_name_problem
from xray_tui.text import clean


@dataclass(frozen=True)
class SessionRequest:
    """What the user asks for."""

    name: str
    count: int
    """Pictures in all; with a folder of real ones, half of them are real."""
    real_folder: Path | None = None
    seed: int | None = None
    """Of draw and order; a new one if None."""

    @property
    def real_count(self) -> int:
        """Real pictures wanted."""
        return self.count // 2 if self.real_folder is not None else 0


@dataclass(frozen=True)
class _Drawn:
    """A picture that could be read."""

    item: SessionItem
    size: tuple[int, int]
    region: str
    """'' where it is not known."""


def draw_session(
    root: Path,
    wish: SessionRequest,
    items: Sequence[BlindItem],
    report: ReportProgress = no_progress,
) -> Session:
    """Draw the pictures and put them in order; nothing is stored.

    Every picture drawn is read once; those that cannot be are left out and others drawn.

    Raises:
        DatasetError: what is wished for cannot be had; the message says why.
    """
    _check(root, wish, items)
    seed = wish.seed if wish.seed is not None else secrets.randbelow(2**32)
    chance = random.Random(seed)
    left_out: list[Path] = []
    synthetic = _draw_synthetic(root, wish, items, chance, left_out, report)
    real: list[_Drawn] = []
    warning = ""
    if wish.real_folder is not None:
        files = _find_real(wish.real_folder, items)
        real = _draw_real(wish, files, synthetic, chance, left_out, report)
        warning = _caution(synthetic, files, real)
    order = [drawn.item for drawn in (*synthetic, *real)]
    chance.shuffle(order)
    width, height = common_size([one.size for one in synthetic], [one.size for one in real])
    return Session(
        name=wish.name,
        created=datetime.now(UTC).isoformat("T", "seconds"),
        seed=seed,
        width=width,
        height=height,
        labels=sorted({item.label for item in items}),
        real_folder=clean(str(wish.real_folder or "")),
        caution=warning,
        left_out=len(left_out),
        items=order,
    )


def _check(root: Path, wish: SessionRequest, items: Sequence[BlindItem]) -> None:
    if problem := session_name_problem(wish.name):
        raise DatasetError(problem)
    if has_session(root, wish.name):
        raise DatasetError(taken(wish.name))
    if not items:
        raise DatasetError("there is no image to read; make some, or clear the filter")
    least = 2 if wish.real_folder is not None else 1
    if wish.count < least:
        raise DatasetError(f"{wish.count} pictures cannot be read; ask for {least} or more")
    _check_enough(wish.count - wish.real_count, len(items), "synthetic images", wish)


def _check_enough(wanted: int, there: int, what: str, wish: SessionRequest) -> None:
    if wanted > there:
        most = there * 2 if wish.real_folder is not None else there
        raise DatasetError(
            f"{wanted} {what} are wanted, and {there} can be read; ask for at most {most} pictures"
        )


def _draw_synthetic(
    root: Path,
    wish: SessionRequest,
    items: Sequence[BlindItem],
    chance: random.Random,
    left_out: list[Path],
    report: ReportProgress,
) -> list[_Drawn]:
    pool = sorted(items, key=lambda item: item.task_id)
    chance.shuffle(pool)
    wanted = wish.count - wish.real_count
    drawn: list[_Drawn] = []
    for item in pool:
        if len(drawn) == wanted:
            break
        size = _size(root / item.file)
        if size is None:
            left_out.append(root / item.file)
            continue
        found = SessionItem(task_id=item.task_id, file=item.file, label=item.label)
        drawn.append(_Drawn(found, size, item.region))
        report("reading images", len(drawn), wish.count)
    _check_enough(wanted, len(drawn), "synthetic images", wish)
    return drawn


def _find_real(folder: Path, items: Sequence[BlindItem]) -> list[RealFile]:
    files = find_real(folder, {item.region for item in items}, {item.label for item in items})
    if not files:
        where = clean(str(folder))
        raise DatasetError(f"{where}: there is no PNG or JPEG image in this folder")
    return files


def _draw_real(
    wish: SessionRequest,
    files: Sequence[RealFile],
    like: Sequence[_Drawn],
    chance: random.Random,
    left_out: list[Path],
    report: ReportProgress,
) -> list[_Drawn]:
    """Real radiographs ``like`` the synthetic ones drawn, in region and label if there are."""
    pools = _Pools(chance.sample(files, len(files)), {one.region for one in like})
    drawn: list[_Drawn] = []
    for number in range(wish.real_count):
        wanted = like[number % len(like)]
        for file in pools.nearest(wanted.region, wanted.item.label):
            size = _size(file.path)
            if size is None:
                left_out.append(file.path)
                continue
            found = SessionItem(task_id=None, file=str(file.path), label=file.label)
            drawn.append(_Drawn(found, size, file.region))
            report("reading images", wish.count - wish.real_count + len(drawn), wish.count)
            break
    _check_enough(wish.real_count, len(drawn), "real radiographs", wish)
    return drawn


def _caution(synthetic: Sequence[_Drawn], files: Sequence[RealFile], real: Sequence[_Drawn]) -> str:
    """'' where the real ones were drawn of the regions they were wanted of."""
    wanted = Counter(synthetic[number % len(synthetic)].region for number in range(len(real)))
    drawn = Counter(one.region for one in real)
    if drawn == wanted:
        return ""
    regions = Counter(one.region for one in synthetic)
    return caution(regions, Counter(file.region for file in files), drawn)


class _Pools:
    """Files by region and label, each handed out once; best are those of ``regions``."""

    def __init__(self, files: Iterable[RealFile], regions: Collection[str]) -> None:
        self._regions = regions
        self._files: dict[tuple[str, str], list[RealFile]] = {}
        for file in files:
            self._files.setdefault((file.region, file.label), []).append(file)

    def nearest(self, region: str, label: str) -> Iterator[RealFile]:
        """Files in the order of how well they match; among equals the largest pool first."""

        def distance(kind: tuple[str, str]) -> tuple[int, int]:
            far_label = 0 if kind[1] == label else 1
            return self._far(region, kind[0]) * 2 + far_label, -len(self._files[kind])

        while kinds := [kind for kind, pool in self._files.items() if pool]:
            yield self._files[min(kinds, key=distance)].pop()

    def _far(self, wanted: str, region: str) -> int:
        """How far a region is from the one wanted; the last resort shows another body part."""
        if region == wanted:
            return 0
        if region == NOT_TOLD:
            return 1
        return 2 if region in self._regions else 3


def _size(path: Path) -> tuple[int, int] | None:
    """Pixels of the picture in ``path``; None where it cannot be read whole."""
    try:
        return read_greyscale(path).size
    except DatasetError:
        return None
