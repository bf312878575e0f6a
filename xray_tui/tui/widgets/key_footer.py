"""The line of keys at the bottom of a screen."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace

from rich.cells import cell_len
from textual import events
from textual.binding import ActiveBinding, Binding
from textual.content import Content
from textual.keys import key_to_character
from textual.screen import Screen
from textual.widget import Widget

from xray_tui.key_names import key_names
from xray_tui.keymap import MEANINGS, rank
from xray_tui.tui.bindings import MOVES, REFUSAL, idle_actions
from xray_tui.tui.stylesheet import stylesheet_for

_HELP, _QUIT = "help", "quit"
_GAP = 2


@dataclass(frozen=True)
class _Key:
    key: str
    """The name that Textual gives it."""
    text: str
    tooltip: str


@dataclass(frozen=True)
class _Item:
    """A key and what it does, or several keys that do similar things."""

    meaning: str
    keys: tuple[_Key, ...]
    actions: tuple[str, ...]
    text: str

    @property
    def rank(self) -> int:
        """The answers to a question, which have no meaning in the keymap, come first."""
        return rank(self.meaning) if self.meaning in MEANINGS else -1

    @property
    def width(self) -> int:
        return sum(cell_len(key.text) for key in self.keys) + 1 + cell_len(self.text)


class KeyFooter(Widget):
    """Shows as many keys as fit, the most useful first; the others are counted before "more".

    Bindings without ``show`` come after all others, where there is room. Help and quit are at the
    right, and the last to give way.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    ALLOW_SELECT = False

    def __init__(self) -> None:
        super().__init__()
        self._active: tuple[ActiveBinding, ...] = ()
        self._places: list[tuple[int, int, _Key]] = []
        """Start, end and key of everything that can be clicked."""

    def on_mount(self) -> None:
        self.screen.bindings_updated_signal.subscribe(self, self._bindings_changed)

    def _bindings_changed(self, screen: Screen[object]) -> None:
        focused = screen.focused
        active = tuple(
            one
            for key, one in screen.active_bindings.items()
            if one.enabled and not _is_text(focused, one, key)
            if one.binding.action not in idle_actions(one.node)
        )
        if active != self._active:
            self._active = active
            self.refresh()

    @property
    def text(self) -> str:
        """The line that is shown."""
        return self._line(self.size.width).plain

    def render(self) -> Content:
        return self._line(self.size.width)

    # ---- the mouse -------------------------------------------------------------------------------

    def on_mouse_move(self, event: events.MouseMove) -> None:
        """Explain the key under the mouse."""
        key = self._key_at(event.x)
        self.tooltip = key.tooltip if key is not None else None

    def on_mouse_down(self, event: events.MouseDown) -> None:
        """Press the key under the mouse."""
        key = self._key_at(event.x)
        if key is not None:
            self.app.simulate_key(key.key)

    def _key_at(self, x: int) -> _Key | None:
        return next((key for start, end, key in self._places if start <= x < end), None)

    # ---- the line --------------------------------------------------------------------------------

    def _line(self, width: int) -> Content:
        parts: list[Content] = []
        self._places = []
        at = 0
        for item in self._fitting(width):
            for key in item.keys:
                parts.append(Content.styled(key.text, "bold $footer-key-foreground"))
                end = at + cell_len(key.text)
                with_text = end + 1 + cell_len(item.text) if key is item.keys[-1] else end
                self._places.append((at, with_text, key))
                at = end
            parts.append(Content.styled(f" {item.text}", "$footer-description-foreground"))
            parts.append(Content(" " * _GAP))
            at += 1 + cell_len(item.text) + _GAP
        return Content("").join(parts[:-1])

    def _fitting(self, width: int) -> list[_Item]:
        """The items that fit into ``width`` columns; the one for help counts the others."""
        active = [one for one in self._active if one.binding.id or one.binding.show]
        known = {one.binding.action for one in active if one.binding.description}
        items = _items(one for one in active if one.binding.show)
        last = [items.pop(name) for name in (_HELP, _QUIT) if name in items]
        best = sorted(items.values(), key=lambda item: item.rank)
        best += _more_items(active, {item.text for item in (*best, *last)})
        while True:
            shown = [*best, *last]
            left_out = len(known) - sum(len(item.keys) for item in shown)
            shown = [_counting(item, left_out) for item in shown]
            if not shown or sum(item.width + _GAP for item in shown) - _GAP <= width:
                return shown
            (best or last).pop()


def _is_text(focused: Widget | None, active: ActiveBinding, key: str) -> bool:
    """Whether the focused field takes the key as text. Textual does not ask for chosen keys."""
    if focused is None or active.node is focused:
        return False
    return focused.check_consume_key(key, key_to_character(key))


def _items(active: Iterable[ActiveBinding]) -> dict[str, _Item]:
    """The keys, by the meaning of the first of each group."""
    items: dict[object, _Item] = {}
    for one in active:
        binding = one.binding
        key = _Key(
            binding.key,
            key_names(_first_key(binding)),
            f"{binding.description}: {binding.tooltip}" if binding.tooltip else binding.description,
        )
        before = items.get(binding.group or binding.action)
        if before is None:
            item = _Item(
                binding.id or binding.action, (key,), (binding.action,), binding.description
            )
        elif binding.action in before.actions:  # another key of the same action
            continue
        else:
            assert binding.group is not None
            item = replace(
                before,
                keys=(*before.keys, key),
                actions=(*before.actions, binding.action),
                text=binding.group.description,
            )
        items[binding.group or binding.action] = item
    return {item.meaning: item for item in items.values()}


def _more_items(active: Iterable[ActiveBinding], shown: Collection[str]) -> list[_Item]:
    """What a wide footer has room for, the most useful first; ``shown`` are the other texts.

    Keys that move the cursor are not among them: there are many, and they are the usual ones.
    """
    hidden = (
        one
        for one in active
        if not one.binding.show and one.binding.id in MEANINGS.keys() - MOVES
        if one.binding.group != REFUSAL
    )
    items = [item for item in _items(hidden).values() if item.text not in shown]
    return sorted(items, key=lambda item: item.rank)


def _first_key(binding: Binding) -> str:
    """The key to show of those with this meaning; another widget may use the first one."""
    meaning = MEANINGS.get(binding.id or "")
    keys = meaning.keys.split(",") if meaning is not None else []
    return keys[0] if binding.key in keys and binding.id != "stars" else binding.key


def _counting(item: _Item, left_out: int) -> _Item:
    """``item``; the one for help says how many keys are left out."""
    return replace(item, text=f"{left_out} more") if item.meaning == _HELP and left_out else item
