"""Keeps the app responsive while all cores are busy generating images."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 5
"""Enough for the app; with 10, other work on the machine would leave almost no time to generate."""


def lower_priority() -> None:
    """Lower the priority of the calling thread, and of the threads that it starts later.

    Linux has a priority for each thread; on other systems this does nothing.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, own + NICENESS))
