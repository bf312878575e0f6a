"""One row of what the query line could be completed with."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from xray_tui.dataset.query.completion import Candidate

_GAP = "  "
_MORE = "…"
_CHOSEN = "$block-cursor-foreground on $block-cursor-background"


class QueryOffer(Widget):
    """Shows as many candidates as fit, always with the chosen one; where there are more says so."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ()
        self._chosen = 0

    def offer(self, candidates: Sequence[Candidate], chosen: int) -> None:
        """Show these, with ``chosen`` the place of one; without any the row goes."""
        self._texts = tuple(candidate.text for candidate in candidates)
        self._chosen = chosen
        self.display = bool(candidates)
        self.refresh()

    def render(self) -> Content:
        """The row."""
        if not self._texts:
            return Content()
        page = _page(self._texts, self._chosen, self.size.width - 2 * cell_len(_MORE + _GAP))
        parts: list[str | tuple[str, str]] = [_MORE + _GAP] if page.start else []
        for place in page:
            text = self._texts[place]
            parts += [(text, _CHOSEN) if place == self._chosen else text, _GAP]
        parts.append(_MORE if page.stop < len(self._texts) else "")
        return Content.assemble(*parts)


def _page(texts: Sequence[str], chosen: int, room: int) -> range:
    """The places of the texts, next to each other, that are shown with the chosen one."""
    first, used = 0, 0
    for place, text in enumerate(texts):
        used += cell_len(text + _GAP)
        if used > room and place > first:
            if chosen < place:
                return range(first, place)
            first, used = place, cell_len(text + _GAP)
    return range(first, len(texts))
