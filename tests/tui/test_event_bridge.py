"""The bridge between engine and screen: no growing backlog, and no lost log line."""

from __future__ import annotations

import threading

from xray_tui.generation.events import Event, LogLine, StepDone
from xray_tui.tui.event_bridge import EventBridge


def step(number: int, job_id: str = "a") -> StepDone:
    return StepDone(job_id, number, 20, 1, 1, 1, 0.1, 0)


def test_a_step_replaces_the_waiting_step_of_its_job() -> None:
    bridge = EventBridge(lambda: None)
    for event in (step(1), LogLine("info", "one"), step(1, "b"), step(2), LogLine("info", "two")):
        bridge.put(event)
    shown = [(type(event), getattr(event, "step", None)) for event in bridge.take()]
    assert shown == [(LogLine, None), (StepDone, 1), (StepDone, 2), (LogLine, None)]
    assert bridge.take() == []


def test_the_bridge_notifies_once_until_the_events_are_taken() -> None:
    calls: list[None] = []
    bridge = EventBridge(lambda: calls.append(None))
    bridge.put(step(1))
    bridge.put(step(2))
    assert len(calls) == 1
    bridge.take()
    bridge.put(step(3))
    assert len(calls) == 2


def test_many_threads_lose_no_line() -> None:
    bridge = EventBridge(lambda: None)
    taken: list[Event] = []

    def write(name: str) -> None:
        for number in range(200):
            bridge.put(LogLine("info", f"{name} {number}"))

    threads = [threading.Thread(target=write, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    while any(thread.is_alive() for thread in threads):
        taken += bridge.take()
    taken += bridge.take()
    assert len({event.text for event in taken if isinstance(event, LogLine)}) == 800
