"""Who reviewed, when, and why images were rejected."""

from __future__ import annotations

from support.dataset_samples import make_image, make_provenance, make_task

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.review.summary import TagCount


def test_the_summary_counts_reviewers_tags_days_and_disputed_images(dataset: Dataset) -> None:
    with dataset.generator_lock():
        ids = [
            dataset.save(make_image(seed), make_task(seed), make_provenance(), "job-1").id
            for seed in range(4)
        ]
    anna, bob = dataset.desk("anna"), dataset.desk("bob")
    assert anna.summary().days == [] and anna.summary().disputed == 0
    for desk, accepted in ((anna, ids[:1]), (bob, ids[:2])):
        desk.add_tag(ids[1:], "grid-noise")
        desk.set_decision(accepted, "accepted")
    anna.add_tag(ids[2:3], "duplicate")
    anna.set_decision(ids[1:], "rejected")
    bob.set_rating(ids[3:], 5)
    found = anna.summary()
    assert [(one.reviewer, one.decided) for one in found.reviewers] == [("anna", 4), ("bob", 2)]
    assert found.reasons == [TagCount("grid-noise", 6), TagCount("duplicate", 1)]
    assert [(day.accepted, day.rejected) for day in found.days] == [(3, 3)]
    assert found.disputed == 1


def test_a_reviewer_without_opinions_is_not_listed(dataset: Dataset) -> None:
    """Merging the reviews of a copy withdraws those of the reviewer "imported"."""
    with dataset.generator_lock():
        number = dataset.save(make_image(), make_task(), make_provenance(), "job-1").id
    anna, bob = dataset.desk("anna"), dataset.desk("bob")
    anna.set_decision([number], "accepted")
    anna.undo()
    bob.set_rating([number], 3)
    assert [one.reviewer for one in anna.summary().reviewers] == ["bob"]
