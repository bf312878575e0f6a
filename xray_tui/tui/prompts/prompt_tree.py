"""The tree of prompts: cursor, collapsed branches, marks and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import ClassVar

from rich.style import Style
from rich.text import Text
from textual.binding import BindingType
from textual.message import Message
from textual.widgets import Tree
from textual.widgets.tree import TreeNode

from xray_tui.prompts.schema import Prompt
from xray_tui.tui.bindings import bound
from xray_tui.tui.prompts.prompt_label import Counts, LabelPainter, Sum, add_up, count
from xray_tui.tui.prompts.prompt_outline import Item, Key, shape
from xray_tui.tui.stylesheet import stylesheet_for


class PromptTree(Tree[Item | None]):
    """Shows regions, labels and prompts. Marks survive filtering and reloading."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Prompts"
    COMPONENT_CLASSES: ClassVar[set[str]] = {
        "prompt-tree--branch",
        "prompt-tree--bundled",
        "prompt-tree--quiet",
        "prompt-tree--mark",
        "prompt-tree--accepted",
    }
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("toggle", "mark", "Mark", tooltip="the prompt, or all in the branch"),
        bound("mark_all", "mark_all", "Mark all/none", show=False, tooltip="of the prompts shown"),
        bound("open", "open", "Edit", tooltip="the prompt under the cursor"),
        bound("open", "toggle_node", "Expand or collapse", tooltip="the branch under the cursor"),
        bound("up", "cursor_up", "Row above", show=False),
        bound("down", "cursor_down", "Row below", show=False),
        bound("left", "collapse", "Collapse / go to parent", show=False),
        bound("right", "expand", "Expand / enter", show=False),
        bound("first", "scroll_home", "First row", show=False),
        bound("last", "scroll_end", "Last row", show=False),
    ]

    class MarksChanged(Message):
        """Prompts were marked or unmarked."""

    class Opened(Message):
        """The user asked to edit the prompt under the cursor."""

    def __init__(self, id: str | None = None) -> None:
        super().__init__(Text("prompts"), None, id=id)
        self.show_root = False
        self.show_guides = False
        self.guide_depth = 2
        self.marked: set[str] = set()
        self._gone: set[str] = set()  # marked prompts that are not in the library now
        self._items: tuple[Item, ...] = ()
        self._by_key: dict[Key, TreeNode[Item | None]] = {}
        self._collapsed: set[Key] = set()
        self._first: Key = ()  # the line of the cursor at first
        self._expanded_for_filter = False
        self._counts: Mapping[str, Counts] = {}

    # -- content -----------------------------------------------------------------------------------

    def show_items(self, items: tuple[Item, ...], *, expand_all: bool = False) -> None:
        """Show ``items``, keeping cursor, collapsed branches and marks.

        ``expand_all`` expands all branches until the next call without it, for a filter.
        """
        self.collapsed()
        same = shape(items) == shape(self._items) and expand_all == self._expanded_for_filter
        self._items, self._expanded_for_filter = items, expand_all
        if same:
            self._replace_data()
        else:
            self._rebuild()

    def restore(self, marked: set[str], collapsed: set[Key], cursor: Key) -> None:
        """Set marks, collapsed branches and cursor for the next call of :meth:`show_items`."""
        self.marked, self._gone = set(marked), set()
        self._collapsed, self._first = set(collapsed), cursor
        self.clear()
        self._by_key, self._items = {}, ()

    def show_counts(self, counts: Mapping[str, Counts]) -> None:
        """Show the counts of images, by prompt id; repaints only lines whose counts changed."""
        old, self._counts = self._counts, dict(counts)
        for key, node in self._by_key.items():
            if node.data is None or node.data.prompt is None:
                continue
            if count(old.get(key[-1])) != count(counts.get(key[-1])):
                for above in _ancestors(node):
                    above.refresh()

    def keep_marks(self, ids: set[str], renamed: Mapping[str, str]) -> None:
        """Keep the marks of these ids; ``renamed`` are new ids. What returns is marked again."""
        marked = {renamed.get(one, one) for one in self.marked | self._gone}
        self.marked, self._gone = marked & ids, marked - ids

    def go_to(self, prompt_id: str) -> bool:
        """Put the cursor on a prompt, expanding the branches above; False if it is not shown."""
        for key, node in self._by_key.items():
            if key[-1] == prompt_id and len(key) == 3:
                self._expand_above(node)
                self._put_cursor(node)
                return True
        return False

    @property
    def item(self) -> Item | None:
        """The line under the cursor."""
        return self.cursor_node.data if self.cursor_node is not None else None

    # -- labels ------------------------------------------------------------------------------------

    def render_label(self, node: TreeNode[Item | None], base_style: Style, style: Style) -> Text:
        """Name on the left, counts on the right, cut to the width of the tree."""
        item = node.data
        if item is None:
            return Text()
        width = self.scrollable_content_region.width - self.guide_depth * _depth(node)
        width -= self.show_vertical_scrollbar  # the numbers do not touch it
        under_cursor = node is self.cursor_node and self.has_focus
        painter = LabelPainter(width, style, _no_style if under_cursor else self._part_style)
        return painter.label(
            item,
            expanded=node.is_expanded,
            marked=self.marked,
            total=self.sum_of(item.prompts),
        )

    def _part_style(self, part: str) -> Style:
        return self.get_component_rich_style(f"prompt-tree--{part}", partial=True)

    def get_label_width(self, node: TreeNode[Item | None]) -> int:
        """Labels fill the width of the tree, so it never scrolls sideways."""
        return 1

    def sum_of(self, prompts: tuple[Prompt, ...]) -> Sum:
        """The counts of all ``prompts`` together."""
        return add_up(prompts, self._counts)

    # -- keys --------------------------------------------------------------------------------------

    def action_mark(self) -> None:
        """Mark or unmark the prompt under the cursor, or all below a region or label."""
        if self.item is not None:
            self._toggle_marks(self.item.prompts)
            if self.item.prompt is not None:
                self.action_cursor_down()

    def action_mark_all(self) -> None:
        """Mark all prompts shown; unmark them if all are marked."""
        self._toggle_marks(tuple(prompt for item in self._items for prompt in item.prompts))

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """The same key edits a prompt, and expands or collapses a region or label."""
        on_branch = self.cursor_node is not None and self.cursor_node.allow_expand
        return action not in ("open", "toggle_node") or (action == "toggle_node") == on_branch

    def action_open(self) -> None:
        """Ask to edit the prompt under the cursor."""
        if self.cursor_node is not None:
            self.post_message(self.Opened())

    def action_collapse(self) -> None:
        """Collapse the branch under the cursor; elsewhere go to the parent."""
        node = self.cursor_node
        if node is None:
            return
        if node.allow_expand and node.is_expanded:
            node.collapse()
        elif node.parent is not None and not node.parent.is_root:
            self._put_cursor(node.parent)

    def action_expand(self) -> None:
        """Expand the branch under the cursor; if it is expanded, go to its first line."""
        node = self.cursor_node
        if node is None or not node.allow_expand:
            return
        if node.is_expanded:
            self.action_cursor_down()
        else:
            node.expand()

    def mark_only(self, ids: set[str]) -> None:
        """Mark these prompts and no others, including prompts hidden by a filter."""
        self.marked, self._gone = set(ids), set()
        self._marks_changed()

    def _toggle_marks(self, prompts: tuple[Prompt, ...]) -> None:
        ids = {prompt.id for prompt in prompts}
        if ids <= self.marked:
            self.marked -= ids
        else:
            self.marked |= ids
        self._marks_changed()

    def _marks_changed(self) -> None:
        self._repaint()
        self.post_message(self.MarksChanged())

    def on_resize(self) -> None:
        """Keep the cursor in sight when the pane becomes smaller."""
        self.call_after_refresh(self._reveal_cursor)

    # -- nodes -------------------------------------------------------------------------------------

    def _repaint(self) -> None:
        for node in self._by_key.values():
            node.refresh()
        self.refresh()

    def _replace_data(self) -> None:
        for top in self._items:
            for item in top.walk():
                self._by_key[item.key].data = item
        self._repaint()

    def collapsed(self) -> set[Key]:
        """The collapsed branches, also those that a filter shows expanded or hides."""
        for key, node in self._by_key.items():
            if node.allow_expand and not self._expanded_for_filter:
                (self._collapsed.discard if node.is_expanded else self._collapsed.add)(key)
        return self._collapsed

    def _rebuild(self) -> None:
        key = self.item.key if self.item is not None else self._first or None
        line = self.cursor_line
        self.clear()
        self.cursor_line = -1
        self._by_key = {}
        for item in self._items:
            self._add(self.root, item)
        self.root.expand()
        self._restore_cursor(key, line)

    def _add(self, parent: TreeNode[Item | None], item: Item) -> None:
        expand = self._expanded_for_filter or item.key not in self._collapsed
        branch = bool(item.children)
        node = parent.add(Text(item.name), item, expand=branch and expand, allow_expand=branch)
        self._by_key[item.key] = node
        for child in item.children:
            self._add(node, child)

    def _restore_cursor(self, key: Key | None, line: int) -> None:
        if not self._by_key:
            return
        if key is not None and key in self._by_key:
            self._put_cursor(self._by_key[key])
        elif key is None or not (len(key) == 3 and self.go_to(key[-1])):
            self._put_cursor(_nearest_prompt(self, max(line, 0)))

    def _expand_above(self, node: TreeNode[Item | None]) -> None:
        for above in _ancestors(node)[1:]:
            if not above.is_expanded:
                above.expand()

    def _put_cursor(self, node: TreeNode[Item | None] | None) -> None:
        if node is not None and self.last_line >= 0:  # reading last_line lays out the lines
            self.cursor_line = node.line
            self.call_after_refresh(self._reveal_cursor)

    def _reveal_cursor(self) -> None:
        """Scroll the cursor into view, only as far as needed."""
        if not self.scroll_y <= self.cursor_line < self.scroll_y + self.size.height:
            self.scroll_to_line(self.cursor_line, animate=False)


def _no_style(part: str) -> Style:
    """No style for any part: the line under the cursor has the colours of the cursor."""
    return Style.null()


def _ancestors(node: TreeNode[Item | None]) -> list[TreeNode[Item | None]]:
    """The node and its ancestors, without the root."""
    path = []
    walker: TreeNode[Item | None] | None = node
    while walker is not None and not walker.is_root:
        path.append(walker)
        walker = walker.parent
    return path


def _depth(node: TreeNode[Item | None]) -> int:
    """0 for a region, 1 for what is below it, and so on."""
    return len(_ancestors(node)) - 1


def _nearest_prompt(tree: PromptTree, line: int) -> TreeNode[Item | None] | None:
    lines = [tree.get_node_at_line(at) for at in range(tree.last_line + 1)]
    leaves = [node for node in lines if node is not None and not node.allow_expand]
    at_or_after = [node for node in leaves if node.line >= line]
    return (at_or_after or leaves[-1:] or lines[:1])[0]
