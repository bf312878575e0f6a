"""The workbench: prompt library, parameters and preview; below them the queue and the log."""

from __future__ import annotations

from collections.abc import Sequence
from typing import ClassVar

from textual import getters, on
from textual.app import ComposeResult
from textual.binding import BindingType

from xray_tui.config import Settings
from xray_tui.dataset.dataset import Dataset
from xray_tui.generation.events import (
    Event,
    ImageSaved,
    JobFinished,
    LogLevel,
    LogLine,
    PreviewReady,
)
from xray_tui.generation.running.engine import Engine
from xray_tui.keymap import key_of
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.prompts.schema import Prompt
from xray_tui.tui.bindings import bound
from xray_tui.tui.dialogs.outlets import ImageOutlets
from xray_tui.tui.parameters.parameter_form import ParameterForm
from xray_tui.tui.parameters.preflight_line import PreflightLine
from xray_tui.tui.preview.engine_words import engine_words
from xray_tui.tui.preview.preview import Preview
from xray_tui.tui.prompts.prompt_list import PromptList
from xray_tui.tui.session.memory import Memory
from xray_tui.tui.widgets.key_footer import KeyFooter
from xray_tui.tui.workbench.adhoc.controller import AdHocController
from xray_tui.tui.workbench.decision_controller import DecisionController
from xray_tui.tui.workbench.generate_controller import GenerateController
from xray_tui.tui.workbench.hints.controller import HintController
from xray_tui.tui.workbench.hints.line import HintLine
from xray_tui.tui.workbench.history_controller import HistoryController
from xray_tui.tui.workbench.image_controller import ImageController
from xray_tui.tui.workbench.library_controller import LibraryController
from xray_tui.tui.workbench.log_controller import LogController
from xray_tui.tui.workbench.log_view import LogView
from xray_tui.tui.workbench.preflight_controller import PreflightController
from xray_tui.tui.workbench.queue.controller import QueueController
from xray_tui.tui.workbench.queue.history import QueueHistory
from xray_tui.tui.workbench.queue.opening import QueueOpening
from xray_tui.tui.workbench.queue_view import QueueView
from xray_tui.tui.workbench.quit_controller import QuitController
from xray_tui.tui.workbench.session_controller import SessionController
from xray_tui.tui.workbench.stage_screen import StageScreen

PANES = (PromptList, ParameterForm, Preview, QueueView, LogView)


def introduction() -> str:
    """The text above the keys in the help."""
    return (
        f"Mark prompts with {key_of('toggle')}, set parameters, press {key_of('generate')}. Images "
        "appear in the preview and are saved in the dataset folder. Tab goes from pane to pane; "
        f"{key_of('maximise')} maximises the focused pane. The keys under Everywhere work in all "
        "panes, the others only in their own pane."
    )


