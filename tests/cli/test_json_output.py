"""Programs read the ``--json`` output, so its keys must not change when the code is renamed.

The commands print these dataclasses field by field; jobs and reviews also have their own tests.
"""

from __future__ import annotations

from dataclasses import fields

import pytest

from xray_tui.dataset.lock_holder import Holder
from xray_tui.dataset.queue.job_rows import JobRow
from xray_tui.dataset.records import Record
from xray_tui.dataset.repair.foreign_files import ForeignFile
from xray_tui.dataset.repair.problems import Problem
from xray_tui.dataset.review.merging import MergeResult
from xray_tui.dataset.review.summary import ReviewerCounts
from xray_tui.generation import events
from xray_tui.tasks import Task

EVENTS = {
    "JobQueued": "job_id title total skipped",
    "ModelLoading": "job_id model text fraction",
    "JobStarted": "job_id total",
    "StepDone": "job_id step steps batch batches images seconds memory_bytes",
    "PreviewReady": "job_id task step steps width height pixels",
    "ImageSaved": "job_id record seconds",
    "TaskFailed": "job_id task message",
    "JobStateChanged": "job_id state message",
    "JobFinished": "job_id state made skipped failed seconds message",
    "JobForgotten": "job_id",
    "QueueReordered": "job_ids",
    "QueuePaused": "paused",
    "GeneratorElsewhere": "process",
    "LogLine": "level text when",
}

PRINTED = [
    (
        Task,
        "prompt_id region label view findings text negative_prompt slots seed parameters "
        "model_fingerprint table_row",
    ),
    (Record, "id task file width height provenance job_id"),
    (Problem, "kind file text"),
    (ForeignFile, "file text"),
    (MergeResult, "path taken known unknown_images other_labels bad_lines"),
    (ReviewerCounts, "reviewer decided accepted rejected last"),
    (Holder, "host pid since started leaves_jobs"),
    (
        JobRow,
        "id created title state message place total done failed seconds request batch_limit "
        "started finished",
    ),
]


def names(kind: type) -> str:
    return " ".join(field.name for field in fields(kind))


def test_events_keep_their_names_and_keys() -> None:
    found = {kind.__name__: names(kind) for kind in events.Event.__subclasses__()}
    assert found == EVENTS


@pytest.mark.parametrize(
    ("kind", "keys"), PRINTED, ids=lambda value: getattr(value, "__name__", "")
)
def test_objects_keep_their_keys(kind: type, keys: str) -> None:
    assert names(kind) == keys
