"""Starts another program that shows images, away from the terminal."""

from __future__ import annotations

import shlex
import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from threading import Thread

from xray_tui.environment import has_display, image_opener, user_path
from xray_tui.errors import XrayTuiError
from xray_tui.keymap import key_of

SOON = 10.0
"""A program that fails within this many seconds did not show the images."""


class ViewerError(XrayTuiError):
    """The images cannot be opened."""


class OutsideViewer:
    """Opens files with ``command``, or with the program that the desktop uses for them.

    ``failed`` is called in another thread with a sentence if the program ends with an error soon
    after it was started.
    """

    def __init__(self, command: str | None, failed: Callable[[str], object]) -> None:
        self._command = command
        self._failed = failed

    def open(self, paths: Sequence[Path]) -> str:
        """Start the program for ``paths``; returns its name.

        The program gets neither the terminal nor its input: it runs in a session of its own.

        Raises:
            ViewerError: there is no such program, or no display for the usual one.
        """
        if self._command is None and not has_display():
            raise ViewerError(
                f"There is no display to open images on. Press {key_of('copy')} to copy the path, "
                "or set viewer in the settings."
            )
        program, *options = shlex.split(self._command or image_opener())
        found = shutil.which(user_path(program) or program)
        if found is None:
            advice = "Set viewer in the settings to a program that shows images."
            raise ViewerError(f"{program} was not found. {advice}")
        files = [str(path) for path in paths]
        # The usual opener takes one file at a time.
        runs = [files] if self._command is not None else [[file] for file in files]
        for arguments in runs:
            command = [found, *options, *arguments]
            Thread(target=self._run, args=(program, command), name="viewer", daemon=True).start()
        return program

    def _run(self, program: str, command: Sequence[str]) -> None:
        started = time.monotonic()
        try:
            status = subprocess.run(
                command,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                start_new_session=True,
                check=False,
            ).returncode
        except OSError as error:
            self._failed(f"{program} cannot be started: {error.strerror}")
            return
        if status and time.monotonic() - started < SOON:
            self._failed(f"{program} could not open the image (exit status {status})")
