"""``xray-tui sheet``: the files it writes, and those it refuses to."""

from __future__ import annotations

import os
import re
from collections.abc import Callable
from functools import partial
from pathlib import Path

import pytest
from PIL import Image
from support.advice import advised
from support.exports import reviewed_dataset
from support.run_command import RunCommand

from xray_tui.dataset.files import xmp
from xray_tui.dataset.sheet import making

Run = Callable[..., str]


@pytest.fixture
def sheet(describe: Run) -> Run:
    """Runs ``xray-tui sheet``; returns what it printed."""
    return partial(describe, "sheet")


def test_a_png_is_marked_as_synthetic(sheet: Run, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    assert sheet(path) == f"Wrote 8 images of 3 labels to {path}\n"
    with Image.open(path) as image:
        packet = image.info[xmp.KEYWORD]
        assert image.mode == "L" and image.width == 1654
    assert xmp.is_marked(packet)
    assert "<rdf:li>chest/normal</rdf:li>" in packet and ">bundled<" in packet
    again = tmp_path / "again.PNG"
    sheet(again)
    assert again.read_bytes() == path.read_bytes()


def test_a_pdf_has_pages_and_says_what_it_is(sheet: Run, tmp_path: Path) -> None:
    path = tmp_path / "sheet.pdf"
    printed = sheet(path, "--only", "all", "--per-label", "4", "--columns", "2")
    assert printed == f"Wrote 12 images of 3 labels on 3 pages to {path}\n"
    data = path.read_bytes()
    assert data.startswith(b"%PDF-") and len(re.findall(rb"/Type /Page\b", data)) == 3
    assert "synthetic".encode("utf-16-be") in data
    sheet(path, "--only", "all", "--per-label", "4", "--columns", "2", "--force")
    assert path.read_bytes() == data


def test_filter_and_number_decide_which_images(sheet: Run, tmp_path: Path) -> None:
    assert "3 images of 1 label" in sheet(tmp_path / "a.png", "--filter", "label:normal")
    assert "3 images of 3 labels" in sheet(tmp_path / "b.png", "--per-label", "1")
    assert "none matches label:nothing and is accepted" in sheet(
        tmp_path / "c.png", "--filter", "label:nothing", code=2
    )
    assert not (tmp_path / "c.png").exists()


def test_a_file_is_replaced_only_if_asked(sheet: Run, tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    path.write_text("mine")
    message = sheet(path, code=2)
    advised("exists; give another name, or replace it with --force", message)
    assert path.read_text() == "mine"
    sheet(tmp_path / "other.png")
    sheet(path, "--force")
    assert path.read_bytes() == (tmp_path / "other.png").read_bytes()


def test_a_wrong_name_is_refused_before_anything_is_drawn(
    sheet: Run, reviewed: Path, tmp_path: Path
) -> None:
    good = tmp_path / "good.png"
    advised("a sheet is a .png or a .pdf file; give it such a name", sheet("sheet.jpg", code=2))
    advised("create it first", sheet(tmp_path / "none" / "a.png", code=2))
    (tmp_path / "none").mkdir()
    sheet(tmp_path / "none" / "a.png")
    inside = sheet(reviewed / "sheet.png", "--force", code=2)
    advised("is inside the dataset; choose a folder outside of it", inside)
    (tmp_path / "folder.png").mkdir()
    message = sheet(tmp_path / "folder.png", "--force", code=2)
    advised("is a folder; give the sheet another name", message)
    sheet(good)
    assert sorted(path.name for path in reviewed.iterdir()) == [
        ".xray-tui",
        "chest",
        "metadata.jsonl",
    ]


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_a_folder_without_permission_is_refused(sheet: Run, tmp_path: Path) -> None:
    folder = tmp_path / "locked"
    folder.mkdir(mode=0o500)
    advised("choose another folder", sheet(folder / "a.png", code=2))


def test_too_many_images_are_refused(
    sheet: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(making, "HIGHEST", 1000)
    monkeypatch.setattr(making, "MOST_PAGES", 1)
    message = sheet(tmp_path / "a.png", code=2)
    advised("write a .pdf, or show fewer images with --per-label", message)
    sheet(tmp_path / "a.pdf")
    sheet(tmp_path / "a.png", "--filter", "label:normal")
    many = ("--columns", "1")
    message = sheet(tmp_path / "b.pdf", *many, code=2)
    advised("show fewer images with --per-label or --filter, or smaller ones with", message)
    sheet(tmp_path / "b.pdf", *many, "--filter", "label:normal", "--per-label", "1")
    assert not list(tmp_path.glob(".xray-tui-*"))


def test_a_broken_image_is_named_and_can_be_repaired(
    sheet: Run, run_command: RunCommand, tmp_path: Path
) -> None:
    root = tmp_path / "xrays"
    reviewed_dataset(root, 6)
    broken = sorted((root / "chest" / "normal").glob("*.png"))[0]
    broken.write_bytes(broken.read_bytes()[:200])
    message = sheet(tmp_path / "a.png", "--only", "all", root=root, code=2)
    assert broken.name in message
    advised("repair the dataset, then try again", message)
    run_command("verify", "--repair", "--dataset", root)
    sheet(tmp_path / "a.png", "--only", "all", root=root)
