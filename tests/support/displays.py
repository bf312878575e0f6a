"""An X server without a screen, whose pictures are read from a file."""

from __future__ import annotations

import os
import shutil
import struct
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

Pixels = np.ndarray[Any, np.dtype[np.uint8]]
WIDTH, HEIGHT = 1000, 700


class Display:
    """Xvfb; ``pixels`` is what its screen shows."""

    def __init__(self, folder: Path) -> None:
        reading, writing = os.pipe()
        self._process = subprocess.Popen(
            [
                *("Xvfb", "-displayfd", f"{writing}", "-screen", "0", f"{WIDTH}x{HEIGHT}x24"),
                *("-fbdir", str(folder), "-nolisten", "tcp"),
            ],
            pass_fds=[writing],
            stderr=subprocess.DEVNULL,
        )
        os.close(writing)
        with os.fdopen(reading) as numbers:
            self.name = f":{numbers.readline().strip()}"
        self._file = folder / "Xvfb_screen0"

    @staticmethod
    def missing() -> str:
        """The programs that are needed and missing; empty if none is."""
        needed = ("Xvfb", "xdotool")
        return ", ".join(name for name in needed if shutil.which(name) is None)

    def pixels(self) -> Pixels:
        """Rows of columns of three colours."""
        data = self._file.read_bytes()
        header = struct.unpack(">25I", data[:100])
        start = header[0] + 12 * header[19]
        rows = np.frombuffer(data, np.uint8, offset=start)
        line = header[12]
        rows = rows[: line * HEIGHT].reshape(HEIGHT, line)[:, : 4 * WIDTH]
        return rows.reshape(HEIGHT, WIDTH, 4)[:, :, 2::-1]

    def press(self, *keys: str) -> None:
        """Press keys, by the names that xdotool has for them."""
        self._do("key", "--delay", "40", *keys)

    def point_at_window(self) -> None:
        """Move the pointer into the window, so that it gets the keys."""
        self._do("mousemove", "3", "3")

    def window_size(self) -> tuple[int, int]:
        """Width and height of the window, in pixels."""
        shown = self._do("getwindowgeometry", "--shell", self._window)
        geometry = dict(line.split("=", 1) for line in shown.split())
        return int(geometry["WIDTH"]), int(geometry["HEIGHT"])

    def resize_window(self, width: int, height: int) -> None:
        """Give the window another size, in pixels."""
        self._do("windowsize", self._window, f"{width}", f"{height}")

    @property
    def _window(self) -> str:
        return self._do("search", "--onlyvisible", "--class", ".").split()[-1]

    def close(self) -> None:
        """End the server and all windows."""
        self._process.terminate()
        self._process.wait(10)

    def _do(self, *words: str) -> str:
        environment = {**os.environ, "DISPLAY": self.name}
        done = subprocess.run(
            ["xdotool", *words], env=environment, capture_output=True, text=True, check=True
        )
        return done.stdout


def difference(one: Pixels, other: Pixels) -> float:
    """The share of pixels that differ visibly."""
    return float((np.abs(one.astype(int) - other).max(axis=2) > 24).mean())


def save(pixels: Pixels, path: Path) -> None:
    """Write a screenshot, to look at when a test failed."""
    Image.fromarray(np.ascontiguousarray(pixels)).save(path)


def wait_until(condition: Callable[[], bool], seconds: float = 20) -> bool:
    """Whether it becomes true in this time."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False
