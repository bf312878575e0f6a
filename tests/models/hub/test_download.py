"""Downloads: one clear reason for every failure of the network, the hub and the disk."""

import os
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.advice import advised
from support.fake_hub import SHA, FakeHub, files_of, serving

from xray_tui.errors import ModelError
from xray_tui.models.catalogue import list_models, resolve
from xray_tui.models.hub import download as downloading
from xray_tui.models.hub.cache import check_hub_id
from xray_tui.models.hub.download import download

MODEL = "owner/name"


def no_progress(text: str, done: int, total: int | None) -> None:
    """A progress callback that ignores everything."""


@pytest.fixture(autouse=True)
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hf"))
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    monkeypatch.delenv("HF_TOKEN", raising=False)
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def hub(monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serving(FakeHub()) as running:
        monkeypatch.setenv("HF_ENDPOINT", running.url)
        yield running


@pytest.fixture
def full_hub(hub: FakeHub, built: Path) -> FakeHub:
    hub.files = files_of(built)
    return hub


def children() -> list[str]:
    import psutil

    found = []
    for process in psutil.Process().children(recursive=True):
        try:
            line = " ".join(process.cmdline())
        except psutil.Error:
            continue
        if "download_child" in line:
            found.append(line)
    return found


def failure(model: str = MODEL) -> str:
    with pytest.raises(ModelError) as caught:
        download(model, no_progress)
    text = str(caught.value)
    assert "\n" not in text
    assert text.isprintable()
    assert not children()
    return text


@pytest.mark.parametrize(
    "model",
    [
        *("", "name", "a/b/c", "../../etc/passwd", "owner/..", "/owner/name", "owner/", "-o/name"),
        *("owner/name\x1b[31m", "own er/name", "owner/name\n", "https://hub/owner/name", "-P/x"),
        *("a--b/c", "bundled", "o" * 97 + "/name", "owner/na\u202eme", "肺/肺"),
    ],
)
def test_a_wrong_hub_id_is_refused_before_a_process_starts(
    model: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(subprocess, "Popen", None)
    advised("is not a hub id; write owner/name", failure(model))
    check_hub_id(MODEL)


def test_a_downloaded_model_can_be_used(full_hub: FakeHub, built: Path) -> None:
    full_hub.files |= {
        "unet/diffusion_pytorch_model.bin": b"pickle",
        "unet/diffusion_pytorch_model.fp16.safetensors": b"half",
        "safety_checker/model.safetensors": b"checker",
        "safety_checker/config.json": b"{}",
        "README.md": b"# a model",
        "tokenizer/evil.py": b"print()",
    }
    seen: list[tuple[str, int, int | None]] = []
    path = download(MODEL, lambda *values: seen.append(values))
    wanted = {name: data for name, data in files_of(built).items() if "safety" not in name}
    assert files_of(path) == wanted
    info = resolve(MODEL)
    assert (info.path, info.kind, info.revision) == (path, "hub", SHA)
    assert [model.ref for model in list_models() if model.kind == "hub"] == [MODEL]
    assert seen[0] == ("asking the hub", 0, None)
    text, done, total = seen[-1]
    assert (text, total) == ("downloading", sum(map(len, wanted.values())))
    assert 0 <= done <= total
    assert not children()
    assert not [name for name in full_hub.requests if "safety" in name or ".bin" in name]
    full_hub.requests.clear()
    assert download(MODEL, no_progress) == path
    assert not [name for name in full_hub.requests if ".safetensors" in name]


def test_the_token_of_the_user_is_sent(full_hub: FakeHub, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    full_hub.status = 401
    full_hub.headers = {"X-Error-Message": "Invalid credentials in Authorization header"}
    text = failure()
    assert "refuses access (401)" in text
    assert "hf_secret" not in text
    assert full_hub.tokens == {"Bearer hf_secret"}


def test_the_answer_of_the_hub_is_explained(hub: FakeHub) -> None:
    hub.status, hub.headers = 429, {"Retry-After": "300"}
    assert "too many requests from here (429): try again" in failure()


def test_a_refused_connection_is_explained(monkeypatch: pytest.MonkeyPatch) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("HF_ENDPOINT", f"http://127.0.0.1:{free.getsockname()[1]}")
        text = failure()
    assert "cannot be reached" in text
    assert "copy the model's folder from another machine" in text


@pytest.mark.slow
def test_a_server_that_never_answers_times_out(hub: FakeHub) -> None:
    hub.silent = True
    start = time.monotonic()
    assert "cannot be reached" in failure()
    assert time.monotonic() - start < 15


def test_a_network_that_drops_packets_times_out(
    hub: FakeHub, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.silent = True
    monkeypatch.setitem(downloading._SECONDS, "answer", 1.0)
    assert "the hub did not answer within 1 seconds" in failure()


def test_a_stalled_download_times_out_and_can_be_repeated(
    full_hub: FakeHub, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    full_hub.stall_in = "unet/diffusion_pytorch_model.safetensors"
    monkeypatch.setitem(downloading._SECONDS, "bytes", 2.0)
    text = failure()
    assert "no data arrived from the hub for 2 seconds" in text
    assert not list(tmp_path.rglob("*.incomplete"))
    with pytest.raises(ModelError, match="not downloaded"):
        resolve(MODEL)
    full_hub.stall_in = ""
    monkeypatch.setitem(downloading._SECONDS, "bytes", 60.0)
    download(MODEL, no_progress)
    assert resolve(MODEL).kind == "hub"


def test_a_child_process_that_dies_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/bin/false")
    assert "ended unexpectedly: exit code 1" in failure()


def test_a_missing_python_is_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    assert "the download cannot be started" in failure()


def test_ctrl_c_stops_the_download_at_once(full_hub: FakeHub) -> None:
    full_hub.stall_in = "unet/diffusion_pytorch_model.safetensors"

    def interrupt(text: str, done: int, total: int | None) -> None:
        if done:
            threading.Timer(0.2, os.kill, (os.getpid(), signal.SIGINT)).start()

    with pytest.raises(ModelError, match="download stopped; run it again to continue"):
        download(MODEL, interrupt)
    assert not children()


def test_the_child_ends_when_its_parent_is_killed(full_hub: FakeHub, tmp_path: Path) -> None:
    import psutil

    full_hub.stall_in = "unet/diffusion_pytorch_model.safetensors"
    code = (
        "from xray_tui.models.hub.download import download; download('owner/name', lambda *_: None)"
    )
    parent = subprocess.Popen([sys.executable, "-c", code])
    _until(lambda: any(tmp_path.rglob("*.incomplete")))
    (child,) = psutil.Process(parent.pid).children()
    parent.kill()
    parent.wait()
    child.wait(5)
    assert not list(tmp_path.rglob("*.incomplete"))


def _until(condition: object, seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not condition():  # type: ignore[operator]
        assert time.monotonic() < end
        time.sleep(0.05)
