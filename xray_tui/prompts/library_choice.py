"""Chooses the prompt library: the one the user named, the user's own, or the built-in one."""

from __future__ import annotations

import os
from pathlib import Path
from typing import NamedTuple, Protocol

from xray_tui.environment import settings_path
from xray_tui.errors import PromptLibraryError
from xray_tui.prompts.files import create_text, default_path, read_text
from xray_tui.text import clean

NAME = "prompts.toml"


class Chosen(Protocol):
    """What the user set; in programs, :class:`~xray_tui.config.Settings`."""

    @property
    def prompts(self) -> Path | None:
        """The library that the settings name."""


class LibraryChoice(NamedTuple):
    """The library to use. Completion needs it at once, and importing dataclasses takes a while."""

    path: Path
    copy_to: Path | None = None
    """Where :meth:`own` copies the library before the first edit; None if ``path`` is edited."""

    def own(self) -> LibraryChoice:
        """The library to edit: this one, or the user's copy of the built-in one.

        A file that already exists at ``copy_to`` is used as it is.

        Raises:
            PromptLibraryError: the copy cannot be written; says what to do.
        """
        if self.copy_to is None:
            return self
        try:
            create_text(self.copy_to, read_text(self.path))
        except PromptLibraryError as error:
            raise PromptLibraryError(
                f"The built-in library is read-only, and its copy cannot be created: {error}. "
                f"Make {clean(self.copy_to.parent)} writable and save again, or copy "
                f"{clean(self.path)} to {NAME} in a folder of yours and start xray-tui there."
            ) from None
        return LibraryChoice(self.copy_to)


def choose_library(settings: Chosen, named: Path | None = None) -> LibraryChoice:
    """The library of the app and of every command, from the first of these that is given.

    1. ``named``, from the command line; 2. the setting ``prompts``; 3. ``prompts.toml`` in the
    current folder; 4. ``prompts.toml`` next to the settings file; 5. the built-in library, which
    is copied to place 4 before it is edited. Files at 1 and 2 need not exist.
    """
    if path := named or settings.prompts:
        return LibraryChoice(path)
    own = settings_path().parent / NAME
    for path in (Path(NAME), own):
        if os.path.isfile(path):  # noqa: PTH113 - unlike Path.is_file, it never raises
            return LibraryChoice(Path(os.path.abspath(path)))  # noqa: PTH100 - links are kept
    return LibraryChoice(default_path(), copy_to=own)
