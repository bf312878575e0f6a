"""The check of prompts against the model that draws them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.generation_samples import a_prompt, a_request

from xray_tui.generation.planning.plan import image_count
from xray_tui.generation.planning.training_check import (
    marks_trained_prompts,
    names_of,
    untrained_prompts,
)
from xray_tui.models.catalogue import bundled_path, is_bundled
from xray_tui.prompts.library import default_path, load

OTHER = {"model": "owner/large"}
KNOWN = a_prompt("known", bundled=True)
UNKNOWN = a_prompt("unknown")
OWN_MODEL = a_prompt("own-model", parameters=OTHER)


@pytest.mark.parametrize(
    ("overrides", "settings", "untrained"),
    [
        ({}, {}, ["unknown"]),
        ({"model": "bundled"}, {}, ["unknown", "own-model"]),
        ({"model": str(bundled_path())}, {}, ["unknown", "own-model"]),
        (OTHER, {}, []),
        ({}, OTHER, []),
        ({"model": "bundled"}, OTHER, ["unknown", "own-model"]),
    ],
)
def test_only_the_bundled_model_has_untrained_prompts(
    overrides: dict[str, Any], settings: dict[str, Any], untrained: list[str]
) -> None:
    request = a_request(KNOWN, UNKNOWN, OWN_MODEL, settings=settings, **overrides)
    assert [prompt.id for prompt in untrained_prompts(request)] == untrained


def test_the_built_in_library_says_which_prompts_are_trained() -> None:
    library = load(default_path())
    assert marks_trained_prompts(library)
    request = a_request(*library.prompts)
    assert list(untrained_prompts(request)) == [
        prompt for prompt in library.prompts if not prompt.bundled
    ]


def test_a_library_without_marks_says_nothing() -> None:
    assert not marks_trained_prompts(a_request(UNKNOWN).library)


def test_the_bundled_model_is_known_by_its_name_and_path(tmp_path: Path) -> None:
    link = tmp_path / "link"
    link.symlink_to(bundled_path())
    assert all(map(is_bundled, ("bundled", str(bundled_path()), str(link))))
    assert not any(map(is_bundled, ("owner/name", str(tmp_path), "", "a\0b", "~nobody-here/x")))


def test_many_prompts_are_named_in_part() -> None:
    assert names_of([KNOWN]) == "known"
    assert names_of([a_prompt(f"p{number}") for number in range(5)]) == "p0, p1, p2 and 2 more"


def test_images_are_counted_without_planning() -> None:
    assert image_count(a_request(KNOWN, UNKNOWN, count=30)) == 60
    assert image_count(a_request(a_prompt(parameters={"count": 7}), KNOWN)) == 8
