"""Where the reviewer was when the review was left, so that it can open there again."""

from __future__ import annotations

from dataclasses import dataclass

from xray_tui.tui.pictures.view import View
from xray_tui.tui.review.compare import Compare
from xray_tui.tui.review.loupe import Loupe
from xray_tui.tui.review.views import ReviewViews


@dataclass(frozen=True)
class ReviewPlace:
    """The current image, how it is shown, and the marks."""

    record_id: int
    """0 if there was no image."""
    view: str
    """``gallery``, ``loupe`` or ``compare``."""
    scroll: float
    """Of the gallery."""
    marked: frozenset[int]
    compared: tuple[int, ...]
    looks: tuple[View, View]
    """Zoom and window of the loupe and of the comparison."""


def place_in(views: ReviewViews) -> ReviewPlace:
    """The present place."""
    compare = views.query_one(Compare)
    return ReviewPlace(
        record_id=views.gallery.cursor_id or 0,
        view=views.current,
        scroll=views.gallery.scroll_y,
        marked=views.gallery.marked | views.gallery.hidden_marks,
        compared=tuple(item.record_id for item in compare.items),
        looks=(views.query_one(Loupe).view, compare.view),
    )


def return_to(place: ReviewPlace, views: ReviewViews) -> None:
    """Go to ``place``, as far as its images are in the list; to its view only with its image."""
    gallery = views.gallery
    gallery.mark_only(place.marked)
    gallery.scroll_to(y=place.scroll, animate=False, force=True)
    views.query_one(Loupe).view, views.query_one(Compare).view = place.looks
    if not gallery.move_to(place.record_id):
        return
    if place.view == "loupe":
        views.change_to("loupe")
    elif place.view == "compare":
        views.compare(place.compared)
