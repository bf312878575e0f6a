"""Thousands of images in one process: memory and time per image do not grow."""

from __future__ import annotations

import ctypes
import gc
import time
from collections.abc import Callable
from itertools import pairwise
from statistics import linear_regression

import psutil
import pytest
import torch
from support.generation_samples import EngineSetup, a_job

from xray_tui.generation.events import Event, ImageSaved, JobFinished
from xray_tui.generation.sampling.sampler import Sampler

IMAGES = 5_000
WARM = 500
LEEWAY = 1.10
CALIBRATE_EVERY = 25


def memory() -> int:
    """Resident bytes, after the allocator has returned its free memory."""
    gc.collect()
    ctypes.CDLL(None).malloc_trim(0)
    return int(psutil.Process().memory_info().rss)


def constant_work() -> float:
    """Do a fixed amount of work, similar to sampling; returns the CPU seconds it took."""
    start = time.thread_time()
    images, weights = torch.ones(8, 64, 32, 32), torch.ones(64, 64, 3, 3)
    for _ in range(10):
        torch.nn.functional.conv2d(images, weights, padding=1)
    return time.thread_time() - start


@pytest.mark.slow
def test_five_thousand_images_need_no_more_than_five_hundred(
    open_engine: Callable[[Sampler | None], EngineSetup], sampler: Sampler
) -> None:
    setup = open_engine(sampler)
    saved = 0
    yardstick = 0.0
    measured: dict[int, tuple[int, float, float]] = {}

    def count(event: Event) -> None:
        nonlocal saved, yardstick
        if isinstance(event, ImageSaved):
            saved += 1
            if saved % CALIBRATE_EVERY == 0:
                yardstick += constant_work()
            if saved % WARM == 0:
                measured[saved] = memory(), time.process_time(), yardstick

    setup.reactions.append(count)
    job = a_job(count=IMAGES, batch_size=8, steps=1)
    setup.engine.submit(job)
    while not any(isinstance(event, JobFinished) for event in setup.events):
        setup.events.clear()  # the events kept by the test are not the engine's memory
        setup.seen(JobFinished)
        time.sleep(0.2)
    (finished,) = setup.seen(JobFinished)
    assert (finished.state, finished.made) == ("done", IMAGES)

    early_memory, late_memory = measured[WARM][0], measured[IMAGES][0]
    # CPU time on a shared machine varies by a tenth, so it is compared with the CPU time of
    # constant work done at the same time. A straight line is fitted through all intervals, and its
    # ends are compared: they stand for the first and the last interval, with less noise.
    paces = [
        (end[1] - begin[1]) / (end[2] - begin[2]) - 1
        for begin, end in pairwise(measured[number] for number in sorted(measured))
    ]
    slope, early = linear_regression(range(len(paces)), paces)
    late = early + slope * (len(paces) - 1)
    print(
        f"memory {early_memory / 1e6:.0f} MB after {WARM}, {late_memory / 1e6:.0f} MB at the end; "
        f"CPU time in yardsticks: {', '.join(f'{pace:.2f}' for pace in paces)}; "
        f"the line goes from {early:.2f} to {late:.2f}"
    )
    assert late_memory <= LEEWAY * early_memory
    assert late <= LEEWAY * early
