"""Passes the engine's events from its thread to the screen, without a growing backlog."""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xray_tui.generation.events import Event


class EventBridge:
    """A queue between two threads. An event may replace a waiting event of the same type and job.

    ``put`` is the engine's listener. ``notify`` is called in the engine's thread when the queue is
    no longer empty; the screen then takes all events with ``take``. Both may be called from any
    thread.
    """

    def __init__(self, notify: Callable[[], object]) -> None:
        self._notify = notify
        self._lock = threading.Lock()
        self._waiting: list[Event] = []

    def put(self, event: Event) -> None:
        """Queue ``event``, and remove the waiting event that it replaces, if any."""
        with self._lock:
            was_empty = not self._waiting
            if event.replaces_waiting:
                self._waiting = [old for old in self._waiting if not _replaces(event, old)]
            self._waiting.append(event)
        if was_empty:
            self._notify()

    def take(self) -> list[Event]:
        """All waiting events, oldest first; the queue is empty afterwards."""
        with self._lock:
            taken, self._waiting = self._waiting, []
        return taken


def _replaces(new: Event, old: Event) -> bool:
    return type(new) is type(old) and getattr(new, "job_id", None) == getattr(old, "job_id", None)
