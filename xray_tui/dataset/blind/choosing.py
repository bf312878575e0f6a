"""Creates a session: selects its images, and the order in which they are read."""

from __future__ import annotations

import random
import secrets
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from xray_tui.dataset.blind.normalising import common_size
from xray_tui.dataset.blind.real_files import RealFile, find_real
from xray_tui.dataset.blind.regions import UNKNOWN, caution
from xray_tui.dataset.blind.session import (
    BlindItem,
    Session,
    SessionItem,
    has_session,
    name_taken,
)
from xray_tui.dataset.files.pixels import read_greyscale
from xray_tui.dataset.progress import ReportProgress, no_progress
from xray_tui.errors import DatasetError
from xray_tui.names import session_name_problem
from xray_tui.text import clean, counted


@dataclass(frozen=True)
class SessionRequest:
    """The images that a user wants in a new session."""

    name: str
    count: int
    """Total number of images; with a folder of real ones, half of them are real."""
    real_folder: Path | None = None
    seed: int | None = None
    """Seed of the selection and of the order; None for a new one."""

    @property
    def real_count(self) -> int:
        """Number of real images."""
        return self.count // 2 if self.real_folder is not None else 0

    @property
    def synthetic_count(self) -> int:
        """Number of synthetic images."""
        return self.count - self.real_count


@dataclass(frozen=True)
class _Drawn:
    """A selected image that can be read."""

    item: SessionItem
    size: tuple[int, int]
    region: str
    """Empty if unknown."""


def draw_session(
    root: Path,
    request: SessionRequest,
    items: Sequence[BlindItem],
    report: ReportProgress = no_progress,
) -> Session:
    """Select images for a new session and put them in random order; nothing is stored.

    Every selected image is read once; those that cannot be read are replaced by others.

    Raises:
        DatasetError: the request cannot be met; the message says why.
    """
    _check(root, request, items)
    seed = request.seed if request.seed is not None else secrets.randbelow(2**32)
    draw = _RandomDraw(root, request, random.Random(seed), report)
    synthetic = draw.synthetic(items)
    real: list[_Drawn] = []
    warning = ""
    if request.real_folder is not None:
        files = _find_real(request.real_folder, items)
        real = draw.real(files, synthetic)
        warning = _caution(synthetic, files, real)
    order = [drawn.item for drawn in (*synthetic, *real)]
    draw.random.shuffle(order)
    width, height = common_size([image.size for image in synthetic], [image.size for image in real])
    return Session(
        name=request.name,
        created=datetime.now(UTC).isoformat("T", "seconds"),
        seed=seed,
        width=width,
        height=height,
        labels=sorted({item.label for item in items}),
        real_folder=clean(str(request.real_folder or "")),
        caution=warning,
        left_out=draw.left_out,
        items=order,
    )


def _check(root: Path, request: SessionRequest, items: Sequence[BlindItem]) -> None:
    if problem := session_name_problem(request.name):
        raise DatasetError(problem)
    if has_session(root, request.name):
        raise DatasetError(name_taken(request.name))
    if not items:
        raise DatasetError("there is no image to read; generate some, or clear the filter")
    least = 2 if request.real_folder is not None else 1
    if request.count < least:
        raise DatasetError(f"too few images ({request.count}); ask for {least} or more")
    _check_enough(request.synthetic_count, len(items), "synthetic image", request)


def _check_enough(wanted: int, available: int, what: str, request: SessionRequest) -> None:
    if wanted > available:
        most = available * 2 if request.real_folder is not None else available
        raise DatasetError(
            f"{counted(wanted, what)} needed, but only {available} can be read; "
            f"ask for at most {counted(most, 'image')}"
        )


def _find_real(folder: Path, items: Sequence[BlindItem]) -> list[RealFile]:
    files = find_real(folder, {item.region for item in items}, {item.label for item in items})
    if not files:
        where = clean(str(folder))
        raise DatasetError(f"{where}: there is no PNG or JPEG image in this folder")
    return files


