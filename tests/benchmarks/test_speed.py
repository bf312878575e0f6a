"""Images per second: a headless job compared with code that does not use xray-tui.

Run it on an idle machine with: .venv/bin/pytest -n 0 -m benchmark -s tests/benchmarks/test_speed.py
Each of BENCHMARK_ROUNDS (5) rounds generates BENCHMARK_IMAGES (32) images; the sides alternate.
"""

from __future__ import annotations

import json
import os
import queue
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import pytest

from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import Event, JobFinished
from xray_tui.generation.planning.plan import JobRequest, plan
from xray_tui.generation.running.engine import Engine
from xray_tui.generation.sampling.sampler import Sampler
from xray_tui.models.catalogue import resolve
from xray_tui.models.hub.environment import prepare_environment
from xray_tui.prompts.library import default_path, load
from xray_tui.tasks import Job

IMAGES = int(os.environ.get("BENCHMARK_IMAGES", "32"))
ROUNDS = int(os.environ.get("BENCHMARK_ROUNDS", "5"))
TIMEOUT = 3600.0
HEADING = (
    "| headless job, saved with its records | compared with | images/s | other | ratio |\n"
    "|---|---|---|---|---|"
)


@pytest.fixture(scope="module", autouse=True)
def heading() -> None:
    print(f"\n\n{HEADING}")


@pytest.fixture(scope="module")
def sampler() -> Sampler:
    """The bundled model as xray-tui loads it, with torch's default number of threads."""
    prepare_environment()
    loaded = Sampler()
    loaded.load(resolve("bundled"), "cpu", "auto", lambda text, fraction: None)
    return loaded


@pytest.fixture(scope="module")
def bare_pipeline(sampler: Sampler) -> Any:
    """The same model as diffusers loads it."""
    del sampler  # only needed because its fixture makes the libraries offline and quiet
    import torch
    from diffusers import DPMSolverMultistepScheduler, StableDiffusionPipeline

    pipeline = StableDiffusionPipeline.from_pretrained(
        resolve("bundled").path, use_safetensors=True, torch_dtype=torch.float32
    )
    pipeline.scheduler = DPMSolverMultistepScheduler.from_config(
        pipeline.scheduler.config, algorithm_type="dpmsolver++", use_karras_sigmas=False
    )
    pipeline.set_progress_bar_config(disable=True)
    return pipeline


@pytest.fixture
def run_job(tmp_path: Path, sampler: Sampler) -> Iterator[Callable[[Job], int]]:
    """Runs a job in a headless engine that has loaded the model; returns the number of images."""
    ended: queue.SimpleQueue[JobFinished] = queue.SimpleQueue()

    def listen(event: Event) -> None:
        if isinstance(event, JobFinished):
            ended.put(event)

    def run(job: Job) -> int:
        engine.submit(job)
        return ended.get(timeout=TIMEOUT).made

    dataset = Dataset(tmp_path / "dataset")
    engine = Engine(dataset, listen, own_only=True)
    engine._sampler = sampler
    yield run
    engine.stop(finish_current=False)
    assert engine.join(TIMEOUT)
    dataset.close()


@pytest.mark.benchmark
@pytest.mark.parametrize("batch_size", [4, 8])
def test_saving_and_progress_cost_at_most_three_per_cent(
    run_job: Callable[[Job], int], bare_pipeline: Any, batch_size: int
) -> None:
    seeds = count(1)  # new images in each round, because existing ones are skipped

    def ours() -> int:
        job = a_job(batch_size, next(seeds))
        assert run_job(job) == job.size
        return job.size

    def other() -> int:
        return sum(
            len(generate_batch(bare_pipeline, batch)) for batch in a_job(batch_size, 0).batches
        )

    ours(), other()  # warm up
    ratio = compare(ours, other, f"batches of {batch_size}", "bare diffusers loop, same batches")
    assert ratio >= 0.97


@pytest.mark.benchmark
@pytest.mark.parametrize("batch_size", [4, 8])
def test_the_command_is_faster_than_the_plain_script(tmp_path: Path, batch_size: int) -> None:
    """Both run as commands, including the start of Python, the libraries and the model."""
    seeds = count(1)
    tasks = tmp_path / "tasks.json"
    wanted = list(a_job(batch_size, 0).tasks)
    tasks.write_text(
        json.dumps(
            [
                task.parameters.model_dump()
                | {"text": task.text, "negative_prompt": task.negative_prompt, "seed": task.seed}
                for task in wanted
            ]
        )
    )
    output = tmp_path / "plain"
    output.mkdir()

    def ours() -> int:
        ids = list(dict.fromkeys(task.prompt_id for task in wanted))
        before = len(list(tmp_path.glob("dataset/*/*/*.png")))
        arguments = ["generate", *ids, "--count", str(len(wanted) // len(ids))]
        arguments += ["--batch-size", str(batch_size), "--seed", str(1000 * next(seeds))]
        run("-m", "xray_tui", *arguments, "--dataset", str(tmp_path / "dataset"))
        return len(list(tmp_path.glob("dataset/*/*/*.png"))) - before

    def other() -> int:
        script = Path(__file__).with_name("plain_script.py")
        run(str(script), str(resolve("bundled").path), str(tasks), str(output))
        return len(wanted)

    def run(*arguments: str) -> None:
        subprocess.run([sys.executable, *arguments], check=True, capture_output=True, cwd=tmp_path)

    ratio = compare(ours, other, f"batches of {batch_size}", "plain script, one prompt at a time")
    assert ratio >= 1.3


def a_job(batch_size: int, number: int) -> Job:
    """A job of IMAGES images, at least one per prompt, with ``batch_size`` bundled prompts."""
    library = load(default_path())
    prompts = library.bundled()[:batch_size]
    overrides = {
        "batch_size": batch_size,
        "count": max(1, IMAGES // len(prompts)),
        "seed": 1000 * number,
        "device": "cpu",
    }
    return plan(JobRequest(prompts, library, overrides, {}))


def generate_batch(pipeline: Any, batch: Sequence[Any]) -> list[Any]:
    import torch

    parameters = batch[0].parameters
    assert parameters.scheduler == "dpm++-2m-sde-karras"  # the pipeline's own scheduler
    images: list[Any] = pipeline(
        [task.text for task in batch],
        negative_prompt=[task.negative_prompt for task in batch],
        num_inference_steps=parameters.steps,
        guidance_scale=parameters.guidance_scale,
        width=parameters.width,
        height=parameters.height,
        generator=[torch.Generator("cpu").manual_seed(task.seed) for task in batch],
    ).images
    return images


def compare(ours: Callable[[], int], other: Callable[[], int], what: str, against: str) -> float:
    """Run ``ours`` and ``other`` alternately, and print a row of the table.

    Returns our speed divided by the speed of ``other``.
    """
    speeds: tuple[list[float], list[float]] = ([], [])
    for _ in range(ROUNDS):
        for side, generate in zip(speeds, (ours, other), strict=True):
            start = time.perf_counter()
            number = generate()
            side.append(number / (time.perf_counter() - start))
    our_speed, other_speed = map(statistics.median, speeds)
    ratio = our_speed / other_speed
    print(f"| {what} | {against} | {our_speed:.2f} | {other_speed:.2f} | {ratio:.2f} |")
    return ratio
