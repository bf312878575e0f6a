"""Errors of the hub, the network and the disk, each explained in one line."""

import errno
from collections.abc import Iterator
from pathlib import Path

import pytest
from huggingface_hub import close_session, constants
from support.fake_hub import FakeHub, files_of, serving

from xray_tui.errors import ModelError
from xray_tui.models.hub.download_child import fetch
from xray_tui.models.hub.errors import explain

UNET = "unet/diffusion_pytorch_model.safetensors"


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_XET", True)
    monkeypatch.setattr(constants, "HF_HUB_DISABLE_TELEMETRY", True)
    yield
    close_session()


@pytest.fixture
def hub(built: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[FakeHub]:
    with serving(FakeHub(files_of(built))) as running:
        use_hub_at(monkeypatch, running.url)
        yield running


def use_hub_at(monkeypatch: pytest.MonkeyPatch, url: str) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", url)
    template = f"{url}/{{repo_id}}/resolve/{{revision}}/{{filename}}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", template)


def failure() -> str:
    with pytest.raises(ModelError) as caught:
        fetch("owner/name", lambda **_: None)
    return str(caught.value)


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (404, {"X-Error-Code": "RepoNotFound"}, "no such model, or it is private"),
        (401, {}, "refuses access (401): check the spelling"),
        (401, {"X-Error-Code": "GatedRepo"}, "accept terms"),
        (403, {"X-Error-Code": "GatedRepo"}, "accept terms"),
        (403, {}, "refuses access (403)"),
        (403, {"X-Error-Message": "Access to this resource is disabled."}, "has disabled"),
        (404, {"X-Error-Code": "RevisionNotFound"}, "no main branch"),
        (404, {}, "not a model hub; check HF_ENDPOINT"),
        (429, {"Retry-After": "300"}, "too many requests from here (429): try again"),
        (500, {}, "has a problem (500); try again later"),
        (503, {}, "has a problem (503); try again later"),
        (418, {"X-Error-Message": "tea"}, "refuses the request (418)"),
        (200, {}, "does not answer like a model hub"),
    ],
)
def test_the_answer_of_the_hub_is_explained(
    hub: FakeHub, status: int, headers: dict[str, str], expected: str
) -> None:
    hub.status, hub.headers, hub.body = status, headers, b"<html>Welcome to this hotel</html>"
    assert expected in failure()
    assert len(hub.requests) == 1


@pytest.mark.parametrize(
    "body", [b"[]", b"5", b"{}", b'{"id": 5, "siblings": [{"rfilename": null}]}', b"\xff"]
)
def test_an_unexpected_answer_is_an_error(hub: FakeHub, body: bytes) -> None:
    hub.status, hub.body = 200, body
    assert failure()


def test_an_unknown_host_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    use_hub_at(monkeypatch, "http://no-such-host.invalid")
    assert "http://no-such-host.invalid cannot be reached" in failure()


def test_a_missing_proxy_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    close_session()
    use_hub_at(monkeypatch, "http://hub.invalid")
    monkeypatch.setenv("http_proxy", "http://127.0.0.1:9")
    assert "http://hub.invalid cannot be reached" in failure()


def test_a_wrong_address_cannot_be_reached(monkeypatch: pytest.MonkeyPatch) -> None:
    use_hub_at(monkeypatch, "nonsense")
    assert "nonsense cannot be reached" in failure()


def test_a_model_larger_than_the_disk_is_refused(hub: FakeHub) -> None:
    hub.sizes[UNET] = 10**17
    assert "100000000.0 GB are needed" in failure()


def test_a_read_only_cache_is_reported(
    hub: FakeHub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("not a folder")
    monkeypatch.setattr(constants, "HF_HUB_CACHE", str(tmp_path / "file" / "hub"))
    text = failure()
    assert "cannot be written" in text
    assert "set HF_HOME" in text


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("model_index.json", b'{"_class_name": "FluxPipeline"}', "is a FluxPipeline"),
        ("model_index.json", b"{", "not valid JSON"),
        ("model_index.json", None, "not a diffusers checkpoint"),
        ("vae/diffusion_pytorch_model.safetensors", None, "no safetensors weights of the vae"),
    ],
)
def test_other_models_are_refused_before_weights_are_downloaded(
    hub: FakeHub, name: str, data: bytes | None, expected: str
) -> None:
    del hub.files[name]
    if data is not None:
        hub.files[name] = data
    assert expected in failure()
    assert not [request for request in hub.requests if request.endswith(".safetensors")]


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "the disk is full (/cache/blob); free some space"),
        (errno.EDQUOT, "the disk is full"),
        (errno.EACCES, "cannot be written: Permission denied (/cache/blob)"),
        (errno.EROFS, "cannot be written: Read-only file system"),
    ],
)
def test_disk_errors_are_explained(number: int, expected: str) -> None:
    import os

    error = RuntimeError("not fully cached")
    error.__context__ = OSError(number, os.strerror(number), "/cache/blob")
    assert expected in explain(error, "owner/name", "https://hub")


def test_circular_causes_and_control_characters_do_no_harm() -> None:
    first, second = RuntimeError("\x1b]52;c;aGk=\x07\nmore"), RuntimeError("b")
    first.__cause__, second.__cause__ = second, first
    assert explain(first, "o/n", "https://hub") == ("the download failed: ␛]52;c;aGk=␇; try again")
