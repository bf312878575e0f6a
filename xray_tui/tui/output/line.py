"""How much the line to the terminal takes, measured while the app runs.

After each frame the terminal is asked for its status. The times of its answers give the round trip
and the throughput, and from these follows how much of what was sent still waits on the way. Of a
terminal that does not answer only the backlog of writes is known.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from functools import wraps
from threading import RLock
from typing import Concatenate, NamedTuple, ParamSpec, TypeVar

QUESTION, ANSWER = "\x1b[5n", "\x1b[0n"
"""The request for the terminal's status, and the reply that it is ready."""

_QUEUE_SECONDS = 0.1
"""How long bytes may wait on the way. The effect of a key waits behind them."""
_FIRST_RATE = 250_000
"""Bytes per second of a line that is not measured yet."""
_MEASURABLE = 2_000
"""Fewer bytes arrive too quickly to measure the throughput by them."""
_SHORTEST = 0.001
"""Seconds; shorter times are not measured well."""
_PATIENCE = 2.0
"""Seconds after which no answer is expected any more."""


_Given = ParamSpec("_Given")
_Result = TypeVar("_Result")


def _alone(
    method: Callable[Concatenate[Line, _Given], _Result],
) -> Callable[Concatenate[Line, _Given], _Result]:
    """A method of the line that runs in one thread at a time."""

    @wraps(method)
    def locked(line: Line, /, *given: _Given.args, **named: _Given.kwargs) -> _Result:
        with line.lock:
            return method(line, *given, **named)

    return locked


class _Question(NamedTuple):
    sent: int
    """Bytes that were sent before it."""
    at: float


class Line:
    """An estimate of the line; ``clock`` returns seconds. Usable from any thread.

    The app's thread sends, the writer's thread notes what the system took, and the reader's thread
    the answers.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self.lock = RLock()
        """Held while a method runs."""
        self.rate = float(_FIRST_RATE)
        """Bytes per second."""
        self._measured = False
        self.answers = True
        """Whether the terminal answers questions, as far as is known."""
        self._sent = self._written = self._arrived = 0
        self._questions: deque[_Question] = deque()
        self.delay: float | None = None
        """Seconds of the shortest round trip, which did not wait behind anything."""
        self._arrived_at = 0.0
        self._queued, self._queued_at = 0.0, 0.0

    @_alone
    def note_sent(self, size: int) -> None:
        """Note bytes that are on their way from now on."""
        now = self._clock()
        self._queued, self._queued_at = self._still_queued(now) + size, now
        self._sent += size

    @_alone
    def note_question(self) -> None:
        """Note that the terminal was asked."""
        self._questions.append(_Question(self._sent, self._clock()))

    @_alone
    def note_written(self, size: int) -> None:
        """Note bytes that the system took."""
        self._written += size

    @_alone
    def note_answer(self) -> None:
        """Note that the terminal answered."""
        self.answers = True
        if not self._questions:
            return
        now, question = self._clock(), self._questions.popleft()
        round_trip = now - question.at
        self.delay = round_trip if self.delay is None else min(self.delay, round_trip)
        size, began = question.sent - self._arrived, max(self._arrived_at, question.at + self.delay)
        if size >= _MEASURABLE:
            measured = size / max(now - began, _SHORTEST)
            self.rate = measured if not self._measured else (self.rate + measured) / 2
            self._measured = True
        self._arrived, self._arrived_at = question.sent, now

    @_alone
    def restart(self) -> None:
        """Expect no answers to earlier questions: another program had the terminal."""
        self._questions.clear()
        self._arrived = self._written = self._sent
        self.delay = None

    @property
    @_alone
    def room(self) -> int:
        """Bytes that may be sent now; not more than 0 while enough are on the way."""
        now = self._clock()
        self._give_up(now)
        if self.delay is not None:
            most = self.rate * (self.delay + 2 * _QUEUE_SECONDS) + _MEASURABLE
            if self._on_the_way > most:
                return 0
        return int(self.most_room - self._still_queued(now))

    @property
    def most_room(self) -> float:
        """Bytes that may be sent while nothing is on the way."""
        return self.rate * _QUEUE_SECONDS

    @property
    @_alone
    def seconds_to_answers(self) -> float:
        """How long the answers to all questions may take; 0 if none is expected."""
        if not self._questions or self.delay is None or not self.answers:
            return 0.0
        return min(_PATIENCE, 2 * self.delay + 0.1 + self._on_the_way / self.rate)

    @property
    def questions(self) -> int:
        """Questions without an answer so far."""
        return len(self._questions)

    @property
    def _on_the_way(self) -> int:
        return self._sent - (self._arrived if self.answers else self._written)

    def _still_queued(self, now: float) -> float:
        """Bytes that wait in front of the narrowest part of the line, as far as is known."""
        left = self._queued - self.rate * (now - self._queued_at)
        return max(0.0, min(left, self._on_the_way))

    def _give_up(self, now: float) -> None:
        """Expect no answer if none has come for long to what the system took."""
        if self._questions and self._questions[0].sent <= self._written:
            patience = max(_PATIENCE, 4 * (self.delay or 0) + self._on_the_way / self.rate)
            if now - max(self._questions[0].at, self._arrived_at) > patience:
                self.answers = False
                self._questions.clear()
                self._arrived = self._sent
