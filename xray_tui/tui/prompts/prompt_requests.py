"""The editing keys of the prompt pane, and the message they post to the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar, Literal

from textual.binding import BindingType
from textual.containers import Vertical
from textual.message import Message

from xray_tui.prompts.schema import Prompt
from xray_tui.tui.bindings import bound

PromptAction = Literal["add", "edit", "duplicate", "delete", "undo", "redo", "edit_file"]


class PromptRequests(Vertical):
    """A pane with the editing keys; a subclass says which prompt is :attr:`highlighted`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        bound("new", "add", "New", tooltip="write a prompt"),
        bound("edit", "edit", "Edit", show=False, tooltip="the prompt under the cursor"),
        bound("duplicate", "duplicate", "Duplicate", tooltip="under a new id"),
        bound("remove", "delete", "Delete", tooltip="asks first"),
        bound("edit_file", "edit_file", "Edit file", show=False, tooltip="in your own editor"),
        bound("undo", "undo", "Undo edit", tooltip="the last change to the library"),
        bound("redo", "redo", "Redo edit", show=False, tooltip="the change undone last"),
    ]

    @dataclass
    class Requested(Message, namespace="prompt_list"):
        """The user asked for a change of the library; ``prompt`` is the one to be changed."""

        action: PromptAction
        prompt: Prompt | None = None

    @property
    def highlighted(self) -> Prompt | None:
        """The prompt under the cursor; None on a region or label."""
        raise NotImplementedError

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Disable edit, duplicate and delete without a prompt under the cursor."""
        if action in {"edit", "duplicate", "delete"} and self.highlighted is None:
            return None
        return True

    def action_add(self) -> None:
        """Ask for a new prompt."""
        self.post_message(self.Requested("add"))

    def action_edit(self) -> None:
        """Ask to edit the highlighted prompt."""
        self._ask_with_prompt("edit")

    def action_duplicate(self) -> None:
        """Ask for a copy of the highlighted prompt."""
        self._ask_with_prompt("duplicate")

    def action_delete(self) -> None:
        """Ask to delete the highlighted prompt."""
        self._ask_with_prompt("delete")

    def action_undo(self) -> None:
        """Ask to undo the last change to the library."""
        self.post_message(self.Requested("undo"))

    def action_redo(self) -> None:
        """Ask to redo the change undone last."""
        self.post_message(self.Requested("redo"))

    def action_edit_file(self) -> None:
        """Ask to open the library's file in the user's editor."""
        self.post_message(self.Requested("edit_file"))

    def _ask_with_prompt(self, action: PromptAction) -> None:
        if self.highlighted is not None:
            self.post_message(self.Requested(action, self.highlighted))
