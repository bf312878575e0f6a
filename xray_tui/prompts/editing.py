"""Changing a prompts.toml from the app, so that a person's comments and layout survive."""

from __future__ import annotations

import re
from pathlib import Path

from tomlkit.exceptions import TOMLKitError

from xray_tui.errors import PromptLibraryError
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
from xray_tui.prompts.files import fingerprint, read_text, replace_text
from xray_tui.prompts.library import packaged_path, parse
from xray_tui.prompts.schema import Prompt, PromptLibrary
from xray_tui.text import clean, quoted

__all__ = ["LibraryEditor", "fingerprint"]


class LibraryEditor:
    """Edits the library at ``path``; each change is checked and on disk when the method returns.

    Everything outside the entry that is changed keeps its bytes. Nothing is written if the file
    changed on disk since it was read: call :meth:`reload` then. Not thread-safe.

    Raises:
        PromptLibraryError: from the constructor and :meth:`reload`, as
            :func:`~xray_tui.prompts.library.load`; from each change, when it would break the
            library, or the file cannot be written or changed on disk. Then nothing is changed.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.reload()

    def reload(self) -> None:
        """Read the file again and forget what could be undone."""
        self._on_disk = read_text(self.path)
        self._library = parse(self._on_disk, self.path)
        self._undo: list[str] = []
        self._redo: list[str] = []

    @property
    def library(self) -> PromptLibrary:
        """The library as it is on disk since the last change or reload."""
        return self._library

    @property
    def can_undo(self) -> bool:
        """Whether there is a change to take back."""
        return bool(self._undo)

    @property
    def can_redo(self) -> bool:
        """Whether there is a change to make again."""
        return bool(self._redo)

    @property
    def read_only_reason(self) -> str:
        """Why this library is never changed, and what to do instead; empty if it may be."""
        path = self.path.resolve()
        installed = {"site-packages", "dist-packages"}.intersection(path.parts)
        if not installed and path != packaged_path().resolve():
            return ""
        return (
            f"{clean(str(self.path))} came with xray-tui and is replaced by updates; "
            "copy it to ./prompts.toml and pass --prompts ./prompts.toml"
        )

    def add(self, prompt: Prompt) -> None:
        """Append ``prompt`` after the last one."""
        prompt = _checked(prompt)
        self._refuse_id(prompt.id)
        prompts = self._library.prompts
        text = insert_after(self._text, self._block(len(prompts) - 1), format_entry(prompt))
        self._change(text, (*prompts, prompt))

    def replace(self, prompt_id: str, prompt: Prompt) -> None:
        """Make the prompt ``prompt_id`` equal to ``prompt``, which may have another id.

        Keys that stay equal keep their comments and layout.
        """
        prompt = _checked(prompt)
        number = self._number(prompt_id)
        prompts = self._library.prompts
        if prompts[number] == prompt:
            return
        if prompt.id != prompt_id:
            self._refuse_id(prompt.id)
        block = self._block(number)
        updated = _updated(entry_text(self._text, block), prompts[number], prompt)
        text = replace_block(self._text, block, updated)
        self._change(text, (*prompts[:number], prompt, *prompts[number + 1 :]))

    def duplicate(self, prompt_id: str) -> Prompt:
        """Put a copy after the prompt ``prompt_id`` and return it; its id ends in ``-copy``."""
        number = self._number(prompt_id)
        prompts = self._library.prompts
        original = prompts[number]
        copy = original.model_copy(update={"id": self._copy_id(prompt_id)})
        block = self._block(number)
        entry = _updated(entry_text(self._text, block), original, copy)
        text = insert_after(self._text, block, entry)
        self._change(text, (*prompts[: number + 1], copy, *prompts[number + 1 :]))
        return copy

    def delete(self, prompt_id: str) -> None:
        """Remove a prompt with the comments attached to it; the last one cannot be removed."""
        number = self._number(prompt_id)
        prompts = self._library.prompts
        if len(prompts) == 1:
            raise PromptLibraryError("the last prompt cannot be deleted; add another one first")
        text = remove_block(self._text, self._block(number))
        self._change(text, (*prompts[:number], *prompts[number + 1 :]))

    def undo(self) -> None:
        """Bring back the file as it was before the last change."""
        self._step(self._undo, self._redo, "undo")

    def redo(self) -> None:
        """Make the change again that was undone last."""
        self._step(self._redo, self._undo, "redo")

    @property
    def _text(self) -> str:
        """The file's text, with plain line feeds unless it mixes them with others."""
        return self._on_disk.replace("\r\n", "\n") if self._windows_lines else self._on_disk

    @property
    def _windows_lines(self) -> bool:
        return "\r\n" in self._on_disk and not re.search(r"(?<!\r)\n", self._on_disk)

    def _number(self, prompt_id: str) -> int:
        return self._library.prompts.index(self._library.get(prompt_id))

    def _refuse_id(self, prompt_id: str) -> None:
        if any(prompt.id == prompt_id for prompt in self._library.prompts):
            raise PromptLibraryError(
                f"there is already a prompt with the id {quoted(prompt_id)}; choose another id"
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

    def _change(self, text: str, expected: tuple[Prompt, ...]) -> None:
        """Check that ``text`` holds ``expected`` and otherwise what was there, and write it."""
        try:
            library = parse(text, self.path)
        except PromptLibraryError as error:
            raise PromptLibraryError(f"not saved, because then:\n{error}") from None
        if library.prompts != expected or library.defaults != self._library.defaults:
            raise self._unsupported()
        if self._windows_lines:
            text = text.replace("\n", "\r\n")
        before = self._on_disk
        self._write(text, library)
        self._undo.append(before)
        self._redo.clear()

    def _step(self, taken: list[str], given: list[str], what: str) -> None:
        if not taken:
            raise PromptLibraryError(f"there is nothing to {what}")
        before = self._on_disk
        self._write(taken[-1], parse(taken[-1], self.path))
        given.append(before)
        taken.pop()

    def _write(self, text: str, library: PromptLibrary) -> None:
        if self.read_only_reason:
            raise PromptLibraryError(self.read_only_reason)
        if read_text(self.path) != self._on_disk:
            raise PromptLibraryError(
                f"{clean(str(self.path))} changed on disk since it was read; reload it first"
            )
        replace_text(self.path, text)
        self._on_disk = text
        self._library = library

    def _unsupported(self) -> PromptLibraryError:
        return PromptLibraryError(
            f"{clean(str(self.path))}: this change can't be made here without touching other parts "
            "of the file; each prompt must be one [[prompts]] entry with its tables right below. "
            "Change it in a text editor"
        )


def _checked(prompt: Prompt) -> Prompt:
    """``prompt`` validated again, since ``model_copy`` and ``model_construct`` do not."""
    return Prompt.build(prompt.model_dump(warnings="none"))


def _updated(entry: str, old: Prompt, new: Prompt) -> str:
    """``entry`` changed in place, or written anew where its layout does not allow that."""
    try:
        text = update_entry(entry, old, new)
        if parse(text, Path("entry")).prompts == (new,):
            return text
    except (TOMLKitError, PromptLibraryError, ValueError, TypeError, LookupError):
        pass
    return format_entry(new)
