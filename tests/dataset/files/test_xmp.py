"""The XMP packet: it is valid, says that the image is synthetic, and is added to older files."""

from __future__ import annotations

import io
import json
import shutil
import subprocess
import time
import xml.etree.ElementTree as ET
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from support.dataset_samples import make_image, make_provenance, make_task
from support.marks import with_packet

from xray_tui.dataset.files import png, xmp
from xray_tui.dataset.files.png_chunks import chunk

RDF = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}"
XMP = "{http://ns.adobe.com/xap/1.0/}"
IPTC = "{http://iptc.org/std/Iptc4xmpExt/2008-02-29/}"
DC = "{http://purl.org/dc/elements/1.1/}"
FOREIGN = """<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?>
<x:xmpmeta xmlns:x="adobe:ns:meta/"><rdf:RDF
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""
 xmlns:xmp="http://ns.adobe.com/xap/1.0/" xmp:Rating="4"/></rdf:RDF></x:xmpmeta>
<?xpacket end="w"?>"""
"""As a photo manager writes it."""


def encoded(**changes: object) -> bytes:
    task = replace(make_task(), **changes)  # type: ignore[arg-type]
    return png.encode(make_image(), task, make_provenance())


def packet_of(data: bytes) -> str:
    with Image.open(io.BytesIO(data)) as image:
        return str(image.text["XML:com.adobe.xmp"])


def tree(packet: str) -> ET.Element:
    found = ET.fromstring(packet.partition("?>")[2].rpartition("<?xpacket")[0]).find(f"{RDF}RDF")
    assert found is not None
    return found


def values(packet: str, name: str) -> list[str]:
    return [element.text or "" for element in tree(packet).iter(name)]


def pixels(data: bytes) -> bytes:
    with Image.open(io.BytesIO(data)) as image:
        return image.tobytes()


TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=60),
    st.text("<>&\"']]>\x00\x0b\ufffe\ufeff\U0001fac1é", max_size=20),
)


@given(text=TEXTS, label=TEXTS, model=TEXTS, seed=st.integers(0, 2**32 - 1))
def test_any_texts_give_well_formed_xml_with_the_mark(
    text: str, label: str, model: str, seed: int
) -> None:
    task = replace(make_task(), text=text, seed=seed)
    packet = xmp.packet(task, replace(make_provenance(), model=model), label)
    assert values(packet, f"{IPTC}DigitalSourceType") == [xmp.SYNTHETIC]
    (asked,) = values(packet, f"{IPTC}AIPromptInformation")
    assert json.loads(asked, strict=False)["seed"] == seed
    assert xmp.is_marked(packet)


def test_an_image_says_what_it_is_and_how_it_was_generated() -> None:
    packet = packet_of(encoded(text="PA chest, <clear> & dry"))
    assert values(packet, f"{IPTC}DigitalSourceType") == [xmp.SYNTHETIC]
    (description,) = tree(packet).iter(f"{DC}description")
    assert "".join(description.itertext()) == "PA chest, <clear> & dry"
    (subjects,) = tree(packet).iter(f"{DC}subject")
    task = make_task()
    assert [one.text for one in subjects.iter(f"{RDF}li")] == [
        "synthetic",
        task.region,
        task.label,
    ]


@pytest.mark.parametrize("packet", [None, FOREIGN, "no XML at all", "<rdf:RDF/>"])
def test_a_mark_is_added_and_changes_no_pixel(tmp_path: Path, packet: str | None) -> None:
    path = tmp_path / "x.png"
    before = with_packet(encoded(), packet)
    path.write_bytes(before)
    assert not png.read(path).is_marked
    data = png.marked(path, 0)
    assert path.read_bytes() == before
    path.write_bytes(data)
    written = png.read(path)
    assert replace(written, rating=0) == png.Contents(make_task(), make_provenance(), "", rating=0)
    assert written.rating == (None if packet == FOREIGN else 0)
    assert pixels(data) == pixels(before)
    assert values(packet_of(data), f"{IPTC}DigitalSourceType") == [xmp.SYNTHETIC]
    assert png.marked(path, 0) == data
    if packet is None:
        assert data == encoded()
    if packet == FOREIGN:
        assert 'xmp:Rating="4"' in packet_of(data)


