"""The end of a process that has an engine: it waits for the step under way, but not for ever."""

from __future__ import annotations

import gc
import os
import sys
from contextlib import suppress

from xray_tui.generation.running.engine import Engine

_NO_ANSWER = "a step, or loading the libraries, takes too long; leaving without waiting for it"


def end(engine: Engine, patience: float, code: int) -> None:
    """Stop ``engine`` and wait ``patience`` seconds for the step under way.

    One that does not end then ends the process at once, with exit code ``code``: what is saved is
    safe, and the next start mends the rest.
    """
    engine.stop(finish_current=False)
    if not engine.join(patience):
        with suppress(OSError):  # the terminal may be gone
            print(_NO_ANSWER, file=sys.stderr, flush=True)  # noqa: T201
            sys.stdout.flush()
        os._exit(code)
    gc.freeze()  # or Python's exit takes seconds to look through all that torch brought
