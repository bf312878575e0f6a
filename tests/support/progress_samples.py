"""Progress of some labels and reviewers, for tests of statistics."""

from xray_tui.dataset.review.index import LabelProgress
from xray_tui.dataset.review.summary import DayCounts, ReviewerCounts, ReviewSummary, TagCount

PROGRESS = [
    LabelProgress("chest", "cardiomegaly", 260, 180, 60, 200),
    LabelProgress("chest", "effusion", 180, 40, 100, 140),
    LabelProgress("chest", "normal", 300, 120, 60, 150),
    LabelProgress("chest", "pneumothorax", 120, 0, 0, 0),
    LabelProgress("knee", "healthy", 90, 80, 10, 90),
    LabelProgress("knee", "severe", 1, 0, 1, 1),
]
SUMMARY = ReviewSummary(
    reviewers=[
        ReviewerCounts("anna", 581, 420, 161, "2026-11-29T10:00:00+00:00"),
        ReviewerCounts("Dr. Bartholomew Longname", 90, 20, 70, "2026-11-28T10:00:00+00:00"),
        ReviewerCounts("carl", 0, 0, 0, "2026-11-27T10:00:00+00:00"),
    ],
    reasons=[TagCount("grid-noise", 70), TagCount("anatomy-wrong", 41), TagCount("duplicate", 1)],
    days=[
        DayCounts(f"2026-11-{day}", 10 * (day - 10), 200 - 8 * (day - 10))
        for day in range(29, 11, -1)
    ],
    disputed=12,
)
NO_SUMMARY = ReviewSummary([], [], [], 0)
