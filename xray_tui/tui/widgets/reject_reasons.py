"""Reasons for the images rejected last, given by number until another key is pressed."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from itertools import chain

from rich.cells import cell_len
from textual.content import Content
from textual.widgets import Static

from xray_tui.text import clean
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.text_fit import cut

_FILLER = "wrong"
"""A word that reasons do without in a narrow line: everything rejected has something wrong."""
_SIGN = "✗"
_TICK = "✓"
_DIGITS = "0123456789"


class RejectReasons(Static):
    """A line or two over the footer, shown after images were rejected until another key is pressed.

    A digit from 1 on calls ``toggle`` with these images and one of the ``reasons``, which are tags.
    """

    DEFAULT_CSS = stylesheet_for(__file__)

    def __init__(
        self, reasons: Sequence[str], toggle: Callable[[Sequence[int], str], object]
    ) -> None:
        super().__init__(markup=False)
        self._reasons = reasons
        self._toggle = toggle
        self._images: Sequence[int] = ()
        self._given: frozenset[str] = frozenset()
        self._line = Content()

    def offer(self, images: Sequence[int]) -> None:
        """Let digits give reasons for ``images``, which were just rejected."""
        self._images, self._given = images if self._reasons else (), frozenset()
        self._write()

    def close(self) -> None:
        """Let digits mean something else again."""
        if self._images:
            self._images = ()
            self.call_later(self._write)  # not at once: the key may reject the next image

    def note(self, reason: str) -> None:
        """Show that the images have ``reason`` now, or no longer."""
        self._given ^= {reason}
        self._write()

    def take_key(self, key: str) -> bool:
        """Act on ``key`` if it is a digit and reasons are offered; any other key ends the offer.

        Returns whether the key was used up. That includes digits without a reason: a number that is
        too high is a slip, and no rating of another image.
        """
        if not self._images:
            return False
        if key not in _DIGITS:
            self.close()
            return False
        place = _DIGITS.index(key) - 1
        if 0 <= place < len(self._reasons):
            self._toggle(self._images, self._reasons[place])
        return True

    def on_resize(self) -> None:
        """Fit the line to the new width."""
        self._write()

    def _write(self) -> None:
        self.display = bool(self._images)
        if self._images:
            width = self.screen.size.width - 2
            line = reasons_line(len(self._images), self._reasons, self._given, width)
            if not line.is_same(self._line):
                is_as_high = line.plain.count("\n") == self._line.plain.count("\n")
                self._line = line
                self.update(line, layout=not is_as_high)


def reasons_line(
    images: int, reasons: Sequence[str], given: Collection[str], width: int
) -> Content:
    """The ``reasons`` with their digits in ``width`` columns; those ``given`` have a tick.

    There are two rows where one is too narrow for whole names; names are cut if two are as well.
    """
    rejected = "Rejected" if images == 1 else f"{images:,} rejected"
    long = [clean(reason) for reason in reasons]
    short = [_short(name) for name in long]
    heads = (f"{rejected} · reason: ", f"{rejected}: ", f"{_SIGN} ")
    choices = [(head, names) for head in heads for names in (long, short)]
    one_row = ((*found, len(reasons)) for found in choices if _width(*found) <= width)
    two_rows = (
        (head, names, at)
        for head, names in choices
        for at in range(len(names) - 1, 0, -1)
        if _width(head, names[:at]) <= width and _width("", names[at:]) <= width
    )
    cut_names = _cut(short, width - _width(heads[-1], [""] * len(short)))
    head, names, row_end = next(chain(one_row, two_rows), (heads[-1], cut_names, len(reasons)))
    parts: list[tuple[str, str]] = [(head, "bold $text-error")]
    for place, (reason, name) in enumerate(zip(reasons, names, strict=True), 1):
        chosen, tick = ("reverse", _TICK) if reason in given else ("", " ")
        parts += [(f"{place}", f"bold $text-accent {chosen}"), (f"{tick}{name}", chosen)]
        parts.append(("\n" if place == row_end else " ", ""))
    return Content.assemble(*parts[:-1])


def _short(name: str) -> str:
    words = [word for word in name.split("-") if word != _FILLER]
    return "-".join(words) or name


def _width(head: str, names: Sequence[str]) -> int:
    """Columns of a row: each name has a digit and a space before it, and one after it."""
    return cell_len(head) + sum(cell_len(name) + 3 for name in names) - 1


def _cut(names: Sequence[str], room: int) -> list[str]:
    """``names`` with the longest of them cut, so that together they take at most ``room``."""
    longest = max(map(cell_len, names))
    while longest > 1 and sum(min(cell_len(name), longest) for name in names) > room:
        longest -= 1
    return [cut(name, longest) for name in names]
