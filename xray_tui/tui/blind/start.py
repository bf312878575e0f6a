"""The dialog that begins a blind reading, or continues one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Footer, Input, OptionList, Static
from textual.worker import get_current_worker

from xray_tui.dataset.blind.answers import Reading
from xray_tui.dataset.blind.choosing import SessionRequest, draw_session
from xray_tui.dataset.blind.images import BlindImages
from xray_tui.dataset.blind.overview import Overview, overviews
from xray_tui.dataset.blind.session import (
    BlindItem,
    Session,
    free_name,
    open_session,
    save_session,
)
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.blind.session_list import SessionList
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput

USUAL_COUNT = 40

_INTRODUCTION = (
    "You say of each picture whether it is real or synthetic, and which label it has. File, "
    "prompt and label are hidden; every reviewer reads the same pictures in the same order."
)
_FIELDS = (
    ("name", "Name", "a-z, 0-9, - and _", 64),
    ("count", "Pictures", "how many in all", 7),
    ("folder", "Real ones from", "optional: a folder of real radiographs, PNG or JPEG", 4096),
)
_ANYWAY = (
    Choice("begin", "b", "Begin all the same"),
    Choice("back", "escape", "Go back: other pictures, another folder"),
)
_FOLDERS = (
    "Folders tell the body part by their names, as in real/chest/normal. The report repeats this."
)


class _CancelledError(Exception):
    """The user left while pictures were drawn."""


class BlindStartScreen(ModalScreen[None]):
    """Asks which session ``reviewer`` reads and goes to it; new ones are drawn from ``items``."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Blind reading"
    MANUAL_PAGE = "blind-reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("ctrl+s", "begin", "Begin", priority=True),
        Binding("escape", "cancel", "Cancel"),
        Binding("tab", "app.focus_next", "Next field", show=False, priority=True),
        Binding("shift+tab", "app.focus_previous", "Previous field", show=False, priority=True),
        Binding("down", "app.focus_next", "Next field", show=False),
        Binding("up", "app.focus_previous", "Previous field", show=False),
    ]

    def __init__(
        self,
        images: BlindImages,
        reviewer: str,
        items: Sequence[BlindItem],
        renderer: Renderer | None = None,
    ) -> None:
        super().__init__()
        self._images = images
        self._root = images.root
        self._reviewer = reviewer
        self._items = items
        self._renderer = renderer
        self._sessions: list[Overview] = []
        self._unreadable = ""
        self._asked_from: Widget | None = None
        try:
            self._sessions = overviews(self._root)
        except DatasetError as error:
            self._unreadable = str(error)

    def compose(self) -> ComposeResult:
        starts = {
            "name": free_name([session.name for session in self._sessions]),
            "count": str(min(USUAL_COUNT, len(self._items))),
            "folder": "",
        }
        with Vertical(id="dialog") as dialog:
            dialog.border_title = Content(f"Blind reading · {clean(self._reviewer)}")
            with VerticalScroll(id="form", can_focus=False):
                yield Static(Content(_INTRODUCTION), classes="introduction")
                if self._sessions:
                    yield Static("Continue", classes="group")
                    yield SessionList(self._sessions, self._reviewer)
                yield Static("New session", classes="group")
                for name, title, placeholder, longest in _FIELDS:
                    with Horizontal(classes="field"):
                        yield Static(title, classes="title")
                        yield CleanInput(
                            starts[name],
                            placeholder=placeholder,
                            compact=True,
                            id=name,
                            max_length=longest,
                        )
                yield Static(Content(self._offer), id="offer")
            yield Static(id="problem", markup=False)
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        unfinished = self.query_one(SessionList).go_to_unfinished() if self._sessions else False
        self.query_one("SessionList" if unfinished else "#name").focus()
        self._say(self._unreadable, wrong=True)

    @property
    def closes_by_itself(self) -> bool:
        """Whether a session is being prepared, which then takes the place of this dialog."""
        return self.query_one("#dialog").disabled

    # -- keys --------------------------------------------------------------------------------------

    def action_begin(self) -> None:
        """Continue the session under the cursor, or make the one asked for."""
        if isinstance(self.focused, SessionList):
            self.focused.action_select()
        else:
            self._begin_new()

    def action_cancel(self) -> None:
        """Leave; what is being drawn is forgotten."""
        self.workers.cancel_node(self)
        self.dismiss(None)

    @on(Input.Submitted)
    def _begin_new(self) -> None:
        wish = self._wish()
        if isinstance(wish, str):
            self._say(wish, wrong=True)
            return
        self._wait("looking for pictures …")
        self._draw(wish)

    @on(OptionList.OptionSelected)
    def _continue(self, event: OptionList.OptionSelected) -> None:
        self._wait("looking for its pictures …")
        self._open(self._sessions[event.option_index].name)

    def on_input_changed(self) -> None:
        """What was wrong may be mended."""
        self._say("")

    # -- what happens inside -----------------------------------------------------------------------

    def _wish(self) -> SessionRequest | str:
        """What stands in the fields, or what is wrong with it."""
        texts = {name: self.query_one(f"#{name}", Input).value.strip() for name, *_ in _FIELDS}
        if not (texts["count"].isascii() and texts["count"].isdecimal()):
            return f"{texts['count'] or 'nothing'} is no number of pictures; type one, as 40"
        folder = Path(texts["folder"]) if texts["folder"] else None
        if folder is not None:
            try:
                folder = folder.expanduser()
            except RuntimeError as error:  # ~somebody who is not there
                return f"{texts['folder']}: {error}"
        return SessionRequest(texts["name"], int(texts["count"]), folder)

    def _wait(self, why: str) -> None:
        self._asked_from = self.focused
        self.query_one("#dialog").disabled = True
        self._say(why)

    @work(thread=True, group="blind")
    def _draw(self, wish: SessionRequest) -> None:
        worker = get_current_worker()

        def report(what: str, done: int, total: int) -> None:
            if worker.is_cancelled:
                raise _CancelledError
            self.app.call_from_thread(self._show_progress, done, total)

        try:
            session = draw_session(self._root, wish, self._items, report)
        except _CancelledError:
            return
        except DatasetError as error:
            self.app.call_from_thread(self._refuse, str(error))
            return
        self.app.call_from_thread(self._drawn, session)

    def _drawn(self, session: Session) -> None:
        """Store it, after a question where body parts may give the real ones away."""
        if not self.is_current:
            return
        if not session.caution:
            self._store(session)
            return
        text = f"{session.caution}\n\n{_FOLDERS}"
        asked = QuestionScreen("Body parts may give the real ones away", text, _ANYWAY)
        self.app.push_screen(asked, partial(self._asked, session))

    def _asked(self, session: Session, answer: str | None) -> None:
        if answer == "begin":
            self._store(session)
        else:
            self._take_again("")

    @work(thread=True, group="blind")
    def _store(self, session: Session) -> None:
        try:
            save_session(self._root, session)
        except DatasetError as error:
            self.app.call_from_thread(self._refuse, str(error))
            return
        self.app.call_from_thread(self._open, session.name)

    def _refuse(self, why: str) -> None:
        if self.is_current:
            self._take_again(why)

    def _take_again(self, why: str) -> None:
        self.query_one("#dialog").disabled = False
        self.set_focus(self._asked_from)
        self._say(why, wrong=bool(why))

    def _show_progress(self, done: int, total: int) -> None:
        if self.is_current:
            self._say(f"{done} of {total} pictures are ready")

    @work(thread=True, group="blind")
    def _open(self, name: str) -> None:
        """Read the session, or show its report where nothing is left to answer."""
        try:
            reading = Reading(self._root, open_session(self._root, name), self._reviewer)
            paths = self._images.paths(reading.session) if reading.open_items else ()
        except DatasetError as error:
            self.app.call_from_thread(self._refuse, str(error))
            return
        self.app.call_from_thread(self._go_to, reading, paths)

    def _go_to(self, reading: Reading, paths: Sequence[Path]) -> None:
        if not self.is_current:
            return
        if reading.open_items:
            self.app.switch_screen(BlindScreen(reading, paths, self._renderer))
        else:
            self.app.switch_screen(BlindReportScreen(self._root, reading.session))

    def _say(self, text: str, *, wrong: bool = False) -> None:
        line = self.query_one("#problem", Static)
        line.set_class(wrong, "-wrong")
        line.update(Content(clean(text)))

    @property
    def _offer(self) -> str:
        there = counted(len(self._items), "synthetic image")
        return (
            f"Drawn from {there}: those the review shows; a filter chooses. With a folder of real "
            "ones, half of the pictures are real."
        )
