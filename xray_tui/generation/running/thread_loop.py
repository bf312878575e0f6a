"""The loop of an engine's thread, which no error ends without a word."""

from __future__ import annotations

from collections.abc import Callable

from xray_tui.errors import DatasetError
from xray_tui.generation.events import Emit, LogLine
from xray_tui.generation.running.control import RunControl
from xray_tui.generation.sampling.loading import reason
from xray_tui.text import counted

MOST_PROBLEMS = 20
"""Unexpected problems without a success between them, after which nothing is expected to work."""


def work_until_stopped(
    work: Callable[[], bool | None], control: RunControl, emit: Emit, *, gives_up: bool
) -> None:
    """Call ``work`` until the engine stops; unless it returns True for more to do, wait a while.

    An error is logged, unless it was the last one logged, and ``work`` is called again: a full disk
    may have room by then. With ``gives_up``, too many unexpected problems stop the engine.
    """
    logged, problems = "", 0
    while not control.stopping:
        text = ""
        worked: bool | None = False
        try:
            worked = work()
        except DatasetError as error:
            text = str(error)
        except BaseException as error:  # even SystemExit, which a library may raise
            text = f"Unexpected problem: {reason(error)}"
            problems += 1
        else:
            problems = 0
        if text and text != logged:
            emit(LogLine("error", text))
        logged = text
        if gives_up and problems >= MOST_PROBLEMS:
            emit(LogLine("error", f"Giving up after {counted(problems, 'unexpected problem')}"))
            control.stop(finish_current=False)
        elif not worked:
            control.sleep()
