"""Blind reading: one picture after the other, and nothing that tells where it comes from."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.content import Content
from textual.screen import Screen
from textual.widgets import Footer, OptionList, Static

from xray_tui.dataset.blind.answers import BlindAnswer, Reading
from xray_tui.dataset.blind.session import ORIGINS, Origin
from xray_tui.errors import DatasetError
from xray_tui.text import clean, counted
from xray_tui.tui.blind.label_choice import LabelChoice
from xray_tui.tui.blind.picture import BlindPicture
from xray_tui.tui.blind.report import BlindReportScreen
from xray_tui.tui.dialogs import question
from xray_tui.tui.dialogs.help import HelpScreen
from xray_tui.tui.keys_in_order import KeysInOrder
from xray_tui.tui.pictures.picture_view import PictureView
from xray_tui.tui.pictures.renderers.renderer import Renderer
from xray_tui.tui.pictures.view import change_level, change_window, invert
from xray_tui.tui.stylesheet import stylesheet_for

ALIKE = "Size and greys of all are made alike, so that no format tells."
_BAR = 24


class BlindScreen(KeysInOrder, Screen[None]):
    """Takes a reviewer through ``reading``; ``paths`` are those of its pictures."""

    DEFAULT_CSS = stylesheet_for(__file__)
    HORIZONTAL_BREAKPOINTS = [(0, "-narrow"), (110, "-wide")]  # noqa: RUF012
    HELP_TITLE = "Blind reading"
    MANUAL_PAGE = "blind-reading"
    HELP_INTRODUCTION = (
        "Say r or s, then the label by its key or with the cursor; the next picture comes by "
        "itself. Every answer is saved at once, and can be changed by going back to its picture."
    )
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("r", "origin('real')", "Real", tooltip="taken from a person"),
        Binding("s", "origin('synthetic')", "Synthetic", tooltip="made by a model"),
        Binding("left,h,backspace", "go(-1)", "Back", tooltip="to the picture before"),
        Binding("right,l", "go(1)", "Next", tooltip="leave this one as it is"),
        Binding("i", "invert", "Invert", tooltip="black for white"),
        Binding("left_square_bracket", "window(-1)", "Narrower window", show=False),
        Binding("right_square_bracket", "window(1)", "Wider window", show=False),
        Binding("left_curly_bracket", "level(-1)", "Lower level", show=False),
        Binding("right_curly_bracket", "level(1)", "Higher level", show=False),
        Binding("ctrl+r", "report", "Report", tooltip="of what is answered so far"),
        Binding("escape", "dismiss(None)", "Leave", tooltip="the answers are kept"),
        Binding("question_mark", "help", "Help", key_display="?", tooltip="all keys"),
    ]

    def __init__(
        self,
        reading: Reading,
        paths: Sequence[Path],
        renderer: Renderer | None = None,
    ) -> None:
        super().__init__()
        self._reading = reading
        self._paths = paths
        self._renderer = renderer
        self._at = next(iter(reading.open_items), 0)

    def compose(self) -> ComposeResult:
        session = self._reading.session
        with Horizontal(id="blind"):
            yield PictureView(self._renderer)
            with Vertical(id="answers") as panel:
                panel.border_title = Content(session.name)
                panel.border_subtitle = Content(clean(self._reading.reviewer))
                yield Static(id="place", markup=False)
                yield Static(id="origin", markup=False)
                yield Static(id="label", markup=False)
                with Vertical(id="labels"):
                    yield LabelChoice(session.labels)
                yield Static(Content(ALIKE), id="alike")
        yield Footer(compact=True, show_command_palette=False)

    def on_mount(self) -> None:
        for selector in ("#label", LabelChoice):
            self.query_one(selector).display = self._reading.session.asks_label
        self.query_one(LabelChoice).focus()
        self._show_item()

    # -- keys --------------------------------------------------------------------------------------

    def action_origin(self, origin: Origin) -> None:
        """Say where the picture comes from; the label is next."""
        before = self._reading.answer(self._at)
        answer = BlindAnswer(origin, before.label if before is not None else None)
        if self._say(answer) and not self._reading.session.asks_label:
            self._go_on()

    def take_key(self, event: events.Key) -> bool:
        """Each label has a key, which depends on the session."""
        choice = self.query_one(LabelChoice)
        label = choice.label_of(event.character or "")
        if label is None or not choice.display:
            return False
        self._choose(label)
        return True

    def on_option_list_option_selected(self, event: OptionList.OptionSelected) -> None:
        """The label under the cursor."""
        self._choose(self.query_one(LabelChoice).label_at(event.option_index))

    def action_go(self, step: int) -> None:
        """To another picture, without an answer."""
        at = self._at + step
        if 0 <= at < len(self._reading.session.items):
            self._at = at
            self._show_item()
        elif step > 0:
            self._at_the_end()

    def action_invert(self) -> None:
        """Show black for white, or back."""
        picture = self.query_one(PictureView)
        picture.view = invert(picture.view)

    def action_window(self, steps: int) -> None:
        """More or less contrast."""
        picture = self.query_one(PictureView)
        picture.view = change_window(picture.view, steps)

    def action_level(self, steps: int) -> None:
        """Brighter or darker."""
        picture = self.query_one(PictureView)
        picture.view = change_level(picture.view, steps)

    def action_report(self) -> None:
        """The report, after a question while there is something left to answer."""
        left = len(self._reading.open_items)
        if not left:
            self._show_report()
            return
        pictures = counted(left, "picture is", "pictures are")
        text = f"{pictures} not answered yet. The report tells how you did so far."
        self._ask("Report now?", text, "Go on reading")

    def action_help(self) -> None:
        """Show all keys."""
        self.app.push_screen(HelpScreen(self))

    # -- answers -----------------------------------------------------------------------------------

    def _choose(self, label: str) -> None:
        before = self._reading.answer(self._at)
        if before is None:
            self.notify("first r or s: is it real or synthetic?")
        elif self._say(BlindAnswer(before.origin, label)):
            self._go_on()

    def _say(self, answer: BlindAnswer) -> bool:
        """Store an answer and show it; False where it cannot be stored."""
        try:
            self._reading.say(self._at, answer)
        except DatasetError as error:
            self.notify(f"not saved: {error}", severity="error", markup=False)
            return False
        self._show_answer()
        return True

    def _go_on(self) -> None:
        if self._at + 1 < len(self._reading.session.items):
            self.action_go(1)
        else:
            self._at_the_end()

    def _at_the_end(self) -> None:
        left = self._reading.open_items
        if left:
            self._at = left[0]
            self._show_item()
            pictures = counted(len(left), "picture is", "pictures are")
            self.notify(f"{pictures} not answered yet; this is the first")
        else:
            text = "Every picture is answered. The report tells how you did."
            self._ask("The last picture", text, "Go back to the last picture")

    def _ask(self, title: str, text: str, stay: str) -> None:
        answers = [
            question.Choice("report", "r", "Show the report"),
            question.Choice("stay", "escape", stay),
        ]
        self.app.push_screen(question.QuestionScreen(title, text, answers), self._asked)

    def _asked(self, answer: str | None) -> None:
        if answer == "report":
            self._show_report()

    def _show_report(self) -> None:
        self.app.switch_screen(BlindReportScreen(self._reading.root, self._reading.session))

    # -- showing -----------------------------------------------------------------------------------

    def _show_item(self) -> None:
        view = self.query_one(PictureView)
        following = range(self._at + 1, min(self._at + 3, len(self._reading.session.items)))
        view.show(self._picture(self._at), tuple(self._picture(n) for n in following))
        view.show_meanwhile(Content("…"))
        self._show_answer()

    def _picture(self, number: int) -> BlindPicture:
        session = self._reading.session
        return BlindPicture(self._paths[number], (session.width, session.height))

    def _show_answer(self) -> None:
        answer = self._reading.answer(self._at)
        total, left = len(self._reading.session.items), len(self._reading.open_items)
        done = (total - left) * _BAR // total
        place = Content.assemble(
            (f"{self._at + 1} of {total}", "bold"),
            (f" · {total - left} answered", "$text-muted"),
            ("\n" + "━" * done, "$accent"),
            ("━" * (_BAR - done), "$border"),
        )
        said = answer.origin if answer is not None else None
        lines = [Content.styled("Real or synthetic?", "" if said else "bold $text-accent")]
        lines += [_origin_line(origin, said) for origin in ORIGINS]
        self.query_one("#place", Static).update(place)
        self.query_one("#origin", Static).update(Content("\n").join(lines))
        asked = "" if said is None else "bold $text-accent"
        self.query_one("#label", Static).update(Content.styled("Which label?", asked))
        choice = self.query_one(LabelChoice)
        choice.show(answer.label if answer is not None else None, active=said is not None)


def _origin_line(origin: Origin, said: Origin | None) -> Content:
    chosen = origin == said
    style = "bold" if chosen else "$text-muted" if said else ""
    return Content.assemble(f"{origin[0]}  ", (f"{origin}{' ✓' if chosen else ''}", style))