class WorkbenchScreen(StageScreen):
    """The main screen: passes keys and messages to its controllers, and events to its panes.

    It is the :class:`~xray_tui.tui.workbench.stage.Stage` of its controllers.
    """

    AUTO_FOCUS = "PromptTree"
    ALLOW_IN_MAXIMIZED_VIEW = "KeyFooter, PreflightLine, RejectReasons"
    HELP_TITLE = "Everywhere"
    MANUAL_PAGE = "first-image"
    help_introduction = staticmethod(introduction)
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("generate", "generate", "Generate", tooltip="queue the marked prompts"),
        bound(
            "one_off",
            "write_prompt",
            "Write",
            show=False,
            tooltip="an ad-hoc prompt: one line, generated at once",
        ),
        bound("review", "app.review", "Review", tooltip="look at all images and cull them"),
        bound("pause_queue", "pause_queue(True)", "Pause all", tooltip="the whole queue"),
        bound("pause_queue", "pause_queue(False)", "Resume all", tooltip="the whole queue"),
        bound("maximise", "toggle_maximize", "Maximise", tooltip="this pane; again to restore"),
        bound("next_part", "next_pane(1)", "Next pane", show=False),
        bound("previous_part", "next_pane(-1)", "Previous pane", show=False),
        bound("quit", "quit", "Quit"),
    ]

    prompts = getters.query_one(PromptList)
    form = getters.query_one(ParameterForm)
    preview = getters.query_one(Preview)
    queue = getters.query_one(QueueView)
    log_view = getters.query_one(LogView)

    def __init__(
        self,
        settings: Settings,
        dataset: Dataset,
        engine: Engine,
        library: LibraryChoice,
        memory: Memory,
    ) -> None:
        super().__init__()
        self._dataset = dataset
        self._log = LogController(self, dataset.log_path)
        self.settings = settings
        self._session = SessionController(self, memory)
        self.remember, self.reset_session = self._session.remember, self._session.reset
        self.library = LibraryController(self, library)
        desk = dataset.desk(settings.reviewer, hide_votes=settings.hide_votes)
        self._decisions = DecisionController(self, desk, self.library.count_accepted)
        self._preflight = PreflightController(
            self, lambda: self.query_one(PreflightLine), lambda: self.library.library
        )
        self._history = HistoryController(
            self, dataset, self.library, self._decisions, self._preflight
        )
        self._opening = QueueOpening(self, dataset, engine)
        done = QueueHistory()
        self._generate = GenerateController(
            self,
            engine,
            library=lambda: self.library.library,
            when_open=self._opening.when_open,
            history=done,
            requests=self._decisions.requests,
            seconds_for=self._preflight.seconds_for,
        )
        self._queue = QueueController(self, dataset, engine, self._opening, self._generate, done)
        self._ad_hoc = AdHocController(
            self,
            memory,
            library=lambda: self.library.library,
            generate=self._generate.generate_images_of,
            edit=self.library.keep,
        )
        self._hints = HintController(
            self, memory, lambda: self.query_one(HintLine), lambda: self.library.totals
        )
        outlets = ImageOutlets(self, settings.viewer, self.announce)
        self._images = ImageController(
            self, dataset.root, outlets, self._generate, self._ad_hoc, self._decisions.in_order
        )
        self.requests, self.pause_queue = self._decisions.requests, self._queue.pause_from_review
        self.drawable_labels = self._images.labels
        self.take_settings, self.generate_again = self._images.take_settings, self._images.again
        self.generate_missing = self._generate.generate_missing
        self._quit = QuitController(self, engine, lambda: self.app.exit(None))
        self.at_stake = self._quit.at_stake

    def compose(self) -> ComposeResult:
        yield from self.arranged([pane() for pane in PANES])
        yield HintLine()
        yield PreflightLine()
        yield KeyFooter()
        yield self._decisions.reasons

    def on_mount(self) -> None:
        self.sub_title = str(self._dataset.root)
        self._session.restore_prompts()
        self.library.open()
        self._show_defaults(self.prompts.highlighted)  # before the first frame
        self._preflight.show()
        self.log_line("info", f"Dataset: {self._dataset.root} · {key_of('help')} for help")
        for line in self._dataset.mended.lines if self._dataset.mended else ():
            self.log_line("warning", line)
        self._session.restore_form()
        if self._log.problem:
            self.announce("warning", self._log.problem)
        self._history.open()
        self._opening.open()
        self._hints.open()

    def take_key_first(self, key: str) -> bool:
        """A digit gives a reason for the image just rejected."""
        return self._decisions.reasons.take_key(key)

    # ---- events of the engine --------------------------------------------------------------------

    def show_events(self, events: Sequence[Event], *, typing: bool = False) -> None:
        """Update all panes with the engine's events.

        Live pictures are left out while the user is ``typing``: painting one would delay the
        response to the next key.
        """
        for event in events:
            self.queue.apply(event)
            match event:
                case PreviewReady() if not typing:
                    self.preview.show_live(event)
                case ImageSaved():
                    self._history.add(event.record)
                case JobFinished():
                    self.preview.end_live(event.job_id)
                case LogLine():
                    self._log.add(event)
        self.preview.show_words(engine_words(self.queue.progress))

    # ---- for the controllers ---------------------------------------------------------------------

    def announce(self, level: LogLevel, text: str) -> None:
        """Log ``text`` and show it in a toast: the response to something the user just did."""
        self._log.announce(level, text)

    def log_line(self, level: LogLevel, text: str) -> None:
        """Add a line to the log pane and the log file."""
        self._log.add(LogLine(level, text))

    def write_prompt(self, text: str = "") -> None:
        """Open the line for an ad-hoc prompt, with ``text`` in it."""
        self._ad_hoc.write(text)

    # ---- for the review --------------------------------------------------------------------------

    def refresh_after_review(self) -> None:
        """Show everything that a review may have changed: decisions, labels and counts."""
        self._history.refresh()

    # ---- actions ---------------------------------------------------------------------------------

    def action_generate(self) -> None:
        """Queue a job for the marked prompts, or for the one under the cursor."""
        self._generate.generate()

    def action_write_prompt(self) -> None:
        """Type an ad-hoc prompt, of which images are generated at once."""
        self.write_prompt()

    def action_pause_queue(self, _pause: bool) -> None:
        """Pause the whole queue, or resume it; two quick presses do both."""
        self._queue.toggle_pause()

    def action_toggle_maximize(self) -> None:
        """Give the focused pane the whole screen, or restore the other panes."""
        if self.maximized is not None:
            self.minimize()
        elif (pane := self.focused_pane) is not None:
            self.maximize(pane, container=False)

    def action_quit(self) -> None:
        """Leave the app, after asking if it is generating."""
        self._quit.quit()

    # ---- messages of the panes -------------------------------------------------------------------

    @on(PromptList.Highlighted)
    def _show_parameters(self, message: PromptList.Highlighted) -> None:
        self._show_defaults(message.prompt)

    @on(PromptList.SelectionChanged)
    @on(ParameterForm.Changed)
    def _show_preflight(self) -> None:
        self._preflight.refresh()

    @on(PromptList.LibraryShown)
    def _show_library_defaults(self) -> None:
        self._show_defaults(self.prompts.highlighted)
        self._preflight.refresh()

    def _show_defaults(self, prompt: Prompt | None) -> None:
        self.form.show_defaults(self.library.effective_parameters(prompt))

    @on(PromptList.Requested)
    def _change_library(self, message: PromptList.Requested) -> None:
        self.library.do(message.action, message.prompt)

    @on(Preview.DecisionRequested)
    def _decide(self, message: Preview.DecisionRequested) -> None:
        self._decisions.decide(message.record, message.decision, self._history.refresh)

    @on(Preview.ActionRequested)
    def _do_with_image(self, message: Preview.ActionRequested) -> None:
        self._images.do(message.record, message.action)

    @on(Preview.UndoRequested)
    def _undo_decision(self, message: Preview.UndoRequested) -> None:
        self._decisions.undo(self._history.refresh, undo=message.undo)

    @on(QueueView.ActionRequested)
    def _do_with_job(self, message: QueueView.ActionRequested) -> None:
        self._queue.do(message.job_id, message.action)

    @on(QueueView.Opened)
    def _open_job(self, message: QueueView.Opened) -> None:
        self._queue.open_job(message.job_id)

    @on(QueueView.QueueActionRequested)
    def _do_with_queue(self, message: QueueView.QueueActionRequested) -> None:
        self._queue.do_with_all(message.action)
