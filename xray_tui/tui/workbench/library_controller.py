"""The prompt library behind the prompt pane: reading, editing with undo, noticing changes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from xray_tui.dataset.catalog.catalog import Counts
from xray_tui.errors import PromptLibraryError
from xray_tui.generation.planning.plan import parameters_of
from xray_tui.prompts.editing import LibraryEditor, fingerprint
from xray_tui.prompts.library import load
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.tui.dialogs.question import Choice, QuestionScreen
from xray_tui.tui.prompts.prompt_edit import PromptEditScreen
from xray_tui.tui.prompts.prompt_list import PromptList

if TYPE_CHECKING:
    from xray_tui.tui.workbench.screen import WorkbenchScreen

POLL_SECONDS = 1.0


class LibraryController:
    """Keeps the prompt pane of ``screen`` in step with the file at ``path``.

    A broken file never takes the library away: the last good one stays, with the problem shown.
    """

    def __init__(self, screen: WorkbenchScreen, path: Path) -> None:
        self._screen = screen
        self._path = path
        self._editor: LibraryEditor | None = None
        self._seen: tuple[int, ...] | None = None
        self._counts: dict[str, Counts] = {}
        self.library: PromptLibrary | None = None

    @property
    def _pane(self) -> PromptList:
        return self._screen.query_one(PromptList)

    def open(self) -> None:
        """Read the file and watch it from now on."""
        self._reload()
        self._screen.set_interval(POLL_SECONDS, self._look)

    def _look(self) -> None:
        if fingerprint(self._path) != self._seen:
            self._reload()

    def _reload(self) -> None:
        first = self.library is None
        self._seen = fingerprint(self._path)
        try:
            self.library = load(self._path)
            self._editor = LibraryEditor(self._path)
        except PromptLibraryError as error:
            self._pane.show_problem(str(error), self._path)
            for problem in str(error).splitlines():
                self._screen.log_line("error", problem)
            return
        self._pane.show_problem("", self._path)
        self._pane.show_library(self.library)
        if not first:
            self._screen.log_line("info", f"{self._path}: {len(self.library.prompts)} prompts read")

    # ---- counts ----------------------------------------------------------------------------------

    def show_counts(self, counts: Mapping[str, Counts]) -> None:
        """Show how many images each prompt has (keys are prompt ids)."""
        self._counts = dict(counts)
        self._pane.show_counts(self._counts)

    def count_made(self, prompt_id: str) -> None:
        """One more image of that prompt was made."""
        before = self._counts.get(prompt_id, Counts(0, 0))
        self._counts[prompt_id] = replace(before, made=before.made + 1)
        self._pane.show_counts(self._counts)

    def count_accepted(self, prompt_id: str, change: int) -> None:
        """``change`` (+1 or -1) more images of that prompt are accepted."""
        before = self._counts.get(prompt_id, Counts(0, 0))
        self._counts[prompt_id] = replace(before, accepted=before.accepted + change)
        self._pane.show_counts(self._counts)

    def effective_parameters(self, prompt: Prompt | None) -> dict[str, object]:
        """The parameters ``prompt`` is made with when the form changes nothing."""
        settings = self._screen.settings.generation
        return parameters_of(prompt, self.library, settings).model_dump()

    # ---- editing ---------------------------------------------------------------------------------

    def add(self) -> None:
        """Ask for a new prompt and add it."""
        self._ask(None, LibraryEditor.add)

    def edit(self, prompt: Prompt) -> None:
        """Ask for changes to ``prompt`` and save them."""
        self._ask(prompt, lambda editor, changed: editor.replace(prompt.id, changed))

    def duplicate(self, prompt: Prompt) -> None:
        """Add a copy of ``prompt`` under a new id."""
        self._change(lambda editor: editor.duplicate(prompt.id), f"duplicated {prompt.id} as")

    def delete(self, prompt: Prompt) -> None:
        """Delete ``prompt``, after asking."""

        def answered(answer: str | None) -> None:
            if answer == "delete":
                self._change(
                    lambda editor: editor.delete(prompt.id), f"deleted {prompt.id}; z undoes"
                )

        self._screen.app.push_screen(
            QuestionScreen(
                "Delete prompt",
                f"Delete {prompt.id} from {self._path}? Its images stay. z undoes it.",
                [Choice("delete", "d", "Delete the prompt"), Choice("keep", "k", "Keep it")],
            ),
            answered,
        )

    def undo(self) -> None:
        """Take the last edit back."""
        if self._editor is None or not self._editor.can_undo:
            self._screen.announce("info", "no edit of the prompt library to undo")
            return
        self._change(lambda editor: editor.undo(), "undone")

    def redo(self) -> None:
        """Do the edit again that was last undone."""
        if self._editor is None or not self._editor.can_redo:
            self._screen.announce("info", "no edit of the prompt library to redo")
            return
        self._change(lambda editor: editor.redo(), "redone")

    def _ask(self, prompt: Prompt | None, then: Callable[[LibraryEditor, Prompt], None]) -> None:
        def answered(result: Prompt | None) -> None:
            if result is None:
                return

            def save(editor: LibraryEditor) -> Prompt:
                then(editor, result)
                return result

            self._change(save, "saved")

        self._screen.app.push_screen(PromptEditScreen(prompt, self.library), answered)

    def _change(self, change: Callable[[LibraryEditor], Prompt | None], done: str) -> None:
        """Make ``change``, say that it is ``done``, and go to the prompt it returns."""
        if self._editor is None:
            self._screen.announce("error", f"{self._path} has problems: mend them first")
            return
        try:
            prompt = change(self._editor)
            seen, library = fingerprint(self._path), load(self._path)
        except PromptLibraryError as error:
            self._screen.announce("error", str(error))
            return
        if library == self._editor.library:  # else another program wrote too: _look reads it all
            self._seen = seen
        self.library = library
        self._pane.show_library(library)
        if prompt is not None:
            self._pane.go_to(prompt.id)
            done = f"{done} {prompt.id}"
        self._screen.announce("info", f"{done} ({self._path.name})")
