"""Generation parameters: a wrong value is refused by name, and no job is queued."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.generation_samples import EngineSetup, a_prompt, a_request

from xray_tui.errors import ParameterError, PromptLibraryError
from xray_tui.generation.events import JobQueued
from xray_tui.generation.planning.plan import plan
from xray_tui.parameters import (
    MAX_SEED,
    GenerationParameters,
    check_overrides,
    parse_parameter,
)
from xray_tui.text import clean

NAMES = list(GenerationParameters.model_fields)
NAN, INFINITY = float("nan"), float("inf")
ESCAPE = "\x1b[31m\x1b]52;c;aGk=\x07\x9b\u202e\x00"

BAD: list[tuple[str, Any]] = [
    ("model", ""),
    ("model", 5),
    ("model", None),
    ("model", b"bundled"),
    ("model", Path("bundled")),
    ("model", "x" * 5000),
    ("model", "half a character \ud800"),
    ("scheduler", "magic"),
    ("scheduler", "DDIM"),
    ("scheduler", "ddim\n"),
    ("scheduler", ESCAPE),
    ("scheduler", None),
    ("scheduler", 1),
    ("steps", 0),
    ("steps", -1),
    ("steps", 201),
    ("steps", 1000),
    ("steps", 10**100),
    ("steps", 10**5000),
    ("steps", 20.0),
    ("steps", "20"),
    ("steps", True),
    ("steps", None),
    ("steps", NAN),
    ("steps", INFINITY),
    ("steps", [20]),
    ("steps", [10**5000]),
    ("guidance_scale", NAN),
    ("guidance_scale", INFINITY),
    ("guidance_scale", -INFINITY),
    ("guidance_scale", -0.001),
    ("guidance_scale", 30.001),
    ("guidance_scale", 1e30),
    ("guidance_scale", 10**400),
    ("guidance_scale", "7.5"),
    ("guidance_scale", True),
    ("guidance_scale", None),
    ("width", 0),
    ("width", 56),
    ("width", 65),
    ("width", 2056),
    ("width", -64),
    ("width", 256.0),
    ("width", "256"),
    ("height", 0),
    ("height", 100),
    ("height", True),
    ("height", NAN),
    ("height", {"pixels": 256}),
    ("count", 0),
    ("count", -5),
    ("count", 100_001),
    ("count", 1.5),
    ("count", False),
    ("seed", -1),
    ("seed", 2**32),
    ("seed", 2**64),
    ("seed", 1.0),
    ("seed", "7"),
    ("seed", True),
    ("seed_mode", "descending"),
    ("seed_mode", ""),
    ("seed_mode", None),
    ("batch_size", 0),
    ("batch_size", 65),
    ("batch_size", "4"),
    ("eta", -0.1),
    ("eta", 1.1),
    ("eta", NAN),
    ("eta", "0"),
    ("negative_prompt", "x" * 2001),
    ("negative_prompt", 3),
    ("negative_prompt", ["blurry"]),
    ("dtype", "float64"),
    ("dtype", "fp16"),
    ("dtype", None),
    ("device", "tpu"),
    ("device", ""),
    ("device", "cuda:"),
    ("device", "cuda:-1"),
    ("device", "cuda:100"),
    ("device", "cuda:٣"),
    ("device", "cpu\n"),
    ("device", f"cpu{ESCAPE}"),
    ("device", 0),
    ("stepz", 20),
    ("Steps", 20),
    ("", 1),
    ("self", 1),
    ("model_config", {}),
]


def shortened(value: object) -> str:
    try:
        return ascii(value)[:24]
    except ValueError:
        return "huge"


bad_values = pytest.mark.parametrize(
    ("name", "value"), BAD, ids=[f"{name}={shortened(value)}" for name, value in BAD]
)


def assert_names(error: pytest.ExceptionInfo[ParameterError], name: str) -> None:
    """The message begins with the parameter's name, is short, and is safe in a terminal."""
    message = str(error.value)
    assert message.startswith((f"{name} = ", f"{name}: is not a parameter"))
    assert message.isprintable()
    assert len(message) < 500


@bad_values
def test_a_wrong_value_is_refused_by_name(name: str, value: object) -> None:
    with pytest.raises(ParameterError) as error:
        GenerationParameters.build({"steps": 20}, {name: value})
    assert_names(error, name)


@pytest.fixture(scope="module")
def setup(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EngineSetup]:
    opened = EngineSetup(tmp_path_factory.mktemp("parameters") / "dataset", None)
    yield opened
    opened.close()


@bad_values
def test_a_wrong_value_queues_no_job(name: str, value: object, setup: EngineSetup) -> None:
    for request in (
        a_request(a_prompt(), a_prompt("chest-other"), **{name: value}),
        a_request(settings={name: value}),
    ):
        with pytest.raises(ParameterError) as error:
            setup.engine.submit(plan(request))
        assert_names(error, name)
    assert not setup.engine.busy
    assert setup.seen(JobQueued) == []
    assert setup.job_states() == {}


