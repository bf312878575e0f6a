"""All keys of a screen, read from where they are declared: for the help screen and the palette."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from dataclasses import dataclass

from textual.binding import Binding
from textual.dom import DOMNode
from textual.screen import Screen


@dataclass(frozen=True)
class Owner:
    """A screen or widget that declares bindings. ``title`` is how the help names it."""

    node: DOMNode
    title: str

    def runner(self, binding: Binding) -> Callable[[], Awaitable[object]]:
        """A call that does what ``binding``'s key would do."""

        async def run() -> object:
            return await self.node.app.run_action(binding.action, default_namespace=self.node)

        return run


def described_bindings(screen: Screen) -> Iterator[tuple[Owner, Binding]]:
    """Every binding with a description that ``screen`` or one of its widgets declares itself."""
    seen: set[tuple[type, str]] = set()
    for node in (screen, *screen.walk_children()):
        for binding in declared(type(node)):
            mark = (type(node), binding.action)
            if binding.description and mark not in seen:
                seen.add(mark)
                yield Owner(node, getattr(node, "HELP_TITLE", type(node).__name__)), binding


def declared(owner: type) -> Iterator[Binding]:
    """The bindings in ``owner``'s own class body, if it is one of ours."""
    if not owner.__module__.startswith("xray_tui."):
        return
    for item in vars(owner).get("BINDINGS", ()):
        yield item if isinstance(item, Binding) else Binding(*item)
