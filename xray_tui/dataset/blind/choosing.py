"""Making a session: which pictures are drawn, and in which order they are read."""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.blind.levelling import common_size
from xray_tui.dataset.blind.real_files import RealFile, find_real
from xray_tui.dataset.blind.session import (
    BlindItem,
    Session,
    SessionItem,
    has_session,
    name_problem,
    save_session,
    taken,
)
from xray_tui.dataset.pixels import read_greys
from xray_tui.errors import DatasetError
from xray_tui.text import clean

Progress = Callable[[int, int], None]
"""Called with how many pictures are ready, and how many there will be."""


@dataclass(frozen=True)
class Wish:
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


def make_session(
    root: Path, wish: Wish, items: Sequence[BlindItem], report: Progress = lambda *_: None
) -> Session:
    """Draw the pictures, put them in order and store the session.

    Every picture drawn is read once; those that cannot be are left out and others drawn.

    Raises:
        DatasetError: what is wished for cannot be had; the message says why. Nothing is stored.
    """
    _check(root, wish, items)
    seed = wish.seed if wish.seed is not None else secrets.randbelow(2**32)
    chance = random.Random(seed)
    left_out: list[Path] = []
    synthetic = _draw_synthetic(root, wish, items, chance, left_out, report)
    real: list[_Drawn] = []
    if wish.real_folder is not None:
        kinds = {item.record_id: (item.region, item.label) for item in items}
        drawn_kinds = [kinds[drawn.item.record_id or 0] for drawn in synthetic]
        real = _draw_real(wish, items, drawn_kinds, chance, left_out, report)
    order = [drawn.item for drawn in (*synthetic, *real)]
    chance.shuffle(order)
    width, height = common_size([one.size for one in synthetic], [one.size for one in real])
    session = Session(
        name=wish.name,
        created=datetime.now(UTC).isoformat("T", "seconds"),
        seed=seed,
        width=width,
        height=height,
        labels=sorted({item.label for item in items}),
        real_folder=clean(str(wish.real_folder or "")),
        left_out=len(left_out),
        items=order,
    )
    save_session(root, session)
    return session


def _check(root: Path, wish: Wish, items: Sequence[BlindItem]) -> None:
    if problem := name_problem(wish.name):
        raise DatasetError(problem)
    if has_session(root, wish.name):
        raise DatasetError(taken(wish.name))
    if not items:
        raise DatasetError("there is no image to read; make some, or clear the filter")
    least = 2 if wish.real_folder is not None else 1
    if wish.count < least:
        raise DatasetError(f"{wish.count} pictures cannot be read; ask for {least} or more")
    _check_enough(wish.count - wish.real_count, len(items), "synthetic images", wish)


def _check_enough(wanted: int, there: int, what: str, wish: Wish) -> None:
    if wanted > there:
        most = there * 2 if wish.real_folder is not None else there
        raise DatasetError(
            f"{wanted} {what} are wanted, and {there} can be read; ask for at most {most} pictures"
        )


def _draw_synthetic(
    root: Path,
    wish: Wish,
    items: Sequence[BlindItem],
    chance: random.Random,
    left_out: list[Path],
    report: Progress,
) -> list[_Drawn]:
    pool = sorted(items, key=lambda item: item.record_id)
    chance.shuffle(pool)
    wanted = wish.count - wish.real_count
    drawn: list[_Drawn] = []
    for item in pool:
        if len(drawn) == wanted:
            break
        size = _size(item.path)
        if size is None:
            left_out.append(item.path)
            continue
        inside = item.path.is_relative_to(root)
        file = item.path.relative_to(root).as_posix() if inside else str(item.path)
        found = SessionItem(record_id=item.record_id, file=file, label=item.label)
        drawn.append(_Drawn(found, size))
        report(len(drawn), wish.count)
    _check_enough(wanted, len(drawn), "synthetic images", wish)
    return drawn


def _draw_real(
    wish: Wish,
    items: Sequence[BlindItem],
    kinds: Sequence[tuple[str, str]],
    chance: random.Random,
    left_out: list[Path],
    report: Progress,
) -> list[_Drawn]:
    """Real radiographs like the synthetic ones drawn: of their regions and labels if there are."""
    assert wish.real_folder is not None
    regions = {item.region for item in items}
    labels = {item.label for item in items}
    files = find_real(wish.real_folder, regions, labels)
    if not files:
        where = clean(str(wish.real_folder))
        raise DatasetError(f"{where}: there is no PNG or JPEG image in this folder")
    chance.shuffle(files)
    pools = _Pools(files)
    drawn: list[_Drawn] = []
    wanted = [kinds[number % len(kinds)] for number in range(wish.real_count)]
    for region, label in wanted:
        for file in pools.nearest(region, label):
            size = _size(file.path)
            if size is None:
                left_out.append(file.path)
                continue
            found = SessionItem(record_id=None, file=str(file.path), label=file.label)
            drawn.append(_Drawn(found, size))
            report(wish.count - wish.real_count + len(drawn), wish.count)
            break
    _check_enough(wish.real_count, len(drawn), "real radiographs", wish)
    return drawn


class _Pools:
    """Files by region and label, each handed out once."""

    def __init__(self, files: Iterable[RealFile]) -> None:
        self._files: dict[tuple[str, str], list[RealFile]] = {}
        for file in files:
            self._files.setdefault((file.region, file.label), []).append(file)

    def nearest(self, region: str, label: str) -> Iterator[RealFile]:
        """Files in the order of how well they match; among equals the largest pool first."""

        def distance(kind: tuple[str, str]) -> tuple[int, int]:
            far_region = 0 if kind[0] == region else 1 if not kind[0] else 2
            far_label = 0 if kind[1] == label else 1
            return far_region * 2 + far_label, -len(self._files[kind])

        while kinds := [kind for kind, pool in self._files.items() if pool]:
            yield self._files[min(kinds, key=distance)].pop()


def _size(path: Path) -> tuple[int, int] | None:
    """Pixels of the picture in ``path``; None where it cannot be read whole."""
    try:
        return read_greys(path).size
    except DatasetError:
        return None
