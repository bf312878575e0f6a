"""The right to generate: what is logged while another process has it."""

from __future__ import annotations

import os
from pathlib import Path

from support.generation_samples import name_parent_as_holder

from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.layout import HOLDER
from xray_tui.dataset.lock import GeneratorLock
from xray_tui.generation.events import Event, LogLine
from xray_tui.generation.running.generator_lease import GeneratorLease


def test_waiting_is_logged_once_and_only_for_a_job_that_would_run(tmp_path: Path) -> None:
    """F14: a paused queue waits for no other process."""
    here, other = Dataset(tmp_path / "D"), Dataset(tmp_path / "D")
    events: list[Event] = []
    lease = GeneratorLease(here, events.append)
    with other.generator_lock(leaves_jobs=True):
        for waits, logged in ((False, 0), (True, 1), (True, 1), (False, 1)):
            with lease.held(keep=True, waits=waits) as acquired:
                assert not acquired
            assert lease.waiting_for
            assert len(events) == logged
    (line,) = events
    assert isinstance(line, LogLine) and line.text.startswith("Waiting to generate: ")
    with lease.held(keep=False, waits=True) as acquired:
        assert acquired
    assert lease.waiting_for == "" and len(events) == 1
    here.close()
    other.close()


def test_the_next_job_of_the_same_process_is_not_logged_again_and_no_raw_time_is_shown(
    tmp_path: Path,
) -> None:
    here = Dataset(tmp_path / "D")
    events: list[Event] = []
    lease = GeneratorLease(here, events.append)

    def attempt(since: str, *, leaves: bool = True) -> None:
        name_parent_as_holder(here.root, since, leaves_jobs=leaves)
        with lease.held(keep=False, waits=True) as acquired:
            assert not acquired

    for second in range(3):
        attempt(f"2026-01-01T12:00:0{second}+00:00")
    (line,) = events
    assert isinstance(line, LogLine)
    assert f"process {os.getppid()} on " in line.text
    assert "(since 2026-01-01 12:00 UTC) is generating" in line.text
    attempt("2026-01-01T12:00:00+00:00", leaves=False)
    attempt("2026-01-01T12:00:01+00:00", leaves=False)
    _, line = events
    assert isinstance(line, LogLine)
    assert line.text == (
        f"Process {os.getppid()} generates this job, as it does all jobs of this dataset; "
        "its progress is shown here."
    )
    (here.root / HOLDER).unlink()
    here.close()


def test_a_process_that_has_not_named_itself_yet_is_logged_only_if_that_lasts(
    tmp_path: Path,
) -> None:
    here = Dataset(tmp_path / "D")
    events: list[Event] = []
    lease = GeneratorLease(here, events.append)
    with GeneratorLock(here.root, read_only=True).held():
        for logged in (0, 1, 1):
            with lease.held(keep=False, waits=True) as acquired:
                assert not acquired
            assert len(events) == logged
    here.close()