def test_a_damaged_packet_spoils_nothing_else(tmp_path: Path) -> None:
    info = PngInfo()
    with Image.open(io.BytesIO(encoded())) as image:
        info.add_itxt("xray-tui", str(image.text["xray-tui"]))
        image.save(tmp_path / "x.png", pnginfo=info)
    data = (tmp_path / "x.png").read_bytes()
    compressed = chunk(b"iTXt", xmp.KEYWORD.encode() + b"\0\1\0\0\0no zlib")
    (tmp_path / "x.png").write_bytes(data[:-12] + compressed + data[-12:])
    assert not png.read_pixels(tmp_path / "x.png").is_marked
    (tmp_path / "x.png").write_bytes(png.marked(tmp_path / "x.png", 0))
    assert png.read_pixels(tmp_path / "x.png").is_marked


def test_a_new_label_changes_our_packet_and_leaves_one_of_another_program(tmp_path: Path) -> None:
    change = png.Relabelling("effusion", "ann", "2026-11-30T12:00:00+00:00")
    path = tmp_path / "x.png"
    path.write_bytes(encoded())
    _, data = png.relabelled(path, change)
    assert "<rdf:li>effusion</rdf:li>" in packet_of(data)
    assert make_task().label not in values(packet_of(data), f"{RDF}li")
    changed = FOREIGN.replace("</rdf:RDF>", f"<!-- {xmp.SYNTHETIC} --></rdf:RDF>")
    path.write_bytes(with_packet(encoded(), changed))
    _, data = png.relabelled(path, change)
    assert packet_of(data) == changed


@pytest.mark.parametrize("rating", [-1, 0, 5])
def test_a_rating_changes_our_packet_and_no_pixel(tmp_path: Path, rating: int) -> None:
    path = tmp_path / "x.png"
    before_ratings = xmp.packet(make_task(), make_provenance(), make_task().label)
    before_ratings = before_ratings.replace("\n  <xmp:Rating>0</xmp:Rating>", "")
    assert "Rating" not in before_ratings
    path.write_bytes(with_packet(encoded(), before_ratings))
    assert png.read(path).is_marked and png.read(path).rating is None
    for stars in (3, rating):
        data = png.marked(path, stars)
        assert pixels(data) == pixels(encoded())
        path.write_bytes(data)
        assert png.read(path).rating == stars
    assert values(packet_of(data), f"{XMP}Rating") == [str(rating)]
    change = png.Relabelling("effusion", "ann", "2026-11-30T12:00:00+00:00")
    assert png.marked(path, 0) == encoded()
    path.write_bytes(png.relabelled(path, change)[1])
    assert png.read(path).rating == rating  # kept


@pytest.mark.skipif(shutil.which("exiftool") is None, reason="exiftool is not installed")
def test_exiftool_reads_the_mark(tmp_path: Path) -> None:
    (tmp_path / "x.png").write_bytes(encoded())
    done = subprocess.run(
        ["exiftool", "-j", "-G1", "-validate", "-warning", str(tmp_path / "x.png")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (checked,) = json.loads(done.stdout)
    assert checked["ExifTool:Validate"] == "OK", checked
    done = subprocess.run(
        ["exiftool", "-j", "-n", str(tmp_path / "x.png")],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    (found,) = json.loads(done.stdout)
    assert found["DigitalSourceType"] == xmp.SYNTHETIC
    assert found["Description"] == make_task().text
    assert found["Rating"] == 0
    assert found["CreatorTool"].startswith("xray-tui")


def test_a_packet_costs_less_than_a_millisecond() -> None:
    task, provenance = make_task(), make_provenance()
    start = time.process_time()
    for _ in range(200):
        xmp.packet(task, provenance, task.label)
    assert (time.process_time() - start) / 200 < 0.001
