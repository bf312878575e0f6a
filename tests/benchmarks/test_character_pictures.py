"""How alike pictures in characters are to the radiographs they show, and how long drawing takes.

Run it with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_character_pictures.py
Twenty radiographs are taken from a folder ``shared/xrays`` next to the checkout or above it; if
there is none, they are drawn. The program chafa (a Debian package) is compared, if it is there.
"""

from __future__ import annotations

import random
import shutil
import time
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from support.cell_pixels import chafa, original, seen, similarity
from support.radiographs import radiograph

from xray_tui.tui.pictures.renderers.table import renderer_named
from xray_tui.tui.pictures.terminal_query import NO_REPLY, CellSize

pytestmark = pytest.mark.benchmark

FOLDERS = [above / "shared" / "xrays" for above in Path(__file__).parents[3:]]
CELL = CellSize(10, 20)
SIZES = ((36, 18), (13, 6))
KINDS = ("halfcell", "quadrant", "sextant")
IMAGES = 20
ROUNDS = 15


@pytest.fixture(scope="module")
def paths(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Radiographs of all regions in turns."""
    choose = random.Random(7)
    shared = next((folder for folder in FOLDERS if folder.is_dir()), Path("/nowhere"))
    regions = [sorted(folder.rglob("*.jp*g")) for folder in sorted(shared.glob("*/"))]
    if regions:
        return [choose.choice(regions[number % len(regions)]) for number in range(IMAGES)]
    folder = tmp_path_factory.mktemp("drawn")
    for number in range(IMAGES):
        radiograph(number).save(folder / f"{number}.png")
    return sorted(folder.iterdir())


@pytest.mark.parametrize("size", SIZES)
def test_characters_show_more_than_half_cells_and_chafa(
    paths: list[Path], size: tuple[int, int]
) -> None:
    values: dict[str, list[float]] = {}
    for path in paths:
        picture = Image.open(path).convert("L")
        wanted = original(picture, *size)
        shown = {
            f"{kind}{name}": seen(
                renderer_named(kind, NO_REPLY, colours).draw(picture, *size, CELL, 64).strips
            )
            for colours, name in (("truecolor", ""), ("256", ", 256 colours"))
            for kind in KINDS
        }
        if shutil.which("chafa"):
            shown["chafa"] = chafa(path, *size)
        for name, pixels in shown.items():
            values.setdefault(name, []).append(similarity(wanted, pixels))
    means = {name: float(np.mean(found)) for name, found in values.items()}
    print(f"\n{size[0]}×{size[1]} cells, structural similarity (to half cells):")
    for name, mean in means.items():
        print(f"  {name:24} {mean:.3f}  {mean / means['halfcell']:.3f}")
    for kind in ("quadrant", "sextant"):
        assert means[kind] > 1.1 * means["halfcell"]
        assert means[kind] >= means.get("chafa", 0)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("pixels", [256, 512])
def test_drawing_takes_at_most_twice_as_long_as_half_cells(
    paths: list[Path], size: tuple[int, int], pixels: int
) -> None:
    pictures = [Image.open(path).convert("L").resize((pixels, pixels)) for path in paths]
    took: dict[str, list[float]] = {kind: [] for kind in KINDS}
    for _ in range(ROUNDS):
        for picture in pictures:
            for kind in KINDS:
                start = time.thread_time()
                renderer_named(kind).draw(picture, *size, CELL, 64)
                took[kind].append(1000 * (time.thread_time() - start))
    medians = {kind: float(np.median(found)) for kind, found in took.items()}
    print(f"\n{pixels}×{pixels} pixels in {size[0]}×{size[1]} cells, ms: {medians}")
    for kind in ("quadrant", "sextant"):
        print(f"  {kind} to half cells: {medians[kind] / medians['halfcell']:.2f}")
        assert medians[kind] < 2 * medians["halfcell"]
