"""The dialog that starts a blind reading, or continues one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import ClassVar

from textual import on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widget import Widget
from textual.widgets import Input, OptionList, Static
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
from xray_tui.environment import user_path
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted
from xray_tui.tui.bindings import bound, without_letters
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.blind.screen import BlindScreen
from xray_tui.tui.blind.session_list import SessionList
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput
from xray_tui.tui.widgets.key_footer import KeyFooter

USUAL_COUNT = 40

_INTRODUCTION = (
    "For each image, decide whether it is real or synthetic and choose a label. File, prompt and "
    "label are hidden; all reviewers read the same images in the same order."
)
_FIELDS = (
    ("name", "Name", "a-z, 0-9, - and _", 64),
    ("count", "Images", "total number", 7),
    ("folder", "Real images from", "optional: a folder of real radiographs, PNG or JPEG", 4096),
)
_CAUTION_CHOICES = (
    Choice("back", "escape", "Go back and choose other images"),
    Choice("begin", "b", "Start anyway"),
)
_FOLDERS = (
    "To match body parts, name folders after them, as in real/chest/normal. The report repeats "
    "this warning."
)


class _CancelledError(Exception):
    """The user left while images were being read."""


class BlindStartScreen(ModalScreen[None]):
    """Asks which session ``reviewer`` reads, and opens it; new ones are sampled from ``items``.

    ``items`` are the images of the current filter if they are ``filtered``, otherwise all.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Blind reading"
    MANUAL_PAGE = "blind-reading"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("save", "begin", "Start", priority=True),
        bound("leave", "cancel", "Cancel"),
        bound("next_part", "app.focus_next", "Next field", show=False, priority=True),
        bound("previous_part", "app.focus_previous", "Previous field", show=False, priority=True),
        without_letters(bound("down", "app.focus_next", "Next field", show=False)),
        without_letters(bound("up", "app.focus_previous", "Previous field", show=False)),
    ]

    def __init__(
        self,
        images: BlindImages,
        reviewer: str,
        items: Sequence[BlindItem],
        renderer: Renderer | None = None,
        *,
        filtered: bool = False,
    ) -> None:
        super().__init__()
        self._filtered = filtered
        self._images = images
        self._root = images.root
        self._reviewer = reviewer
        self._items = items
        self._renderer = renderer
        self._sessions: list[Overview] = []
        self._unreadable = ""
        self._focus_before: Widget | None = None
        self.closes_by_itself = False
        """Whether a session is being prepared, which will then replace this dialog."""
        try:
            self._sessions = overviews(self._root)
        except DatasetError as error:
            self._unreadable = str(error)

    def compose(self) -> ComposeResult:
        self._starts = {
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
                            self._starts[name],
                            placeholder=placeholder,
                            compact=True,
                            id=name,
                            max_length=longest,
                        )
                yield Static(Content(self._offer), id="offer")
            yield Static(id="problem", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        unfinished = self.query_one(SessionList).go_to_unfinished() if self._sessions else False
        self.query_one("SessionList" if unfinished else "#name").focus()
        self._show_message(self._unreadable, wrong=True)

    def at_stake(self) -> str:
        """What would be lost if the app ended now."""
        typed = any(field.value != self._starts[field.id or ""] for field in self.query(CleanInput))
        return "The session is not begun." if typed else ""

    @property
    def has_sessions(self) -> bool:
        """Whether there is a session to continue."""
        return bool(self._sessions)

    # -- keys --------------------------------------------------------------------------------------

    def action_begin(self) -> None:
        """Continue the session under the cursor, or start a new one."""
        if isinstance(self.focused, SessionList):
            self.focused.action_select()
        else:
            self._begin_new()

    def action_cancel(self) -> None:
        """Close the dialog; a session that is being sampled is dropped."""
        self.workers.cancel_node(self)
        self.dismiss(None)

    @on(Input.Submitted)
    def _begin_new(self) -> None:
        request = self._request()
        if isinstance(request, str):
            self._show_message(request, wrong=True)
            return
        self._wait("Searching for images …")
        self._sample(request)

    @on(OptionList.OptionSelected)
    def _continue(self, event: OptionList.OptionSelected) -> None:
        self._wait("Loading the session …")
        self._open(self._sessions[event.option_index].name)

    def on_input_changed(self) -> None:
        """Clear the message: the user may have corrected the field."""
        self._show_message("")

    # -- internals ---------------------------------------------------------------------------------

    def _request(self) -> SessionRequest | str:
        """The session requested in the fields, or a message that says what is wrong with them."""
        texts = {name: self.query_one(f"#{name}", Input).value.strip() for name, *_ in _FIELDS}
        if not (texts["count"].isascii() and texts["count"].isdecimal()):
            return "Enter a number, e.g. 40"
        folder = user_path(texts["folder"]) if texts["folder"] else None
        if texts["folder"] and folder is None:
            return f"{texts['folder']}: there is no such home folder; write the whole path"
        return SessionRequest(texts["name"], int(texts["count"]), folder)

    def _wait(self, message: str) -> None:
        self._focus_before = self.focused
        self.query_one("#dialog").disabled = self.closes_by_itself = True
        self._show_message(message)

    @work(thread=True, group="blind")
    def _sample(self, request: SessionRequest) -> None:
        worker = get_current_worker()

        def report(what: str, done: int, total: int) -> None:
            if worker.is_cancelled:
                raise _CancelledError
            self.app.call_from_thread(self._show_progress, done, total)

        try:
            session = draw_session(self._root, request, self._items, report)
        except _CancelledError:
            return
        except DatasetError as error:
            self.app.call_from_thread(self._refuse, str(error))
            return
        self.app.call_from_thread(self._save_or_ask, session)

    def _save_or_ask(self, session: Session) -> None:
        """Save the session; if body parts may reveal the real images, ask first."""
        if not self.is_current:
            return
        if not session.caution:
            self._save(session)
            return
        text = f"{session.caution}\n\n{_FOLDERS}"
        asked = QuestionScreen("Body parts may reveal the real images", text, _CAUTION_CHOICES)
        self.app.push_screen(asked, partial(self._asked, session))

    def _asked(self, session: Session, answer: str | None) -> None:
        if answer == "begin":
            self._save(session)
        else:
            self._enable("")

    @work(thread=True, group="blind")
    def _save(self, session: Session) -> None:
        try:
            save_session(self._root, session)
        except DatasetError as error:
            self.app.call_from_thread(self._refuse, str(error))
            return
        self.app.call_from_thread(self._open, session.name)

    def _refuse(self, problem: str) -> None:
        if self.is_current:
            self._enable(problem)

    def _enable(self, problem: str) -> None:
        self.query_one("#dialog").disabled = self.closes_by_itself = False
        self.set_focus(self._focus_before)
        self._show_message(problem, wrong=bool(problem))

    def _show_progress(self, done: int, total: int) -> None:
        if self.is_current:
            self._show_message(f"Prepared {done} of {counted(total, 'image')}")

    @work(thread=True, group="blind")
    def _open(self, name: str) -> None:
        """Open the session, or show its report if all images are answered."""
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

    def _show_message(self, text: str, *, wrong: bool = False) -> None:
        line = self.query_one("#problem", Static)
        line.set_class(wrong, "-wrong")
        line.update(Content(clean(text)))

    @property
    def _offer(self) -> str:
        items = counted(len(self._items), "synthetic image")
        place = "current filter" if self._filtered else "dataset"
        return (
            f"Sampled from the {items} in the {place}. With a folder of real images, half "
            "of the session is real. Without real radiographs, accuracy means little."
        )
