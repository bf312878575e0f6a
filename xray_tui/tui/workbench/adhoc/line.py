"""The line in which an ad-hoc prompt is typed, with the lines typed before."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar, Literal

from rich.text import Text
from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Vertical
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from xray_tui.keymap import key_of
from xray_tui.prompts.schema import MAX_TEXT
from xray_tui.text import clean
from xray_tui.tui.bindings import bound, without_letters
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.clean_input import CleanInput

_HINT = "{left|right} picks one for each image · {sex} as in the library"
_SHOWN = 4
"""How many earlier lines are listed below the field."""


Action = Literal["generate", "edit", "keep"]


@dataclass(frozen=True)
class Written:
    """A line, and what to do with it: generate images, open the prompt editor, or only keep it."""

    text: str
    action: Action


class AdHocLine(ModalScreen[Written]):
    """Asks for one line of text.

    ``problem`` is called with the line and returns why it is refused, or an empty string;
    ``notice``, called while the user types, returns a warning, and ``images`` how many images it
    makes, such as "4 images", or an empty string if that is not known.
    ``history`` are the lines used before, the latest first; of these, the ones that contain the
    typed words are offered. ``draft`` is in the field at first, and replaced by what is typed.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    HELP_TITLE = "Ad-hoc prompt"
    MANUAL_PAGE = "prompts#ad-hoc-prompts"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("leave", "leave", "Cancel", tooltip="the text is there next time"),
        without_letters(
            bound("up", "recall(1)", "Earlier line", show=False, tooltip="with the typed words")
        ),
        without_letters(bound("down", "recall(-1)", "Later line", show=False)),
        bound("save", "edit", "Keep as prompt", tooltip="opens the prompt editor"),
    ]

    def __init__(
        self,
        problem: Callable[[str], str],
        notice: Callable[[str], str],
        images: Callable[[str], str],
        history: Sequence[str] = (),
        draft: str = "",
    ) -> None:
        super().__init__()
        self._problem = problem
        self._notice = notice
        self._images = images
        self._history = history
        self._typed = draft
        """The text without what was recalled: the words to look for."""
        self._at = 0
        """The line that was recalled, from 1 for the latest; 0 for the typed text."""

    def compose(self) -> ComposeResult:
        with Vertical(id="ad-hoc") as box:
            box.border_title = "Ad-hoc prompt"
            yield CleanInput(
                self._typed,
                placeholder="describe an image",
                max_length=MAX_TEXT,
                compact=True,
            )
            yield Static(id="ad-hoc-note", markup=False)
            yield Static(id="ad-hoc-history", markup=False)

    def on_mount(self) -> None:
        self._field.focus()
        self._show()

    def at_stake(self) -> str:
        """What would be lost if the app ended now."""
        return "The ad-hoc prompt is not saved." if self._field.value.strip() else ""

    @on(Input.Changed)
    def _edited(self, event: Input.Changed) -> None:
        event.stop()
        self._typed, self._at = event.value, 0
        self._show()

    @on(Input.Submitted)
    def _generate(self) -> None:
        self._finish("generate")

    def action_edit(self) -> None:
        """Open the prompt editor with this line."""
        self._finish("edit")

    def action_leave(self) -> None:
        """Close the line, and keep the text for the next time."""
        self.dismiss(Written(self._field.value.strip(), "keep"))

    def action_recall(self, step: int) -> None:
        """Put an earlier line (``step`` 1) or a later one (-1) into the field."""
        at = min(max(self._at + step, 0), len(self._recalled))
        if at == self._at:
            return
        self._at = at
        # A held key acts again before the message of a change arrives, which is of typed text only.
        with self._field.prevent(Input.Changed):
            self._field.value = self._recalled[at - 1] if at else self._typed
        self._field.cursor_position = len(self._field.value)
        self._show()

    @property
    def _field(self) -> Input:
        return self.query_one(Input)

    @property
    def _recalled(self) -> list[str]:
        """The earlier lines that contain each of the typed words."""
        words = self._typed.casefold().split()
        return [line for line in self._history if all(word in line.casefold() for word in words)]

    def _finish(self, action: Action) -> None:
        text = self._field.value.strip()
        problem = self._problem(text) if text else "Describe the image first."
        if problem:
            note = Text(clean(problem, keep_newlines=True))
            self.query_one("#ad-hoc-note", Static).update(note)
            self.add_class("-refused")
        else:
            self.dismiss(Written(text, action))

    def _show(self) -> None:
        """Show the hint, and the earlier lines around the recalled one."""
        self.remove_class("-refused")
        line = self._field.value.strip()
        keep = f"{key_of('save')} keep as prompt"
        enter = f"enter generate {self._images(line)}".strip()
        box = self.query_one("#ad-hoc", Vertical)
        box.border_subtitle = f"{enter} · ↑ earlier · {keep} · esc cancel"
        notice = self._notice(line)
        self.set_class(bool(notice), "-notice")
        self.query_one("#ad-hoc-note", Static).update(Text(clean(notice or _HINT)))
        found = self._recalled
        first = max(0, min(self._at - 1, len(found) - _SHOWN))
        lines = [
            Text(f"{'›' if number == self._at else '·'} {clean(line)}")
            for number, line in enumerate(found[first : first + _SHOWN], first + 1)
        ]
        shown = self.query_one("#ad-hoc-history", Static)
        shown.update(Text("\n").join(lines))
        shown.display = bool(lines)
