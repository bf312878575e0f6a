"""Devices, number formats and memory: what is not here is refused with what to do instead."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from support.generation_samples import EngineSetup, a_job

from xray_tui.errors import ModelError
from xray_tui.generation.sampling import devices, memory
from xray_tui.generation.sampling.sampler import Sampler

CPU = torch.device("cpu")
no_gpu = pytest.mark.skipif(torch.cuda.is_available(), reason="there is a GPU here")
no_mps = pytest.mark.skipif(torch.backends.mps.is_available(), reason="mps is here")


@no_gpu
@pytest.mark.parametrize("name", ["cuda", "cuda:0", "cuda:7"])
def test_cuda_is_refused_where_there_is_none(name: str) -> None:
    with pytest.raises(
        ModelError, match=rf"device {name}: not available here .*use device auto or cpu"
    ):
        devices.resolve_device(name)


@no_mps
def test_mps_is_refused_where_there_is_none() -> None:
    with pytest.raises(ModelError, match=r"device mps: not available .*use device auto or cpu"):
        devices.resolve_device("mps")


@no_gpu
def test_a_job_is_checked_before_it_is_queued() -> None:
    devices.check_devices(a_job(device="auto"))
    devices.check_devices(a_job(device="cpu", dtype="bfloat16"))
    with pytest.raises(ModelError, match="device cuda:7: not available here"):
        devices.check_devices(a_job(device="cuda:7"))


@pytest.mark.parametrize("name", ["tpu", "cuda:99999", "\x1b[31m", "cuda:-1"])
def test_a_device_that_no_machine_has_is_a_model_error(name: str) -> None:
    with pytest.raises(ModelError) as error:
        devices.resolve_device(name)
    assert "device" in str(error.value)
    assert str(error.value).isprintable()


@no_gpu
@no_mps
def test_auto_is_the_cpu_where_there_is_nothing_else() -> None:
    assert devices.resolve_device("auto") == CPU


def test_formats() -> None:
    gpu = torch.device("cuda", 0)  # only named, not used
    assert devices.resolve_dtype("auto", CPU) == torch.float32
    assert devices.resolve_dtype("auto", torch.device("mps")) == torch.float32
    assert devices.resolve_dtype("auto", gpu) == torch.float16
    assert devices.resolve_dtype("float32", gpu) == torch.float32
    assert devices.resolve_dtype("bfloat16", CPU) == torch.bfloat16


# ---- memory --------------------------------------------------------------------------------------


def test_a_model_that_does_not_fit_is_refused_with_both_sizes() -> None:
    with pytest.raises(ModelError) as error:
        memory.check_memory(10**13, CPU, torch.float32)
    message = str(error.value)
    assert message.startswith("not enough memory: the model needs about 44000.0 GB, ")
    assert "free on cpu; use a smaller model, another device, or dtype float16" in message


def test_half_the_bytes_need_half_the_memory() -> None:
    free = memory.free_memory(CPU)
    numbers = free // 3
    memory.check_memory(numbers, CPU, torch.float16)
    with pytest.raises(ModelError):
        memory.check_memory(numbers, CPU, torch.float32)


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Files as the system shows them to a process with a memory limit."""
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 400000\ninactive_file 100000\nactive_file 5\n")
    return tmp_path


def test_a_containers_limit_counts_and_cached_files_are_free(container: Path) -> None:
    assert memory.free_memory(CPU) == 1_000_000 - 700_000 + 100_000
    with pytest.raises(ModelError, match=r"needs about 0\.0 GB, only 0\.0 GB is free"):
        memory.check_memory(200_000, CPU, torch.float32)
    memory.check_memory(50_000, CPU, torch.float32)
    (container / "memory.max").write_text(str(2**62))  # more than the machine has
    assert memory.free_memory(CPU) < 2**50


@pytest.mark.parametrize("name", ["memory.max", "memory.current", "memory.stat"])
@pytest.mark.parametrize("text", ["max\n", "", "\n\x00 \n", None])
def test_a_limit_that_cannot_be_read_is_none(container: Path, name: str, text: str | None) -> None:
    if text is None:
        (container / name).unlink()
    else:
        (container / name).write_text(text)
    assert memory.free_memory(CPU) > 0


def test_used_memory_is_that_of_the_process() -> None:
    before = memory.used_memory("cpu")
    block = bytearray(50_000_000)
    block[::4096] = b"x" * len(block[::4096])
    assert memory.used_memory("cpu") >= before + 40_000_000
    del block


# ---- through the engine --------------------------------------------------------------------------


@no_gpu
def test_a_job_for_a_gpu_that_is_not_here_fails_with_that_message(
    open_engine: Callable[[Sampler | None], EngineSetup],
) -> None:
    setup = open_engine(None)
    (finished,) = setup.run(a_job(device="cuda:1"))
    assert (finished.state, finished.made) == ("failed", 0)
    assert finished.message.startswith("device cuda:1: not available here")
    assert setup.files() == []


def test_a_job_whose_model_does_not_fit_fails_with_that_message(
    open_engine: Callable[[Sampler | None], EngineSetup], container: Path
) -> None:
    setup = open_engine(None)
    (finished,) = setup.run(a_job())
    assert finished.state == "failed"
    assert finished.message.startswith("not enough memory: the model needs about")
