"""The prompt editor: all fields of a prompt, checked while typing, with an example below."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import ClassVar, Protocol

from textual import on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.containers import Horizontal, Vertical, VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.suggester import Suggester, SuggestFromList
from textual.widgets import Checkbox, Static

from xray_tui.errors import PromptLibraryChangedError, PromptLibraryError
from xray_tui.keymap import key_of
from xray_tui.prompts.chexpert import CHEXPERT
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.text import clean, counted
from xray_tui.tui.bindings import bound, without_letters
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.prompts.prompt_draft import Draft, read_draft, texts_of
from xray_tui.tui.prompts.prompt_example import QUIET
from xray_tui.tui.prompts.prompt_fields import FIELDS, ListSuggester, PromptField
from xray_tui.tui.prompts.prompt_label import MARK
from xray_tui.tui.prompts.prompt_offers import usual_view, with_missing_slots
from xray_tui.tui.stylesheet import stylesheet_for
from xray_tui.tui.widgets.key_footer import KeyFooter


class _Form(VerticalScroll, inherit_bindings=False, can_focus=False):
    """Scrolls with the focus."""


class _Check(Checkbox):
    """A check box that shows its state by a mark; Textual shows it only by colour."""

    @property
    def _button(self) -> Content:
        style = self.get_visual_style("toggle--button")
        return Content.styled(f"[{MARK if self.value else ' '}]", style)


class SavePrompt(Protocol):
    """Saves the prompt that was edited."""

    def __call__(self, prompt: Prompt, *, recover: bool) -> None:
        """Save ``prompt``; with ``recover``, reload the file first, or restore a missing one.

        Raises:
            PromptLibraryChangedError: another program changed the file; ``recover`` may help.
            PromptLibraryError: the prompt was not saved for another reason.
        """


class PromptEditScreen(ModalScreen[Prompt | None]):
    """Edits ``prompt`` or, if it is None, a new one. Returns it; None when cancelled.

    Closes only after ``save`` has saved it: until then it keeps all texts and says why not. With a
    ``library``, ids that are taken are refused, and regions, labels and views are completed.
    ``filled`` are texts for fields, as if the user had typed them.
    """

    DEFAULT_CSS = stylesheet_for(__file__)
    VERTICAL_BREAKPOINTS = [(0, "-snug"), (34, "-airy"), (44, "-roomy")]  # noqa: RUF012
    HELP_TITLE = "Prompt editor"
    MANUAL_PAGE = "prompts#the-file"
    BINDINGS: ClassVar[list[BindingType]] = [
        bound("save", "save", "Save", priority=True),
        bound("reload", "recover", "Reload and save", priority=True),
        bound("leave", "cancel", "Cancel"),
        bound("next_part", "app.focus_next", "Next field", show=False),
        bound("previous_part", "app.focus_previous", "Previous field", show=False),
        without_letters(bound("down", "app.focus_next", "Next field", show=False)),
        without_letters(bound("up", "app.focus_previous", "Previous field", show=False)),
    ]

    def __init__(
        self,
        prompt: Prompt | None,
        library: PromptLibrary | None = None,
        save: SavePrompt | None = None,
        filled: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        super().__init__()
        self._original = prompt
        self._library = library
        self._save = save
        self._can_recover = False
        """Whether the last attempt to save failed because another program changed the file."""
        self._start = texts_of(prompt)
        self._filled = filled
        self._shown: dict[str, Content] = {}
        """The texts on the screen, by id of their widget."""

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog") as dialog:
            name = clean(self._original.id) if self._original is not None else "New prompt"
            dialog.border_title = Content(name)
            with _Form(id="form"):
                for info in FIELDS:
                    text = self._filled.get(info.name, self._start[info.name])
                    yield PromptField(info, text, self._suggester(info.name))
                with Horizontal(id="bundled-row"):
                    bundled = self._original is not None and self._original.bundled
                    yield Static(Content("Bundled"), classes="title")
                    yield _Check(
                        "The bundled model can draw this",
                        bundled,
                        id="bundled",
                        compact=True,
                    )
            yield Static(id="not-saved", markup=False)
            yield Static(id="hint", markup=False)
            with VerticalScroll(id="example", can_focus=False) as example:
                example.border_title = Content("Example")
                yield Static(id="example-text", markup=False)
        yield KeyFooter()

    def on_mount(self) -> None:
        self.query_one(PromptField).editor.focus()
        self._check()

    @property
    def changed(self) -> bool:
        """Whether the form has changes that would be lost."""
        was_bundled = self._original is not None and self._original.bundled
        return self._texts != self._start or self._bundled != was_bundled

    def at_stake(self) -> str:
        """What would be lost if the app ended now."""
        return "The prompt is not saved." if self.changed else ""

    # -- keys --------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Offer to reload the file only when that may help."""
        return action != "recover" or self._can_recover

    def action_save(self) -> None:
        """Save the prompt and close, or show what is wrong."""
        self._save_draft(recover=False)

    def action_recover(self) -> None:
        """Save the prompt into the file as it is now; a file that was deleted is written again."""
        self._save_draft(recover=True)

    def _save_draft(self, *, recover: bool) -> None:
        draft = self._draft()
        if draft.prompt is not None:
            try:
                if self._save is not None:
                    self._save(draft.prompt, recover=recover)
            except PromptLibraryError as error:
                self._show_not_saved(error, recovered=recover)
            else:
                self.dismiss(draft.prompt)
            return
        for field in self._fields:
            field.touched = True
        self._check()
        invalid = next(field for field in self._fields if field.info.name in draft.problems)
        invalid.editor.focus()

    def _show_not_saved(self, error: PromptLibraryError, *, recovered: bool) -> None:
        changed = isinstance(error, PromptLibraryChangedError)
        self._can_recover = changed or recovered
        problem = clean(str(error), keep_newlines=True)
        if changed:
            problem += f". Press {key_of('reload')} to reload it and save your prompt in it."
        elif recovered:
            problem += f"\nFix the file, then press {key_of('reload')}."
        message = self.query_one("#not-saved", Static)
        message.update(Content.assemble(("Not saved: ", "bold"), problem))
        message.display = True
        self.refresh_bindings()

    def action_cancel(self) -> None:
        """Leave; ask first if there are unsaved changes."""
        if not self.changed:
            self.dismiss(None)
            return
        choices = [
            Choice("keep", "k", "Keep editing"),
            Choice("save", "s", "Save"),
            Choice("discard", "d", "Discard the changes"),
        ]
        question = QuestionScreen("Unsaved changes", "Leave without saving this prompt?", choices)
        self.app.push_screen(question, self._answered)

    def _answered(self, choice: str | None) -> None:
        if choice == "discard":
            self.dismiss(None)
        elif choice == "save":
            self.action_save()

    # -- inside the dialog -------------------------------------------------------------------------

    @on(PromptField.Edited)
    @on(Checkbox.Changed)
    def _check(self) -> None:
        draft = self._draft()
        text_touched = self.query_one("#field-text", PromptField).touched
        for field in self._fields:
            # An existing prompt was valid, so a problem in any field comes from this edit.
            field.touched |= self._original is not None
            field.touched |= text_touched and field.info.name == "slots"
            field.show_problem(draft.problems.get(field.info.name))
        self._update("example-text", self._describe(draft))
        self._show_hint()

    def on_descendant_focus(self) -> None:
        """Show the hint of the focused field, and fill in what is likely."""
        self._show_hint()
        field, prompts = self._current, self._prompts
        if field is None:
            return
        if field.info.name == "view" and not field.text:
            self._start["view"] = usual_view(self._texts["region"], prompts)
            field.offer(self._start["view"])
        elif field.info.name == "slots":
            field.offer(with_missing_slots(field.text, self._texts["text"], prompts))

    @property
    def _current(self) -> PromptField | None:
        """The field with the focus."""
        around = () if self.focused is None else self.focused.ancestors
        return next((node for node in around if isinstance(node, PromptField)), None)

    @property
    def _prompts(self) -> Sequence[Prompt]:
        return self._library.prompts if self._library is not None else ()

    @property
    def _fields(self) -> list[PromptField]:
        return list(self.query(PromptField))

    @property
    def _texts(self) -> dict[str, str]:
        return {field.info.name: field.text for field in self._fields}

    @property
    def _bundled(self) -> bool:
        return self.query_one("#bundled", Checkbox).value

    def _draft(self) -> Draft:
        own = self._original.id if self._original is not None else None
        taken = {prompt.id for prompt in self._prompts if prompt.id != own}
        return read_draft(self._texts, bundled=self._bundled, original=self._original, taken=taken)

    def _describe(self, draft: Draft) -> Content:
        if not draft.example.strip():
            return Content.styled("Type a text to see an example here.", QUIET)
        parts: list[str | tuple[str, str]] = [clean(draft.example, keep_newlines=True)]
        negative = self._texts["negative"] or self._library_negative
        if negative:
            parts += [("\nNot: ", "bold $text-error"), clean(negative)]
        if draft.slots:
            parts.append((f"\n{_variants(draft)}", QUIET))
        return Content.assemble(*parts)

    @property
    def _library_negative(self) -> str:
        return self._library.defaults.negative if self._library is not None else ""

    def _show_hint(self) -> None:
        field = self._current
        hint = field.info.hint if field is not None else f"Press {key_of('toggle')} to toggle."
        if field is not None and field.info.name == "findings":
            last = field.text.rpartition(",")[2].strip()
            names = ListSuggester(CHEXPERT).completions(last) or CHEXPERT
            hint = f"{hint} CheXpert names: {', '.join(names)}"
        self._update("hint", Content(hint))

    def _update(self, where: str, content: Content) -> None:
        """Update a text if it changed; this is called after each key."""
        if self._shown.get(where) != content:
            self._shown[where] = content
            self.query_one(f"#{where}", Static).update(content)

    def _suggester(self, name: str) -> Suggester | None:
        if name == "findings":
            return ListSuggester(CHEXPERT)
        if name in {"region", "label", "view"}:
            known = {getattr(prompt, name): None for prompt in self._prompts}
            return SuggestFromList([value for value in known if clean(value) == value])
        return None


def _variants(draft: Draft) -> str:
    slots = ", ".join(f"{name} ({count or 'no values yet'})" for name, count in draft.slots.items())
    number = math.prod(draft.slots.values())
    return f"Slots: {slots}" + (
        f" — {counted(number, 'text', 'different texts')}" if number else ""
    )
