"""PNG files: provenance round-trips, other programs can read it, bad files are refused."""

from __future__ import annotations

import contextlib
import io
import json
import os
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image
from PIL.PngImagePlugin import PngInfo
from support.dataset_samples import NASTY, make_image, make_provenance, make_task

from xray_tui.dataset.files import encoding, png
from xray_tui.dataset.files.infotext import SAMPLERS, infotext
from xray_tui.dataset.records import Provenance
from xray_tui.errors import DatasetError
from xray_tui.parameters import MAX_SEED, GenerationParameters, SchedulerName
from xray_tui.tasks import Task
from xray_tui.text import clean

TEXT = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"]), max_size=40),
    st.text('\x00\x1b\x7f\x85\u202e\u2028\ufeff"\\\n\r,:é\U0001fac1', max_size=20),
    st.just(NASTY),
)
WORDS = st.dictionaries(TEXT, TEXT, max_size=4)
PARAMETERS = st.builds(
    GenerationParameters,
    model=TEXT.filter(bool),
    scheduler=st.sampled_from(get_args(SchedulerName)),
    steps=st.integers(1, 200),
    guidance_scale=st.floats(0, 30),
    width=st.just(64),
    height=st.just(72),
    count=st.integers(1, 100_000),
    seed=st.one_of(st.none(), st.integers(0, MAX_SEED)),
    eta=st.floats(0, 1),
    negative_prompt=st.one_of(st.none(), TEXT),
)
TASKS = st.builds(
    Task,
    prompt_id=TEXT,
    region=TEXT,
    label=TEXT,
    view=TEXT,
    findings=st.lists(TEXT, max_size=3).map(tuple),
    text=TEXT,
    negative_prompt=TEXT,
    slots=st.one_of(WORDS, WORDS.map(MappingProxyType)),
    seed=st.integers(0, MAX_SEED),
    parameters=PARAMETERS,
    model_fingerprint=TEXT,
    table_row=st.dictionaries(
        TEXT,
        st.none()
        | st.booleans()
        | st.integers(-(2**63), 2**63 - 1)
        | st.floats(allow_nan=False, allow_infinity=False)
        | TEXT,
        max_size=4,
    ),
)
COUNT = st.integers(0, 10**6)
PROVENANCES = st.builds(
    Provenance,
    model=TEXT,
    model_fingerprint=TEXT,
    model_files=WORDS,
    versions=WORDS,
    device=TEXT,
    dtype=TEXT,
    batch_size=COUNT,
    batch_position=COUNT,
    threads=COUNT,
    created=TEXT,
    seconds=st.floats(allow_nan=False),
)


@settings(max_examples=150, suppress_health_check=list(HealthCheck))
@given(TASKS, PROVENANCES)
def test_task_and_provenance_round_trip(
    tmp_path_factory: pytest.TempPathFactory, task: Task, provenance: Provenance
) -> None:
    path = tmp_path_factory.getbasetemp() / "round-trip.png"
    image = make_image()
    path.write_bytes(png.encode(image, task, provenance, "job-1"))
    found = png.read_pixels(path)
    assert found == png.Contents(task, provenance, "job-1", rating=0)
    assert found.task.id == task.id
    with Image.open(path) as read:
        assert read.mode == "L" and read.tobytes() == image.tobytes()
        lines = read.text["parameters"].split("\n")
    assert len(lines) == (3 if task.negative_prompt else 2)
    assert not any(unicodedata.category(char) == "Cc" for line in lines for char in line)
    assert clean(lines[-1]) == lines[-1]


