"""The preview pane: the image that is being generated, and the latest finished images."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Literal

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.message import Message
from textual.timer import Timer

from xray_tui.dataset.opinions import Decision, Opinion
from xray_tui.dataset.records import Record
from xray_tui.generation.events import PreviewReady
from xray_tui.tui.bindings import DECISION_KEYS, bound
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.sources import FilePicture, LivePicture
from xray_tui.tui.pictures.view import invert
from xray_tui.tui.preview.engine_words import EngineWords, Spoken, empty_text
from xray_tui.tui.preview.latest_images import LatestImages
from xray_tui.tui.preview.preview_caption import PreviewCaption
from xray_tui.tui.stylesheet import stylesheet_for

HOLD_SECONDS = 1.0
"""How long a finished image stays before the next live picture replaces it."""


_BROWSE = Binding.Group("Browse ", compact=True)  # a compact footer adds no space after it

_HEIGHTS = ((9, "-tiny"), (18, "-short"), (36, "-medium"))
"""Rows of the pane below which the caption has fewer lines."""


ImageAction = Literal["edit", "again", "copy", "open"]


class Preview(Vertical, can_focus=True):
    """Follows the image that is being generated, or shows the finished image the user chose."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Preview"
    MANUAL_PAGE = "first-image#accept-or-reject"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("left", "go(-1)", "Previous image", group=_BROWSE),
        bound("right", "go(1)", "Next image", group=_BROWSE),
        bound("first", "oldest", "First image", show=False),
        bound("last", "newest", "Newest image", show=False, tooltip="or the live picture"),
        *DECISION_KEYS,
        bound(
            "undo",
            "undo(True)",
            "Undo",
            tooltip="the last decision, or another change to the review",
        ),
        bound("redo", "undo(False)", "Redo", show=False, tooltip="the step undone last"),
        bound("invert", "invert", "Invert", tooltip="swap black and white"),
        bound("edit", "act('edit')", "Edit", tooltip="its prompt, seed and parameters in the form"),
        bound("run_again", "act('again')", "Again", tooltip="the same with a new seed"),
        bound("copy", "act('copy')", "Copy", show=False, tooltip="path, prompt or seed"),
        bound("open_outside", "act('open')", "Open outside", show=False, tooltip="in a viewer"),
    ]

    @dataclass
    class DecisionRequested(Message):
        """The user decided on the image shown."""

        record: Record
        decision: Decision

    @dataclass
    class ActionRequested(Message):
        """The user wants to do something with the image shown."""

        record: Record
        action: ImageAction

    @dataclass
    class UndoRequested(Message):
        """The user wants to undo the last step of the review, or to redo it (``undo`` False)."""

        undo: bool

    def __init__(self, renderer: Renderer | None = None) -> None:
        super().__init__()
        self._renderer = renderer
        self._images = LatestImages()
        self._shown: Record | None = None
        """The image on the screen; None while a live picture or nothing is shown."""
        self._opinions: dict[int, Opinion] = {}
        self._live: PreviewReady | None = None
        self._hold_until = 0.0
        self._titles = ("", "")
        self._spoken = Spoken()
        self._clock: Timer | None = None
        self._ready = self._known = False

    def compose(self) -> ComposeResult:
        yield PictureView(self._renderer)
        yield PreviewCaption()

    def on_mount(self) -> None:
        self._ready = True
        self._clock = self.set_interval(1.0, self._say, pause=True)
        self._show()

    def on_resize(self, event: events.Resize) -> None:
        """Use fewer lines for the caption in a low pane."""
        self.update_classes({name: event.size.height < height for height, name in _HEIGHTS})

    # -- called by the workbench -------------------------------------------------------------------

    def show_history(self, images: Sequence[tuple[Record, Path]]) -> None:
        """Add existing images, newest last; images that were added meanwhile stay last."""
        with self._refreshed_bindings():
            self._images.put_before(images)
        self._known = True
        self._show()

    def update_records(self, images: Sequence[tuple[Record, Path]]) -> None:
        """Show the latest ``images``, newest last, as they are now: moved, purged or restored."""
        with self._refreshed_bindings():
            self._images.update(images, has_live=self._live is not None)
        self._show()

    def show_opinions(self, opinions: Mapping[int, Opinion]) -> None:
        """Show these opinions, by record id; those of other records stay as they are."""
        self._opinions |= opinions
        if self._shown is not None and self._shown.id in opinions:
            self._describe(self._shown)

    def add_record(self, record: Record, path: Path) -> None:
        """Add a finished image, and show it unless the user is looking at another image."""
        with self._refreshed_bindings():
            self._images.add(record, path)
        self._live = None
        if self._images.following:
            self._hold_until = time.monotonic() + HOLD_SECONDS
            self._show()
        else:
            self._show_title()

    def show_live(self, event: PreviewReady) -> None:
        """Show an image in progress as it is now, unless the user is looking at another image."""
        self._live = event
        if not self._images.following:
            self._show_title()
        elif time.monotonic() >= self._hold_until:
            self._show()

    def end_live(self, job_id: str) -> None:
        """Return to the newest image, if the live picture is of this job, which has ended."""
        if self._live is not None and self._live.job_id == job_id:
            self._live = None
            if self._images.following:
                self._show()
            else:
                self._show_title()

    def show_words(self, words: EngineWords) -> None:
        """Say what the engine does, where no picture shows it."""
        if self._clock is not None and self._spoken.change(words):
            (self._clock.resume if words.counts_seconds else self._clock.pause)()
            self._say()

    # -- keys --------------------------------------------------------------------------------------

    def action_go(self, step: int) -> None:
        """Go to a newer or an older image; the live picture comes after the newest."""
        if self._images:
            self._images.go(step, has_live=self._live is not None)
            self._moved()

    def action_oldest(self) -> None:
        """Go to the first image."""
        self._images.go_to(0, has_live=self._live is not None)
        self._moved()

    def action_newest(self) -> None:
        """Follow the newest image, or the live picture, again."""
        self._images.go_to(len(self._images), has_live=self._live is not None)
        self._moved()

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable what needs an image while there is none.

        They stay enabled during a live picture, otherwise the footer would change at each image.
        """
        return None if action in ("decide", "act") and not self._images else True

    def action_decide(self, decision: Decision) -> None:
        """Ask to store a decision on the image shown."""
        if self._shown is None:
            self._explain_live()
        else:  # even if it seems decided already: a decision just made may not be shown yet
            self.post_message(self.DecisionRequested(self._shown, decision))
            if decision != "undecided":
                self.action_go(1)  # as the review does

    def action_act(self, action: ImageAction) -> None:
        """Ask to do something with the image shown."""
        if self._shown is None:
            self._explain_live()
        else:
            self.post_message(self.ActionRequested(self._shown, action))

    def _explain_live(self) -> None:
        self.notify("Press ← to go to the newest finished image first.", title="Still generating")

    def action_undo(self, undo: bool) -> None:
        """Ask to undo the last step of the review, or to redo it."""
        self.post_message(self.UndoRequested(undo))

    def action_invert(self) -> None:
        """Swap black and white, or swap them back."""
        picture = self.query_one(PictureView)
        picture.view = invert(picture.view)
        self._show_title()

    def _moved(self) -> None:
        self._hold_until = 0.0
        self._show()

    # -- showing -----------------------------------------------------------------------------------

    def _show(self) -> None:
        if not self._ready:
            return
        live = self._live if self._shows_live else None
        view, caption = self.query_one(PictureView), self.query_one(PreviewCaption)
        caption.display = bool(live or self._images)
        if live is not None:
            view.show(LivePicture(live.width, live.height, live.pixels))
            caption.show_live(live)
            self._shown = None
        elif (shown := self._images.shown) is not None:
            record, path = shown
            view.show(FilePicture(path), tuple(map(FilePicture, self._images.nearby)))
            self._describe(record)
            self._shown = record
        else:
            caption.clear()
            self._shown = None
        self._say()
        self._show_title()

    def _say(self) -> None:
        """Show the words: in an empty pane, otherwise as a line of the caption."""
        text = self._spoken.text
        if not self._images and self._live is None:
            empty = empty_text() if self._known else ""
            if self._spoken.words.generating:  # the first picture comes after some steps
                empty = "Generating"
            self.query_one(PictureView).show_text(Content(text or empty))
        now = self._live is not None or not self._spoken.words.idle
        said = text if now and self._images.following else ""
        self.query_one(PreviewCaption).show_words(said)

    def _describe(self, record: Record) -> None:
        opinion = self._opinions.get(record.id, Opinion())
        self.query_one(PreviewCaption).show_record(record, opinion)

    def _show_title(self) -> None:
        """Show position and hint, but only if they changed: a new title repaints the picture."""
        inverted = " · inverted" if self.query_one(PictureView).view.inverted else ""
        title = f"Preview{self._images.title(live=self._shows_live)}{inverted}"
        titles = (title, self._images.hint(has_live=self._live is not None))
        if titles != self._titles:
            self._titles = titles
            self.border_title, self.border_subtitle = Content(titles[0]), Content(titles[1])

    @property
    def _shows_live(self) -> bool:
        following = self._live is not None and self._images.following
        return following and time.monotonic() >= self._hold_until

    @contextmanager
    def _refreshed_bindings(self) -> Iterator[None]:
        """Refresh the footer with the first image; for each image it would be slow."""
        before = bool(self._images)
        yield
        if bool(self._images) != before:
            self.refresh_bindings()
