"""An example of the highlighted prompt: its text with slots filled in, and its negative prompt."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.events import Resize
from textual.geometry import Size
from textual.widgets import Static

from xray_tui.prompts.schema import Prompt
from xray_tui.prompts.wording import example
from xray_tui.text import clean, counted
from xray_tui.tui.prompts.prompt_label import Sum
from xray_tui.tui.stylesheet import stylesheet_for

QUIET = "$text-muted"


class PromptExample(VerticalScroll, can_focus=False):
    """Shows an example of one prompt, or describes a region or label; it scrolls."""

    DEFAULT_CSS = stylesheet_for(__file__)

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._shown: object = None
        self._pane_size: Size | None = None

    def on_resize(self, event: Resize) -> None:
        """Decide again about the scroll bar, after the pane changed its size.

        A bar that is shown makes the text narrower and thus longer, so it would justify itself.
        """
        if event.container_size != self._pane_size:
            self._pane_size = event.container_size
            self.show_vertical_scrollbar = False

    def compose(self) -> ComposeResult:
        yield Static(id="example-text", markup=False)
        yield Static(id="example-counts", markup=False)

    def show(self, prompt: Prompt, negative: str, counts: Sum) -> None:
        """Show ``prompt`` with its slots filled in, ``negative``, and the counts."""
        if self._is_new((prompt, negative)):
            self._update(_describe(prompt, negative))
        self._show_counts(counts)

    def show_branch(self, name: str, prompts: int, counts: Sum) -> None:
        """Show how many prompts a region or label has, and their counts."""
        if self._is_new((name, prompts)):
            number = counted(prompts, "prompt")
            self._update(Content.assemble((clean(name), "bold"), f"\n{number}"))
        self._show_counts(counts)

    def show_nothing(self) -> None:
        """Hide the example: nothing is highlighted."""
        self.add_class("-nothing")
        self._shown = None

    def _is_new(self, shown: object) -> bool:
        """Whether this differs from the last call: laying out the same text again costs time."""
        changed = shown != self._shown
        self._shown = shown
        return changed

    def _update(self, content: Content) -> None:
        self.remove_class("-nothing")
        self.query_one("#example-text", Static).update(content)

    def _show_counts(self, counts: Sum) -> None:
        """Show the counts in one line, so that a new image causes no new layout."""
        line = self.query_one("#example-counts", Static)
        line.update(Content(_counted(counts)), layout=False)


def _describe(prompt: Prompt, negative: str) -> Content:
    place = f"{prompt.region}/{prompt.label}"
    facts = [place, prompt.view, *prompt.findings]
    parts: list[str | tuple[str, str]] = [
        (clean(prompt.id), "bold"),
        "\n",
        clean(example(prompt), keep_newlines=True),
    ]
    if negative:
        parts += [("\nNot: ", "bold $text-error"), clean(negative, keep_newlines=True)]
    parts.append((f"\n{clean(' · '.join(facts))}", QUIET))
    if not prompt.bundled:
        parts.append(("\nneeds a larger model", QUIET))
    if prompt.notes:
        parts += [("\n", ""), (clean(prompt.notes, keep_newlines=True), f"italic {QUIET}")]
    return Content.assemble(*parts)


def _counted(counts: Sum) -> str:
    if not counts.images:
        return "no images yet"
    return f"{counts.images:,} generated, {counts.accepted:,} accepted"
