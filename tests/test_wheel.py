"""The built package contains all the files it needs, and no others; the sdist builds the same."""

from __future__ import annotations

import re
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest

from xray_tui.manual.pages import TOPICS

ROOT = Path(__file__).parents[1]
COPIED = ("LICENSE", "README.md", "prompts.toml", "pyproject.toml", ".gitignore")
GENERATED = shutil.ignore_patterns("__pycache__", "*.safetensors", "prompts.toml")

pytest.importorskip("build", reason="pip install '.[test]' brings build")
pytest.importorskip("hatchling", reason="pip install '.[test]' brings hatchling")


@pytest.fixture(scope="module")
def source(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the source, with a few bytes in place of each file of weights, to save time."""
    folder = tmp_path_factory.mktemp("source")
    shutil.copytree(ROOT / "xray_tui", folder / "xray_tui", ignore=GENERATED)
    for weights in (ROOT / "xray_tui").rglob("*.safetensors"):
        (folder / weights.relative_to(ROOT)).write_bytes(b"weights")
    for name in COPIED:
        shutil.copy(ROOT / name, folder)
    (folder / "tests").mkdir()
    shutil.copy(__file__, folder / "tests")
    return folder


def build(source: Path, out: Path, *kinds: str) -> None:
    """``python -m build`` without a network."""
    command = [sys.executable, "-m", "build", "--no-isolation", *kinds, "--outdir", out, source]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def content(wheel: Path) -> dict[str, int]:
    """The names in ``wheel``, each with the checksum of its content."""
    with zipfile.ZipFile(wheel) as archive:
        return {entry.filename: entry.CRC for entry in archive.infolist()}


@pytest.fixture(scope="module")
def built(source: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the sdist, and the wheel that was built from it."""
    out = tmp_path_factory.mktemp("built")
    build(source, out)
    return out


def test_the_wheel_contains_all_the_files_that_are_needed(source: Path, built: Path) -> None:
    names = set(content(next(built.glob("*.whl"))))
    files = {
        path.relative_to(source).as_posix()
        for path in (source / "xray_tui").rglob("*")
        if path.is_file()
    }
    assert files <= names
    wanted = {
        "xray_tui/py.typed",
        "xray_tui/prompts/prompts.toml",
        "xray_tui/models/bundled/unet/diffusion_pytorch_model.safetensors",
        "xray_tui/models/bundled/vae/diffusion_pytorch_model.safetensors",
        "xray_tui/models/bundled/text_encoder/model.safetensors",
        "xray_tui/models/bundled/tokenizer/tokenizer.json",
        "xray_tui/models/bundled/README.md",
        "xray_tui/tui/app.tcss",
        *(f"xray_tui/manual/{topic}.md" for topic in TOPICS),
    }
    assert wanted <= names
    assert len([name for name in names if name.endswith(".tcss")]) > 15


def test_the_wheel_contains_nothing_else(built: Path) -> None:
    names = set(content(next(built.glob("*.whl"))))
    outside = {name for name in names if not name.startswith("xray_tui/")}
    assert all(name.startswith("xray_tui-") and ".dist-info/" in name for name in outside)
    assert not [name for name in names if re.search(r"(^|/)tests?[_/.]|__pycache__", name)]


def test_the_wheel_starts_the_command(built: Path) -> None:
    with zipfile.ZipFile(next(built.glob("*.whl"))) as archive:
        entry = next(name for name in archive.namelist() if name.endswith("entry_points.txt"))
        assert "xray-tui = xray_tui.__main__:main" in archive.read(entry).decode()


def test_the_sdist_builds_the_same_wheel_as_the_source(
    source: Path, built: Path, tmp_path: Path
) -> None:
    build(source, tmp_path, "--wheel")
    assert content(next(tmp_path.glob("*.whl"))) == content(next(built.glob("*.whl")))
    with tarfile.open(next(built.glob("*.tar.gz"))) as archive:
        names = {name.partition("/")[2] for name in archive.getnames()}
    assert {
        "pyproject.toml",
        "prompts.toml",
        "README.md",
        "LICENSE",
        "tests/test_wheel.py",
    } <= names
