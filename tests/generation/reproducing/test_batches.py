"""Each image is made in the place and in the size of batch that it records, in few batches."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from support.dataset_samples import PARAMETERS, make_provenance, make_task

from xray_tui.generation.reproducing.batches import Choices, batches
from xray_tui.generation.reproducing.sources import Source


def a_source(position: int, size: int = 4, steps: int = 20, **changes: Any) -> Source:
    parameters = PARAMETERS.model_copy(update={"steps": steps})
    provenance = make_provenance(batch_size=size, batch_position=position, **changes)
    return Source(Path(f"{position}.png"), make_task(position, parameters=parameters), provenance)


def test_images_of_several_batches_are_made_together_in_their_own_places() -> None:
    sources = [a_source(position) for position in (2, 0, 2, 3)]
    first, second = batches(sources, Choices())
    assert first.places == {2: sources[0], 0: sources[1], 3: sources[3]}
    assert second.places == {2: sources[2]}


def test_free_places_are_filled_with_copies() -> None:
    source = a_source(2)
    (batch,) = batches([source], Choices())
    assert batch.filled == [source] * 4
    third, first = a_source(2, 3), a_source(0, 3)
    (batch,) = batches([third, first], Choices())
    assert batch.filled == [first, third, third]


def test_what_a_batch_shares_keeps_images_apart() -> None:
    others: list[dict[str, Any]] = [
        {"size": 3},
        {"steps": 9},
        {"model": "other"},
        {"device": "cuda:0"},
        {"dtype": "float16"},
        {"threads": 7},
    ]
    sources = [a_source(0), *(a_source(1, **other) for other in others)]
    assert len(batches(sources, Choices())) == len(sources)
    same = Choices("m", "cpu", "float32", 4, 1)
    assert len(batches(sources, same)) == 6  # only the steps are the images' own; six share a place


def test_batches_of_one_model_follow_each_other() -> None:
    sources = [a_source(0, model=model) for model in "abab"]
    assert [batch.setting.model for batch in batches(sources, Choices())] == ["a", "a", "b", "b"]


def test_another_batch_size_is_used_as_asked() -> None:
    alone = batches([a_source(0), a_source(3)], Choices(batch_size=1))
    assert [len(batch.filled) for batch in alone] == [1, 1]
    (batch,) = batches([a_source(3)], Choices(batch_size=8))
    assert (len(batch.filled), list(batch.places)) == (8, [3])
