"""Devices and number formats: a missing one is refused, and the message names alternatives."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import torch
from support.advice import advised
from support.generation_samples import EngineSetup, a_job

from xray_tui.errors import ModelError
from xray_tui.generation.sampling import devices
from xray_tui.generation.sampling.sampler import Sampler

CPU = torch.device("cpu")
no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a GPU")
no_mps = pytest.mark.skipif(torch.backends.mps.is_available(), reason="this machine has mps")


@no_gpu
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:7"])
def test_cuda_is_refused_without_a_gpu(name: str) -> None:
    with pytest.raises(
        ModelError, match=rf"device {name}: not available here .*use device auto or cpu"
    ):
        devices.resolve_device(name)


@no_mps
def test_mps_is_refused_without_an_apple_gpu() -> None:
    with pytest.raises(ModelError, match=r"device mps: not available .*use device auto or cpu"):
        devices.resolve_device("mps")


@no_gpu
def test_check_devices_refuses_a_job_for_a_missing_device() -> None:
    with pytest.raises(ModelError, match="device cuda:7: not available here") as error:
        devices.check_devices(a_job(device="cuda:7"))
    advised("; use device auto or cpu", str(error.value))
    devices.check_devices(a_job(device="auto"))
    devices.check_devices(a_job(device="cpu", dtype="bfloat16"))


def test_python_without_docstrings_is_refused_before_a_job_is_queued(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    with monkeypatch.context() as stripped, pytest.raises(ModelError) as error:
        stripped.setattr(devices, "docstrings_are_stripped", lambda: True)
        devices.check_devices(a_job())
    advised("start xray-tui without -OO, and unset PYTHONOPTIMIZE", str(error.value))
    devices.check_devices(a_job())


@pytest.mark.parametrize("name", ["tpu", "cuda:99999", "\x1b[31m", "cuda:-1"])
def test_a_device_that_no_machine_has_is_a_model_error(name: str) -> None:
    with pytest.raises(ModelError) as error:
        devices.resolve_device(name)
    assert "device" in str(error.value)
    assert str(error.value).isprintable()


@no_gpu
@no_mps
def test_auto_is_the_cpu_without_a_gpu() -> None:
    assert devices.resolve_device("auto") == CPU


def test_auto_is_half_precision_on_cuda_only() -> None:
    gpu = torch.device("cuda", 0)  # only named, not used
    assert devices.resolve_dtype("auto", CPU) == torch.float32
    assert devices.resolve_dtype("auto", torch.device("mps")) == torch.float32
    assert devices.resolve_dtype("auto", gpu) == torch.float16
    assert devices.resolve_dtype("float32", gpu) == torch.float32
    assert devices.resolve_dtype("bfloat16", CPU) == torch.bfloat16


# ---- through the engine --------------------------------------------------------------------------


@no_gpu
def test_a_job_for_a_missing_gpu_fails_with_the_same_message(
    open_engine: Callable[[Sampler | None], EngineSetup],
) -> None:
    setup = open_engine(None)
    (finished,) = setup.run(a_job(device="cuda:1"))
    assert (finished.state, finished.made) == ("failed", 0)
    assert finished.message.startswith("device cuda:1: not available here")
    assert setup.files() == []
