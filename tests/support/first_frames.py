"""Records what an app paints, frame by frame."""

from __future__ import annotations

from typing import Any

import pytest
from support.textual_internals import screen_text
from textual.app import App
from textual.screen import Screen


class FirstFrames:
    """The frames that every app paints while this is in use, as text, without repetitions."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.frames: list[tuple[str, str]] = []
        """The name of the screen, and the text of the frame."""
        display = App._display

        def record(app: App[Any], screen: Screen[Any], renderable: Any) -> None:
            display(app, screen, renderable)
            frame = (type(screen).__name__, screen_text(screen))
            if screen is app.screen and frame not in self.frames[-1:]:
                self.frames.append(frame)

        monkeypatch.setattr(App, "_display", record)

    def of(self, screen: type) -> list[str]:
        """The frames of screens of the class ``screen``."""
        return [text for name, text in self.frames if name == screen.__name__]
