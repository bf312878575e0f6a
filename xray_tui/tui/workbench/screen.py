"""The workbench: prompt library, parameters and preview, the queue and the log below."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import ClassVar, Literal

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.css.query import NoMatches
from textual.events import DescendantFocus
from textual.widget import Widget
from textual.widgets import Footer

from xray_tui.config import Settings
from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.dataset.dataset import Dataset
from xray_tui.dataset.files.log_file import LogFile
from xray_tui.dataset.opinions import Decision
from xray_tui.dataset.records import Record
from xray_tui.dataset.review.targets import Label, Shortfall
from xray_tui.errors import XrayTuiError
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    LogLevel,
    LogLine,
    PreviewReady,
)
from xray_tui.generation.planning.plan import JobRequest
from xray_tui.generation.planning.shortfall import shortfall_requests
from xray_tui.generation.running.engine import Engine
from xray_tui.models.catalogue import list_models
from xray_tui.text import clean
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.keys_in_order import KeysInOrder
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.workbench.arrangement import Arrangement
from xray_tui.tui.workbench.decision_controller import DecisionController
from xray_tui.tui.workbench.library_controller import LibraryController
from xray_tui.tui.workbench.log_view import LogView
from xray_tui.tui.workbench.parameter_form import ParameterForm
from xray_tui.tui.workbench.preview import KEPT, Preview
from xray_tui.tui.workbench.queue_controller import QueueController
from xray_tui.tui.workbench.queue_view import QueueView

INTRODUCTION = (
    "Mark prompts (space), set parameters, press g. Images appear in the preview and are saved in "
    "the dataset folder. Tab goes from pane to pane; m makes the focused pane large; a key works "
    "in its own pane, the first group works everywhere."
)

PANES = (PromptList, ParameterForm, Preview, QueueView, LogView)
STOP_SECONDS = 5.0
"""How long a step may take to end before the app leaves all the same."""
HISTORY = 200
"""How many of the latest images the preview goes through."""
_TOLD = 160
"""Characters of a toast, which lies above what the user looks at; the log has the whole text."""
_SEVERITY: dict[LogLevel, Literal["warning", "error"]] = {"warning": "warning", "error": "error"}


class WorkbenchScreen(KeysInOrder, Arrangement):
    """The main screen. It turns keys into actions and events into what the panes show."""

    AUTO_FOCUS = "PromptTree"
    HELP_TITLE = "Everywhere"
    HELP_INTRODUCTION = INTRODUCTION
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("g", "generate", "Generate", tooltip="queue the marked prompts"),
        Binding("f2", "app.review", "Review", tooltip="look at all images and cull them"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="all keys"),
        Binding("m", "toggle_maximize", "Maximise", tooltip="the focused pane, or back"),
        Binding("t", "app.switch_theme", "Theme", show=False, tooltip="dark or light"),
        Binding("tab", "app.focus_next", "Next pane", show=False),
        Binding("shift+tab", "app.focus_previous", "Previous pane", show=False),
        Binding("q,ctrl+q", "quit", "Quit", key_display="q", priority=False),
    ]

    def __init__(
        self, settings: Settings, dataset: Dataset, engine: Engine, library_path: Path
    ) -> None:
        super().__init__()
        self._dataset = dataset
        self._engine = engine
        self._log_file = LogFile(dataset.log_path)
        self._leaving = False
        self._saved = 0
        """Images saved since the app began."""
        self.settings = settings
        self.library = LibraryController(self, library_path)
        self._decisions = DecisionController(self, dataset.desk(settings.reviewer))
        self._queue = QueueController(self, dataset, engine)

    def compose(self) -> ComposeResult:
        yield from self.arranged([pane() for pane in PANES])
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        self.sub_title = str(self._dataset.root)
        self.library.open()
        self.log_line("info", f"dataset {self._dataset.root}; press ? for all keys")
        for line in self._dataset.mended.lines if self._dataset.mended else ():
            self.log_line("warning", line)
        if self._log_file.problem:
            self.announce("warning", self._log_file.problem)
        self._show_what_exists()
        self._queue.open()

    @work(thread=True)
    def _show_what_exists(self) -> None:
        """Read the catalog and the models off the UI thread, so that the first paint is quick."""
        counts = self._dataset.catalog.counts()
        records = self._dataset.catalog.records(limit=HISTORY)
        history = [(record, self._dataset.path_of(record)) for record in reversed(records)]
        decisions = self._decisions.read(records)
        models = [model.ref for model in list_models()]

        def show() -> None:
            self.library.show_counts(counts)
            self.query_one(Preview).show_history(history)
            self.query_one(Preview).show_decisions(decisions)
            self.query_one(ParameterForm).show_models(models)

        self.from_thread(show)

    def show_reviewed(self) -> None:
        """Bring up to date what a review may have changed: decisions, labels and counts."""
        saved = self._saved

        def read() -> None:
            counts = self._dataset.catalog.counts()
            records = self._dataset.catalog.records(limit=KEPT)
            decisions = self._decisions.read(records)
            self.from_thread(show, counts, records, decisions)

        def show(
            counts: dict[str, Counts], records: list[Record], decisions: dict[int, Decision]
        ) -> None:
            if self._saved != saved:  # an image is shown as counted that the counts may not have
                self.show_reviewed()
                return
            self.library.show_counts(counts)
            preview = self.query_one(Preview)
            preview.update_records((record, self._dataset.path_of(record)) for record in records)
            preview.show_decisions(decisions)

        self._decisions.in_turn(read)

    def from_thread(self, function: Callable[..., object], *arguments: object) -> None:
        """Call ``function`` on the UI thread; from another one."""
        with suppress(NoMatches):  # the app may be ending, and its panes go one after another
            self.app.call_from_thread(function, *arguments)

    # ---- events of the engine --------------------------------------------------------------------

    def show_events(self, events: Sequence[Event], *, typing: bool = False) -> None:
        """Bring every pane up to date with what the engine did.

        Live pictures are left out while the user is ``typing``: painting one takes longer than a
        key may.
        """
        queue = self.query_one(QueueView)
        for event in events:
            queue.apply(event)
            match event:
                case PreviewReady() if not typing:
                    self.query_one(Preview).show_live(event)
                case ImageSaved():
                    self._saved += 1
                    record = event.record
                    self.query_one(Preview).add_record(record, self._dataset.path_of(record))
                    self.library.count_made(record.task.prompt_id)
                    self.log_line("info", f"saved {record.file}")
                case JobFinished():
                    self.query_one(Preview).end_live()
                case LogLine():
                    self._show_line(event)

    def log_line(self, level: LogLevel, text: str) -> None:
        """Add a line to the log pane and file."""
        self._show_line(LogLine(level, text))

    def announce(self, level: LogLevel, text: str) -> None:
        """Log a line and show a toast: the response to something the user just did."""
        self.log_line(level, text)
        self.notify(
            clean(_in_brief(text), keep_newlines=True),
            severity=_SEVERITY.get(level, "information"),
            markup=False,
        )

    def _show_line(self, line: LogLine) -> None:
        self.query_one(LogView).add(line)
        self._log_file.write(line.level, line.text, line.when)

    # ---- actions ---------------------------------------------------------------------------------

    def action_generate(self) -> None:
        """Queue a job for the marked prompts, or the one under the cursor."""
        library = self.library.library
        prompts = self.query_one(PromptList).selected
        if library is None or not prompts:
            self.announce(
                "warning", "no prompt to generate: mark one in the prompt list with space"
            )
            return
        try:
            overrides = self.query_one(ParameterForm).overrides
        except XrayTuiError as error:
            self.announce("error", str(error))
            return
        self._queue.submit(JobRequest(prompts, library, overrides, self.settings.generation))

    # ---- asked for by the review -----------------------------------------------------------------

    def drawable_labels(self) -> set[Label]:
        """Region and label of every prompt of the library."""
        library = self.library.library
        prompts = () if library is None else library.prompts
        return {(prompt.region, prompt.label) for prompt in prompts}

    def make_missing(self, shortfalls: Sequence[Shortfall]) -> None:
        """Queue images, with new seeds, for what the targets miss."""
        if self.library.library is None:
            self.announce("error", "there is no prompt library to make images with")
            return
        try:
            overrides = self.query_one(ParameterForm).overrides
            found = shortfall_requests(
                shortfalls, self.library.library, overrides, self.settings.generation
            )
        except XrayTuiError as error:
            self.announce("error", str(error))
            return
        for request in found.requests:
            self._queue.submit(request)
        self.announce("info" if found.images else "warning", found.notice)

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen(self))

    def action_toggle_maximize(self) -> None:
        """Give the focused pane the whole screen, or give it back."""
        if self.maximized is not None:
            self.minimize()
        elif (pane := self._focused_pane()) is not None:
            self.maximize(pane, container=False)

    def _focused_pane(self) -> Widget | None:
        if self.focused is None:
            return None
        nodes = self.focused.ancestors_with_self
        return next((node for node in nodes if isinstance(node, PANES)), None)

    def action_quit(self) -> None:
        """Leave the app; while something runs, ask what to do with it. Asked twice, just leave."""
        if self._leaving or not self._engine.busy:
            self.app.exit()
            return
        self.app.push_screen(
            QuestionScreen(
                "Images are being made",
                "What is finished is saved. The rest stays in the queue: the next start offers to "
                "go on with it.",
                [
                    Choice("finish", "f", "Finish the current batch, then quit"),
                    Choice("stop", "s", "Stop after this step and quit"),
                    Choice("stay", "escape", "Go on working"),
                ],
            ),
            self._quit_answered,
        )

    def _quit_answered(self, answer: str | None) -> None:
        if answer in ("finish", "stop"):
            self._leaving = True
            self._engine.stop(finish_current=answer == "finish")
            self.announce(
                "info",
                "quitting when the current batch is saved; q quits at once"
                if answer == "finish"
                else "stopping after this step",
            )
            self._leave_when_idle(None if answer == "finish" else STOP_SECONDS)

    @work(thread=True, group="quit", exclusive=True)
    def _leave_when_idle(self, patience: float | None) -> None:
        self._engine.join(patience)
        self.app.call_from_thread(self.app.exit)

    # ---- messages of the panes -------------------------------------------------------------------

    @on(PromptList.Highlighted)
    def _show_parameters(self, message: PromptList.Highlighted) -> None:
        form = self.query_one(ParameterForm)
        form.show_defaults(self.library.effective_parameters(message.prompt))

    @on(PromptList.AddRequested)
    def _add_prompt(self) -> None:
        self.library.add()

    @on(PromptList.EditRequested)
    def _edit_prompt(self, message: PromptList.EditRequested) -> None:
        self.library.edit(message.prompt)

    @on(PromptList.DuplicateRequested)
    def _duplicate_prompt(self, message: PromptList.DuplicateRequested) -> None:
        self.library.duplicate(message.prompt)

    @on(PromptList.DeleteRequested)
    def _delete_prompt(self, message: PromptList.DeleteRequested) -> None:
        self.library.delete(message.prompt)

    @on(PromptList.UndoRequested)
    def _undo_edit(self) -> None:
        self.library.undo()

    @on(PromptList.RedoRequested)
    def _redo_edit(self) -> None:
        self.library.redo()

    @on(Preview.DecisionRequested)
    def _decide(self, message: Preview.DecisionRequested) -> None:
        self._decisions.decide(message.record, message.decision)

    @on(QueueView.ActionRequested)
    def _do_with_job(self, message: QueueView.ActionRequested) -> None:
        self._queue.do(message.job_id, message.action)

    @on(QueueView.PauseToggleRequested)
    def _toggle_pause(self) -> None:
        self._queue.toggle_pause()

    @on(QueueView.ClearRequested)
    def _clear_queue(self) -> None:
        self._queue.clear()

    @on(DescendantFocus)
    def _open_focused_pane(self) -> None:
        """In a narrow terminal only the focused one of two stacked panes is open."""
        pane = self._focused_pane()
        if isinstance(pane, PromptList | ParameterForm):
            self.query_one("#left").set_class(isinstance(pane, ParameterForm), "-parameters")
        if isinstance(pane, QueueView | LogView):
            self.query_one("#bottom").set_class(isinstance(pane, LogView), "-log")


def _in_brief(text: str) -> str:
    """``text``, or its first line where it is too long for a toast."""
    lines = text.splitlines()
    if len(text) <= _TOLD and len(lines) <= 3:
        return text
    return f"{lines[0][:_TOLD]}… (the log has it all)"
