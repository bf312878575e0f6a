"""The line: what is measured of it, and how much may be sent."""

from __future__ import annotations

import sys
import threading
from collections.abc import Iterator

import pytest

from xray_tui.tui.output.line import Line


class Slow:
    """A line with a throughput and a round trip, in simulated time; the terminal answers."""

    def __init__(self, rate: float, delay: float) -> None:
        self.now = 100.0
        self.line = Line(lambda: self.now)
        self._rate, self._delay = rate, delay
        self._free_at = 0.0
        self._answers: list[float] = []

    def send(self, size: int) -> None:
        self.line.note_sent(size)
        self.line.note_written(size)
        self.line.note_question()
        self._free_at = max(self.now, self._free_at) + size / self._rate
        self._answers.append(self._free_at + self._delay)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self._answers and self._answers[0] <= end:
            self.now = self._answers.pop(0)
            self.line.note_answer()
        self.now = end

    @property
    def queued(self) -> float:
        """Seconds that a byte sent now would wait for others."""
        return max(0.0, self._free_at - self.now)


@pytest.mark.parametrize(("rate", "delay"), [(64_000, 0.4), (8_000, 0.6), (5_000_000, 0.001)])
def test_the_throughput_is_measured_and_the_line_kept_busy_but_not_full(
    rate: float, delay: float
) -> None:
    slow = Slow(rate, delay)
    slow.send(4)
    slow.wait(2)
    slow.send(12_000)
    slow.wait(4)
    assert slow.line.delay == pytest.approx(delay, rel=0.1)
    sent, longest, start = 0, 0.0, slow.now
    for _ in range(2_000):
        if (room := slow.line.room) > slow.line.most_room / 2:
            slow.send(room)
            sent += room
        longest = max(longest, slow.queued)
        slow.wait(0.005)
    assert slow.line.rate == pytest.approx(rate, rel=0.5)
    assert longest < 0.25
    assert sent > 0.6 * rate * (slow.now - start) or rate > 1_000_000


def test_small_frames_are_not_held_up_by_the_round_trip() -> None:
    slow = Slow(64_000, 0.4)
    slow.send(4)
    slow.wait(1)
    for _ in range(20):
        assert slow.line.room > 0
        slow.send(300)
        slow.wait(0.03)


def test_of_a_terminal_that_does_not_answer_the_backlog_counts() -> None:
    now = 0.0
    line = Line(lambda: now)
    line.note_sent(1_000)
    line.note_question()
    line.note_written(1_000)
    assert line.answers
    now = 3.0
    assert line.room > 0 and not line.answers and line.questions == 0
    line.note_sent(100_000)
    assert line.room <= 0
    line.note_written(100_000)
    assert line.room > 0
    line.note_answer()  # late, but it does answer
    assert line.answers


def test_a_terminal_that_was_stopped_is_still_expected_to_answer() -> None:
    now = 0.0
    line = Line(lambda: now)
    line.note_sent(1_000)
    line.note_question()
    now = 60.0  # nothing was written in the meantime
    assert line.room >= 0 and line.answers and line.questions == 1


def test_the_end_waits_only_for_answers_that_are_expected() -> None:
    now = 0.0
    line = Line(lambda: now)
    line.note_sent(4)
    line.note_question()
    assert line.seconds_to_answers == 0.0  # it may never answer
    now = 0.2
    line.note_answer()
    line.note_sent(1_000)
    line.note_question()
    assert 0.4 < line.seconds_to_answers < 2
    line.restart()
    assert line.seconds_to_answers == 0.0 and line.questions == 0


@pytest.fixture
def quick_switches() -> Iterator[None]:
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(before)


@pytest.mark.usefixtures("quick_switches")
def test_answers_may_come_in_another_thread_at_any_moment() -> None:
    """A user's app ended: an answer took the question away while its age was looked at."""
    line = Line()
    over = threading.Event()

    def answer() -> None:
        while not over.is_set():
            line.note_answer()

    reader = threading.Thread(target=answer)
    reader.start()
    try:
        for _ in range(20_000):
            line.note_sent(100)
            line.note_question()
            line.note_written(100)
            assert line.room is not None and line.seconds_to_answers >= 0
    finally:
        over.set()
        reader.join()
