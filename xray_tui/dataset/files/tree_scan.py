"""Lists the files of a dataset by name only: 100,000 take a fraction of a second."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase
from pathlib import Path

from xray_tui.dataset.files import layout
from xray_tui.dataset.files.atomic import TEMPORARY


@dataclass
class Tree:
    """The names in the label folders. Links are not followed."""

    files: set[str] = field(default_factory=set)
    """Regular files named ``….png``, relative to the dataset."""
    others: set[str] = field(default_factory=set)
    """Other entries named ``….png``: links, for example."""
    rest: set[str] = field(default_factory=set)
    """Entries with other names, except hidden ones."""
    temporaries: list[Path] = field(default_factory=list)
    """Temporary files of xray-tui, in any folder that it writes to."""
    unread: list[str] = field(default_factory=list)
    """Folders that could not be read, with a slash at the end."""

    def without_file(self, files: Iterable[str]) -> list[str]:
        """The ``files`` that certainly do not exist, sorted."""
        unread = tuple(self.unread)
        return sorted(
            file
            for file in files
            if file not in self.files and file not in self.others and not file.startswith(unread)
        )

    def foreign_files(self, recorded: set[str]) -> list[str]:
        """Entries in the folders of images that are not among the ``recorded`` images.

        A folder without any recorded image may belong to something else: only entries named
        ``….png`` count there.
        """
        folders = {file.rpartition("/")[0] for file in recorded}
        rest = {file for file in self.rest if file.rpartition("/")[0] in folders}
        return sorted((self.files | self.others | rest) - recorded)


def scan(root: Path) -> Tree:
    """List the files of the dataset in ``root``."""
    tree = Tree()
    regions = list(_folders(tree, root, ""))
    for private in (layout.PRIVATE, layout.TRASH):
        list(_folders(tree, root / private, f"{private}/"))
    for region in regions:
        for label in list(_folders(tree, root / region, f"{region}/")):
            _images(tree, root / region / label, f"{region}/{label}/")
    return tree


def _folders(tree: Tree, folder: Path, prefix: str) -> Iterator[str]:
    """The names of the folders in ``folder``; temporary files are noted in ``tree``."""
    for entry in _entries(tree, folder, prefix):
        if entry.name.startswith("."):
            _note_temporary(tree, entry)
        elif entry.is_dir(follow_symlinks=False):
            yield entry.name


def _images(tree: Tree, folder: Path, prefix: str) -> None:
    for entry in _entries(tree, folder, prefix):
        name = entry.name
        if name.endswith(".png"):
            kind = tree.files if entry.is_file(follow_symlinks=False) else tree.others
            kind.add(prefix + name)
        elif name.startswith("."):
            _note_temporary(tree, entry)
        else:
            tree.rest.add(prefix + name)


def _note_temporary(tree: Tree, entry: os.DirEntry[str]) -> None:
    if fnmatchcase(entry.name, TEMPORARY) and not entry.is_dir(follow_symlinks=False):
        tree.temporaries.append(Path(entry.path))


def _entries(tree: Tree, folder: Path, prefix: str) -> Iterator[os.DirEntry[str]]:
    try:
        with os.scandir(folder) as entries:
            yield from entries
    except FileNotFoundError:
        return
    except OSError:  # lost+found, for example, or a disk that fails midway
        tree.unread.append(prefix)
