"""The prompt library pane: filter, tree with marks and counts, and a rendered example."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import ClassVar, Self

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.widgets import Static, Tree

from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.tui.bindings import bound
from xray_tui.tui.prompts.problem_banner import ProblemBanner
from xray_tui.tui.prompts.prompt_example import PromptExample
from xray_tui.tui.prompts.prompt_filter import FilterInput
from xray_tui.tui.prompts.prompt_label import BUNDLED, MARK, OTHER, Counts
from xray_tui.tui.prompts.prompt_outline import matches, outline
from xray_tui.tui.prompts.prompt_requests import PromptRequests
from xray_tui.tui.prompts.prompt_tree import PromptTree
from xray_tui.tui.session.state import PromptPane
from xray_tui.tui.stylesheet import stylesheet_for

_SHORT, _TINY = 16, 9
"""Rows of the pane below which the example is smaller, and below which it is hidden."""

_LEGENDS = (
    f"{BUNDLED} bundled model {OTHER} needs a larger model · images (accepted)",
    f"{BUNDLED} bundled {OTHER} larger model · images (accepted)",
    f"{BUNDLED} bundled {OTHER} larger · images (accepted)",
    f"{BUNDLED} bundled {OTHER} larger",
)
"""Explain the signs of the tree; the first one that fits is shown."""


class PromptList(PromptRequests):
    """Shows the prompt library; the marked prompts are selected, otherwise the highlighted one."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Prompts"
    MANUAL_PAGE = "prompts"
    ALLOW_MAXIMIZE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("filter", "filter", "Filter", tooltip="by words in any field"),
        bound("leave", "leave_filter", "Clear filter", show=False),
        bound("scroll_down", "scroll_example(1)", "Scroll example down", show=False),
        bound("scroll_up", "scroll_example(-1)", "Scroll example up", show=False),
    ]

    @dataclass
    class Highlighted(Message):
        """The cursor moved to another prompt, or to a region or label (None)."""

        prompt: Prompt | None

    class LibraryShown(Message):
        """Another library, or its new content, is shown; defaults may have changed, too."""

    @dataclass
    class SelectionChanged(Message):
        """The selection changed, or the part of it that the filter hides."""

        prompts: tuple[Prompt, ...]
        hidden: tuple[Prompt, ...]

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:
        super().__init__(id=id, classes=classes)
        self._library: PromptLibrary | None = None
        self._highlighted: Prompt | None = None
        self._selected: tuple[tuple[Prompt, ...], tuple[Prompt, ...]] = ((), ())
        """The selected prompts, and those of them that are hidden, as posted last."""

    def compose(self) -> ComposeResult:
        yield ProblemBanner(id="problem")
        yield FilterInput(
            placeholder="id, region, finding, words", compact=True, id="filter", max_length=200
        )
        yield PromptTree(id="tree")
        yield Static(
            "No prompt matches. Press esc to clear the filter.", id="nothing", markup=False
        )
        yield PromptExample(id="example")

    def on_mount(self) -> None:
        self._update_titles()
        self._show()

    # -- called by the workbench -------------------------------------------------------------------

    @property
    def selected(self) -> tuple[Prompt, ...]:
        """The marked prompts in the order of the library; without marks, the highlighted one."""
        marked = self._tree.marked
        if self._library is not None and marked:
            return tuple(prompt for prompt in self._library.prompts if prompt.id in marked)
        return (self.highlighted,) if self.highlighted is not None else ()

    @property
    def hidden(self) -> tuple[Prompt, ...]:
        """The marked prompts that the filter hides."""
        marked = self._tree.marked
        chosen = [prompt for prompt in self.selected if prompt.id in marked]
        return tuple(prompt for prompt in chosen if not matches(prompt, self._query))

    @property
    def highlighted(self) -> Prompt | None:
        """The prompt under the cursor; None on a region or label."""
        item = self._tree.item
        return item.prompt if item is not None else None

    @property
    def remembered(self) -> PromptPane:
        """What :meth:`restore` needs to show the pane as it is now."""
        item = self._tree.item
        return PromptPane(
            marks=frozenset(self._tree.marked),
            cursor=() if item is None else item.key,
            collapsed=frozenset(self._tree.collapsed()),
            filter=self._query,
        )

    def restore(self, pane: PromptPane) -> None:
        """Show the pane as it was then, with the present library."""
        self._tree.restore(set(pane.marks), set(pane.collapsed), pane.cursor)
        with self.prevent(FilterInput.Changed):
            self._filter.value = pane.filter
        self._filter.display = bool(self._query)
        if self._library is not None:
            self.show_library(self._library)

    def show_library(
        self, library: PromptLibrary, renamed: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        """Show ``library``; cursor, collapsed branches, filter and marks stay.

        ``renamed`` are the new ids of prompts by the old ones.
        """
        self._library = library
        self._tree.keep_marks({prompt.id for prompt in library.prompts}, renamed)
        self._show()
        self.post_message(self.LibraryShown())

    def show_counts(self, counts: Mapping[str, Counts]) -> None:
        """Show the counts of images, by prompt id. Fast: it repaints only changed lines."""
        self._tree.show_counts(counts)
        self._show_example()

    def show_problem(self, message: str, source: Path) -> None:
        """Show in a banner why the file ``source`` cannot be used (one problem per line).

        An empty ``message`` removes the banner.
        """
        self.set_class(bool(message), "-problem")
        self.query_one(ProblemBanner).show(message, source)
        self._fit_problem()

    def go_to(self, prompt_id: str) -> bool:
        """Put the cursor on a prompt (after adding one); False if it is not in the library."""
        if not self._tree.go_to(prompt_id) and self._query:
            self._filter.value = ""
            self._show()
        return self._tree.go_to(prompt_id)

    def mark_only(self, prompt_ids: Iterable[str]) -> None:
        """Mark only those of these prompts that are in the library."""
        known = {prompt.id for prompt in self._library.prompts} if self._library else set()
        self._tree.mark_only(known.intersection(prompt_ids))

    def focus(self, scroll_visible: bool = True) -> Self:
        """Focus the tree."""
        self._tree.focus(scroll_visible)
        return self

    # -- keys --------------------------------------------------------------------------------------

    def action_filter(self) -> None:
        """Open the filter line."""
        self._filter.display = True
        self.screen.set_focus(self._filter)  # at once: focus() acts after the next key

    def action_leave_filter(self) -> None:
        """Clear the filter."""
        self._filter.value = ""
        self._close_filter()

    def action_scroll_example(self, lines: int) -> None:
        """Scroll the example below the tree."""
        self.query_one(PromptExample).scroll_relative(y=lines, animate=False)

    # -- inside the pane ---------------------------------------------------------------------------

    @on(FilterInput.Changed)
    def _filter_typed(self, event: FilterInput.Changed) -> None:
        event.stop()
        self._show()

    @on(FilterInput.Left)
    def _close_filter(self) -> None:
        self._filter.display = bool(self._query)
        self._tree.focus()

    @on(Tree.NodeHighlighted)
    def _cursor_moved(self, event: Tree.NodeHighlighted[object]) -> None:
        event.stop()
        self._update()

    @on(Tree.NodeSelected)
    @on(Tree.NodeExpanded)
    @on(Tree.NodeCollapsed)
    def _keep_inside(self, event: Message) -> None:
        event.stop()

    @on(PromptTree.Opened)
    def _edit_highlighted(self, event: PromptTree.Opened) -> None:
        event.stop()
        self.action_edit()

    @on(PromptTree.MarksChanged)
    def _marks_changed(self, event: PromptTree.MarksChanged) -> None:
        event.stop()
        self._update()

    def on_resize(self, event: events.Resize) -> None:
        """Leave the rows of a short pane to the tree."""
        height = event.size.height
        self.update_classes({"-short": height < _SHORT, "-tiny": height < _TINY})
        self._fit_problem()
        self._update_titles()

    def _fit_problem(self) -> None:
        """Fit the banner: a few rows above the last valid library; all rows without one."""
        height = self.size.height
        few = 2 if height < _TINY else 4 if height < _SHORT else 8
        rows = few if self._library is not None else max(height - 1, few)
        self.query_one(ProblemBanner).fit(self.size.width - 2, rows)

    @property
    def _tree(self) -> PromptTree:
        return self.query_one(PromptTree)

    @property
    def _filter(self) -> FilterInput:
        return self.query_one(FilterInput)

    @property
    def _query(self) -> str:
        return self._filter.value.strip()

    def _show(self) -> None:
        prompts = self._library.prompts if self._library is not None else ()
        found = [prompt for prompt in prompts if matches(prompt, self._query)]
        self._tree.show_items(outline(found), expand_all=bool(self._query))
        self._tree.set_class(not found, "-empty")
        # Without a library, the problem is shown above.
        self.query_one("#nothing").display = bool(prompts) and not found
        self._update()

    def _update(self) -> None:
        """Show and post which prompts are highlighted and selected, if they changed."""
        self._show_example()
        self._update_titles()
        if self.highlighted != self._highlighted:
            self._highlighted = self.highlighted
            self.post_message(self.Highlighted(self.highlighted))
            self.refresh_bindings()
        selected = (self.selected, self.hidden)
        if selected != self._selected:
            self._selected = selected
            self.post_message(self.SelectionChanged(*selected))

    def _show_example(self) -> None:
        box, item, library = self.query_one(PromptExample), self._tree.item, self._library
        if item is None or library is None:
            box.show_nothing()
        elif item.prompt is not None:
            box.show(item.prompt, library.negative_of(item.prompt), self._tree.sum_of(item.prompts))
        else:
            box.show_branch(item.name, len(item.prompts), self._tree.sum_of(item.prompts))

    def _update_titles(self) -> None:
        marked = len(self._tree.marked)
        self.border_title = Content(f"Prompts {MARK}{marked}" if marked else "Prompts")
        fitting = (legend for legend in _LEGENDS if len(legend) + 3 <= self.size.width)
        self.border_subtitle = Content(next(fitting, _LEGENDS[-1]))
