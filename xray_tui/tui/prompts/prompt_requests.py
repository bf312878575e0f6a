"""The editing keys of the prompt pane, and the messages they post to the workbench."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.message import Message

from xray_tui.prompts.schema import Prompt


class PromptRequests(Vertical):
    """A pane with the editing keys; a subclass says which prompt is :attr:`highlighted`."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("n", "add", "New", tooltip="write a prompt"),
        Binding("e", "edit", "Edit", tooltip="the prompt under the cursor"),
        Binding("d", "duplicate", "Duplicate", show=False, tooltip="under a new id"),
        Binding("delete,backspace", "delete", "Delete", show=False, tooltip="asks first"),
        Binding("z", "undo", "Undo edit", show=False, tooltip="the last change to the library"),
        Binding("Z", "redo", "Redo edit", show=False, tooltip="the change undone last"),
    ]

    class AddRequested(Message, namespace="prompt_list"):
        """The user asked for a new prompt."""

    @dataclass
    class EditRequested(Message, namespace="prompt_list"):
        """The user asked to edit a prompt."""

        prompt: Prompt

    @dataclass
    class DuplicateRequested(Message, namespace="prompt_list"):
        """The user asked for a copy of a prompt."""

        prompt: Prompt

    @dataclass
    class DeleteRequested(Message, namespace="prompt_list"):
        """The user asked to delete a prompt."""

        prompt: Prompt

    class UndoRequested(Message, namespace="prompt_list"):
        """The user asked to undo the last change to the library."""

    class RedoRequested(Message, namespace="prompt_list"):
        """The user asked to redo the change undone last."""

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
        self.post_message(self.AddRequested())

    def action_edit(self) -> None:
        """Ask to edit the highlighted prompt."""
        if self.highlighted is not None:
            self.post_message(self.EditRequested(self.highlighted))

    def action_duplicate(self) -> None:
        """Ask for a copy of the highlighted prompt."""
        if self.highlighted is not None:
            self.post_message(self.DuplicateRequested(self.highlighted))

    def action_delete(self) -> None:
        """Ask to delete the highlighted prompt."""
        if self.highlighted is not None:
            self.post_message(self.DeleteRequested(self.highlighted))

    def action_undo(self) -> None:
        """Ask to undo the last change to the library."""
        self.post_message(self.UndoRequested())

    def action_redo(self) -> None:
        """Ask to redo the change undone last."""
        self.post_message(self.RedoRequested())
