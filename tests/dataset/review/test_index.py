"""Images that match a query, the names in use, and the progress of the review."""

import pytest
from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.query.completion import candidates
from xray_tui.dataset.query.parsing import parse
from xray_tui.dataset.review import pace
from xray_tui.dataset.review.index import LabelProgress


@pytest.fixture
def ids(dataset: Dataset) -> list[int]:
    with dataset.generator_lock():
        return [
            dataset.save(
                make_image(seed),
                make_task(seed, label="normal" if seed < 4 else "effusion"),
                make_provenance(),
                "job-1",
            ).id
            for seed in range(6)
        ]


def test_a_query_uses_the_opinions_of_the_reviewer(dataset: Dataset, ids: list[int]) -> None:
    desk = dataset.desk("ann")
    desk.set_decision(ids[:3], "accepted")
    desk.set_rating(ids[1:2], 4)
    desk.add_tag(ids[5:], "grid-noise")
    dataset.desk("bob").set_decision(ids[:1], "rejected")

    def found(line: str) -> list[int]:
        return list(desk.index.find(parse(line)))

    assert found("") == ids
    assert found("is:accepted") == ids[:3]
    assert found("verdict:accepted") == ids[1:3]
    assert found("label:normal -is:accepted") == ids[3:4]
    assert found("rating>=3") == ids[1:2]
    assert found("tag:grid*") == ids[5:]
    assert found("sort:-seed") == ids[::-1]
    assert found("reviewer:bob") == ids[:1]


def test_the_names_in_use_are_known(dataset: Dataset, ids: list[int]) -> None:
    dataset.desk("ann").add_tag(ids[:1], "odd")
    words = dataset.desk("bob").index.vocabulary(["best"])
    assert (words.labels, words.regions) == (("effusion", "normal"), ("chest",))
    assert (words.prompts, words.tags) == (("chest-normal",), ("odd",))
    assert dataset.desk("bob").index.vocabulary(tags=["odd", "blurred"]).tags == ("odd", "blurred")
    assert (words.reviewers, words.saved) == (("ann",), ("best",))
    assert dataset.desk().index.labels("chest") == ("effusion", "normal")
    assert dataset.desk().index.labels("knee") == ()


def test_progress_is_counted_per_label(dataset: Dataset, ids: list[int]) -> None:
    desk = dataset.desk("ann")
    assert desk.index.seconds_per_image() is None
    desk.set_decision(ids[:2], "accepted")
    desk.set_decision(ids[3:4], "rejected")
    dataset.desk("bob").set_decision(ids[:1], "rejected")
    effusion, normal = desk.index.progress()
    assert effusion == LabelProgress("chest", "effusion", 2, 0, 0, 0)
    assert normal == LabelProgress("chest", "normal", 4, 1, 2, 3)
    assert (normal.undecided, normal.left) == (1, 1)
    assert desk.index.undecided_of(ids[1:]) == 3
    assert dataset.desk("bob").index.undecided_of(ids[:2]) == 1
    assert desk.index.undecided_of([]) == 0
    (_, bobs) = dataset.desk("bob").index.progress()
    assert (bobs.undecided, bobs.left) == (1, 3)


def test_the_pace_is_known_after_enough_decisions_in_enough_time(
    dataset: Dataset, ids: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    desk = dataset.desk("ann")
    for number in ids:
        desk.set_decision([number], "accepted")
    assert desk.index.seconds_per_image() is None  # within milliseconds
    monkeypatch.setattr(pace, "FEWEST_SECONDS", 0)
    speed = desk.index.seconds_per_image()
    assert speed is not None and 0 < speed < 5
    desk.set_decision(ids[:1], "undecided")
    assert desk.index.seconds_per_image() is None  # four gaps


def test_votes_of_others_are_hidden_until_the_reviewer_has_decided(
    dataset: Dataset, ids: list[int]
) -> None:
    dataset.desk("bob").set_decision(ids[:4], "rejected")
    dataset.desk("bob").add_tag(ids[:4], "odd")
    desk = dataset.desk("ann", hide_votes=True)
    assert {row.verdict for row in desk.index.rows(ids)} == {"undecided"}
    assert sum(one.rejected for one in desk.index.progress()) == 0
    assert (desk.summary().reviewers, desk.summary().reasons, desk.summary().disputed) == (
        [],
        [],
        0,
    )
    words = desk.index.vocabulary()
    offered = {candidate.text for candidate in candidates("", 0, words)}
    assert not {"verdict:", "reviewer:"} & offered and "label:" in offered
    assert "disputed" not in words.values("is")
    desk.add_tag(ids[1:2], "own")
    assert desk.index.tags() == (*words.tags, "own") == ("own",)
    desk.set_decision(ids[:1], "accepted")
    assert desk.index.tags() == ("odd", "own")
    assert dataset.desk("bob").index.tags() == ("odd", "own")
    dataset.desk("bob").set_decision(ids[:1], "rejected")
    shown = desk.index.rows(ids)
    assert shown[0].verdict == dataset.desk("bob").index.rows(ids)[0].verdict
    assert {row.verdict for row in shown[1:]} == {"undecided"}
    assert [row.disputed for row in shown] == [True, *[False] * (len(ids) - 1)]
    assert desk.summary().disputed == 1
    assert [one.reviewer for one in desk.summary().reviewers] == ["ann"]


@pytest.mark.parametrize("minus", ["", "-"])
@pytest.mark.parametrize(
    "term",
    ["is:disputed", "is:rejected,disputed", "verdict:accepted", "verdict:undecided", "reviewer:b*"],
)
def test_no_filter_reveals_hidden_votes(
    dataset: Dataset, ids: list[int], term: str, minus: str
) -> None:
    def found() -> list[int]:
        return list(dataset.desk("ann", hide_votes=True).index.find(parse(f"{minus}{term}")))

    ann = dataset.desk("ann")
    ann.set_decision(ids[:1], "accepted")
    before = found()
    dataset.desk("bob").set_decision(ids[1:3], "accepted")
    dataset.desk("carl").set_decision(ids[2:], "rejected")
    assert found() == before  # votes on images that ann has not decided on change nothing
    ann.set_decision(ids, "accepted")
    assert found() == list(ann.index.find(parse(f"{minus}{term}")))  # and now all are seen


def test_hidden_votes_are_not_revealed_by_counts_or_a_purge(
    dataset: Dataset, ids: list[int]
) -> None:
    desk = dataset.desk("ann", hide_votes=True)
    counts = dataset.catalog.counts("ann")
    dataset.desk("bob").set_decision(ids[:2], "accepted")
    dataset.desk("bob").set_decision(ids[2:4], "rejected")
    assert dataset.catalog.counts("ann") == counts != dataset.catalog.counts()
    assert desk.purging.rejected().images == 0
    assert desk.purging.purge().images == 0
    desk.set_decision(ids[2:3], "rejected")
    assert desk.purging.rejected().images == 1
    assert desk.purging.purge().images == 1
    desk.undo()
    assert desk.index.rows(ids[2:3])
