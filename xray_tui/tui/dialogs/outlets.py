"""Takes images out of the app: facts about them to the clipboard, files to another program."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from textual.screen import Screen

from xray_tui.environment import absolute
from xray_tui.errors import XrayTuiError
from xray_tui.generation.events import LogLevel
from xray_tui.multiplexer import in_multiplexer
from xray_tui.text import clean, counted
from xray_tui.tui.dialogs.outside_viewer import OutsideViewer
from xray_tui.tui.dialogs.question import Choice, QuestionScreen

MOST_BYTES = 74_000
"""Terminals ignore a longer text for the clipboard: encoded, it has 100,000 characters."""
MOST_COPIED = 2_000
"""More images than this have more text than the clipboard takes, whatever is copied."""
MOST_OPENED = 20

_TOO_MUCH = "That is more than the clipboard of a terminal takes. Mark fewer images."
_HINT = "If nothing arrives, the settings of the terminal forbid it (OSC 52)."
_TMUX_HINT = "If nothing arrives, set in ~/.tmux.conf: set -s set-clipboard on"
"""The terminal does not answer, so that success is never known."""
_CHOICES = (
    Choice("path", "p", "Path"),
    Choice("prompt", "r", "Prompt"),
    Choice("seed", "s", "Seed"),
)


@dataclass(frozen=True)
class OutgoingImage:
    """The facts about an image that can be copied."""

    path: Path
    prompt: str
    """The text with its slots filled in."""
    seed: int

    def fact(self, name: str) -> str:
        """The path, prompt or seed in one line that is safe to paste into a shell."""
        facts = {
            "path": str(absolute(self.path) or self.path),
            "prompt": self.prompt,
            "seed": str(self.seed),
        }
        return clean(" ".join(facts[name].splitlines()))


class ImageOutlets:
    """Asks what to copy on ``screen``, and opens images in the program ``viewer``.

    ``viewer`` is a command, None for the usual program. ``report`` shows the outcome to the user.
    """

    def __init__(
        self, screen: Screen, viewer: str | None, report: Callable[[LogLevel, str], object]
    ) -> None:
        self._screen = screen
        self._viewer = OutsideViewer(viewer, self._report_later)
        self._report = report

    def copy(self, images: Sequence[OutgoingImage]) -> None:
        """Ask what to copy of ``images``, and copy it, one line for each image."""
        if len(images) > MOST_COPIED:
            self._report("warning", _TOO_MUCH)
            return

        def answered(choice: str | None) -> None:
            if choice is not None:
                self._copy(images, choice)

        what = "this image" if len(images) == 1 else f"{counted(len(images), 'image')}, one a line"
        self._screen.app.push_screen(
            QuestionScreen("Copy", f"Copy to the clipboard, of {what}:", _CHOICES), answered
        )

    def _copy(self, images: Sequence[OutgoingImage], name: str) -> None:
        lines = [image.fact(name) for image in images]
        text = "\n".join(lines)
        if len(text.encode(errors="replace")) > MOST_BYTES:
            self._report("warning", _TOO_MUCH)
            return
        self._screen.app.copy_to_clipboard(text.encode(errors="replace").decode())
        sent = f"{name}: {text}" if len(lines) == 1 else counted(len(lines), name)
        hint = _TMUX_HINT if in_multiplexer() else _HINT
        self._report("info", f"Sent to the terminal's clipboard: {sent}\n{hint}")

    def open(self, paths: Sequence[Path]) -> None:
        """Open images in another program, without waiting for it."""
        if len(paths) > MOST_OPENED:
            most = counted(MOST_OPENED, "image")
            self._report("warning", f"Mark at most {most} to open them")
            return
        try:
            command = self._viewer.open(paths)
        except XrayTuiError as error:
            self._report("error", str(error))
        else:
            what = paths[0].name if len(paths) == 1 else counted(len(paths), "image")
            self._report("info", f"Opening {what} with {command}")

    def _report_later(self, problem: str) -> None:
        """Report a problem from a thread of the viewer, unless the screen is closed by then."""

        def report() -> None:
            if self._screen.is_attached:
                self._report("error", problem)

        self._screen.call_later(report)
