"""Memory of the device: a model that does not fit is refused before it is loaded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from support.advice import advised
from support.generation_samples import EngineSetup, a_job

from xray_tui.errors import ModelError
from xray_tui.generation.sampling import memory
from xray_tui.generation.sampling.memory import is_out_of_memory
from xray_tui.generation.sampling.sampler import Sampler

CPU = torch.device("cpu")


def test_a_model_that_does_not_fit_is_refused_with_both_sizes() -> None:
    with pytest.raises(ModelError) as error:
        memory.check_memory(10**13, CPU, torch.float32)
    message = str(error.value)
    assert message.startswith("not enough memory: the model needs about 44000.0 GB, ")
    assert message.endswith("free on cpu; use a smaller model or another device")


def test_half_the_bytes_need_half_the_memory() -> None:
    free = memory.free_memory(CPU)
    numbers = free // 3
    with pytest.raises(ModelError) as error:
        memory.check_memory(numbers, CPU, torch.float32)
    advised("dtype float16, a smaller model, or another device", str(error.value))
    memory.check_memory(numbers, CPU, torch.float16)


@pytest.fixture
def container(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Cgroup files of a process with a memory limit: 1 MB, of which 0.7 MB are in use."""
    monkeypatch.setattr(memory, "_CGROUP", tmp_path)
    (tmp_path / "memory.max").write_text("1000000\n")
    (tmp_path / "memory.current").write_text("700000\n")
    (tmp_path / "memory.stat").write_text("anon 400000\ninactive_file 100000\nactive_file 5\n")
    return tmp_path


def test_free_memory_is_within_the_limit_and_includes_cached_files(
    container: Path,
) -> None:
    assert memory.free_memory(CPU) == 1_000_000 - 700_000 + 100_000
    with pytest.raises(ModelError, match=r"needs about 0\.0 GB, only 0\.0 GB is free"):
        memory.check_memory(200_000, CPU, torch.float32)
    memory.check_memory(50_000, CPU, torch.float32)
    (container / "memory.max").write_text(str(2**62))  # more than the machine itself has
    assert memory.free_memory(CPU) < 2**50


@pytest.mark.parametrize("name", ["memory.max", "memory.current", "memory.stat"])
@pytest.mark.parametrize("text", ["max\n", "", "\n\x00 \n", None])
def test_an_unreadable_limit_is_ignored(container: Path, name: str, text: str | None) -> None:
    if text is None:
        (container / name).unlink()
    else:
        (container / name).write_text(text)
    assert memory.free_memory(CPU) > 0


def test_used_memory_is_the_memory_of_the_process() -> None:
    before = memory.used_memory("cpu")
    block = bytearray(50_000_000)
    block[::4096] = b"x" * len(block[::4096])
    assert memory.used_memory("cpu") >= before + 40_000_000
    del block


def test_a_job_whose_model_does_not_fit_fails_with_the_same_message(
    open_engine: Callable[[Sampler | None], EngineSetup], container: Path
) -> None:
    setup = open_engine(None)
    (finished,) = setup.run(a_job())
    assert finished.state == "failed"
    assert finished.message.startswith("not enough memory: the model needs about")


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (MemoryError(), True),
        (RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried 9 bytes"), True),
        (RuntimeError("MPS backend out of memory (MPS allocated: 1 GB)"), True),
        (RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling cublasCreate"), True),
        (RuntimeError("mat1 and mat2 shapes cannot be multiplied"), False),
        (KeyError("memory"), False),
    ],
)
def test_errors_about_memory_are_recognised(error: Exception, expected: bool) -> None:
    assert is_out_of_memory(error) is expected
