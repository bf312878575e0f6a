"""All keys of a screen, read from their declarations, for the help screen and the palette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterator, Mapping
from dataclasses import dataclass, replace

from textual.actions import parse
from textual.binding import Binding
from textual.dom import DOMNode, NoScreen
from textual.screen import Screen
from textual.widget import Widget

from xray_tui.keymap import MEANINGS, rank

REFUSAL = Binding.Group("not possible")
"""Of bindings that only say why their action is not possible: no footer offers them."""


def bound(
    meaning: str,
    action: str,
    description: str,
    *,
    tooltip: str = "",
    show: bool = True,
    priority: bool = False,
    group: Binding.Group | None = None,
) -> Binding:
    """A binding of ``action`` to the keys that have this ``meaning`` in the keymap."""
    return Binding(
        MEANINGS[meaning].keys,
        action,
        description,
        tooltip=tooltip,
        show=show,
        priority=priority,
        group=group,
        id=meaning,
    )


def remapped(binding: Binding, keys: Mapping[str, str]) -> Binding:
    """``binding`` with the ``keys`` that the user gave to its meaning, if there are any."""
    return replace(binding, key=keys.get(binding.id or "", binding.key))


def without_letters(binding: Binding) -> Binding:
    """``binding`` without the keys that are letters, for a place where the user types a text."""
    return replace(binding, key=",".join(key for key in binding.key.split(",") if len(key) > 1))


SCROLL: list[Binding] = [
    bound("up", "scroll_up", "Scroll up", show=False),
    bound("down", "scroll_down", "Scroll down", show=False),
    bound("page_up", "page_up", "A page up", show=False),
    bound("page_down", "page_down", "A page down", show=False),
]
"""For a view that scrolls."""
SCROLL_ENDS: list[Binding] = [
    bound("first", "scroll_home", "First line", show=False),
    bound("last", "scroll_end", "Last line", show=False),
]
"""For a view that scrolls and has no other use for these keys."""
ROWS: list[Binding] = [
    bound("up", "cursor_up", "Row above", show=False),
    bound("down", "cursor_down", "Row below", show=False),
    bound("page_up", "page_up", "A page up", show=False),
    bound("page_down", "page_down", "A page down", show=False),
    bound("first", "first", "First row", show=False),
    bound("last", "last", "Last row", show=False),
]
"""For a list of rows with a cursor, an OptionList."""


DECISION_KEYS: list[Binding] = [
    bound("accept", "decide('accepted')", "Accept", tooltip="keep the image in the dataset"),
    bound("reject", "decide('rejected')", "Reject", tooltip="keeps the file"),
    bound(
        "clear_decision",
        "decide('undecided')",
        "Clear decision",
        show=False,
        tooltip="make it undecided",
    ),
]
"""For an owner with an action ``decide``."""


def moves(action: str, description: str, *meanings: str) -> list[Binding]:
    """Bindings of one action to several keys that move the cursor; the footer leaves them out."""
    return [bound(meaning, action, description, show=False) for meaning in meanings]


MOVES = {
    *("up", "down", "left", "right", "page_up", "page_down", "first", "last"),
    *("next_part", "previous_part", "scroll_up", "scroll_down", "leave"),
}
"""The meanings of keys that move the cursor or the focus."""


@dataclass(frozen=True)
class Owner:
    """A screen or widget that declares bindings. ``title`` is how the help names it."""

    node: DOMNode
    title: str

    def allows(self, binding: Binding) -> bool:
        """Whether the key of ``binding`` does something now."""
        if not _is_open(self.node):
            return False
        if binding.action in idle_actions(self.node):
            return False
        namespace, name, parameters = parse(binding.action)
        app = self.node.app
        places: dict[str, DOMNode] = {"": self.node, "app": app, "screen": self.node.screen}
        return bool(places.get(namespace, self.node).check_action(name, parameters))

    def runner(self, binding: Binding) -> Callable[[], Awaitable[None]]:
        """A function that does the same as the key of ``binding``."""

        async def run() -> None:
            if not _is_open(self.node):
                return
            app = self.node.app
            if not await app.run_action(binding.action, default_namespace=self.node):
                app.notify(f"Not possible now: {binding.description}")

        return run


def idle_actions(node: DOMNode) -> Collection[str]:
    """Actions of ``node`` that would only say that there is nothing to do, such as to undo.

    Their keys still say so, but neither footer nor palette offers them.
    """
    found: Collection[str] = getattr(node, "idle_actions", ())
    return found


def _is_open(node: DOMNode) -> bool:
    """Whether ``node`` is complete, and was not closed while the palette was open."""
    if not isinstance(node, Widget):
        return True
    try:
        return node.is_mounted and node.screen in node.app.screen_stack
    except NoScreen:
        return False


def described_bindings(screen: Screen) -> Iterator[tuple[Owner, Binding]]:
    """Every binding with a description that ``screen``, one of its widgets or the app declares.

    Owners with the same title are grouped together, and an action is listed once. Of several
    widgets of one class, the focused one is the owner. Actions in the ``absent_actions`` of their
    owner are left out.
    """
    focused = screen.focused
    acting = {type(node): node for node in focused.ancestors_with_self} if focused else {}
    groups: dict[str, dict[tuple[str, str], tuple[Owner, Binding]]] = {}
    listed: dict[str, set[tuple[str, str]]] = {}
    for node in (screen, *screen.walk_children(), screen.app):
        title = getattr(node, "HELP_TITLE", type(node).__name__)
        owner = Owner(acting.get(type(node), node), title)
        absent = getattr(node, "absent_actions", ())
        group = groups.setdefault(title, {})
        for default in declared(type(node)):
            if not default.description or default.action in absent:
                continue
            binding = remapped(default, getattr(screen.app, "keys", {}))
            if (binding.key, binding.description) in listed.setdefault(title, set()):
                continue
            listed[title].add((binding.key, binding.description))
            what = binding.action, binding.description
            first, before = group.get(what, (owner, binding))
            group[what] = (first, with_keys(before, binding))
    for group in groups.values():
        yield from group.values()


def nearest_first(screen: Screen) -> list[tuple[Owner, Binding]]:
    """The described bindings: those of the focused pane, of ``screen``, the app, other panes.

    In each of these groups, the most useful are first, and those that move the cursor are last.
    """
    focused = screen.focused
    nodes = focused.ancestors_with_self if focused is not None else []
    near = {getattr(node, "HELP_TITLE", "") for node in nodes}
    last = [getattr(node, "HELP_TITLE", "") for node in (screen, screen.app)]
    groups: dict[str, list[tuple[Owner, Binding]]] = {}
    for owner, binding in described_bindings(screen):
        groups.setdefault(owner.title, []).append((owner, binding))

    def distance(title: str) -> int:
        if title in last:
            return 1 + last.index(title)
        return 0 if title in near else len(last) + 1

    def place(pair: tuple[Owner, Binding]) -> tuple[bool, bool, int]:
        owner, meaning = pair[0], pair[1].id or ""
        return owner.node not in nodes, meaning in MOVES, rank(meaning)

    return [
        pair for title in sorted(groups, key=distance) for pair in sorted(groups[title], key=place)
    ]


def with_keys(binding: Binding, other: Binding) -> Binding:
    """``binding`` with the keys of both."""
    keys = dict.fromkeys([*binding.key.split(","), *other.key.split(",")])
    return replace(binding, key=",".join(keys))


def declared(owner: type) -> Iterator[Binding]:
    """The bindings in the class body of ``owner`` and its bases, without those of Textual."""
    for base in reversed(owner.__mro__):
        if not base.__module__.startswith("textual."):
            for item in vars(base).get("BINDINGS", ()):
                yield item if isinstance(item, Binding) else Binding(*item)
