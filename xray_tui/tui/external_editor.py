"""Opens a file in the user's own editor, which has the terminal until it ends."""

from __future__ import annotations

import shlex
import signal
import subprocess
from pathlib import Path
from typing import Any

from textual.app import App, SuspendNotSupported

from xray_tui import environment
from xray_tui.errors import XrayTuiError
from xray_tui.text import clean, quoted


class EditorError(XrayTuiError):
    """The editor could not be used; the message says why and what to do."""


def edit_file(app: App[Any], path: Path) -> None:
    """Suspend ``app`` and wait until the user's editor, with ``path`` open, has ended.

    Raises:
        EditorError: there is no editor, it cannot be started, or it failed.
    """
    command = environment.editor()
    if not command:
        raise EditorError(
            "No editor is set. Set VISUAL or EDITOR, for example export EDITOR=nano, and restart "
            f"xray-tui. The file is {clean(path)}"
        )
    try:
        words = shlex.split(command)
        with app.suspend():
            code = _run([*words, str(path)])
    except SuspendNotSupported as error:
        raise EditorError("This terminal cannot be given to an editor.") from error
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or str(error)
        raise EditorError(
            f"{quoted(command)} cannot be started ({clean(reason)}). Check VISUAL and EDITOR."
        ) from error
    if code:
        raise EditorError(f"{quoted(command)} ended with an error (exit code {code}).")


def _run(command: list[str]) -> int:
    with subprocess.Popen(command) as editor:
        # ctrl+c goes to both processes, and is meant for the editor alone.
        before = signal.signal(signal.SIGINT, signal.SIG_IGN)
        try:
            return editor.wait()
        finally:
            signal.signal(signal.SIGINT, before)
