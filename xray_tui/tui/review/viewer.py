"""Base of loupe and comparison: keys and mouse for zoom, pan and window."""

from __future__ import annotations

from collections.abc import Iterator
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.geometry import Offset
from textual.reactive import var
from textual.timer import Timer

from xray_tui.tui.bindings import bound
from xray_tui.tui.pictures import view as viewing
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.view import Frame, View

PAN = 0.25
"""Share of the visible part by which one key press moves."""

READING_DELAY = 0.3
"""Seconds until the previous image is replaced by a note that the next one is being read."""

READING = Content("Reading the image …")

_ZOOM = Binding.Group("Zoom ", compact=True)
_WINDOW = Binding.Group("Window ", compact=True)
_PAN = Binding.Group("Pan ", compact=True)
_DIRECTIONS = {"left": "-1, 0", "down": "0, 1", "up": "0, -1", "right": "1, 0"}

MOVES = tuple(
    bound(
        name, f"move({step})", f"Pan {name}", group=_PAN, tooltip="when zoomed in; also by dragging"
    )
    for name, step in _DIRECTIONS.items()
)
"""Bindings of a subclass come before those of its base. A subclass that binds the arrow keys itself
puts these first, so that they move within a zoomed image."""


class Viewer(Vertical, can_focus=True):
    """Images that share one zoom, position and window.

    Arrow keys move within a zoomed image; otherwise the screen handles them. The mouse wheel zooms,
    and a zoomed image can be dragged.
    """

    HELP_TITLE = "Images"
    MANUAL_PAGE = "review#loupe"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "screen.back", "Gallery", tooltip="back to all images"),
        bound("more", "zoom(1)", "Zoom in", group=_ZOOM, tooltip="1:1, 2:1, 4:1; also the wheel"),
        bound("less", "zoom(-1)", "Zoom out", group=_ZOOM),
        bound("fit", "fit", "Fit", show=False, tooltip="the whole image"),
        *MOVES,
        *(
            bound(
                f"shift_{name}",
                f"pan({step})",
                f"Pan {name}",
                show=False,
                tooltip="within the image",
            )
            for name, step in _DIRECTIONS.items()
        ),
        bound("invert", "invert", "Invert", tooltip="swap black and white"),
        bound("narrower", "window(-1)", "Narrower window", group=_WINDOW, tooltip="more contrast"),
        bound("wider", "window(1)", "Wider window", group=_WINDOW, tooltip="less contrast"),
        bound(
            "darker",
            "level(-1)",
            "Level down",
            show=False,
            tooltip="shows more of the dark parts",
        ),
        bound(
            "brighter",
            "level(1)",
            "Level up",
            show=False,
            tooltip="shows more of the bright parts",
        ),
        bound("reset_view", "reset", "Reset", show=False, tooltip="whole image, full window"),
    ]

    view = var(View(), init=False)

    def __init__(self, id: str | None = None) -> None:
        super().__init__(id=id)
        self._could_pan = False
        self._reading_timer: Timer | None = None
        self._dragged: PictureView | None = None
        """The image that the pressed mouse button holds."""
        self._dragged_at = Offset()

    # -- for a subclass to implement ---------------------------------------------------------------

    @property
    def frame(self) -> Frame | None:
        """The image that zoom and pan refer to; None if none is shown."""
        raise NotImplementedError

    def show_status(self) -> None:
        """Show zoom, position and window; called after each change."""
        raise NotImplementedError

    # -- keys --------------------------------------------------------------------------------------

    @property
    def can_pan(self) -> bool:
        """Whether a part of the image is out of view."""
        frame = self.frame
        return frame is not None and min(frame.visible(self.view.zoom)) < 1

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """If there is nothing to pan, the screen gets the arrow keys and changes the image."""
        return self.can_pan if action in ("move", "pan") else True

    def action_zoom(self, step: int) -> None:
        """Change to the next larger or smaller zoom."""
        if self.frame is not None:
            change = viewing.zoom_in if step > 0 else viewing.zoom_out
            self.view = change(self.view, self.frame)

    def action_fit(self) -> None:
        """Fit the whole image into the view."""
        self.view = viewing.zoom_to_fit(self.view)

    def action_move(self, across: int, down: int) -> None:
        """Pan; the screen gets the key if there is nothing to pan."""
        self.action_pan(across, down)

    def action_pan(self, across: int, down: int) -> None:
        """Pan, as far as the image reaches."""
        if self.frame is not None and self.can_pan:
            self.view = viewing.pan(self.view, across * PAN, down * PAN, self.frame)

    def action_invert(self) -> None:
        """Swap black and white."""
        self.view = viewing.invert(self.view)

    def action_window(self, steps: int) -> None:
        """Make the window narrower or wider."""
        self.view = viewing.change_window(self.view, steps)

    def action_level(self, steps: int) -> None:
        """Move the window down or up."""
        self.view = viewing.change_level(self.view, steps)

    def action_reset(self) -> None:
        """Show the whole image with the full window."""
        self.view = View()

    # -- the mouse ---------------------------------------------------------------------------------

    def on_mouse_scroll_up(self, event: events.MouseScrollUp) -> None:
        """Zoom in around the mouse."""
        self._zoom_at(event, 1)

    def on_mouse_scroll_down(self, event: events.MouseScrollDown) -> None:
        """Zoom out around the mouse."""
        self._zoom_at(event, -1)

    def _zoom_at(self, event: events.MouseEvent, step: int) -> None:
        event.stop()
        for picture in self.pictures:
            place, frame = picture.place_at(event.screen_offset), picture.frame
            if place is not None and frame is not None:
                self.view = viewing.zoom_around(self.view, step, place, frame)
                return
        self.action_zoom(step)

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Hold the image under the mouse."""
        self._dragged_at = event.screen_offset
        if event.button == 1:
            places = ((picture, picture.place_at(self._dragged_at)) for picture in self.pictures)
            self._dragged = next((picture for picture, place in places if place is not None), None)

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Pan with the image that is held, also with the mouse outside of it."""
        if event.button != 1:
            self._let_go()
        if self._dragged is None or self._dragged.frame is None or not self.can_pan:
            return
        self.capture_mouse()  # not before: without a move, it is a click
        moved = self._dragged.drawn_pixels(*(event.screen_offset - self._dragged_at))
        self._dragged_at = event.screen_offset
        self.view = viewing.drag(self.view, *moved, self._dragged.frame)

    def on_mouse_up(self) -> None:
        """Let go of the image."""
        self._let_go()

    def on_hide(self) -> None:
        """Let go of the image; no mouse button is seen to be released in a hidden view."""
        self._let_go()

    def _let_go(self) -> None:
        self._dragged = None
        self.release_mouse()

    # -- changes -----------------------------------------------------------------------------------

    def watch_view(self) -> None:
        """Apply the view to all images."""
        for picture in self.pictures:
            picture.view = self.view
        self._update_keys()

    def on_picture_view_shown(self, event: PictureView.Shown) -> None:
        """Update the keys: they depend on the size of the image."""
        event.stop()
        self._update_keys()

    def expect_pictures(self) -> None:
        """If the images are not loaded within a moment, show a note instead of the previous ones.

        Otherwise the reviewer could judge the previous image under the title of the next one.
        """
        if self._reading_timer is not None:
            self._reading_timer.stop()
        self._reading_timer = self.set_timer(READING_DELAY, self._clear_stale)

    def _clear_stale(self) -> None:
        for picture in self.pictures:
            picture.show_meanwhile(READING)

    def _update_keys(self) -> None:
        if self.can_pan != self._could_pan:
            self._could_pan = not self._could_pan
            self.refresh_bindings()  # only on a change: this composes the footer again
        self.show_status()

    @property
    def pictures(self) -> Iterator[PictureView]:
        """The images, from left to right."""
        yield from self.query(PictureView).results()

    def place_text(self) -> str:
        """Zoom, and the centre of the view if a part is hidden: ``2:1 at 58 %, 44 %``."""
        text = viewing.zoom_text(self.view)
        frame = self.frame
        if frame is None or not self.can_pan:
            return text
        across, down = (f"{share:.0%}".replace("%", " %") for share in frame.middle(self.view))
        return f"{text} at {across}, {down}"
