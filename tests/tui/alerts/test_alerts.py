"""Which events alert the user, in which mode, and how the progress is shown."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from xray_tui.config import AlertMode
from xray_tui.dataset.queue.states import JobState
from xray_tui.generation.events import Event, JobFinished, JobQueued, JobStarted, JobStateChanged
from xray_tui.tui.alerts import alerts as module
from xray_tui.tui.alerts.alerts import Alerts

QUEUED = JobQueued("j", "effusion +4", 10, 0)
STARTED = JobStarted("j", 10)
WAITING = JobStateChanged("j", "paused", "waiting until the disk can be written")
FOOT = "foot(1.16.2)"


def finished(state: JobState = "done", made: int = 0, failed: int = 0, message: str = "") -> Event:
    return JobFinished("j", state, made, 0, failed, 1.0, message)


class Sent:
    """What an :class:`Alerts` sends to a terminal of this name."""

    def __init__(
        self, mode: AlertMode = "always", terminal: str = FOOT, focus: bool = True
    ) -> None:
        self.sequences: list[str] = []
        self.alerts = Alerts(mode, terminal, self.sequences.append, lambda: focus)

    def note(self, *events: Event, done: int = 0, total: int = 0) -> list[str]:
        """What these events send."""
        self.sequences.clear()
        self.alerts.note(events, done, total)
        return [*self.sequences]


@pytest.fixture(autouse=True)
def outside_tmux(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TMUX", raising=False)


@pytest.mark.parametrize(
    ("events", "text"),
    [
        ([finished(made=10)], "effusion +4: 10 images done"),
        ([finished(made=9, failed=1)], "effusion +4: 9 images done, 1 failed"),
        (
            [finished("failed", message="the model is gone")],
            "effusion +4: failed, the model is gone",
        ),
        ([finished("interrupted")], "effusion +4: interrupted"),
        ([WAITING], "effusion +4: waiting until the disk can be written"),
    ],
)
def test_an_end_and_a_wait_ring_and_notify(events: Sequence[Event], text: str) -> None:
    sent = Sent()
    assert sent.note(QUEUED, STARTED) == []
    assert sent.note(*events) == [f"\x07\x1b]777;notify;xray-tui;{text}\x1b\\"]


def test_what_the_user_did_or_what_is_old_is_no_news() -> None:
    sent = Sent()
    assert sent.note(QUEUED, finished(made=10)) == []  # it ended before the app was opened
    assert sent.note(QUEUED, STARTED, JobStateChanged("j", "paused")) == []
    assert sent.note(finished("cancelled")) == []


@pytest.mark.parametrize(
    ("mode", "focus", "rings"),
    [
        ("always", True, True),
        ("unfocused", True, False),
        ("unfocused", False, True),
        ("never", False, False),
    ],
)
def test_the_mode_decides(mode: AlertMode, focus: bool, rings: bool) -> None:
    sent = Sent(mode, focus=focus)
    assert bool(sent.note(QUEUED, STARTED, finished(made=10))) is rings


def test_an_unknown_terminal_only_rings() -> None:
    assert Sent(terminal="").note(QUEUED, STARTED, finished(made=10)) == ["\x07"]


def test_the_progress_follows_the_queue_once_a_second_and_ends(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    moment = [100.0]
    monkeypatch.setattr(module.time, "monotonic", lambda: moment[0])
    sent = Sent(terminal="ghostty 1.2.0")
    assert sent.note(done=1, total=10) == ["\x1b]9;4;1;10\x1b\\"]
    assert sent.note(done=2, total=10) == []  # too soon
    moment[0] += 1
    assert sent.note(done=2, total=10) == ["\x1b]9;4;1;20\x1b\\"]
    assert sent.note(done=10, total=10) == ["\x1b]9;4;0;0\x1b\\"]
    assert sent.note(done=10, total=10) == []
    moment[0] += 1
    sent.note(done=1, total=10)
    sent.sequences.clear()
    sent.alerts.end()
    assert sent.sequences == ["\x1b]9;4;0;0\x1b\\"]
