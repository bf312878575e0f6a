"""Fingerprints of weights: the same for the same bytes, cached, never wrong."""

import hashlib
import json
import os
import shutil
from pathlib import Path

import pytest
from support.weight_files import SD1_NAMES, write_zeros

from xray_tui.errors import ModelError
from xray_tui.models import hashing
from xray_tui.models.catalogue import fingerprint, resolve
from xray_tui.models.hashing import combined, sha256_of


def clear_cache(monkeypatch: pytest.MonkeyPatch) -> None:
    """Clear the cache in memory, as in a new process."""
    monkeypatch.setattr(hashing, "_cached", None)


def test_the_fingerprint_depends_on_bytes_not_on_the_folder(tiny: Path, tmp_path: Path) -> None:
    first = fingerprint(resolve(str(tiny)))
    assert first == fingerprint(resolve(str(tiny)))
    copy = shutil.copytree(tiny, tmp_path / "elsewhere")
    (copy / "README.md").write_text("notes")
    assert fingerprint(resolve(str(copy))) == first
    assert len(first) == 64


@pytest.mark.parametrize(
    "name",
    [
        "unet/diffusion_pytorch_model.safetensors",
        "vae/config.json",
        "scheduler/scheduler_config.json",
        "tokenizer/tokenizer_config.json",
        "model_index.json",
    ],
)
def test_every_file_that_decides_pixels_changes_the_fingerprint(tiny: Path, name: str) -> None:
    before = fingerprint(resolve(str(tiny)))
    data = (tiny / name).read_bytes()
    if name.endswith(".json"):
        (tiny / name).write_bytes(data + b" ")
    else:
        (tiny / name).write_bytes(data[:-1] + bytes([data[-1] ^ 1]))
    assert fingerprint(resolve(str(tiny))) != before


def test_the_fingerprint_of_a_single_file_is_its_hash(tmp_path: Path) -> None:
    file = write_zeros(tmp_path / "model.safetensors", SD1_NAMES)
    digest = hashlib.sha256(file.read_bytes()).hexdigest()
    assert fingerprint(resolve(str(file))) == digest


def test_the_next_process_uses_the_cached_hashes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "file"
    file.write_bytes(b"weights")
    parts: list[float] = []
    digest = sha256_of(file, parts.append)
    assert digest == hashlib.sha256(b"weights").hexdigest()
    assert parts == [1.0]
    clear_cache(monkeypatch)
    assert sha256_of(file, parts.append) == digest
    assert parts == [1.0]
    file.write_bytes(b"changed")
    os.utime(file, (1, 1))
    assert sha256_of(file) != digest


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"\xff", b"5", b"[" * 100_000])
def test_a_damaged_cache_is_ignored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes
) -> None:
    cache = hashing._cache_file()
    cache.parent.mkdir(parents=True)
    cache.write_bytes(content)
    (tmp_path / "file").write_bytes(b"x")
    assert sha256_of(tmp_path / "file") == hashlib.sha256(b"x").hexdigest()
    assert len(json.loads(cache.read_bytes())) == 1


def test_an_unwritable_cache_folder_does_no_harm(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "blocked").write_text("a file")
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "blocked"))
    assert sha256_of(tmp_path / "blocked")


def test_the_cache_stays_small_and_leaves_no_other_files(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hashing, "_MAX_CACHED", 3)
    for number in range(6):
        (tmp_path / str(number)).write_bytes(b"x")
        sha256_of(tmp_path / str(number))
    cache = hashing._cache_file()
    assert len(json.loads(cache.read_bytes())) == 3
    assert [file.name for file in cache.parent.iterdir()] == ["hashes.json"]


def test_an_unreadable_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="cannot be read"):
        sha256_of(tmp_path / "gone")


def test_the_order_of_names_does_not_matter() -> None:
    pairs = [("a", "1"), ("b\udcff", "2"), ("肺", "3")]
    assert combined(pairs) == combined(reversed(pairs))
