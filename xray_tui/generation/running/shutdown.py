"""Ends a process that has an engine: waits for the current step, but not forever."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

from xray_tui.generation.running.engine import Engine

_TIMED_OUT = "a step, or loading the libraries, takes too long: quitting without waiting for it"


def end(engine: Engine, timeout: float, code: int) -> None:
    """Stop ``engine`` and wait at most ``timeout`` seconds for the current step.

    If the step does not end by then, the process ends at once with exit code ``code``: saved images
    are safe, and the next start repairs the rest.
    """
    engine.stop(finish_current=False)
    if not engine.join(timeout):
        with suppress(OSError):  # the terminal may be gone
            print(_TIMED_OUT, file=sys.stderr, flush=True)  # noqa: T201
            sys.stdout.flush()
        os._exit(code)
    gc.freeze()  # otherwise Python spends seconds at exit on the objects that torch created
