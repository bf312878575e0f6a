"""Keeps the app quick while all cores are busy generating images."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress

NICENESS = 5
"""Enough for the app; with 10, other work on the machine would leave next to nothing."""


def lower_priority() -> None:
    """Let all other threads of this process run first; threads that this one starts inherit it.

    Linux has a priority for each thread; on other systems nothing happens.
    """
    if sys.platform == "linux":
        with suppress(OSError):
            own = os.getpriority(os.PRIO_PROCESS, 0)
            os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), min(19, own + NICENESS))
