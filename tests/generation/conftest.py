"""The bundled checkpoint, loaded once, and engines that use it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from support.generation_samples import EngineSetup

from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.models.catalogue import resolve
from xray_tui.models.hub.environment import prepare_environment


@pytest.fixture(scope="session")
def sampler() -> Sampler:
    """A sampler with the bundled checkpoint. Tests must leave that checkpoint in it."""
    prepare_environment()
    import torch

    torch.set_num_threads(1)  # small images on a busy machine: more threads would only wait
    loaded = Sampler()
    loaded.load(resolve("bundled"), "cpu", "auto", lambda text, fraction: None)
    return loaded


@pytest.fixture
def open_engine(
    tmp_path: Path, sampler: Sampler
) -> Iterator[Callable[[Sampler | None], EngineSetup]]:
    """Opens engines, each with a dataset of its own, and closes all of them at the end.

    Without a sampler the engine loads the checkpoint itself; torch is imported by then.
    """
    del sampler
    opened: list[EngineSetup] = []

    def open_one(sampler: Sampler | None) -> EngineSetup:
        opened.append(EngineSetup(tmp_path / f"dataset-{len(opened)}", sampler))
        return opened[-1]

    yield open_one
    for setup in opened:
        setup.close()


@pytest.fixture
def setup(open_engine: Callable[[Sampler | None], EngineSetup], sampler: Sampler) -> EngineSetup:
    """An engine whose checkpoint is loaded already."""
    return open_engine(sampler)
