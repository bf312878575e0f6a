"""Where the files of a dataset are. The rules for their names are in :mod:`xray_tui.names`.

<root>/<region>/<label>/<prompt id>_<seed>_<first 8 digits of the task id>.png
<root>/metadata.jsonl
<root>/.xray-tui/catalog.sqlite, reviews.jsonl, generator.lock, generator.json, xray-tui.log
<root>/.xray-tui/thumbnails.sqlite (a cache, safe to delete)
<root>/.xray-tui/session.json (form, marks and filters of the app, safe to delete)
<root>/.xray-tui/quarantine/<region>/<label>/…
<root>/.xray-tui/trash/<purge>.jsonl and <purge>/<region>/<label>/…

In the path of an image, a word such as ``test`` is followed by a ``+``: otherwise programs that
look for splits would find one (see :data:`xray_tui.names.SPLIT_WORDS`). Earlier versions wrote no
``+``.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from contextlib import suppress
from pathlib import Path

from xray_tui.commands import command
from xray_tui.dataset.files.atomic import explained, sync_folder
from xray_tui.environment import absolute
from xray_tui.errors import DatasetError
from xray_tui.names import FILE_NAME, name_in_path, name_problem, without_split_words
from xray_tui.tasks import Task
from xray_tui.text import clean, quoted

PRIVATE = ".xray-tui"
CATALOG = f"{PRIVATE}/catalog.sqlite"
REVIEWS = f"{PRIVATE}/reviews.jsonl"
LOCK = f"{PRIVATE}/generator.lock"
HOLDER = f"{PRIVATE}/generator.json"
LOG = f"{PRIVATE}/xray-tui.log"
THUMBNAILS = f"{PRIVATE}/thumbnails.sqlite"
QUARANTINE = f"{PRIVATE}/quarantine"
TRASH = f"{PRIVATE}/trash"
SESSION = f"{PRIVATE}/session.json"
METADATA = "metadata.jsonl"
METADATA_LOCK = f"{PRIVATE}/metadata.lock"

_NAME = FILE_NAME.pattern
_IMAGE = re.compile(rf"({_NAME}/){{2}}{_NAME}_[0-9]{{1,10}}_[0-9a-f]{{8}}\.png")


def image_path(root: Path, task: Task, label: str | None = None) -> Path:
    """The path of ``task``'s image, always inside ``root``; nothing is created.

    ``label`` is the image's current label, if it differs from the task's.

    Raises:
        DatasetError: the region, label or prompt id is not safe as a name, or a folder on the path
            is a symbolic link.
    """
    label = task.label if label is None else label
    for what, name in (("region", task.region), ("label", label), ("id", task.prompt_id)):
        if problem := name_problem(name):
            raise DatasetError(f"{what} {problem}")
    region, folder_name, file = without_split_words(
        f"{task.region}/{label}/{task.prompt_id}_{task.seed}_{task.id[:8]}.png"
    ).split("/")
    for folder in (root / region, root / region / folder_name):
        with explained(folder):
            if folder.is_symlink():
                raise DatasetError(
                    f"{folder} is a symbolic link; images are saved in real folders only, "
                    "so replace it with a folder"
                )
    return folder / file


def make_image_folder(path: Path) -> None:
    """Create the region and label folders of the image ``path``, durably.

    Raises:
        DatasetError: a folder cannot be created.
    """
    for folder in (path.parent.parent, path.parent):
        with explained(folder):
            if not folder.is_dir():
                folder.mkdir(exist_ok=True)
                sync_folder(folder.parent)


def remove_if_empty(folders: Iterable[Path]) -> None:
    """Remove those of ``folders`` that hold nothing: readers of class folders refuse empty ones."""
    for folder in folders:
        with suppress(OSError):  # it holds something, or is in use
            folder.rmdir()


def make_root(root: Path) -> None:
    """Create the dataset folder, its parents and its private folder.

    Raises:
        DatasetError: a folder cannot be created, or ``root`` is a file or a dangling link.
    """
    try:
        _refuse_dangling_link(root)
        with explained(root):
            if root.exists() and not root.is_dir():
                raise DatasetError(f"{root} is a file, not a folder; choose another dataset folder")
            (root / PRIVATE).mkdir(parents=True, exist_ok=True)
    except ValueError as error:  # a NUL character, or one that the locale does not know
        raise DatasetError(f"{quoted(root, 200)} cannot be a folder: {error}") from error


def check_root(root: Path) -> Path:
    """Check that ``root`` is a dataset, without creating anything; returns its absolute path.

    Raises:
        DatasetError: ``root`` is not a dataset; the message says why.
    """
    root = absolute_root(root)
    if not has_private_folder(root):
        raise DatasetError(f"{clean(root)}: {_why_no_dataset(root)}")
    return root


def check_rebuildable(root: Path) -> Path:
    """Check that ``root`` is a dataset, or a copy of one without its private folder.

    Nothing is created; returns the absolute path.

    Raises:
        DatasetError: ``root`` is neither.
    """
    root = absolute_root(root)
    return root if holds_images_only(root) else check_root(root)


def holds_images_only(root: Path) -> bool:
    """Whether ``root`` holds images named as in a dataset, but its private folder is missing.

    That happens to a copy that was made without hidden files.
    """
    return not has_private_folder(root) and _holds_images(root)


def absolute_root(root: Path) -> Path:
    """The absolute path of the dataset folder ``root``, which need not exist.

    Raises:
        DatasetError: the current folder, in which it would be, was deleted.
    """
    path = absolute(root)
    if path is None:
        raise DatasetError(
            f"{clean(root)}: the current folder was deleted; change to another folder, or give "
            "the whole path of the dataset"
        )
    return path


def gone(path: Path, what: str = "the dataset folder") -> DatasetError:
    """The error for a folder or file at ``path`` that was there before."""
    return DatasetError(
        f"{path}: {what} was deleted or moved away; nothing more is saved here, so restart xray-tui"
    )


def is_missing(path: Path) -> bool:
    """Whether ``path`` certainly does not exist."""
    try:
        path.lstat()
    except FileNotFoundError:
        return True
    except OSError:
        pass
    return False


def has_private_folder(root: Path) -> bool:
    """Whether ``root`` has the folder that makes it a dataset.

    Raises:
        DatasetError: that cannot be found out, or a link on the way to ``root`` leads nowhere.
    """
    _refuse_dangling_link(root)
    with explained(root):
        return (root / PRIVATE).is_dir()


def _why_no_dataset(root: Path) -> str:
    if _holds_images(root):
        return (
            f"the hidden folder {PRIVATE} is missing, as in a copy without hidden files; if you "
            f"still have it, copy it, too; to make a new one from the images: "
            f"{command('rebuild', dataset=root)}"
        )
    return "there is no dataset here; give the folder of one with --dataset"


def _holds_images(root: Path) -> bool:
    with explained(root):
        return any(is_image_name(f.relative_to(root).as_posix()) for f in root.glob("*/*/*.png"))


def _refuse_dangling_link(root: Path) -> None:
    for path in (root, *root.parents):
        with explained(path):
            if path.is_symlink() and not path.exists():
                target = clean(path.readlink())
                raise DatasetError(
                    f"{clean(path)}: this link leads nowhere, as there is no {target}; is its disk "
                    "mounted?"
                )


def is_image_name(file: str) -> bool:
    """Whether ``file``, a path relative to the dataset, is named like an image of a dataset."""
    plain = name_in_path(file)
    named_so_far = file in (plain, without_split_words(file))
    return named_so_far and _IMAGE.fullmatch(plain) is not None


def present_name(file: str) -> str:
    """The path that the image ``file`` would have if it was saved now; often ``file`` itself."""
    return without_split_words(file)
