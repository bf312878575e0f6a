"""The right to generate: what is logged while another process has it."""

from __future__ import annotations

from pathlib import Path

from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import Event, LogLine
from xray_tui.generation.running.generator_lease import GeneratorLease


def test_waiting_is_logged_once_and_only_for_a_job_that_would_run(tmp_path: Path) -> None:
    """F14: a paused queue waits for no other process."""
    here, other = Dataset(tmp_path / "D"), Dataset(tmp_path / "D")
    events: list[Event] = []
    lease = GeneratorLease(here, events.append)
    with other.generator_lock():
        for waits, logged in ((False, 0), (True, 1), (True, 1), (False, 1)):
            with lease.held(keep=True, waits=waits) as acquired:
                assert not acquired
            assert lease.waiting_for
            assert len(events) == logged
    (line,) = events
    assert isinstance(line, LogLine) and line.text.startswith("the job is waiting: ")
    with lease.held(keep=False, waits=True) as acquired:
        assert acquired
    assert lease.waiting_for == "" and len(events) == 1
    here.close()
    other.close()
