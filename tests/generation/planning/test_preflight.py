"""The estimate before a job is queued."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from support.preview_samples import a_record, a_task
from support.tui_samples import a_library, a_prompt

from xray_tui.dataset.records import Record
from xray_tui.errors import ParameterError
from xray_tui.generation.planning.plan import JobRequest
from xray_tui.generation.planning.preflight import Estimates, preflight, seconds_for
from xray_tui.generation.progress import about
from xray_tui.models.catalogue import resolve
from xray_tui.parameter_fields import field_specs
from xray_tui.parameters import GenerationParameters


def a_request(number: int = 4, **overrides: object) -> JobRequest:
    library = a_library()
    return JobRequest(library.prompts[:number], library, overrides, {})


def a_made(seconds: float, steps: int, batch: int = 4) -> Record:
    """An image that was made, with the default parameters but for these."""
    record = a_record(1, a_task(parameters=GenerationParameters.build({"steps": steps})))
    how = replace(record.provenance, seconds=seconds, batch_size=batch)
    return replace(record, provenance=how)


def learned(seconds: float = 2.0, size: int = 60_000) -> Estimates:
    """Estimates from one image of 256×256 with the default parameters."""
    estimates = Estimates()
    estimates.models = {"bundled": resolve("bundled")}
    record = a_record(1, a_task(parameters=GenerationParameters.build()))
    estimates.add(replace(record, provenance=replace(record.provenance, seconds=seconds)))
    assert not estimates.knows_file_of(record)
    estimates.add_file(record, size)
    assert estimates.knows_file_of(record)
    return estimates


def test_images_time_and_space_follow_from_prompts_and_count() -> None:
    found = preflight(a_request(count=200), learned())
    assert (found.images, found.each, found.seconds) == (800, 200, 1600.0)
    assert found.file_sizes == 800 * 60_000
    assert [prompt.id for prompt in found.untrained] == ["chest-effusion", "chest-nodule"]


@pytest.mark.parametrize(
    "change",
    [{"guidance_scale": 1.0}, {"width": 128}, {"scheduler": "ddim"}, {"model": "owner/other"}],
)
def test_a_time_is_known_only_from_images_of_the_same_kind(change: dict[str, object]) -> None:
    found = preflight(a_request(**change), learned())
    assert found.seconds is None
    assert (found.file_sizes is None) == bool({"width", "model"} & set(change))


def test_the_time_of_other_steps_follows_from_the_time_of_a_step() -> None:
    default = GenerationParameters.build().steps
    estimates = learned(seconds=2.0)
    assert preflight(a_request(1, steps=default * 3), estimates).seconds == 6.0
    estimates.add(a_made(seconds=7.5, steps=default * 5))
    assert preflight(a_request(1, steps=default * 4), estimates).seconds == 6.0  # from the nearer
    assert preflight(a_request(1), estimates).seconds == 2.0
    estimates.add(a_made(seconds=1.0, steps=default, batch=8))
    many = preflight(a_request(4, count=8, batch_size=8, steps=default * 2), estimates)
    assert many.seconds == 32 * 2.0
    assert preflight(a_request(1, batch_size=8), estimates).seconds == 2.0  # alone in its batch


def test_nothing_is_known_of_an_empty_dataset() -> None:
    found = preflight(a_request(), Estimates())
    assert (found.images, found.seconds, found.file_sizes) == (4, None, None)
    assert seconds_for([a_request()], Estimates()) is None
    assert seconds_for([a_request(), a_request(2)], learned()) == 12.0


@pytest.mark.parametrize("side", [65, 72, 999, 1000, 2040])
def test_a_size_is_checked_before_g_and_the_advice_is_accepted(side: int) -> None:
    factor = resolve("bundled").checkpoint.latent_factor
    for spec in (field_specs()["height"], replace(field_specs()["height"], factor=factor)):
        if side % 8 or spec.factor > 1:
            with pytest.raises(ParameterError) as bad:
                spec.parse(str(side))
            example = int(str(bad.value).rsplit(" ", 1)[1])
            assert preflight(a_request(height=example), learned()).images == 4
    with pytest.raises(ParameterError, match=r"height = .*multiple"):
        preflight(a_request(height=side), learned())


def test_prompts_may_ask_for_different_numbers() -> None:
    prompts = (a_prompt("a", parameters={"count": 3}), a_prompt("b"))
    library = a_library(*prompts)
    found = preflight(JobRequest(prompts, library, {}, {}), learned())
    assert (found.images, found.each) == (4, None)
    with pytest.raises(ParameterError):
        preflight(JobRequest(prompts, library, {"steps": 0}, {}), learned())


def test_the_latest_images_count() -> None:
    estimates = learned(seconds=100.0)
    task = a_task(parameters=GenerationParameters.build())
    for number in range(20):
        estimates.add(a_record(number, task))
        estimates.add_file(a_record(number, task), 0)  # a file that is gone
    found = preflight(a_request(1), estimates)
    assert found.seconds == 1.5 and found.file_sizes == 60_000


def test_thousands_of_prompts_are_no_burden() -> None:
    prompts = tuple(a_prompt(f"p{number}") for number in range(3000))
    request = JobRequest(prompts, a_library(*prompts), {"count": 2}, {})
    started = time.process_time()
    assert preflight(request, learned()).images == 6000
    assert time.process_time() - started < 0.5


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.2, "about 1 s"),
        (42, "about 42 s"),
        (59.6, "about 1 min"),
        (300, "about 5 min"),
        (3540, "about 59 min"),
        (4200, "about 1 h 10 min"),
        (3 * 3600, "about 3 h"),
        (20.4 * 3600, "about 20 h"),
        (3 * 86_400, "about 3 days"),
    ],
)
def test_an_estimate_is_said_roughly(seconds: float, text: str) -> None:
    assert about(seconds) == text
