"""A downloaded model that is damaged: what the message advises mends it."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.advice import advised
from support.fake_hub import FakeHub, files_of, serving

from xray_tui.errors import ModelError
from xray_tui.generation.sampling.loading import load
from xray_tui.models.catalogue import resolve
from xray_tui.models.hub.download import download


@pytest.fixture
def hub(built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    with serving(FakeHub(files_of(built))) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


def test_a_missing_or_damaged_model_is_downloaded_as_advised(hub: FakeHub) -> None:
    """One test, as each download starts a process."""
    advised("not downloaded from the hub yet; run: xray-tui models download ", refusal())
    path = download("owner/name", no_progress)
    info = resolve("owner/name")
    weights, vae, encoder = (file for (file,) in info.checkpoint.weights.values())

    content = encoder.read_bytes()
    encoder.write_bytes(content[:-100] + b"x" * 100)  # of the same size
    with pytest.raises(ModelError) as caught:
        load(info, "cpu", "float32", lambda text, part: None)
    advised("hub); to download it again: xray-tui models download ", str(caught.value))

    weights.write_bytes(weights.read_bytes()[:-100])
    vae.resolve().unlink()
    (path / "unet/config.json").write_bytes(b"")
    (path / "scheduler/scheduler_config.json").unlink()
    advised("(to download it again: xray-tui models download ", refusal())
    (line,) = re.findall(r"to download it again: (.*)\)", refusal())
    assert shlex.split(line) == ["xray-tui", "models", "download", "owner/name"]
    download("owner/name", no_progress)
    load(resolve("owner/name"), "cpu", "float32", lambda text, part: None)
    assert encoder.read_bytes() == content


def refusal() -> str:
    with pytest.raises(ModelError) as caught:
        resolve("owner/name")
    return str(caught.value)


def no_progress(text: str, done: int, total: int | None) -> None:
    """A progress callback that ignores everything."""
