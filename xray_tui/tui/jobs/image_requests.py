"""Images that the user asked for in the preview or the review, in order with what was judged.

Opinions are undone in the catalog, jobs in the queue. Here it is known which of them came last.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from xray_tui.dataset.review.history import StepNumbers
from xray_tui.errors import XrayTuiError
from xray_tui.keymap import key_of
from xray_tui.text import clean


class QueueStep(Protocol):
    """A change of the queue. To be used in the UI thread.

    Undo and redo return at once; the outcome is shown to the user.
    """

    def undo(self) -> None:
        """Undo the change."""

    def redo(self) -> None:
        """Make the change again."""

    @property
    def is_done(self) -> bool:
        """Whether it can be undone: False if it was undone, perhaps in the queue itself."""

    @property
    def is_undone(self) -> bool:
        """Whether it can be redone."""


@dataclass(eq=False)
class ImageRequest:
    """One request."""

    after: int
    """The number of the reviewer's last step when the user asked."""
    step: QueueStep | None = None
    """Set once the queue has the images."""
    failed: bool = False
    """Whether the queue will never have them."""


class ImageRequests:
    """The requests of this session, in order with the ``steps`` of the reviewer.

    Usable from any thread.
    """

    def __init__(self, steps: StepNumbers) -> None:
        self._steps = steps
        self._requests: list[ImageRequest] = []

    def begin(self) -> ImageRequest:
        """The user asks for images now."""
        request = ImageRequest(self._steps.to_undo())
        self._requests.append(request)
        return request

    def next_to_undo(self) -> QueueStep | None:
        """The latest request, if it is what the user did last.

        Raises:
            XrayTuiError: it is not queued yet, or the catalog cannot be read.
        """
        waiting = [one for one in self._requests if one.step is None and not one.failed]
        done = [one for one in self._requests if one.step is not None and one.step.is_done]
        last = max((*waiting, *done), key=self._requests.index, default=None)
        if last is None or self._steps.to_undo() > last.after:
            return None
        if last.step is None:
            raise XrayTuiError("These images are not queued yet; undo works in a moment")
        return last.step

    def warning(self, *, undo: bool) -> str:
        """What to say once before a step of another window is undone or redone, or empty.

        Raises:
            XrayTuiError: the catalog cannot be read.
        """
        title = clean(self._steps.made_elsewhere() if undo else self._steps.undone_elsewhere())
        if not title:
            return ""
        if undo:
            return f"Made in another window: {title}. Press {key_of('undo')} again to undo it."
        return f"Undone in another window: {title}. Press {key_of('redo')} again to redo it."

    def next_to_redo(self) -> QueueStep | None:
        """The request to redo next, if no step of the reviewer is to be redone before it.

        Raises:
            XrayTuiError: the catalog cannot be read.
        """
        undone = [one for one in self._requests if one.step is not None and one.step.is_undone]
        first = next(iter(undone), None)
        if first is None or self._steps.to_undo() > first.after:
            return None
        number = self._steps.to_redo()
        return None if 0 < number <= first.after else first.step