def test_the_parameters_chunk_has_the_form_that_other_programs_expect(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(png.encode(make_image(), make_task(), make_provenance()))
    with Image.open(path) as image:
        assert image.text["parameters"] == (
            "PA chest radiograph of a woman, clear lungs.\n"
            "Negative prompt: blurry\n"
            "Steps: 20, Sampler: DPM++ 2M, CFG scale: 3.0, Seed: 7, Size: 64x72, Model: bundled, "
            "Model hash: 0123456789, Version: xray-tui 0.1.0"
        )
        content = json.loads(image.text["xray-tui"])
    assert content["format"] == 1 and content["synthetic"] is True
    assert b"tEXtparameters\0PA chest" in path.read_bytes()


def test_the_parameters_text_quotes_separators() -> None:
    task = make_task(negative_prompt="", model_fingerprint="owner/name@c0ffee1234567")
    prompt, settings_line = infotext(task, make_provenance(model="a, b: c")).split("\n")
    assert 'Model: "a, b: c", Model hash: c0ffee1234,' in settings_line
    assert prompt == task.text


@pytest.mark.parametrize(
    "text",
    [
        "chest \u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
        "zero\u200bwidth",
        "\u200f\u05d7\u05d6\u05d4",
        "family \U0001f468\u200d\U0001f469",
    ],
)
def test_other_programs_read_back_joiners_and_direction_marks(text: str) -> None:
    lines = infotext(make_task(text=text, negative_prompt=text), make_provenance()).split("\n")
    assert lines[:2] == [text, f"Negative prompt: {text}"]


@pytest.mark.parametrize(
    ("text", "read_back"),
    [
        ("Negative prompt: a style", "Negative prompt : a style"),
        ("no NEGATIVE  PROMPT:x", "no NEGATIVE PROMPT :x"),
        ("chest, Steps: 20, Sampler: Euler", "chest, Steps : 20, Sampler: Euler"),
    ],
)
def test_a_prompt_cannot_be_read_as_a_negative_prompt_or_as_settings(
    text: str, read_back: str
) -> None:
    chunk = infotext(make_task(text=text, negative_prompt=text), make_provenance())
    assert chunk.split("\n")[:2] == [read_back, f"Negative prompt: {read_back}"]
    assert len(re.findall(r"negative prompt:", chunk, re.IGNORECASE)) == 1
    assert len(re.findall(r"steps:", chunk, re.IGNORECASE)) == 1


def test_every_scheduler_has_a_name_for_other_programs() -> None:
    assert set(SAMPLERS) == set(get_args(SchedulerName))


def test_images_from_no_table_are_written_as_before() -> None:
    assert "table_row" not in encoding.encode(make_task())
    assert encoding.decode_task(encoding.encode(make_task())).table_row == {}
    kept = {"a": 1, "b": 1.0, "c": True, "d": None, "e": "1"}
    found = encoding.decode_task(encoding.encode(make_task(table_row=kept))).table_row
    assert [(value, type(value)) for value in found.values()] == [
        (value, type(value)) for value in kept.values()
    ]


def test_text_that_is_not_unicode_is_refused_before_writing() -> None:
    with pytest.raises(DatasetError, match="not valid Unicode"):
        png.encode(make_image(), make_task(slots={"a": "x\udcff"}), make_provenance())
    png.encode(make_image(), make_task(slots={"a": "\U0001fac1"}), make_provenance())


# ---- broken and hostile files ------------------------------------------------------------------


def with_chunk(text: str | None, size: tuple[int, int] = (64, 72), zip: bool = False) -> bytes:
    info = PngInfo()
    if text is not None:
        info.add_itxt("xray-tui", text, zip=zip)
    buffer = io.BytesIO()
    Image.new("L", size).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def content(**changes: Any) -> str:
    good: dict[str, Any] = {
        "format": 1,
        "task": json.loads(encoding.encode(make_task())),
        "provenance": json.loads(encoding.encode(make_provenance())),
    }
    return json.dumps(good | changes)


def as_format(name: str) -> bytes:
    buffer = io.BytesIO()
    make_image().save(buffer, name)
    return buffer.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def header(width: int, height: int) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0))


SIGNATURE = b"\x89PNG\r\n\x1a\n"
GOOD = png.encode(make_image(), make_task(), make_provenance())
CONTENTS = png.Contents(make_task(), make_provenance(), "", rating=0)
UNMARKED = replace(CONTENTS, is_marked=False, rating=None)
"""What is read from a file with just the ``xray-tui`` chunk."""
BAD_TASK = json.loads(content())["task"]
BROKEN: dict[str, tuple[bytes, str]] = {
    "empty": (b"", "not a PNG"),
    "text": (b"hello" * 20, "not a PNG"),
    "TIFF named .png": (as_format("TIFF"), "not a PNG"),
    "JPEG named .png": (as_format("JPEG"), "not a PNG"),
    "cut in the pixels": (GOOD[:-30], "broken"),
    "cut in the chunk": (GOOD[:700], "broken"),
    "a byte changed in the chunk": (GOOD.replace(b'"seed": 7', b'"seed": 8'), "checksum"),
    "a byte changed in the pixels": (GOOD[:-40] + b"\0\0" + GOOD[-38:], "checksum"),
    "no chunk": (with_chunk(None), "no xray-tui chunk"),
    "chunk of text": (with_chunk("hello"), "damaged"),
    "chunk of a list": (with_chunk("[]"), "damaged"),
    "deeply nested": (with_chunk("[" * 100_000), "damaged"),
    "no format": (with_chunk("{}"), "damaged"),
    "format 0": (with_chunk(content(format=0)), "damaged"),
    "format 2": (with_chunk(content(format=2, task=None)), "newer xray-tui"),
    "no task": (with_chunk(content(task=None)), "damaged"),
    "missing field": (with_chunk(content(task={"seed": 1})), r"damaged \(prompt_id: Field"),
    "wrong type": (with_chunk(content(task=BAD_TASK | {"seed": "7"})), r"damaged \(seed"),
    "seed": (with_chunk(content(task=BAD_TASK | {"seed": 2**32})), "damaged"),
    "huge number": (with_chunk(content().replace('"seed": 7', f'"seed": {"9" * 9999}')), "damaged"),
    "bad parameter": (
        with_chunk(content(task=BAD_TASK | {"parameters": {"steps": 0}})),
        r"damaged \(parameters.steps",
    ),
    "huge chunk": (with_chunk(content(more="x" * (2 << 20))), "larger than 1 MiB"),
    "another size": (with_chunk(content(), (72, 64)), "72×64"),
    "pixel bomb": (SIGNATURE + header(60_000, 60_000) + GOOD[33:], "60000×60000"),
    "no header": (SIGNATURE + GOOD[33:], "no header"),
    "a short header": (SIGNATURE + chunk(b"IHDR", b"\0\0\0\1") + GOOD[33:], "broken"),
    "no end": (GOOD[:-12], "broken"),
    "signature only": (SIGNATURE, "broken"),
    "a chunk longer than the file": (SIGNATURE + b"\xff\xff\xff\xffIHDR", "broken"),
    "compressed text bomb": (
        GOOD[:33]
        + chunk(b"iTXt", b"xray-tui\0\1\0\0\0" + zlib.compress(b" " * (80 << 20)))
        + GOOD[33:],
        "larger than 1 MiB",
    ),
    "compressed rubbish": (
        GOOD[:33] + chunk(b"iTXt", b"xray-tui\0\1\0\0\0rubbish") + GOOD[33:],
        "broken",
    ),
    "chunk without text": (GOOD[:33] + chunk(b"iTXt", b"xray-tui\0") + GOOD[33:], "damaged"),
    "chunk not UTF-8": (
        GOOD[:33] + chunk(b"iTXt", b'xray-tui\0\0\0\0\0{"a": "\xff"}') + GOOD[33:],
        "damaged",
    ),
    "large file": (GOOD + b"\0" * (33 << 20), "larger than 32 MiB"),
}


