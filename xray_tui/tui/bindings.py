"""All keys of a screen, read from their declarations, for the help screen and the palette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen

_SIGNS = {
    "slash": "/",
    "question_mark": "?",
    "plus": "+",
    "minus": "-",
    "equals_sign": "=",
    "left_square_bracket": "[",
    "right_square_bracket": "]",
    "left_curly_bracket": "{",
    "right_curly_bracket": "}",
    "left": "←",
    "right": "→",
    "up": "↑",
    "down": "↓",
    "escape": "esc",
}


@dataclass(frozen=True)
class Owner:
    """A screen or widget that declares bindings. ``title`` is how the help names it."""

    node: DOMNode
    title: str

    def runner(self, binding: Binding) -> Callable[[], Awaitable[object]]:
        """A function that does the same as the key of ``binding``."""

        async def run() -> object:
            return await self.node.app.run_action(binding.action, default_namespace=self.node)

        return run


def described_bindings(screen: Screen) -> Iterator[tuple[Owner, Binding]]:
    """Every binding with a description that ``screen``, one of its widgets or the app declares.

    Owners with the same title are grouped together. Of several widgets of one class, the focused
    one is the owner. Actions in the ``absent_actions`` of their owner are left out.
    """
    focused = screen.focused
    acting = {type(node): node for node in focused.ancestors_with_self} if focused else {}
    groups: dict[str, dict[tuple[str, str], tuple[Owner, Binding]]] = {}
    for node in (screen, *screen.walk_children(), screen.app):
        title = getattr(node, "HELP_TITLE", type(node).__name__)
        owner = Owner(acting.get(type(node), node), title)
        absent = getattr(node, "absent_actions", ())
        for binding in declared(type(node)):
            if binding.description and binding.action not in absent:
                group = groups.setdefault(title, {})
                group.setdefault((binding.key, binding.description), (owner, binding))
    for group in groups.values():
        yield from group.values()


def declared(owner: type) -> Iterator[Binding]:
    """The bindings in the class body of ``owner`` and its bases, without those of Textual."""
    for base in reversed(owner.__mro__):
        if not base.__module__.startswith("textual."):
            for item in vars(base).get("BINDINGS", ()):
                yield item if isinstance(item, Binding) else Binding(*item)


def key_names(keys: str) -> str:
    """The ``keys`` of a binding as users read them: ``left,ctrl+down`` gives ``←  ctrl+↓``."""
    return "  ".join(
        "+".join(_SIGNS.get(part, part) for part in key.split("+")) for key in keys.split(",")
    )
