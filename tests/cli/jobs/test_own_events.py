"""A command shows the events of its own jobs, and of jobs that it generates for others."""

from __future__ import annotations

from xray_tui.cli.jobs.own_events import OwnEvents
from xray_tui.generation.events import Event, JobQueued, JobStarted, QueuePaused


def test_a_foreign_job_is_shown_from_its_beginning_once_it_is_generated_here() -> None:
    concerned = {"own"}
    own = OwnEvents(concerned.__contains__)
    queued, foreign = JobQueued("own", "normal", 1, 0), JobQueued("other", "effusion", 1, 0)
    assert shown(own, queued, foreign, QueuePaused(True)) == [queued, QueuePaused(True)]
    concerned.add("other")
    started = JobStarted("other", 1)
    assert shown(own, started, started) == [foreign, started, started]


def shown(own: OwnEvents, *events: Event) -> list[Event]:
    return [kept for event in events for kept in own.of(event)]
