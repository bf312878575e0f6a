"""How fast the reviewer decides."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

from xray_tui.dataset.review.pace import LATEST, PAUSE, seconds_per_image


class Pace:
    """The time from one decision to the next, as ``ReviewIndex.seconds_per_image`` measures it.

    It is kept here because reading it from the catalog after each decision would delay keys.
    ``clock`` returns seconds.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._times: deque[float] = deque(maxlen=LATEST)
        self.earlier: float | None = None
        """Seconds per image in the catalog, which count until there are enough decisions."""

    def note(self) -> None:
        """Note that the reviewer just decided."""
        self._times.append(self._clock())

    def take_back(self) -> None:
        """Note that the last decision was undone."""
        if self._times:
            self._times.pop()

    @property
    def seconds(self) -> float | None:
        """Seconds per image, without pauses; None if not known yet, or if the reviewer pauses."""
        if self._times and self._clock() - self._times[-1] >= PAUSE:
            return None
        return seconds_per_image(self._times) or self.earlier