@pytest.mark.parametrize("name", BROKEN)
@pytest.mark.filterwarnings("error")
def test_bad_files_are_refused_with_a_reason(tmp_path: Path, name: str) -> None:
    data, reason = BROKEN[name]
    path = tmp_path / "x.png"
    path.write_bytes(data)
    with pytest.raises(DatasetError, match=reason) as caught:
        png.read(path)
    assert isinstance(caught.value, png.BadImageError) is (name != "format 2")
    assert str(path) in str(caught.value)
    assert len(str(caught.value)) < 400
    assert "unpack" not in str(caught.value)


def test_a_compressed_chunk_is_read(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(with_chunk(content(), zip=True))
    assert png.read(path) == UNMARKED


def test_pixels_that_cannot_be_decoded_are_refused(tmp_path: Path) -> None:
    """All checksums are correct, but the pixels are invalid."""
    begin = GOOD.index(b"IDAT") - 4
    pixels = chunk(b"IDAT", zlib.compress(b"\0" * 100))
    path = tmp_path / "x.png"
    for data in (pixels, chunk(b"IDAT", b"rubbish"), b""):
        path.write_bytes(GOOD[:begin] + data + GOOD[-12:])
        assert png.read(path) == CONTENTS
        with pytest.raises(png.BadImageError, match="damaged and cannot be decoded"):
            png.read_pixels(path)


@pytest.mark.parametrize("job", [None, 7, ["x"]])
def test_a_job_id_that_is_not_text_counts_as_missing(tmp_path: Path, job: object) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(with_chunk(content(job=job)))
    assert png.read(path).job_id == ""


def test_unknown_keys_are_ignored(tmp_path: Path) -> None:
    path = tmp_path / "x.png"
    path.write_bytes(with_chunk(content(checks={"blank": False})))
    assert png.read(path) == UNMARKED


def not_files(folder: Path) -> Iterator[Path]:
    yield folder / "missing.png"
    yield folder
    (folder / "good.png").write_bytes(GOOD)
    (folder / "link.png").symlink_to("good.png")
    yield folder / "link.png"
    os.mkfifo(folder / "pipe.png")
    yield folder / "pipe.png"


def test_links_folders_and_pipes_are_refused(tmp_path: Path) -> None:
    for path in not_files(tmp_path):
        with pytest.raises(DatasetError, match=str(path)):
            png.read(path)


@settings(max_examples=100, suppress_health_check=list(HealthCheck))
@given(st.data())
def test_damaged_bytes_give_the_original_contents_or_an_error(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    damaged = bytearray(GOOD)
    for _ in range(data.draw(st.integers(1, 3))):
        damaged[data.draw(st.integers(0, len(GOOD) - 1))] = data.draw(st.integers(0, 255))
    path = tmp_path_factory.getbasetemp() / "damaged.png"
    path.write_bytes(bytes(damaged[: data.draw(st.integers(1, len(GOOD)))]))
    with contextlib.suppress(DatasetError):
        assert png.read(path) == CONTENTS
