"""What loupe and compare have in common: the keys that change how pictures are looked at."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import var
from textual.timer import Timer

from xray_tui.tui.pictures import view as viewing
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.view import Frame, View

PAN = 0.25
"""The share of what is seen by which one key press moves."""

PATIENCE = 0.3
"""Seconds after which the picture before makes way for a word that the next is being read."""

READING = Content("Reading the image …")

_ZOOM = Binding.Group("Zoom ", compact=True)
_WINDOW = Binding.Group("Window ", compact=True)
_PAN = Binding.Group("Pan ", compact=True)
_DIRECTIONS = (
    ("left", "h", "-1, 0", "left", "←"),
    ("down", "j", "0, 1", "down", "↓"),
    ("up", "k", "0, -1", "up", "↑"),
    ("right", "l", "1, 0", "right", "→"),
)

MOVES = tuple(
    Binding(
        f"{arrow},{letter}", f"move({step})", f"Pan {name}",
        key_display=sign, group=_PAN, tooltip="when zoomed in",
    )
    for arrow, letter, step, name, sign in _DIRECTIONS
)  # fmt: skip
"""Keys of a subclass replace those of its base: who binds arrows too puts these before them."""


class Viewer(Vertical, can_focus=True):
    """Pictures that are all looked at in the same way.

    Arrow keys move within pictures that are not seen whole; else they are left to the screen.
    """

    HELP_TITLE = "Pictures"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "screen.back", "Gallery", tooltip="back to all images"),
        Binding(
            "plus", "zoom(1)", "Zoom in", key_display="+", group=_ZOOM, tooltip="1:1, 2:1, 4:1"
        ),
        Binding("minus", "zoom(-1)", "Zoom out", key_display="-", group=_ZOOM),
        Binding("f", "fit", "Fit", show=False, tooltip="all of the picture"),
        *MOVES,
        *(
            Binding(
                f"shift+{arrow},{letter.upper()}", f"pan({step})", f"Pan {name}",
                show=False, tooltip="goes to no other image",
            )
            for arrow, letter, step, name, _ in _DIRECTIONS
        ),
        Binding("i", "invert", "Invert", tooltip="black for white"),
        Binding(
            "left_square_bracket", "window(-1)", "Narrower window",
            key_display="[", group=_WINDOW, tooltip="more contrast",
        ),
        Binding(
            "right_square_bracket", "window(1)", "Wider window",
            key_display="]", group=_WINDOW, tooltip="less contrast",
        ),
        Binding(
            "left_curly_bracket", "level(-1)", "Level down",
            key_display="{", show=False, tooltip="dark parts are seen better",
        ),
        Binding(
            "right_curly_bracket", "level(1)", "Level up",
            key_display="}", show=False, tooltip="bright parts are seen better",
        ),
        Binding(
            "equals_sign", "reset", "Reset", key_display="=", show=False, tooltip="fit, all greys"
        ),
    ]  # fmt: skip

    view = var(View(), init=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._could_pan = False
        self._patience: Timer | None = None

    # -- what a subclass says ----------------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """The picture that zoom and pan go by; None where none is shown."""
        raise NotImplementedError

    def show_status(self) -> None:
        """Say how the pictures are looked at; called after each change."""
        raise NotImplementedError

    # -- keys --------------------------------------------------------------------------------------

    @property
    def can_pan(self) -> bool:
        """Whether a part of the picture is out of sight."""
        frame = self.frame
        return frame is not None and min(frame.visible(self.view.zoom)) < 1

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Keys that would move nothing are the screen's: there they go to another image."""
        return self.can_pan if action == "move" else True

    def action_zoom(self, step: int) -> None:
        """To the next larger or smaller zoom."""
        if self.frame is not None:
            change = viewing.zoom_in if step > 0 else viewing.zoom_out
            self.view = change(self.view, self.frame)

    def action_fit(self) -> None:
        """See all of the picture."""
        self.view = viewing.zoom_to_fit(self.view)

    def action_move(self, across: int, down: int) -> None:
        """Move what is seen."""
        self.action_pan(across, down)

    def action_pan(self, across: int, down: int) -> None:
        """Move what is seen, as far as there is more."""
        if self.frame is not None and self.can_pan:
            self.view = viewing.pan(self.view, across * PAN, down * PAN, self.frame)

    def action_invert(self) -> None:
        """Show black for white, or back."""
        self.view = viewing.invert(self.view)

    def action_window(self, steps: int) -> None:
        """Make the window of greys narrower or wider."""
        self.view = viewing.change_window(self.view, steps)

    def action_level(self, steps: int) -> None:
        """Move the window of greys."""
        self.view = viewing.change_level(self.view, steps)

    def action_reset(self) -> None:
        """Look at pictures as they are."""
        self.view = View()

    # -- changes -----------------------------------------------------------------------------------

    def watch_view(self) -> None:
        """All pictures follow."""
        for picture in self.pictures:
            picture.view = self.view
        self._settle()

    def on_picture_view_shown(self, event: PictureView.Shown) -> None:
        """What can be done depends on the picture's size."""
        event.stop()
        self._settle()

    def expect_pictures(self) -> None:
        """What is not there in a moment makes way for a word: decided on, under the next one's
        title, would be the picture before."""
        if self._patience is not None:
            self._patience.stop()
        self._patience = self.set_timer(PATIENCE, self._clear_stale)

    def _clear_stale(self) -> None:
        for picture in self.pictures:
            picture.show_meanwhile(READING)

    def _settle(self) -> None:
        if self.can_pan != self._could_pan:
            self._could_pan = not self._could_pan
            self.refresh_bindings()  # not each time: the footer is composed anew
        self.show_status()

    @property
    def pictures(self) -> Iterator[PictureView]:
        """The pictures, from left to right."""
        yield from self.query(PictureView).results()

    def place_text(self) -> str:
        """How large the pictures are, and the place that is seen: ``2:1 at 58 %, 44 %``."""
        text = viewing.zoom_text(self.view)
        frame = self.frame
        if frame is None or not self.can_pan:
            return text
        across, down = (f"{share:.0%}".replace("%", " %") for share in frame.middle(self.view))
        return f"{text} at {across}, {down}"
