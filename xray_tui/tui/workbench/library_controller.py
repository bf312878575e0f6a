"""The prompt library behind the prompt pane: reading it, editing with undo, noticing changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.environment import user_path
from xray_tui.errors import PromptLibraryChangedError, PromptLibraryError
from xray_tui.generation.planning.plan import parameters_of
from xray_tui.keymap import key_of
from xray_tui.prompts.editing import LibraryEditor, fingerprint
from xray_tui.prompts.library import load
from xray_tui.prompts.library_choice import LibraryChoice
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.text import counted, step_text
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.external_editor import EditorError
from xray_tui.tui.prompts.prompt_draft import texts_of
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_requests import PromptAction
from xray_tui.tui.workbench.stage import Stage

POLL_SECONDS = 1.0
"""How often the file is checked for changes by another program."""


class LibraryController:
    """Keeps the prompt pane up to date with the file of ``choice``.

    When the file becomes invalid, its last valid content stays, and the problem is shown.
    """

    def __init__(self, stage: Stage, choice: LibraryChoice) -> None:
        self._stage = stage
        self._choice = choice
        self._editor: LibraryEditor | None = None
        self._seen: tuple[int, ...] | None = None
        """The fingerprint of the file when it was last read."""
        self._copied = ""
        """Where the built-in library was copied to, for the next announcement."""
        self._counts: dict[str, Counts] = {}
        self._counted = False
        self.library: PromptLibrary | None = None
        """The last valid content of the file; None if the file was never valid."""

    @property
    def _path(self) -> Path:
        return self._choice.path

    def open(self) -> None:
        """Read the file and watch it from now on."""
        self._reload()
        self._stage.every(POLL_SECONDS, self._reload_if_changed)

    def _reload_if_changed(self) -> None:
        if fingerprint(self._path) != self._seen:
            self._reload()

    def _reload(self) -> bool:
        """Read the file; returns whether it is valid."""
        first = self.library is None
        self._seen = fingerprint(self._path)
        pane = self._stage.prompts
        try:
            self.library = load(self._path)
            self._editor = LibraryEditor(self._path)
        except PromptLibraryError as error:
            pane.show_problem(str(error), self._path)
            for problem in str(error).splitlines():
                self._stage.log_line("error", problem)
            return False
        pane.show_problem("", self._path)
        pane.show_library(self.library)
        if not first:
            prompts = counted(len(self.library.prompts), "prompt")
            self._stage.log_line("info", f"Reloaded {self._path.name} ({prompts})")
        return True

    # ---- counts ----------------------------------------------------------------------------------

    def show_counts(self, counts: Mapping[str, Counts]) -> None:
        """Show how many images each prompt has (keys are prompt ids)."""
        self._counts, self._counted = dict(counts), True
        self._stage.prompts.show_counts(self._counts)

    def count_generated(self, prompt_id: str) -> None:
        """Count one more image of that prompt."""
        before = self._counts.get(prompt_id, Counts(0, 0))
        self._counts[prompt_id] = replace(before, images=before.images + 1)
        self._stage.prompts.show_counts(self._counts)

    def count_accepted(self, prompt_id: str, change: int) -> None:
        """Count one more (``change`` is +1) or one fewer (-1) accepted image of that prompt."""
        before = self._counts.get(prompt_id, Counts(0, 0))
        self._counts[prompt_id] = replace(before, accepted=before.accepted + change)
        self._stage.prompts.show_counts(self._counts)

    @property
    def totals(self) -> Counts | None:
        """The numbers of images and of accepted images; None while they are not known."""
        counts = self._counts.values()
        total = Counts(sum(one.images for one in counts), sum(one.accepted for one in counts))
        return total if self._counted else None

    def effective_parameters(self, prompt: Prompt | None) -> dict[str, object]:
        """The parameters used for ``prompt`` when nothing is changed in the form."""
        settings = self._stage.settings.generation
        return parameters_of(prompt, self.library, settings).model_dump()

    # ---- editing ---------------------------------------------------------------------------------

    def do(self, action: PromptAction, prompt: Prompt | None) -> None:
        """Carry out what the user asked for in the prompt pane."""
        match action, prompt:
            case "edit", Prompt():
                self.edit(prompt)
            case "duplicate", Prompt():
                self.duplicate(prompt)
            case "delete", Prompt():
                self.delete(prompt)
            case "add", _:
                self.add()
            case "undo", _:
                self.undo()
            case "redo", _:
                self.redo()
            case "edit_file", _:
                self.edit_file()

    def add(self) -> None:
        """Ask for a new prompt and add it."""
        self._open_editor(None, lambda editor, new, _: editor.add(new))

    def keep(self, prompt: Prompt) -> None:
        """Ask for the rest of a new prompt that has the text and slots of ``prompt``."""
        texts = texts_of(prompt)
        filled = {name: texts[name] for name in ("text", "slots")}
        self._open_editor(None, lambda editor, new, _: editor.add(new), filled)

    def edit(self, prompt: Prompt) -> None:
        """Ask for changes to ``prompt`` and save them."""

        def change(editor: LibraryEditor, edited: Prompt, recovered: bool) -> None:
            now = next((one for one in editor.library.prompts if one.id == prompt.id), None)
            if now != prompt and not recovered:
                what = "deleted" if now is None else "changed"
                raise PromptLibraryChangedError(f"Another program {what} the prompt {prompt.id}")
            if now is None:
                editor.add(edited)
            else:
                editor.replace(prompt.id, edited)

        self._open_editor(prompt, change)

    def duplicate(self, prompt: Prompt) -> None:
        """Add a copy of ``prompt`` under a new id."""
        self._change(lambda editor: editor.duplicate(prompt.id), f"Duplicated {prompt.id} as")

    def delete(self, prompt: Prompt) -> None:
        """Delete ``prompt``, after asking."""
        done = f"Deleted {prompt.id}; {key_of('undo')} to undo"

        def answered(choice: str | None) -> None:
            if choice == "delete":
                self._change(lambda editor: editor.delete(prompt.id), done)

        self._stage.ask(
            QuestionScreen(
                "Delete prompt",
                f"Delete prompt {prompt.id}? Images are kept. {key_of('undo')} restores it.",
                [Choice("keep", "k", "Keep it"), Choice("delete", "d", "Delete the prompt")],
            ),
            answered,
        )

    def edit_file(self) -> None:
        """Open the file in the user's editor; of the built-in library, a copy."""
        try:
            self._use_own_library()
        except PromptLibraryError as error:
            self._stage.announce("error", str(error))
            return
        copied, self._copied = self._copied, ""
        before = fingerprint(self._path)
        try:
            self._stage.edit_file(self._path)
        except EditorError as error:
            self._stage.announce("error", f"{copied}{error}")
            self._reload_if_changed()
            return
        if fingerprint(self._path) == before:
            self._stage.announce("info", f"{copied}{self._path.name} is unchanged.")
        elif self._reload():
            self._stage.announce("info", f"{copied}Your changes to {self._path.name} are in use.")
        else:
            what = f"{self._path.name} has mistakes, which the prompt pane lists."
            rest = f"The last good library stays in use; {key_of('edit_file')} opens it again."
            self._stage.announce("error", f"{copied}{what} {rest}")

    def undo(self) -> None:
        """Undo the last edit."""
        if self._editor is not None and self._editor.next_undo:
            self._change(LibraryEditor.undo, step_text(self._editor.next_undo, undo=True))
        else:
            self._stage.announce("info", step_text("", undo=True))

    def redo(self) -> None:
        """Redo the edit that was undone last."""
        if self._editor is not None and self._editor.next_redo:
            self._change(LibraryEditor.redo, step_text(self._editor.next_redo, undo=False))
        else:
            self._stage.announce("info", step_text("", undo=False))

    def _open_editor(
        self,
        original: Prompt | None,
        change: Callable[[LibraryEditor, Prompt, bool], object],
        filled: Mapping[str, str] = MappingProxyType({}),
    ) -> None:
        """Open the prompt editor, which saves with ``change(editor, edited prompt, recovered)``.

        ``filled`` are texts for its fields.
        """

        def save(prompt: Prompt, *, recover: bool) -> None:
            def apply(editor: LibraryEditor) -> Prompt:
                if recover:
                    editor.recover()
                change(editor, prompt, recover)
                return prompt

            self._apply(apply, "Saved")

        self._stage.ask(PromptEditScreen(original, self.library, save, filled), lambda _: None)

    def _change(self, change: Callable[[LibraryEditor], Prompt | None], done: str) -> None:
        """Call ``change`` like :meth:`_apply`; announce an error."""
        try:
            self._apply(change, done)
        except PromptLibraryError as error:
            self._stage.announce("error", str(error))

    def _apply(self, change: Callable[[LibraryEditor], Prompt | None], done: str) -> None:
        """Call ``change``, announce ``done``, and go to the prompt that ``change`` returns.

        The built-in library is copied first, and the copy is the library from then on.

        Raises:
            PromptLibraryError: the change was not saved.
        """
        self._use_own_library()
        if self._editor is None:
            raise PromptLibraryError(f"{self._path} has errors. Fix them first.")
        prompt = change(self._editor)
        seen, library = fingerprint(self._path), self._editor.library
        # If the file differs, another program wrote it just now, and the next check reloads it.
        with suppress(PromptLibraryError):
            if load(self._path) == library:
                self._seen = seen
        self.library = library
        self._stage.prompts.show_problem("", self._path)
        self._stage.prompts.show_library(library, self._editor.renamed)
        if prompt is not None:
            self._stage.prompts.go_to(prompt.id)
            done = f"{done} {prompt.id}"
        self._stage.announce("info", f"{self._copied}{done} ({self._path.name})")
        self._copied = ""

    def _use_own_library(self) -> None:
        """If the built-in library is in use, switch to the user's own copy of it."""
        own = self._choice.own()
        if own != self._choice:
            self._choice, self._editor = own, None
            self._copied = f"Library copied to {_short(own.path)}; you are now editing the copy.\n"
            self._reload()


def _short(path: Path) -> str:
    """``path``, with ~ for the home folder."""
    home = user_path("~")
    if home is None or not path.is_relative_to(home):
        return str(path)
    return f"~/{path.relative_to(home)}"
