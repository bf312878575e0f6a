"""One row of completions for the query line."""

from __future__ import annotations

from collections.abc import Sequence

from rich.cells import cell_len
from textual.content import Content
from textual.widget import Widget

from xray_tui.dataset.query.completion import Candidate

_GAP = "  "
_MORE = "…"
_SELECTED = "$block-cursor-foreground on $block-cursor-background"


class QueryOffer(Widget):
    """Shows as many candidates as fit, the selected one among them; an ellipsis stands for more."""

    def __init__(self) -> None:
        super().__init__()
        self._texts: tuple[str, ...] = ()
        self._selected = 0

    def offer(self, candidates: Sequence[Candidate], selected: int) -> None:
        """Show ``candidates``, highlighting index ``selected``; hide the row if there are none."""
        self._texts = tuple(candidate.text for candidate in candidates)
        self._selected = selected
        self.display = bool(candidates)
        self.refresh()

    def render(self) -> Content:
        """The row of completions."""
        if not self._texts:
            return Content()
        page = _page(self._texts, self._selected, self.size.width - 2 * cell_len(_MORE + _GAP))
        parts: list[str | tuple[str, str]] = [_MORE + _GAP] if page.start else []
        for place in page:
            text = self._texts[place]
            parts += [(text, _SELECTED) if place == self._selected else text, _GAP]
        parts.append(_MORE if page.stop < len(self._texts) else "")
        return Content.assemble(*parts)


def _page(texts: Sequence[str], selected: int, room: int) -> range:
    """The indexes of the adjacent texts that fit into ``room`` columns with the selected one."""
    first, used = 0, 0
    for place, text in enumerate(texts):
        used += cell_len(text + _GAP)
        if used > room and place > first:
            if selected < place:
                return range(first, place)
            first, used = place, cell_len(text + _GAP)
    return range(first, len(texts))
