"""Progress of some labels, for tests of statistics."""

from xray_tui.dataset.review.index import LabelProgress

PROGRESS = [
    LabelProgress("chest", "cardiomegaly", 260, 180, 60, 200),
    LabelProgress("chest", "effusion", 180, 40, 100, 140),
    LabelProgress("chest", "normal", 300, 120, 60, 150),
    LabelProgress("chest", "pneumothorax", 120, 0, 0, 0),
    LabelProgress("knee", "healthy", 90, 80, 10, 90),
    LabelProgress("knee", "severe", 1, 0, 1, 1),
]