@bad_values
def test_a_prompt_with_a_wrong_value_is_refused(name: str, value: object) -> None:
    if value is None:
        assert a_prompt(parameters={name: None}).parameters == {}  # None is left out
        return
    with pytest.raises(PromptLibraryError) as error:
        a_prompt(parameters={name: value})
    assert name in str(error.value)
    assert str(error.value).replace("\n", "").isprintable()


def test_all_wrong_values_are_reported_together() -> None:
    with pytest.raises(ParameterError) as error:
        GenerationParameters.build({"steps": 0, "eta": 2.0, "colour": "red"})
    for part in ("steps = 0", "eta = 2.0", "colour: is not a parameter"):
        assert part in str(error.value)


@pytest.mark.parametrize("name", ["\x1b[2J", "\u202egnp", "x\ny", "x" * 100_000, 3, None])
def test_an_unknown_name_is_shown_safely_and_briefly(name: Any) -> None:
    with pytest.raises(ParameterError, match="is not a parameter; known parameters are") as error:
        GenerationParameters.build({name: 1})
    assert str(error.value).isprintable()
    assert len(str(error.value)) < 600


@pytest.mark.parametrize(
    "values",
    [
        {"steps": 1, "guidance_scale": 0, "width": 64, "height": 2048, "count": 1, "seed": 0},
        {"steps": 200, "guidance_scale": 30.0, "seed": MAX_SEED, "count": 100_000, "eta": 1},
        {"width": None, "height": None, "seed": None, "negative_prompt": None},
        {"negative_prompt": "", "device": "cuda:99", "batch_size": 64, "dtype": "bfloat16"},
    ],
)
def test_the_limits_of_ranges_are_allowed(values: dict[str, Any]) -> None:
    built = GenerationParameters.build(values)
    assert {name: getattr(built, name) for name in values} == values


def test_later_layers_override_earlier_ones() -> None:
    built = GenerationParameters.build({"steps": 3, "eta": 0.5}, {"steps": 4}, {})
    assert (built.steps, built.eta, built.batch_size) == (4, 0.5, 4)


# ---- typed text -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("steps", " 12 ", 12),
        ("guidance_scale", "7", 7),
        ("guidance_scale", "2.5", 2.5),
        ("seed", "", None),
        ("width", "  ", None),
        ("model", "5", "5"),
        ("negative_prompt", "3.5", "3.5"),
        ("scheduler", "ddim", "ddim"),
    ],
)
def test_typed_text_becomes_a_value(name: str, text: str, value: object) -> None:
    parsed = parse_parameter(name, text)
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("steps", ""),
        ("steps", "many"),
        ("steps", "20.0"),
        ("steps", "nan"),
        ("steps", "9" * 5000),
        ("guidance_scale", "inf"),
        ("guidance_scale", "1e400"),
        ("seed", "4294967296"),
        ("width", "256x256"),
        ("device", ESCAPE),
    ],
)
def test_wrong_text_is_refused_by_name(name: str, text: str) -> None:
    with pytest.raises(ParameterError) as error:
        parse_parameter(name, text)
    assert_names(error, name)


def test_an_unknown_parameter_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="colour"):
        parse_parameter("colour", "red")


texts = st.one_of(
    st.text(max_size=80),
    st.text(alphabet="0123456789+-_.e naif", max_size=12),
    st.integers(-(10**12), 10**12).map(str),
    st.floats().map(str),
    st.sampled_from(["auto", "cpu", "cuda:3", "ddim", "fixed", "float16", "bundled"]),
)


@given(st.sampled_from(NAMES), texts)
def test_any_text_is_a_value_or_an_error(name: str, text: str) -> None:
    try:
        value = parse_parameter(name, text)
    except ParameterError as error:
        assert str(error).startswith(f"{name} = ")
        assert clean(str(error)) == str(error)
        return
    assert check_overrides({name: value}) == {name: value}
    assert value is None or type(value) in (int, float, str)


plain = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(),
    st.floats(),
    st.text(st.characters(), max_size=30),
    st.binary(max_size=5),
)
values = st.recursive(plain, lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner))


@settings(max_examples=50)
@given(st.dictionaries(st.sampled_from(NAMES) | st.text(max_size=10), values, max_size=4))
def test_any_values_give_parameters_or_one_error(given_values: dict[str, Any]) -> None:
    try:
        built = GenerationParameters.build(given_values)
    except ParameterError as error:
        assert clean(str(error)) == str(error)
        return
    assert {name: getattr(built, name) for name in given_values} == given_values
