"""What gallery and filmstrip have in common: thumbnails that a thread draws."""

from __future__ import annotations

from collections.abc import Callable, Collection

from PIL import Image
from textual import work
from textual.message import Message
from textual.timer import Timer
from textual.widget import Widget

from xray_tui.dataset.review.gallery_rows import GalleryRow
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.terminal import default_renderer
from xray_tui.tui.pictures.terminal_backlog import line_is_busy
from xray_tui.tui.review.gallery.pictures import ThumbnailLoader

_RETRY_SECONDS = 0.05


class ThumbnailView(Widget):
    """A widget with a ``_loader`` of thumbnails; a subclass paints those that are finished."""

    class PicturesReady(Message, bubble=False):
        """The thread has drawn pictures."""

        def can_replace(self, message: Message) -> bool:
            """One message is enough for several pictures."""
            return isinstance(message, ThumbnailView.PicturesReady)

    _retry: Timer | None = None

    def load_with(
        self, thumbnail: Callable[[GalleryRow, int], Image.Image], renderer: Renderer | None
    ) -> None:
        """Load pictures by ``thumbnail``, as :class:`ThumbnailLoader` does; call it at first."""
        self._renderer = renderer or default_renderer()
        self._loader = ThumbnailLoader(
            thumbnail, self._work, lambda: self.post_message(self.PicturesReady())
        )

    def show_finished(self, records: Collection[int]) -> None:
        """Paint the pictures of these records, which are finished now."""
        raise NotImplementedError

    def on_hide(self) -> None:
        """Stop drawing pictures."""
        self._loader.request(())

    def on_unmount(self) -> None:
        """Stop drawing pictures."""
        self._loader.request(())

    @work(thread=True, group="thumbnails")
    def _work(self) -> None:
        self._loader.work()

    def on_thumbnail_view_pictures_ready(self) -> None:
        """Paint the new pictures, or wait while the terminal is still busy with earlier output."""
        if self._retry is None:
            self._show_finished()

    def _show_finished(self) -> None:
        self._retry = None
        if line_is_busy(self.app):
            self._retry = self.set_timer(_RETRY_SECONDS, self._show_finished)
        else:
            self.show_finished(self._loader.take_finished())
