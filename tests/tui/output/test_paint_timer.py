"""A screen is painted at rest, at most 60 times a second, whatever the app does."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable

from xray_tui.tui.output.paint_timer import PaintTimer
from xray_tui.tui.output.rest import rest

PERIOD = 1 / 60


class Painted:
    """Counts what was painted when; each painting shows how many steps were done by then."""

    def __init__(self) -> None:
        self.timer = PaintTimer(self.paint)
        self.steps = 0
        self.shown: list[int] = []
        self.at: list[float] = []

    def paint(self) -> None:
        self.timer.pause()  # as Textual does
        self.shown.append(self.steps)
        self.at.append(time.monotonic())

    def go(self, steps: int) -> None:
        """Do this number of steps, each in a round of its own, and ask to be painted at each."""
        self.timer.resume()
        if self.steps < steps:
            self.steps += 1
            asyncio.get_running_loop().call_soon(self.go, steps)

    async def until(self, condition: Callable[[], bool]) -> None:
        async with asyncio.timeout(20):
            while not condition():
                await asyncio.sleep(0.005)


async def test_steps_that_follow_from_each_other_are_painted_together() -> None:
    painted = Painted()
    painted.go(20)
    await asyncio.sleep(0.1)
    assert painted.shown == [20]


async def test_frames_are_a_period_apart() -> None:
    painted = Painted()
    for _ in range(4):
        before = len(painted.at)
        painted.timer.resume()
        await painted.until(lambda before=before: len(painted.at) > before)
    gaps = [later - at for at, later in zip(painted.at, painted.at[1:], strict=False)]
    assert min(gaps) > 0.9 * PERIOD


async def test_a_paused_timer_does_not_paint() -> None:
    painted = Painted()
    painted.timer.resume()
    painted.timer.pause()
    await asyncio.sleep(3 * PERIOD)
    assert painted.shown == []
    painted.timer.resume()
    await painted.until(lambda: painted.shown == [0])


async def test_an_app_that_is_never_at_rest_is_painted() -> None:
    painted = Painted()
    painted.go(100_000)
    await painted.until(lambda: len(painted.shown) > 2)
    painted.steps = 100_000


async def test_several_can_wait_for_rest_at_the_same_time() -> None:
    rounds = 0

    def count() -> None:
        nonlocal rounds
        rounds += 1
        if rounds < 10:
            asyncio.get_running_loop().call_soon(count)

    count()
    async with asyncio.timeout(20):  # of a million rounds, each would wait for the other
        await asyncio.gather(*(rest(1_000_000_000) for _ in range(3)))
    assert rounds == 10