class _RandomDraw:
    """The random selection of one session's images."""

    def __init__(
        self, root: Path, request: SessionRequest, source: random.Random, report: ReportProgress
    ) -> None:
        self.random = source
        self.left_out = 0
        """Number of selected files that could not be read."""
        self._root = root
        self._request = request
        self._report = report
        self._drawn = 0

    def synthetic(self, items: Sequence[BlindItem]) -> list[_Drawn]:
        """Select synthetic images from the dataset.

        Raises:
            DatasetError: too few of them can be read.
        """
        pool = sorted(items, key=lambda item: item.task_id)
        self.random.shuffle(pool)
        wanted = self._request.synthetic_count
        drawn: list[_Drawn] = []
        for item in pool:
            if len(drawn) == wanted:
                break
            if size := self._size(self._root / item.file):
                found = SessionItem(task_id=item.task_id, file=item.file, label=item.label)
                drawn.append(_Drawn(found, size, item.region))
        _check_enough(wanted, len(drawn), "synthetic image", self._request)
        return drawn

    def real(self, files: Sequence[RealFile], like: Sequence[_Drawn]) -> list[_Drawn]:
        """Select real radiographs that match the region and label of ``like`` as far as possible.

        Raises:
            DatasetError: too few of them can be read.
        """
        shuffled = self.random.sample(files, len(files))
        pools = _Pools(shuffled, {image.region for image in like})
        drawn: list[_Drawn] = []
        for number in range(self._request.real_count):
            wanted = like[number % len(like)]
            for file in pools.nearest(wanted.region, wanted.item.label):
                if size := self._size(file.path):
                    found = SessionItem(task_id=None, file=str(file.path), label=file.label)
                    drawn.append(_Drawn(found, size, file.region))
                    break
        _check_enough(self._request.real_count, len(drawn), "real radiograph", self._request)
        return drawn

    def _size(self, path: Path) -> tuple[int, int] | None:
        """Width and height of the image in ``path``; None if it cannot be read."""
        try:
            size = read_greyscale(path).size
        except DatasetError:
            self.left_out += 1
            return None
        self._drawn += 1
        self._report("reading images", self._drawn, self._request.count)
        return size


def _caution(synthetic: Sequence[_Drawn], files: Sequence[RealFile], real: Sequence[_Drawn]) -> str:
    """A warning if the real images show other regions than the synthetic ones; otherwise empty."""
    wanted = Counter(synthetic[number % len(synthetic)].region for number in range(len(real)))
    drawn = Counter(image.region for image in real)
    if drawn == wanted:
        return ""
    regions = Counter(image.region for image in synthetic)
    return caution(regions, Counter(file.region for file in files), drawn)


class _Pools:
    """Files by region and label, each returned once; files of ``regions`` are preferred."""

    def __init__(self, files: Iterable[RealFile], regions: Collection[str]) -> None:
        self._regions = regions
        self._files: dict[tuple[str, str], list[RealFile]] = {}
        for file in files:
            self._files.setdefault((file.region, file.label), []).append(file)

    def nearest(self, region: str, label: str) -> Iterator[RealFile]:
        """Files from best to worst match; among equal matches, from the largest pool first."""

        def distance(kind: tuple[str, str]) -> tuple[int, int]:
            other_label = 0 if kind[1] == label else 1
            return self._region_distance(region, kind[0]) * 2 + other_label, -len(self._files[kind])

        while kinds := [kind for kind, pool in self._files.items() if pool]:
            yield self._files[min(kinds, key=distance)].pop()

    def _region_distance(self, wanted: str, region: str) -> int:
        """Distance of a region from the wanted one; another body part is the last resort."""
        if region == wanted:
            return 0
        if region == UNKNOWN:
            return 1
        return 2 if region in self._regions else 3
