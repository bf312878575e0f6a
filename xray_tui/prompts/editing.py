"""Edits a prompts.toml file from the app and keeps the user's comments and layout."""

from __future__ import annotations

import re
from pathlib import Path

from tomlkit.exceptions import TOMLKitError

from xray_tui.errors import PromptLibraryChangedError, PromptLibraryError
from xray_tui.prompts.entries import (
    Block,
    entry_text,
    format_entry,
    insert_after,
    locate,
    remove_block,
    replace_block,
    update_entry,
)
from xray_tui.prompts.files import create_text, fingerprint, read_text, replace_text
from xray_tui.prompts.library import packaged_path, parse
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.text import clean, quoted

__all__ = ["LibraryEditor", "fingerprint"]

_MISSING = (0, 0, 0)
_Step = tuple[str, str]
"""The text of the file before or after a change, and the name of the change."""


class LibraryEditor:
    """Edits the library at ``path``; each change is checked and on disk when the method returns.

    Everything outside the edited entry keeps its bytes. Nothing is written if another program
    changed the file since it was read: call :meth:`recover` first. Not thread-safe.

    Raises:
        PromptLibraryError: from the constructor and :meth:`reload`, the errors of
            :func:`~xray_tui.prompts.library.load`; from each change, if it would break the
            library, or the file cannot be written; a PromptLibraryChangedError if another program
            changed or deleted it. The file and the library then stay as they are.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.renamed: dict[str, str] = {}
        """The new id for each old one that the last change, undo or redo replaced."""
        self.reload()

    def reload(self) -> None:
        """Read the file again and clear the history of undo and redo."""
        self._on_disk = read_text(self.path)
        self._library = parse(self._on_disk, self.path)
        self._undo: list[_Step] = []
        self._redo: list[_Step] = []

    def recover(self) -> None:
        """Make the file editable again: :meth:`reload` it, or write it again if it is missing."""
        create_text(self.path, self._on_disk)
        self.reload()

    @property
    def library(self) -> PromptLibrary:
        """The library after the last change or reload."""
        return self._library

    @property
    def next_undo(self) -> str:
        """The change that :meth:`undo` undoes, such as ``change of knee-healthy``; or empty."""
        return self._undo[-1][1] if self._undo else ""

    @property
    def next_redo(self) -> str:
        """The change that :meth:`redo` repeats; empty if there is none."""
        return self._redo[-1][1] if self._redo else ""

    @property
    def read_only_reason(self) -> str:
        """Why this library cannot be edited, and what to do instead; empty if it can."""
        path = self.path.resolve()
        installed = {"site-packages", "dist-packages"}.intersection(path.parts)
        if not installed and path != packaged_path().resolve():
            return ""
        return (
            f"{clean(self.path)}: the built-in library is read-only; "
            "copy it to ./prompts.toml and pass --prompts ./prompts.toml"
        )

    def add(self, prompt: Prompt) -> None:
        """Append ``prompt`` to the library."""
        prompt = _checked(prompt)
        self._refuse_id(prompt.id)
        prompts = self._library.prompts
        text = insert_after(self._text, self._block(len(prompts) - 1), format_entry(prompt))
        self._change(text, (*prompts, prompt), f"new prompt {prompt.id}")

    def replace(self, prompt_id: str, prompt: Prompt) -> None:
        """Replace the prompt ``prompt_id`` with ``prompt``, which may have another id.

        Unchanged keys keep their comments and layout.
        """
        prompt = _checked(prompt)
        number = self._number(prompt_id)
        prompts = self._library.prompts
        if prompts[number] == prompt:
            self.renamed = {}
            return
        if prompt.id != prompt_id:
            self._refuse_id(prompt.id)
        block = self._block(number)
        updated = _updated(entry_text(self._text, block), prompts[number], prompt)
        text = replace_block(self._text, block, updated)
        expected = (*prompts[:number], prompt, *prompts[number + 1 :])
        self._change(text, expected, f"change of {prompt_id}")

    def duplicate(self, prompt_id: str) -> Prompt:
        """Insert a copy after the prompt ``prompt_id`` and return it; its id ends in ``-copy``."""
        number = self._number(prompt_id)
        prompts = self._library.prompts
        original = prompts[number]
        copy = original.model_copy(update={"id": self._copy_id(prompt_id)})
        block = self._block(number)
        entry = _updated(entry_text(self._text, block), original, copy)
        text = insert_after(self._text, block, entry)
        expected = (*prompts[: number + 1], copy, *prompts[number + 1 :])
        self._change(text, expected, f"copy {copy.id}")
        return copy

    def delete(self, prompt_id: str) -> None:
        """Delete a prompt with its comments; the only prompt of a library cannot be deleted."""
        number = self._number(prompt_id)
        prompts = self._library.prompts
        if len(prompts) == 1:
            raise PromptLibraryError("the only prompt cannot be deleted; add another one first")
        text = remove_block(self._text, self._block(number))
        self._change(text, (*prompts[:number], *prompts[number + 1 :]), f"deletion of {prompt_id}")

    def undo(self) -> None:
        """Restore the file as it was before the last change."""
        self._step(self._undo, self._redo, "undo")

    def redo(self) -> None:
        """Repeat the change that was undone last."""
        self._step(self._redo, self._undo, "redo")

    @property
    def _text(self) -> str:
        """The file's text with plain line feeds, unless it mixes both kinds of line endings."""
        return self._on_disk.replace("\r\n", "\n") if self._windows_lines else self._on_disk

    @property
    def _windows_lines(self) -> bool:
        return "\r\n" in self._on_disk and not re.search(r"(?<!\r)\n", self._on_disk)

    def _number(self, prompt_id: str) -> int:
        return self._library.prompts.index(self._library.get(prompt_id))

    def _refuse_id(self, prompt_id: str) -> None:
        if any(prompt.id == prompt_id for prompt in self._library.prompts):
            raise PromptLibraryError(
                f"another prompt has the id {quoted(prompt_id)}; choose another id"
            )

    def _copy_id(self, prompt_id: str) -> str:
        taken = {prompt.id for prompt in self._library.prompts}
        ending, count = "-copy", 1
        while (candidate := prompt_id[: 64 - len(ending)] + ending) in taken:
            count += 1
            ending = f"-copy-{count}"
        return candidate

    def _block(self, number: int) -> Block:
        block = locate(self._text, number)
        if block is None:
            raise self._unsupported()
        return block

    def _change(self, text: str, expected: tuple[Prompt, ...], name: str) -> None:
        """Write ``text``, after checking that it holds ``expected`` and the same defaults."""
        try:
            library = parse(text, self.path)
        except PromptLibraryError as error:
            raise PromptLibraryError(
                f"not saved; the library would have problems:\n{error}"
            ) from None
        if library.prompts != expected or library.defaults != self._library.defaults:
            raise self._unsupported()
        if self._windows_lines:
            text = text.replace("\n", "\r\n")
        before = self._on_disk
        self._write(text, library)
        self._undo.append((before, name))
        self._redo.clear()

    def _step(self, source: list[_Step], target: list[_Step], action: str) -> None:
        if not source:
            raise PromptLibraryError(f"nothing to {action}")
        before = self._on_disk
        text, name = source[-1]
        self._write(text, parse(text, self.path))
        target.append((before, name))
        source.pop()

    def _write(self, text: str, library: PromptLibrary) -> None:
        if self.read_only_reason:
            raise PromptLibraryError(self.read_only_reason)
        if fingerprint(self.path) == _MISSING:
            raise PromptLibraryChangedError(f"{clean(self.path)} was moved or deleted")
        if read_text(self.path) != self._on_disk:
            raise PromptLibraryChangedError(f"{clean(self.path)} was changed by another program")
        replace_text(self.path, text)
        self._on_disk = text
        self.renamed = _renamed(self._library, library)
        self._library = library

    def _unsupported(self) -> PromptLibraryError:
        return PromptLibraryError(
            f"{clean(self.path)}: this edit would change other parts of the file, because a prompt "
            "is not one [[prompts]] entry with its tables right below it; use a text editor"
        )


def _checked(prompt: Prompt) -> Prompt:
    """``prompt``, validated: ``model_copy`` and ``model_construct`` do not validate."""
    return Prompt.build(prompt.model_dump(warnings="none"))


def _renamed(old: PromptLibrary, new: PromptLibrary) -> dict[str, str]:
    """Old and new ids of the prompts that stayed in their place and have another id."""
    if len(old.prompts) != len(new.prompts):
        return {}
    pairs = zip(old.prompts, new.prompts, strict=True)
    return {before.id: after.id for before, after in pairs if before.id != after.id}


def _updated(entry: str, old: Prompt, new: Prompt) -> str:
    """``entry`` edited in place, or formatted from scratch if its layout does not allow that."""
    try:
        text = update_entry(entry, old, new)
        if parse(text, Path("entry")).prompts == (new,):
            return text
    except (TOMLKitError, PromptLibraryError, ValueError, TypeError, LookupError):
        pass
    return format_entry(new)
