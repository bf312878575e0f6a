"""All panes of the workbench with sample content, without an engine or a dataset."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from support.preview_samples import a_run, a_saved_image, a_step, an_end, saved_images
from support.tui_samples import ThemedApp, a_library
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal
from textual.screen import Screen

from xray_tui.generation.events import LogLine
from xray_tui.tui.bindings import bound
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.widgets.key_footer import KeyFooter
from xray_tui.tui.workbench.log_view import LogView
from xray_tui.tui.workbench.queue_view import QueueView
from xray_tui.tui.workbench.screen import introduction

PANES = (PromptList, ParameterForm, Preview, QueueView, LogView)


class Panes(Screen[None]):
    """The five panes above a footer."""

    HELP_TITLE = "Everywhere"
    help_introduction = staticmethod(introduction)
    AUTO_FOCUS = "PromptTree"
    CSS = "Horizontal > * { width: 1fr; }"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("generate", "generate", "Generate", tooltip="queue the marked prompts"),
        bound("help", "help", "Help", tooltip="all keys"),
        bound("maximise", "toggle_maximize", "Maximise", tooltip="this pane; again to restore"),
        bound("quit", "quit", "Quit"),
    ]

    def compose(self) -> ComposeResult:
        with Horizontal():
            for pane in PANES:
                yield pane()
        yield KeyFooter()


class PanesApp(ThemedApp):
    """Shows the panes; ``fill`` puts samples into them."""

    async def on_mount(self) -> None:
        await self.push_screen(Panes())
        await self.begin()

    async def begin(self) -> None:
        """For subclasses: called after the panes are mounted, unlike a subclass's ``on_mount``."""

    def pane(self, kind: type) -> object:
        """The pane of class ``kind``."""
        return self.screen_stack[1].query_one(kind)

    def fill(self, folder: Path) -> None:
        """Show a library, a running and a cancelled job, three log lines and two images."""
        screen = self.screen_stack[1]
        screen.query_one(PromptList).show_library(a_library())
        for event in (
            *a_run("first"),
            an_end("first", 4, "cancelled", message="by the user"),
            *a_run("second"),
            a_step(3, job_id="second"),
            a_saved_image("second"),
        ):
            screen.query_one(QueueView).apply(event)
        for level in ("info", "warning", "error"):
            screen.query_one(LogView).add(LogLine(level, f"something of level {level}", 0))
        screen.query_one(Preview).show_history(saved_images(folder, 2))
        screen.query_one(PromptList).focus()
